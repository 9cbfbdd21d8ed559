package org.orphancleanup.repair;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.orphancleanup.odoo.OdooException;
import org.orphancleanup.repair.Loosening.Way;
import org.orphancleanup.repair.SideEffects.Watched;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code unlink} of orphan records, in batches, bisected where refused; the journal keeps a snapshot of each. What Odoo cannot
 * delete as it stands is loosened and deleted in one call, see {@link Loosening}.
 */
final class Removals {

    /** After so many records of a kind that no way served, the rest is tried as it stands alone. */
    private static final int PATIENCE = 3;

    private static final String STAYED = "Odoo answered yes, and the record is still there";

    private final Session session;
    private final Snapshots snapshots;
    private final Neighbourhood neighbourhood;
    private final SideEffects effects;
    private final Consequences consequences;
    private final Carriers carriers;
    private final Loosening loosening;
    private final Map<String, Way> served = new ConcurrentHashMap<>();
    private final Set<String> shown = ConcurrentHashMap.newKeySet();
    private final Map<String, Integer> unserved = new ConcurrentHashMap<>();
    private final Map<Long, String> stayed = new ConcurrentHashMap<>();
    private final Map<String, String> stayedKinds = new ConcurrentHashMap<>();
    private final Set<String> canaries = ConcurrentHashMap.newKeySet();

    Removals(
            Session session,
            Snapshots snapshots,
            Neighbourhood neighbourhood,
            SideEffects effects,
            Consequences consequences,
            Carriers carriers,
            Loosening loosening) {
        this.session = session;
        this.snapshots = snapshots;
        this.neighbourhood = neighbourhood;
        this.effects = effects;
        this.consequences = consequences;
        this.carriers = carriers;
        this.loosening = loosening;
    }

    /**
     * What all calls for some records of one model have in common.
     *
     * @param rung what the calls are called; null: by their way
     */
    private record Task(
            String model,
            String table,
            Map<Long, ObjectNode> snapshots,
            Writes.Result result,
            @Nullable String rung) {}

    /** Why a call did not delete its records. */
    private record Refusal(String words, boolean unknown, boolean loosening) {}

    private static Watched watched(Repair repair) {
        return new Watched(repair.no(), Objects.requireNonNull(repair.model()), repair.table(), repair.id());
    }

    /** Left out: what no snapshot could hold, and so could never be put back; and what Odoo does not delete though it says so. */
    private List<Repair> keepable(List<Repair> repairs, Task task) {
        List<Repair> keepable = new ArrayList<>();
        for (Repair repair : repairs) {
            String why = stayed.get(repair.no());
            String kind = stayedKinds.get(repair.kindKey());
            if (why != null || kind != null) { // asked again Odoo would do again what was just taken back
                task.result()
                        .reasons()
                        .put(repair.no(), why != null ? why : "not tried, as with the first of its kind: " + kind);
                continue;
            }
            ObjectNode snapshot = task.snapshots().get(repair.id());
            if (snapshot != null && snapshot.findValue("too-large") != null) {
                task.result()
                        .reasons()
                        .put(
                                repair.no(),
                                "a file of the record is larger than " + Snapshots.MOST_BYTES / 1024 / 1024
                                        + " MB, more than the snapshot of a deleted record can hold; delete the file, or the"
                                        + " record, by hand");
            } else {
                keepable.add(repair);
            }
        }
        return keepable;
    }

    void repair(List<Repair> repairs, Writes.Result result) {
        Task task = task(repairs, result, null);
        List<Repair> keepable = keepable(repairs, task);
        if (keepable.size() > 1 && canaries.add(kind(keepable))) {
            List<Repair> one = keepable.subList(0, 1);
            unlink(one, served.getOrDefault(kind(one), Way.AS_IT_STANDS), task);
            keepable = keepable(keepable.subList(1, keepable.size()), task);
        }
        if (!keepable.isEmpty()) {
            unlink(keepable, served.getOrDefault(kind(keepable), Way.AS_IT_STANDS), task);
        }
    }

