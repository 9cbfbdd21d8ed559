package org.orphancleanup.repair;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.locks.Lock;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.orphancleanup.catalog.Storage;
import org.orphancleanup.job.Glob;
import org.orphancleanup.job.JobDefinition;
import org.orphancleanup.odoo.OdooException;
import org.orphancleanup.repair.SideEffects.Watched;
import tools.jackson.databind.JsonNode;

/**
 * Writes dangling fields by the ladder. The first record of a kind is the canary: written alone and compared; the rung that
 * served it is remembered, and the rest goes out in batches. A refused batch is bisected, so that one bad record never costs
 * its neighbours. What a call did is looked up in the database, never taken from its answer.
 */
final class Writes {

    /** After so many records of a kind that no rung served, the rest is tried by the plainest rung alone. */
    private static final int PATIENCE = 3;

    static final String OVERTAKEN =
            "somebody changed the record right before it was to be written; the next plan looks at it again";

    private final Session session;
    private final SideEffects effects;
    private final Neighbourhood neighbourhood;
    private final QuietWriter writer;
    private final Doubles doubles;
    private volatile boolean again;
    private final ConcurrentMap<String, Kind> kinds = new ConcurrentHashMap<>();

    Writes(Session session, Neighbourhood neighbourhood, QuietWriter writer, SideEffects effects, Removals removals) {
        this.session = session;
        this.neighbourhood = neighbourhood;
        this.writer = writer;
        this.effects = effects;
        this.doubles = new Doubles(session, removals);
    }

    /**
     * Records that get the same values in the same company.
     *
     * @param values by field, as sent
     */
    record Unit(
            String kindKey,
            String model,
            String table,
            long company,
            Map<String, Object> values,
            List<Repair> records) {}

    /** What is known of a kind of repair in this run. */
    private static final class Kind {
        private volatile @Nullable Rung rung;
        private volatile int unserved;
        private volatile @Nullable String stopped;
        private volatile boolean watch;
        private final Set<String> keep = ConcurrentHashMap.newKeySet();
    }

    /**
     * @param reasons the error or reason, by repair number, of records that still dangle
     * @param rungs the rungs that served, by repair number
     * @param unknown of which no answer is known
     * @param overtaken that somebody else wrote right before their call; it was not sent
     */
    record Result(Map<Long, String> reasons, Map<Long, String> rungs, Set<Long> unknown, Set<Long> overtaken) {

        Result() {
            this(new HashMap<>(), new HashMap<>(), new LinkedHashSet<>(), new LinkedHashSet<>());
        }

        /** Somebody else wrote the record right before its call, which was not sent. */
        void overtaken(long no) {
            overtaken.add(no);
            reasons.put(no, OVERTAKEN);
        }

        /** Nothing more is tried on it. */
        boolean isEnded(long no) {
            return unknown.contains(no) || overtaken.contains(no);
        }
    }

    void repair(Unit unit, Result result) {
        Kind kind = kinds.computeIfAbsent(unit.kindKey(), k -> new Kind());
        List<Repair> open = doubles.remove(unit, unit.records(), result);
        List<Repair> first = doubles.distinct(unit, open);
        write(unit, kind, first, result);
        if (first.size() < open.size()) {
            List<Repair> others = new ArrayList<>(open);
            others.removeAll(first);
            write(unit, kind, doubles.remove(unit, others, result), result);
        }
    }

    private static List<Repair> held(List<Repair> records, Result result) {
        return records.stream()
                .filter(r -> result.reasons().containsKey(r.no()) && !result.isEnded(r.no()))
                .toList();
    }

    private void write(Unit unit, Kind kind, List<Repair> records, Result result) {
        List<Repair> rest = new ArrayList<>(records);
        synchronized (kind) {
            while (!rest.isEmpty() && kind.rung == null && kind.unserved < PATIENCE && kind.stopped == null) {
                climb(unit, kind, rest.remove(0), null, result);
            }
        }
        if (rest.isEmpty()) {
            return;
        }
        if (kind.stopped != null) {
            String reason = kind.stopped;
            rest.forEach(repair -> result.reasons().put(repair.no(), reason));
            return;
        }
        Rung rung = kind.rung == null ? Rung.PLAIN : kind.rung;
        for (Group group : groups(unit, kind, rung, rest)) {
            bisect(unit, kind, rung, group, result);
        }
    }

