package org.orphancleanup.repair;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.orphancleanup.odoo.OdooException;
import org.orphancleanup.repair.SideEffects.Watched;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code unlink} of orphan records, in batches, bisected where refused; the journal keeps a snapshot of each. */
final class Removals {

    private static final String RUNG = "unlink";

    private final Session session;
    private final Snapshots snapshots;

    Removals(Session session, Snapshots snapshots) {
        this.session = session;
        this.snapshots = snapshots;
    }

    private static Watched watched(Repair repair) {
        return new Watched(repair.no(), Objects.requireNonNull(repair.model()), repair.table(), repair.id());
    }

    /** Left out: what no snapshot could hold, and so could never be put back. */
    private List<Repair> keepable(List<Repair> repairs, Map<Long, ObjectNode> snapshots, Writes.Result result) {
        List<Repair> keepable = new ArrayList<>();
        for (Repair repair : repairs) {
            ObjectNode snapshot = snapshots.get(repair.id());
            if (snapshot != null && snapshot.findValue("too-large") != null) {
                result.reasons()
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
        repair(repairs, result, RUNG);
    }

    void repair(List<Repair> all, Writes.Result result, String rung) {
        Repair first = all.get(0);
        String model = Objects.requireNonNull(first.model());
        Map<Long, ObjectNode> kept =
                snapshots.of(model, first.table(), all.stream().map(Repair::id).toList(), true);
        List<Repair> repairs = keepable(all, kept, result);
        if (!repairs.isEmpty()) {
            unlink(repairs, model, kept, result, rung);
        }
    }

    private void unlink(
            List<Repair> repairs, String model, Map<Long, ObjectNode> kept, Writes.Result result, String rung) {
        Repair first = repairs.get(0);
        List<Long> ids = repairs.stream().map(Repair::id).toList();
        session.brake().check();
        Map<String, Object> context = session.contexts().quiet(first.company());
        Map<Long, Map<String, JsonNode>> before =
                session.rows().read(first.table(), session.model(model).fields().keySet(), ids);
        Map<Watched, @Nullable Map<String, JsonNode>> rows = new LinkedHashMap<>();
        Map<Watched, JsonNode> known = new LinkedHashMap<>();
        repairs.forEach(r -> {
            rows.put(watched(r), before.get(r.id()));
            if (kept.containsKey(r.id())) {
                known.put(watched(r), kept.get(r.id()));
            }
        });
        String error = null;
        boolean unknown = false;
        try {
            session.journal()
                    .carryOut(
                            new Journal.Call(model, "unlink", ids, Map.of(), context, rung),
                            rows,
                            known,
                            () -> session.odoo().unlink(model, ids, context),
                            () -> left(repairs, rows));
        } catch (OdooException e) {
            session.goOnOrThrow(e);
            error = PlainWords.of(e);
            unknown = e.kind() == OdooException.Kind.NO_ANSWER;
        }
        if (error != null && !unknown && repairs.size() > 1) {
            int half = repairs.size() / 2;
            unlink(repairs.subList(0, half), model, kept, result, rung);
            unlink(repairs.subList(half, repairs.size()), model, kept, result, rung);
            return;
        }
        Map<Long, Map<String, JsonNode>> after = session.rows().read(first.table(), Set.of(), ids);
        for (Repair repair : repairs) {
            if (!after.containsKey(repair.id())) {
                result.rungs().put(repair.no(), rung);
            } else {
                result.reasons()
                        .put(repair.no(), error == null ? "Odoo answered yes, and the record is still there" : error);
                if (unknown) {
                    result.unknown().add(repair.no());
                }
            }
        }
    }

    private Map<Watched, @Nullable Map<String, JsonNode>> left(
            List<Repair> repairs, Map<Watched, @Nullable Map<String, JsonNode>> before) {
        Map<Long, Map<String, JsonNode>> now = session.rows()
                .read(
                        repairs.get(0).table(),
                        Set.of(),
                        repairs.stream().map(Repair::id).toList());
        Map<Watched, @Nullable Map<String, JsonNode>> changes = new LinkedHashMap<>();
        before.forEach((record, row) -> changes.put(record, now.containsKey(record.id()) ? Map.of() : null));
        return changes;
    }
}
