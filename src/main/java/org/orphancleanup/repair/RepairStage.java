package org.orphancleanup.repair;

import java.sql.Timestamp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.BooleanSupplier;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;
import org.orphancleanup.catalog.Reference;
import org.orphancleanup.catalog.Sql;
import org.orphancleanup.catalog.Storage;
import org.orphancleanup.detect.OrphanLook;
import org.orphancleanup.job.JobDefinition;
import org.orphancleanup.odoo.OdooException;
import org.orphancleanup.plan.NewValue;
import org.orphancleanup.plan.Outcome;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * The repair stage of one run: batches come from {@link #next} and go through {@link #repair}, which writes the outcomes of
 * each call down as soon as they are known: no call waits for another's, and a crash leaves few to be looked at again. What is
 * done is known by our database alone, so a stage opened again goes on where the other one was.
 */
public final class RepairStage implements AutoCloseable {

    /** What the ORM held is tried again as long as the pass before repaired something, but no more often than this. */
    private static final int MOST_PASSES = 6;

    private static final int LOOK_SIZE = 5000;

    /** Calls of each caller in a batch: at its end a caller may have to wait for the others. */
    private static final int CALLS_EACH = 16;

    private final Session session;
    private final RepairStore store;
    private final Writes writes;
    private final Removals removals;
    private final RelationRows relationRows;
    private final Quarantines quarantines;
    private final StandIns standIns;
    private final Knots knots;
    private final @Nullable PuttingBack puttingBack;
    private final Notes notes;
    private final Arrivals arrivals;
    private final TransactionTemplate transactions;
    private final ExecutorService callers;
    private final int parallel;
    private int pass = 1;
    private long repairedInPass;

    RepairStage(Session session, RepairStore store, JdbcTemplate ours, PlatformTransactionManager transactions) {
        this.session = session;
        this.store = store;
        Snapshots snapshots = new Snapshots(session);
        Neighbourhood neighbourhood = new Neighbourhood(session);
        QuietWriter writer = new QuietWriter(session, neighbourhood);
        SideEffects effects = new SideEffects(session, store, writer);
        Carriers carriers = new Carriers(session);
        LineFields lineFields = new LineFields(session);
        this.removals = new Removals(
                session,
                snapshots,
                neighbourhood,
                effects,
                new Consequences(session, store),
                carriers,
                new Loosening(session, carriers, lineFields));
        this.writes = new Writes(session, neighbourhood, writer, effects, removals);
        this.relationRows = new RelationRows(session, carriers, neighbourhood, effects, writer);
        this.quarantines = new Quarantines(session, writes, snapshots, JdbcClient.create(ours));
        this.standIns = new StandIns(session);
        this.notes = new Notes(session, store);
        this.arrivals = new Arrivals(session, JdbcClient.create(ours));
        this.knots = new Knots(session, store, writes, lineFields);
        this.puttingBack = PuttingBack.of(session, store, standIns);
        this.transactions = new TransactionTemplate(transactions);
        this.transactions.setPropagationBehavior(TransactionDefinition.PROPAGATION_REQUIRES_NEW);
        this.parallel = session.request().job().limits().parallelCalls();
        this.callers = Executors.newFixedThreadPool(parallel);
    }

    /** Looks at every planned orphan before the first write: what somebody else cleaned meanwhile is no repair of ours. */
    public void lookBefore() {
        if (store.hasStarted()) {
            return;
        }
        List<RepairStore.Planned> window = new ArrayList<>();
        List<RepairStore.Planned> clean = new ArrayList<>();
        store.planned(planned -> {
            if (!window.isEmpty()
                    && (window.size() >= LOOK_SIZE || window.get(0).referenceNo() != planned.referenceNo())) {
                clean.addAll(clean(window));
                window.clear();
            }
            window.add(planned);
        });
        if (!window.isEmpty()) {
            clean.addAll(clean(window));
        }
        transactions.executeWithoutResult(status -> store.record(
                List.of(),
                clean.stream()
                        .map(p -> new PartResult(
                                p.repairNo(),
                                new Repair.Key(p.referenceNo(), p.missingId()),
                                Outcome.ALREADY_CLEAN,
                                null,
                                null))
                        .toList()));
    }

    private List<RepairStore.Planned> clean(List<RepairStore.Planned> window) {
        Set<OrphanLook.Key> dangling = session.look()
                .stillDangling(
                        session.request().database().dataSource(),
                        store.reference(window.get(0).referenceNo()),
                        window.stream()
                                .map(p -> new OrphanLook.Key(p.childId(), p.missingId()))
                                .toList());
        return window.stream()
                .filter(p -> !dangling.contains(new OrphanLook.Key(p.childId(), p.missingId())))
                .toList();
    }

    /** Before the first batch: what rules with keep-id miss comes back. Can be done again after a crash. */
    public void putBack() {
        if (puttingBack != null) {
            puttingBack.run();
        }
    }

    /**
     * After the last batch: what came back for another policy's sake goes again, where nothing refers to it; and a quarantined
     * record goes back to use, where this run was made to release it and did. What Odoo made by itself meanwhile is written down.
     */
    public void tidy() {
        if (puttingBack != null) {
            puttingBack.removeTemporary();
        }
        quarantines.release(store);
        arrivals.tell();
    }

    /** The next batch; null when nothing is left to try. Every batch handed out before must be {@link #finished}. */
    public @Nullable RepairBatch next() {
        int most = session.request().job().limits().idsPerCall() * parallel * CALLS_EACH;
        List<Repair> repairs = store.next(most);
        if (repairs.isEmpty() && repairedInPass > 0 && pass < MOST_PASSES) {
            Integer reopened = transactions.execute(status -> store.reopenHeld());
            if (reopened != null && reopened > 0) {
                pass++;
                repairedInPass = 0;
                writes.tryAgain();
                removals.tryAgain();
                if (puttingBack != null && puttingBack.hasFailed()) {
                    puttingBack.run();
                }
                repairs = store.next(most);
            }
        }
        return repairs.isEmpty() ? null : new RepairBatch(repairs, pass > 1);
    }

    /**
     * Carries a batch out. Refusals end as outcomes; what stops the run is thrown.
     *
     * @param progress gets the number of records tried for the first time, call by call, from several threads
     * @param stopping asked before each call: what is left of the batch then stays to be done
     */
    public BatchResult repair(RepairBatch batch, IntConsumer progress, BooleanSupplier stopping) {
        Map<List<Object>, List<Repair>> groups = new LinkedHashMap<>();
        for (Repair repair : batch.repairs()) {
            groups.computeIfAbsent(
                            List.of(repair.kindKey(), repair.table(), repair.company(), action(repair)),
                            k -> new ArrayList<>())
                    .add(repair);
        }
        List<Callable<List<PartResult>>> tasks = new ArrayList<>();
        int idsPerCall = session.request().job().limits().idsPerCall();
        for (List<Repair> group : groups.values()) {
            for (int from = 0; from < group.size(); from += idsPerCall) {
                List<Repair> part = group.subList(from, Math.min(group.size(), from + idsPerCall));
                tasks.add(() -> {
                    if (stopping.getAsBoolean()) {
                        return List.of();
                    }
                    List<PartResult> results = recorded(part, lookAndRepair(part));
                    progress.accept(batch.isAgain() ? 0 : part.size());
                    return results;
                });
            }
        }
        return new BatchResult(inParallel(tasks).stream()
                .filter(part -> part.outcome() == Outcome.REPAIRED)
                .count());
    }

    private List<PartResult> recorded(List<Repair> repairs, List<PartResult> results) {
        notes.post(repairs, results);
        transactions.executeWithoutResult(status -> store.record(repairs, results));
        return results;
    }

    /** Looks at each orphan again right before its write. */
    private List<PartResult> lookAndRepair(List<Repair> repairs) {
        List<PartResult> results = new ArrayList<>();
        Map<Long, Set<Repair.Key>> dangling = Looks.parts(session, repairs, part -> part.newValue() != null);
        Set<Long> changed = changedByOthers(repairs);
        List<Repair> open = new ArrayList<>();
        for (Repair repair : repairs) {
            Set<Repair.Key> still = Objects.requireNonNull(dangling.get(repair.no()));
            List<Repair.Part> parts = new ArrayList<>();
            for (Repair.Part part : repair.parts()) {
                if (part.newValue() == null) {
                    parts.add(part);
                } else if (part.newValue() instanceof NewValue.KeepId) {
                    results.add(putBack(repair, part, still.contains(part.key())));
                } else if (!still.contains(part.key())) {
                    results.add(new PartResult(repair.no(), part.key(), null, null, "by another repair"));
                } else if (changed.contains(repair.no())) {
                    results.add(new PartResult(
                            repair.no(),
                            part.key(),
                            Outcome.CHANGED_MEANWHILE,
                            "somebody changed the record after the plan was made; the next plan looks at it again",
                            null));
                } else {
                    parts.add(part);
                }
            }
            if (parts.stream().anyMatch(p -> p.newValue() != null)) {
                open.add(repair.with(parts));
            }
        }
        // what is left of a repair may want another call than the whole did
        Map<Action, List<Repair>> byAction = new LinkedHashMap<>();
        open.forEach(repair ->
                byAction.computeIfAbsent(action(repair), k -> new ArrayList<>()).add(repair));
        byAction.values().forEach(same -> results.addAll(carryOut(same)));
        return results;
    }

    private PartResult putBack(Repair repair, Repair.Part part, boolean dangles) {
        if (!dangles) {
            return new PartResult(repair.no(), part.key(), Outcome.REPAIRED, null, PuttingBack.RUNG);
        }
        String reason = puttingBack == null
                ? "the target has no way to insert a row any more: set write-jdbc-url and its neighbours, or"
                        + " keep-id-through: server-action"
                : puttingBack.reason(part.reference(), part.missingId());
        return new PartResult(
                repair.no(),
                part.key(),
                Outcome.HELD,
                reason == null ? "the database still shows the missing record" : reason,
                null);
    }

    /** To be told of each batch before the next: what it repaired may have cleared the way for others. */
    public void finished(BatchResult result) {
        repairedInPass += result.repaired();
    }

    private List<PartResult> inParallel(List<Callable<List<PartResult>>> tasks) {
        List<PartResult> results = new ArrayList<>();
        RuntimeException failure = null;
        try {
            List<Future<List<PartResult>>> futures = callers.invokeAll(tasks);
            for (Future<List<PartResult>> future : futures) {
                try {
                    results.addAll(future.get());
                } catch (ExecutionException e) {
                    failure = e.getCause() instanceof RuntimeException cause
                            ? cause
                            : new IllegalStateException(e.getCause());
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while calls were under way", e);
        }
        if (failure != null) {
            throw failure;
        }
        return results;
    }

    private enum Action {
        UNLINK,
        ARCHIVE,
        MARK,
        WRITE
    }

    private static Action action(Repair repair) {
        Action action = Action.WRITE;
        for (Repair.Part part : repair.parts()) {
            if (part.newValue() instanceof NewValue.Unlink) {
                return Action.UNLINK;
            }
            if (part.newValue() instanceof NewValue.Quarantine quarantine) {
                action = quarantine.archive() ? Action.ARCHIVE : Action.MARK;
            }
        }
        return action;
    }

    private List<PartResult> carryOut(List<Repair> repairs) {
        return switch (action(repairs.get(0))) {
            case UNLINK -> unlink(repairs);
            case ARCHIVE -> quarantine(repairs, true);
            case MARK -> quarantine(repairs, false);
            case WRITE -> write(repairs);
        };
    }

    private List<PartResult> unlink(List<Repair> repairs) {
        Writes.Result result = new Writes.Result();
        removals.repair(repairs, result);
        return results(repairs, result);
    }

    private List<PartResult> quarantine(List<Repair> repairs, boolean archive) {
        Map<Long, String> refused = quarantines.repair(repairs, archive);
        List<PartResult> results = new ArrayList<>();
        for (Repair repair : repairs) {
            for (Repair.Part part : repair.parts()) {
                if (part.newValue() instanceof NewValue.Quarantine) {
                    String reason = refused.get(repair.no());
                    results.add(new PartResult(
                            repair.no(),
                            part.key(),
                            Outcome.QUARANTINED,
                            reason == null ? null : "only marked in our database: " + reason,
                            archive && reason == null ? "archived" : "marked"));
                }
            }
        }
        return results;
    }

    private List<PartResult> write(List<Repair> repairs) {
        List<PartResult> results = new ArrayList<>();
        Map<Long, Map<Repair.Key, String>> reasons = new HashMap<>();
        Map<Long, Map<Repair.Key, String>> rungs = new HashMap<>();
        Writes.Result result = new Writes.Result();
        for (Writes.Unit unit : units(repairs, reasons)) {
            writes.repair(unit, result);
        }
        if (pass > 1) {
            knots.repair(repairs, this::values, result);
        }
        for (Repair repair : repairs) {
            for (Repair.Part part : repair.parts()) {
                if (part.newValue() != null && part.reference().storage() instanceof Storage.RelationRow) {
                    try {
                        relationRows.repair(
                                repair,
                                part,
                                part.newValue() instanceof NewValue.Empty ? null : id(repair, part),
                                reasons.computeIfAbsent(repair.no(), k -> new HashMap<>()),
                                rungs.computeIfAbsent(repair.no(), k -> new HashMap<>()));
                    } catch (OdooException e) {
                        session.goOnOrThrow(e);
                        reasons.computeIfAbsent(repair.no(), k -> new HashMap<>())
                                .put(part.key(), "The record to link instead could not be made. " + PlainWords.of(e));
                    }
                }
            }
        }
        Map<Long, Set<Repair.Key>> dangling = Looks.parts(session, repairs, part -> part.newValue() != null);
        for (Repair repair : repairs) {
            for (Repair.Part part : repair.parts()) {
                if (part.newValue() == null) {
                    continue;
                }
                Map<Repair.Key, String> own = reasons.getOrDefault(repair.no(), Map.of());
                boolean overtaken = result.overtaken().contains(repair.no());
                if (!Objects.requireNonNull(dangling.get(repair.no())).contains(part.key())) {
                    String rung = rungs.getOrDefault(repair.no(), Map.of()).get(part.key());
                    results.add(new PartResult(
                            repair.no(),
                            part.key(),
                            overtaken && rung == null ? Outcome.ALREADY_CLEAN : Outcome.REPAIRED,
                            null,
                            rung == null ? result.rungs().get(repair.no()) : rung));
                } else {
                    String reason =
                            own.getOrDefault(part.key(), result.reasons().get(repair.no()));
                    results.add(new PartResult(
                            repair.no(),
                            part.key(),
                            overtaken
                                    ? Outcome.CHANGED_MEANWHILE
                                    : result.unknown().contains(repair.no()) ? Outcome.FAILED : Outcome.HELD,
                            reason == null ? "the database still shows the missing record" : reason,
                            null));
                }
            }
        }
        return results;
    }

    private static List<PartResult> results(List<Repair> repairs, Writes.Result result) {
        List<PartResult> results = new ArrayList<>();
        for (Repair repair : repairs) {
            String reason = result.reasons().get(repair.no());
            for (Repair.Part part : repair.parts()) {
                if (part.newValue() != null) {
                    Outcome outcome = reason == null
                            ? Outcome.REPAIRED
                            : result.overtaken().contains(repair.no())
                                    ? Outcome.CHANGED_MEANWHILE
                                    : result.unknown().contains(repair.no()) ? Outcome.FAILED : Outcome.HELD;
                    results.add(new PartResult(
                            repair.no(),
                            part.key(),
                            outcome,
                            reason,
                            result.rungs().get(repair.no())));
                }
            }
        }
        return results;
    }

    /** Records that get the same values in the same company. */
    private List<Writes.Unit> units(List<Repair> repairs, Map<Long, Map<Repair.Key, String>> reasons) {
        Map<List<Object>, List<Repair>> groups = new LinkedHashMap<>();
        for (Repair repair : repairs) {
            Map<Repair.Key, String> unresolved = new HashMap<>();
            values(repair, unresolved)
                    .forEach((company, values) -> groups.computeIfAbsent(
                                    List.of(company, values), k -> new ArrayList<>())
                            .add(repair));
            if (!unresolved.isEmpty()) {
                reasons.computeIfAbsent(repair.no(), k -> new HashMap<>()).putAll(unresolved);
            }
        }
        List<Writes.Unit> units = new ArrayList<>();
        groups.forEach((key, group) -> {
            @SuppressWarnings("unchecked")
            Map<String, Object> values = (Map<String, Object>) key.get(1);
            Repair first = group.get(0);
            units.add(new Writes.Unit(
                    first.kindKey(),
                    Objects.requireNonNull(first.model()),
                    first.table(),
                    (Long) key.get(0),
                    values,
                    group));
        });
        return units;
    }

    Map<Long, Map<String, Object>> values(Repair repair) {
        return values(repair, new HashMap<>());
    }

    /**
     * What is to be written, by company and field.
     *
     * @param unresolved gets the reason for each part whose new record could not be made; the others are written without it
     */
    private Map<Long, Map<String, Object>> values(Repair repair, Map<Repair.Key, String> unresolved) {
        Map<Long, Map<String, Object>> values = new LinkedHashMap<>();
        for (Repair.Part part : repair.parts()) {
            if (part.newValue() != null && !(part.reference().storage() instanceof Storage.RelationRow)) {
                String field = Objects.requireNonNull(part.reference().fieldName());
                try {
                    Object value = value(repair, part);
                    values.computeIfAbsent(Values.company(part, repair.company()), k -> new LinkedHashMap<>())
                            .put(field, value);
                } catch (OdooException e) {
                    session.goOnOrThrow(e);
                    unresolved.put(part.key(), "The record to point to instead could not be made. " + PlainWords.of(e));
                }
            }
        }
        return values;
    }

    private Object value(Repair repair, Repair.Part part) {
        if (part.newValue() instanceof NewValue.Empty) {
            return false;
        }
        long id = id(repair, part);
        return part.reference().storage() instanceof Storage.ModelCommaId
                ? part.reference().parentModel() + "," + id
                : id;
    }

    private long id(Repair repair, Repair.Part part) {
        NewValue value = Objects.requireNonNull(part.newValue());
        Reference reference = part.reference();
        if (value instanceof NewValue.Existing existing) {
            return existing.id();
        } else if (value instanceof NewValue.Placeholder placeholder) {
            return standIns.placeholder(reference, placeholder.company(), named(placeholder.rule()));
        } else if (value instanceof NewValue.StandIn standIn) {
            return standIns.standIn(reference, part.missingId(), standIn.company());
        }
        throw new IllegalStateException(
                "no record stands for " + value.code() + " of " + repair.table() + " #" + repair.id());
    }

    private JobDefinition.@Nullable Placeholder named(int number) {
        return session.request().job().rules().stream()
                .filter(rule -> rule.number() == number)
                .findFirst()
                .map(JobDefinition.Rule::placeholder)
                .orElse(null);
    }

    /** Repairs whose record somebody other than the API user wrote after the plan was made. */
    private Set<Long> changedByOthers(List<Repair> repairs) {
        Map<String, Map<Long, List<Long>>> byTable = new LinkedHashMap<>();
        for (Repair repair : repairs) {
            byTable.computeIfAbsent(repair.table(), k -> new HashMap<>())
                    .computeIfAbsent(repair.id(), k -> new ArrayList<>())
                    .add(repair.no());
        }
        Instant planned = session.request().plannedAt();
        Set<Long> changed = new HashSet<>();
        byTable.forEach((table, numbers) -> {
            if (!session.rows().columns(table).containsAll(Set.of("id", "write_uid", "write_date"))) {
                return;
            }
            session.rows()
                    .jdbc()
                    .sql(
                            "SELECT id FROM ONLY " + Sql.quote(table)
                                    + " WHERE id = ANY(:ids) AND write_date > (:planned::timestamptz AT TIME ZONE 'UTC') AND write_uid IS DISTINCT FROM :uid")
                    .param("ids", numbers.keySet().toArray(Long[]::new))
                    .param("planned", Timestamp.from(planned))
                    .param("uid", session.odoo().uid())
                    .query(Long.class)
                    .list()
                    .forEach(id -> changed.addAll(numbers.getOrDefault(id, List.of())));
        });
        return changed;
    }

    @Override
    public void close() {
        callers.shutdown();
    }
}