    /** Before another pass: what failed may succeed now, by the plain rungs, as what stood in the way is gone. */
    void tryAgain() {
        again = true;
        kinds.values().forEach(kind -> kind.unserved = 0);
    }

    /** Archives records, or takes them out of the archive; the caller looks whether they are. */
    void active(
            boolean active,
            String kindKey,
            String model,
            String table,
            long company,
            List<Repair> records,
            Result result) {
        Unit unit = new Unit(kindKey, model, table, company, Map.of("active", active), records);
        try {
            call(unit, new Kind(), Rung.PLAIN, records, unit.values(), result);
        } catch (OdooException e) {
            session.goOnOrThrow(e);
            if (records.size() == 1) {
                result.reasons().put(records.get(0).no(), PlainWords.of(e));
            } else {
                int half = records.size() / 2;
                active(active, kindKey, model, table, company, records.subList(0, half), result);
                active(active, kindKey, model, table, company, records.subList(half, records.size()), result);
            }
        }
    }

    /** One record, rung by rung. */
    private void climb(Unit unit, Kind kind, Repair repair, @Nullable Rung tried, Result result) {
        boolean accounting = Glob.matchesAny(session.request().job().allow().lockedDocuments(), unit.model());
        Set<Object> seen = new LinkedHashSet<>();
        List<Rung> ladder = Rung.ladder(accounting, perCompany(unit));
        for (Rung rung : again ? ladder.subList(0, Rung.AGAIN) : ladder) {
            Map<String, Object> kept = rung.keep() ? keptOf(unit, repair, dependents(unit)) : Map.of();
            // rungs that come to the same call for this record are tried once
            boolean same = rung.keep() && kept.isEmpty()
                    || !seen.add(List.of(calls(unit, rung), kept, rung.archivedToo(), rung.accounting()));
            if (same || rung.equals(tried)) {
                continue;
            }
            attempt(unit, kind, rung, new Group(List.of(repair), kept), result);
            if (result.isEnded(repair.no())) {
                return;
            }
            if (!result.reasons().containsKey(repair.no())) {
                if (kind.rung == null) {
                    kind.rung = rung;
                }
                return;
            }
        }
        kind.unserved++;
    }

    /** @param kept old values, the same for all of them, that are sent along */
    private record Group(List<Repair> records, Map<String, Object> kept) {

        Group of(List<Repair> some) {
            return new Group(some, kept);
        }
    }

    private void bisect(Unit unit, Kind kind, Rung rung, Group group, Result result) {
        Set<Long> named = attempt(unit, kind, rung, group, result);
        List<Repair> left = held(group.records(), result);
        if (left.isEmpty()) {
            return;
        }
        if (group.records().size() > 1 && left.size() == group.records().size()) {
            // the records that the error names first, apart from their neighbours; else by halves
            List<Repair> first =
                    left.stream().filter(r -> named.contains(r.id())).toList();
            if (first.isEmpty() || first.size() == left.size()) {
                first = left.subList(0, (left.size() + 1) / 2);
            }
            List<Repair> second = new ArrayList<>(left);
            second.removeAll(first);
            bisect(unit, kind, rung, group.of(first), result);
            bisect(unit, kind, rung, group.of(second), result);
            return;
        }
        // one by one: a single record, or those of a call that went through and left them dangling
        for (Repair repair : left) {
            if (kind.unserved < PATIENCE) {
                climb(unit, kind, repair, rung, result);
            }
        }
    }

    /**
     * One rung for these records: its calls, then a look.
     *
     * @return ids of records of this model that a refusal named
     */
    private Set<Long> attempt(Unit unit, Kind kind, Rung rung, Group group, Result result) {
        List<Repair> records = group.records();
        Set<Long> named = new LinkedHashSet<>();
        String error = null;
        for (Map<String, Object> values : calls(unit, rung)) {
            Map<String, Object> sent = new LinkedHashMap<>(group.kept());
            sent.putAll(values);
            try {
                call(unit, kind, rung, records, sent, result);
            } catch (OdooException e) {
                session.goOnOrThrow(e);
                error = PlainWords.of(e);
                named.addAll(PlainWords.named(e, unit.model()));
                if (e.kind() == OdooException.Kind.NO_ANSWER) {
                    records.forEach(r -> result.unknown().add(r.no()));
                }
            }
        }
        Set<Long> dangling = Looks.dangling(session, records, part -> writes(unit, part));
        for (Repair repair : records) {
            if (result.overtaken().contains(repair.no())) {
                if (!dangling.contains(repair.no())) {
                    result.reasons().remove(repair.no());
                }
            } else if (!dangling.contains(repair.no())) {
                result.reasons().remove(repair.no());
                result.unknown().remove(repair.no());
                result.rungs().put(repair.no(), rung.words());
            } else {
                String before = result.reasons().get(repair.no());
                String now = error != null
                        ? error
                        : "Odoo answered yes (" + rung.words() + "), and the database still shows the missing record";
                // a refusal says more than a missing record, and the first error more than what later rungs ran into
                if (before == null
                        || (error != null && before.startsWith("Odoo reads") && !now.startsWith("Odoo reads"))) {
                    result.reasons().put(repair.no(), now);
                }
            }
        }
        return named;
    }