    /** Without a change to them first. */
    void removeAsTheyStand(List<Repair> repairs, Writes.Result result, String rung) {
        Task task = task(repairs, result, rung);
        List<Repair> keepable = keepable(repairs, task);
        if (!keepable.isEmpty()) {
            unlink(keepable, Way.AS_IT_STANDS, task);
        }
    }

    private Task task(List<Repair> repairs, Writes.Result result, @Nullable String rung) {
        String model = Objects.requireNonNull(repairs.get(0).model());
        String table = repairs.get(0).table();
        return new Task(
                model,
                table,
                snapshots.of(model, table, repairs.stream().map(Repair::id).toList(), true),
                result,
                rung);
    }

    /** Before another pass: what failed may succeed now, as what stood in the way is gone. */
    void tryAgain() {
        shown.clear();
        unserved.clear();
        loosening.tryAgain();
    }

    private static String kind(List<Repair> repairs) {
        return repairs.get(0).kindKey();
    }

    private void unlink(List<Repair> repairs, Way way, Task task) {
        Refusal refusal = call(repairs, way, task);
        if (refusal == null || refusal.unknown()) {
            settle(repairs, way, refusal, task);
            return;
        }
        if (repairs.size() == 1) {
            climb(repairs, way, refusal, task);
            return;
        }
        // one alone shows the way that serves its kind; else by halves
        boolean alone = refusal.loosening() && shown.add(kind(repairs));
        int first = alone ? 1 : repairs.size() / 2;
        unlink(repairs.subList(0, first), way, task);
        unlink(repairs.subList(first, repairs.size()), alone ? served.getOrDefault(kind(repairs), way) : way, task);
    }

    /** One record, by the ways that were not tried yet. */
    private void climb(List<Repair> one, Way tried, Refusal first, Task task) {
        String kind = kind(one);
        Refusal refusal = first;
        if (first.loosening() && task.rung() == null && unserved.getOrDefault(kind, 0) < PATIENCE) {
            for (Way way : Way.values()) {
                if (way == tried
                        || loosening.values(one.get(0), way, List.of(one.get(0).id())) == null) {
                    continue;
                }
                Refusal next = call(one, way, task);
                if (next == null || next.unknown()) {
                    if (next == null && !isThere(one, task)) {
                        served.putIfAbsent(kind, way);
                    }
                    settle(one, way, next, task);
                    return;
                }
                // what stood in the way of the plain call says more than what later ways ran into
                refusal = way == Way.AS_IT_STANDS ? next : refusal;
            }
            unserved.merge(kind, 1, Integer::sum);
        }
        settle(one, tried, refusal, task);
    }

    private boolean isThere(List<Repair> repairs, Task task) {
        return !session.rows()
                .read(task.table(), Set.of(), repairs.stream().map(Repair::id).toList())
                .isEmpty();
    }

    private void settle(List<Repair> repairs, Way way, @Nullable Refusal refusal, Task task) {
        Map<Long, Map<String, JsonNode>> after = session.rows()
                .read(task.table(), Set.of(), repairs.stream().map(Repair::id).toList());
        for (Repair repair : repairs) {
            if (!after.containsKey(repair.id())) {
                task.result().rungs().put(repair.no(), task.rung() == null ? way.words() : task.rung());
                ObjectNode snapshot = task.snapshots().get(repair.id());
                if (snapshot != null) {
                    consequences.tell(repair.no(), snapshot);
                }
            } else {
                task.result()
                        .reasons()
                        .put(repair.no(), refusal == null ? stayed.getOrDefault(repair.no(), STAYED) : refusal.words());
                if (refusal != null && refusal.unknown()) {
                    task.result().unknown().add(repair.no());
                }
            }
        }
    }