    /**
     * One call of {@code write}, with its journal, its side effects compared and what can be restored restored. Records that
     * somebody else wrote after they were read are left out.
     */
    private void call(
            Unit unit, Kind kind, Rung rung, List<Repair> records, Map<String, Object> values, Result result) {
        List<Repair> open = new ArrayList<>(records);
        open.removeIf(repair -> result.overtaken().contains(repair.no()));
        for (int again = 0; !open.isEmpty(); again++) {
            boolean watching = open.size() == 1 || kind.watch;
            // what other calls of ours change meanwhile would look like somebody else's change of a neighbour
            Lock lock = session.calls(watching);
            lock.lock();
            try {
                send(unit, kind, rung, open, values, watching);
                return;
            } catch (Watch.Overtaken e) {
                Set<Long> numbers = (again < PATIENCE ? e.edited() : e.changed())
                        .stream().map(Watched::repairNo).collect(Collectors.toSet());
                numbers.forEach(result::overtaken);
                open.removeIf(repair -> numbers.contains(repair.no()));
            } finally {
                lock.unlock();
            }
        }
    }

    private void send(
            Unit unit, Kind kind, Rung rung, List<Repair> records, Map<String, Object> values, boolean watching) {
        session.brake().check();
        List<Long> ids = records.stream().map(Repair::id).toList();
        Map<String, Object> context = session.contexts().of(rung, unit.company());
        Set<Watched> written = new LinkedHashSet<>();
        Watch watch = effects.watch(() -> {
            Map<Watched, Map<String, JsonNode>> rows =
                    watched(records, session.read(unit.model(), unit.table(), ids), unit);
            written.addAll(rows.keySet());
            if (watching) {
                rows.putAll(neighbours(unit, records, ids));
            }
            return rows;
        });
        Map<Watched, Map<String, JsonNode>> around = new LinkedHashMap<>(watch.before());
        around.keySet().removeAll(written);
        Map<Watched, Map<String, JsonNode>> watchedAfter = effects.carryOut(
                new Journal.Call(unit.model(), "write", ids, values, context, rung.words()),
                watch,
                written,
                values.keySet(),
                () -> writer.write(unit.model(), ids, values, context));
        written.retainAll(watchedAfter.keySet());
        // what a canary's neighbours show is looked for around its whole kind, for the journal's sake
        kind.watch |= around.entrySet().stream()
                .anyMatch(e ->
                        !watch.others().contains(e.getKey()) && !e.getValue().equals(watchedAfter.get(e.getKey())));
        Set<String> intended = unit.values().keySet();
        Set<String> along = new LinkedHashSet<>(values.keySet());
        along.removeAll(intended);
        SideEffects.Besides besides = effects.settle(watch, watchedAfter, written, intended, along, context);
        kind.keep.addAll(toKeep(besides, written));
        if (!besides.changed().isEmpty()
                && session.request().job().sideEffects() == JobDefinition.SideEffects.STOP
                && kind.stopped == null) {
            kind.stopped = "side-effects: stop: writing the first record of this kind also changed "
                    + besides.changed().entrySet().stream()
                            .flatMap(e -> e.getValue().stream()
                                    .map(field -> e.getKey().model() + "." + field))
                            .distinct()
                            .collect(Collectors.joining(", "));
        }
    }

    /**
     * Fields whose old value goes along from now on: those that changed in most records, and those that could not be restored
     * afterwards. What changed in a few is restored in these few, as only records with the same old values share a call.
     */
    private static Set<String> toKeep(SideEffects.Besides besides, Set<Watched> written) {
        Map<String, Integer> count = new HashMap<>();
        besides.changed().forEach((row, fields) -> {
            if (written.contains(row)) {
                fields.forEach(field -> count.merge(field, 1, Integer::sum));
            }
        });
        count.values().removeIf(rows -> 2 * rows <= written.size());
        Set<String> keep = new LinkedHashSet<>(count.keySet());
        besides.lasting().forEach((row, fields) -> {
            if (written.contains(row)) {
                keep.addAll(fields);
            }
        });
        return keep;
    }

    private static Map<Watched, Map<String, JsonNode>> watched(
            List<Repair> records, Map<Long, Map<String, JsonNode>> rows, Unit unit) {
        Map<Watched, Map<String, JsonNode>> watched = new LinkedHashMap<>();
        for (Repair repair : records) {
            Map<String, JsonNode> row = rows.get(repair.id());
            if (row != null) {
                watched.put(new Watched(repair.no(), unit.model(), unit.table(), repair.id()), row);
            }
        }
        return watched;
    }

    private Map<Watched, Map<String, JsonNode>> neighbours(Unit unit, List<Repair> records, List<Long> ids) {
        Map<Watched, Map<String, JsonNode>> rows =
                neighbourhood.read(records.get(0).no(), unit.model(), unit.table(), ids);
        rows.putAll(newParents(unit, records.get(0)));
        return rows;
    }

    /** The records that are pointed to from now on: a write may pass values of its own on to them. */
    private Map<Watched, Map<String, JsonNode>> newParents(Unit unit, Repair repair) {
        Map<Watched, Map<String, JsonNode>> rows = new LinkedHashMap<>();
        for (Repair.Part part : repair.parts()) {
            String parent = part.reference().parentModel();
            String table = part.reference().parentTable();
            if (parent != null
                    && table != null
                    && writes(unit, part)
                    && unit.values().get(part.reference().fieldName()) instanceof Long id) {
                session.read(parent, table, List.of(id))
                        .forEach((key, row) -> rows.put(new Watched(repair.no(), parent, table, key), row));
            }
        }
        return rows;
    }

    /**
     * One call that writes records of several models together, with its journal and side effects.
     *
     * @param sent fields it writes, of whichever of the records
     */
    void together(
            Repair document, Collection<Repair> lines, Map<String, Object> values, Set<String> sent, String rung) {
        session.brake().check();
        String model = Objects.requireNonNull(document.model());
        List<Repair> all = new ArrayList<>(lines);
        all.add(document);
        Map<String, Object> context = session.contexts().quiet(document.company());
        Unit unit = new Unit(rung, model, document.table(), document.company(), values, List.of(document));
        Set<Watched> written = new LinkedHashSet<>();
        Watch watch = effects.watch(() -> {
            Map<Watched, Map<String, JsonNode>> rows = neighbours(unit, List.of(document), List.of(document.id()));
            for (Repair repair : all) {
                Watched watched =
                        new Watched(repair.no(), Objects.requireNonNull(repair.model()), repair.table(), repair.id());
                Map<String, JsonNode> row = row(session, repair);
                if (row != null) {
                    rows.keySet().removeIf(w -> w.table().equals(watched.table()) && w.id() == watched.id());
                    rows.put(watched, row);
                    written.add(watched);
                }
            }
            return rows;
        });
        List<Long> ids = List.of(document.id());
        Map<Watched, Map<String, JsonNode>> after = effects.carryOut(
                new Journal.Call(model, "write", ids, values, context, rung),
                watch,
                written,
                sent,
                () -> writer.write(model, ids, values, context));
        effects.settle(watch, after, written, sent, Set.of(), context);
    }

    private static @Nullable Map<String, JsonNode> row(Session session, Repair repair) {
        return session.read(Objects.requireNonNull(repair.model()), repair.table(), List.of(repair.id()))
                .get(repair.id());
    }

    /** The values of each call that a rung makes. */
    private List<Map<String, Object>> calls(Unit unit, Rung rung) {
        ModelInfo info = session.model(unit.model());
        return switch (rung.fields()) {
            case ALL -> List.of(unit.values());
            case BASE -> {
                Map<String, Object> base = new LinkedHashMap<>(unit.values());
                base.keySet().removeIf(field -> !info.isBase(field));
                yield base.isEmpty() ? List.of(unit.values()) : List.of(base);
            }
            case ROOTS -> List.of(roots(info, unit.records().get(0), unit.values()));
            case EXISTING_FIRST -> {
                Map<String, Object> existing = new LinkedHashMap<>(unit.values());
                unit.records().get(0).parts().stream()
                        .filter(part -> writes(unit, part) && part.reference().parentTable() != null)
                        .forEach(part -> existing.put(
                                Objects.requireNonNull(part.reference().fieldName()),
                                session.rows()
                                        .anyId(Objects.requireNonNull(
                                                part.reference().parentTable()))));
                yield List.of(existing, unit.values());
            }
            case EACH -> {
                List<Map<String, Object>> calls = new ArrayList<>();
                unit.values().forEach((field, value) -> calls.add(Map.of(field, value)));
                calls.sort((a, b) -> Boolean.compare(
                        !info.isBase(a.keySet().iterator().next()),
                        !info.isBase(b.keySet().iterator().next())));
                yield calls;
            }
        };
    }