    /** One call for these records; null where it went through. */
    private @Nullable Refusal call(List<Repair> repairs, Way way, Task task) {
        session.brake().check();
        List<Long> ids = repairs.stream().map(Repair::id).toList();
        Map<String, Object> context = session.contexts().quiet(repairs.get(0).company());
        List<Object> commands = new ArrayList<>();
        Set<Watched> beside = new LinkedHashSet<>();
        boolean plain = task.rung() != null || !loosen(repairs, way, commands, beside);
        Optional<Carriers.Carrier> carrier = plain
                ? Optional.empty()
                : carriers.of(task.model()).filter(c -> !(c.model().equals(task.model()) && ids.contains(c.id())));
        if (carrier.isEmpty() && way != Way.AS_IT_STANDS) {
            return new Refusal(
                    "no record was found through which " + task.model() + " could be changed and deleted in one call",
                    false,
                    false);
        }
        carrier.ifPresent(
                c -> beside.add(new Watched(repairs.get(0).no(), c.model(), session.table(c.model()), c.id())));
        Map<Watched, @Nullable Map<String, JsonNode>> rows = new LinkedHashMap<>();
        Map<Watched, JsonNode> known = new LinkedHashMap<>();
        Map<Watched, Map<String, JsonNode>> besideBefore = new LinkedHashMap<>();
        Set<Watched> around = new LinkedHashSet<>();
        Set<Watched> deleted = new LinkedHashSet<>();
        Watch watch = effects.watch(() -> {
            Map<Long, Map<String, JsonNode>> before = read(task, ids);
            Map<Watched, Map<String, JsonNode>> all = new LinkedHashMap<>();
            for (Repair repair : repairs) {
                Watched record = watched(repair);
                Map<String, JsonNode> row = before.get(repair.id());
                rows.put(record, row);
                deleted.add(record);
                if (row != null) {
                    all.put(record, row);
                }
                JsonNode snapshot = task.snapshots().get(repair.id());
                if (snapshot != null) {
                    known.put(record, snapshot);
                }
            }
            if (carrier.isPresent()) {
                besideBefore.putAll(loosening.rows(beside));
            }
            Map<Watched, Map<String, JsonNode>> near =
                    neighbourhood.read(repairs.get(0).no(), task.model(), task.table(), ids);
            near.keySet().removeAll(besideBefore.keySet());
            around.addAll(near.keySet());
            all.putAll(besideBefore);
            all.putAll(near);
            return all;
        });
        Set<Watched> edited = edited(rows, known);
        if (!edited.isEmpty()) {
            return overtaken(edited, task);
        }
        rows.putAll(besideBefore);
        Map<Watched, Map<String, JsonNode>> besideAfter = new LinkedHashMap<>();
        Set<Long> there = new LinkedHashSet<>();
        try {
            session.journal()
                    .carryOut(
                            new Journal.Call(
                                    task.model(),
                                    "unlink",
                                    ids,
                                    carrier.<Object>map(c ->
                                                    Map.of("through", c.model() + "," + c.id(), c.field(), commands))
                                            .orElse(Map.of()),
                                    context,
                                    task.rung() == null ? way.words() : task.rung()),
                            rows,
                            known,
                            () -> watch.over(
                                    deleted,
                                    true,
                                    () -> carrier.ifPresentOrElse(
                                            c -> session.odoo()
                                                    .write(
                                                            c.model(),
                                                            List.of(c.id()),
                                                            Map.of(c.field(), commands),
                                                            context),
                                            () -> session.odoo().unlink(task.model(), ids, context))),
                            () -> {
                                besideAfter.putAll(effects.reread(besideBefore.keySet()));
                                Map<Long, Map<String, JsonNode>> now = read(task, ids);
                                there.addAll(now.keySet());
                                return left(now, rows, besideBefore, besideAfter);
                            });
        } catch (Watch.Overtaken e) {
            return overtaken(e.changed(), task);
        } catch (OdooException e) {
            session.goOnOrThrow(e);
            return new Refusal(
                    PlainWords.of(e),
                    e.kind() == OdooException.Kind.NO_ANSWER,
                    e.kind() == OdooException.Kind.MISSING
                            || e.kind() == OdooException.Kind.ACCESS
                            || e.kind() == OdooException.Kind.SERVER);
        }
        if (!besideBefore.isEmpty()) {
            effects.settle(watch.of(besideBefore.keySet()), besideAfter, Set.of(), Set.of(), Set.of(), context);
        }
        effects.afterDeletion(watch, around);
        stayed(repairs.stream().filter(r -> there.contains(r.id())).toList(), watch, context);
        return null;
    }