    /** Without the computed fields that lost the same record as a base field, as they follow by themselves. */
    static Map<String, Object> roots(ModelInfo info, Repair repair, Map<String, Object> values) {
        Set<List<Object>> lost = new LinkedHashSet<>();
        Set<String> following = new LinkedHashSet<>();
        for (boolean base : new boolean[] {true, false}) {
            for (Repair.Part part : repair.parts()) {
                String field = part.reference().fieldName();
                if (field != null && values.containsKey(field) && info.isBase(field) == base) {
                    List<Object> record =
                            List.of(Objects.toString(part.reference().parentModel()), part.missingId());
                    if (base) {
                        lost.add(record);
                    } else if (lost.contains(record)) {
                        following.add(field);
                    }
                }
            }
        }
        Map<String, Object> roots = new LinkedHashMap<>(values);
        roots.keySet().removeAll(following);
        return roots;
    }

    /** All it writes is to empty values of one company. */
    private static boolean perCompany(Unit unit) {
        return unit.values().values().stream().allMatch(Boolean.FALSE::equals)
                && unit.records().get(0).parts().stream()
                        .filter(part -> writes(unit, part))
                        .allMatch(part -> part.reference().storage() instanceof Storage.CompanyValue);
    }

    private Set<String> dependents(Unit unit) {
        return session.model(unit.model()).dependents(unit.values().keySet());
    }

    /** Old values of these fields of a record, in the form a write takes; none for a field that dangles itself. */
    private Map<String, Object> keptOf(Unit unit, Repair repair, Set<String> fields) {
        return fields.isEmpty()
                ? Map.of()
                : keptOf(unit, repair, fields, rows(unit, List.of(repair)).get(repair.id()));
    }

    private Map<String, Object> keptOf(
            Unit unit, Repair repair, Set<String> fields, @Nullable Map<String, JsonNode> row) {
        ModelInfo info = session.model(unit.model());
        Map<String, Object> kept = new LinkedHashMap<>();
        if (row != null) {
            for (String field : fields) {
                JsonNode value = row.get(field);
                boolean dangles = repair.parts().stream()
                        .anyMatch(p -> field.equals(p.reference().fieldName()));
                if (value != null
                        && !dangles
                        && !unit.values().containsKey(field)
                        && Values.isWritable(info, field, value)
                        && !Values.isNoNumber(info, field, value)) {
                    kept.put(field, Values.toRpc(info, field, value));
                }
            }
        }
        return kept;
    }

    private Map<Long, Map<String, JsonNode>> rows(Unit unit, List<Repair> records) {
        return session.read(
                unit.model(), unit.table(), records.stream().map(Repair::id).toList());
    }

    /** Where old values are sent along, only records with the same old values share a call. */
    private List<Group> groups(Unit unit, Kind kind, Rung rung, List<Repair> records) {
        Set<String> fields = new LinkedHashSet<>(kind.keep);
        if (rung.keep()) {
            fields.addAll(dependents(unit));
        }
        if (fields.isEmpty()) {
            return List.of(new Group(records, Map.of()));
        }
        Map<Long, Map<String, JsonNode>> rows = rows(unit, records);
        Map<Map<String, Object>, List<Repair>> groups = new LinkedHashMap<>();
        for (Repair repair : records) {
            groups.computeIfAbsent(keptOf(unit, repair, fields, rows.get(repair.id())), k -> new ArrayList<>())
                    .add(repair);
        }
        List<Group> list = new ArrayList<>();
        groups.forEach((kept, same) -> list.add(new Group(same, kept)));
        return list;
    }

    private static boolean writes(Unit unit, Repair.Part part) {
        return part.newValue() != null
                && unit.values().containsKey(Objects.toString(part.reference().fieldName(), ""))
                && Values.company(part, unit.company()) == unit.company();
    }
}