    /** Records that somebody else edited after their snapshot was taken. */
    private Set<Watched> edited(Map<Watched, @Nullable Map<String, JsonNode>> rows, Map<Watched, JsonNode> snapshots) {
        Set<Watched> edited = new LinkedHashSet<>();
        snapshots.forEach((record, snapshot) -> {
            Map<String, JsonNode> row = rows.get(record);
            JsonNode at = row == null ? null : row.get("write_date");
            JsonNode by = row == null ? null : row.get("write_uid");
            if (at != null
                    && by != null
                    && !at.equals(snapshot.path("row").path("write_date"))
                    && by.asLong(0) != session.odoo().uid()) {
                edited.add(record);
            }
        });
        return edited;
    }

    private static Refusal overtaken(Set<Watched> records, Task task) {
        records.forEach(record -> task.result().overtaken(record.repairNo()));
        return new Refusal(Writes.OVERTAKEN, false, false);
    }

    /** Where Odoo says yes and does something else instead, such as archiving the record, that is taken back. */
    private void stayed(List<Repair> there, Watch watch, Map<String, Object> context) {
        Set<Watched> rows = there.stream().map(Removals::watched).collect(Collectors.toSet());
        if (rows.isEmpty()) {
            return;
        }
        SideEffects.Besides besides =
                effects.settle(watch.of(rows), effects.reread(rows), Set.of(), Set.of(), Set.of(), context);
        besides.changed().forEach((row, fields) -> {
            boolean lasts = besides.lasting().containsKey(row);
            stayed.put(
                    row.repairNo(),
                    STAYED + ": it changed " + String.join(", ", fields) + " instead"
                            + (lasts ? "" : ", which was set back"));
            there.stream()
                    .filter(repair -> repair.no() == row.repairNo())
                    .forEach(repair ->
                            stayedKinds.putIfAbsent(repair.kindKey(), Objects.requireNonNull(stayed.get(repair.no()))));
        });
    }

    /**
     * The steps before and with the deletion.
     *
     * @param parents gets the existing records that are pointed to for the moment
     * @return false where nothing is to be done before it
     */
    private boolean loosen(List<Repair> repairs, Way way, List<Object> commands, Set<Watched> parents) {
        boolean any = false;
        List<Long> deleted = repairs.stream().map(Repair::id).toList();
        for (Repair repair : repairs) {
            Map<String, List<Object>> lines = loosening.lines(repair);
            Loosening.Values values = loosening.values(repair, way, deleted);
            if (values != null && !values.values().isEmpty()) {
                commands.add(List.of(1, repair.id(), values.values()));
                values.parents()
                        .forEach(p -> parents.add(new Watched(repairs.get(0).no(), p.model(), p.table(), p.id())));
                any = true;
            }
            if (!lines.isEmpty()) {
                commands.add(List.of(1, repair.id(), lines));
                any = true;
            }
            commands.add(List.of(2, repair.id(), 0));
        }
        return any;
    }

    private Map<Long, Map<String, JsonNode>> read(Task task, List<Long> ids) {
        return session.rows()
                .read(task.table(), session.model(task.model()).fields().keySet(), ids);
    }

    private static Map<Watched, @Nullable Map<String, JsonNode>> left(
            Map<Long, Map<String, JsonNode>> now,
            Map<Watched, @Nullable Map<String, JsonNode>> before,
            Map<Watched, Map<String, JsonNode>> besideBefore,
            Map<Watched, Map<String, JsonNode>> besideAfter) {
        Map<Watched, @Nullable Map<String, JsonNode>> changes = new LinkedHashMap<>();
        before.forEach((record, row) -> {
            if (!besideBefore.containsKey(record)) {
                Map<String, JsonNode> is = now.get(record.id());
                changes.put(record, is == null ? null : row == null ? Map.of() : Journal.difference(row, is));
            }
        });
        changes.putAll(Journal.changes(besideBefore, besideAfter));
        return changes;
    }
}
