package org.orphancleanup.repair;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.orphancleanup.odoo.OdooException;
import tools.jackson.databind.JsonNode;

/** {@code unlink} of orphan records, in batches, bisected where refused. The journal's row before is the snapshot. */
final class Removals {

    private static final String RUNG = "unlink";

    private final Session session;

    Removals(Session session) {
        this.session = session;
    }

    void repair(List<Repair> repairs, Writes.Result result) {
        repair(repairs, result, RUNG);
    }

    void repair(List<Repair> repairs, Writes.Result result, String rung) {
        Repair first = repairs.get(0);
        String model = Objects.requireNonNull(first.model());
        List<Long> ids = repairs.stream().map(Repair::id).toList();
        session.brake().check();
        Map<String, Object> context = session.contexts().quiet(first.company());
        Map<Long, Map<String, JsonNode>> before =
                session.rows().read(first.table(), session.model(model).fields().keySet(), ids);
        Map<Long, @Nullable Map<String, JsonNode>> rows = new LinkedHashMap<>();
        repairs.forEach(r -> rows.put(r.no(), before.get(r.id())));
        long call = session.journal().begin(model, "unlink", ids, Map.of(), context, rung, rows);
        long started = System.nanoTime();
        String error = null;
        boolean unknown = false;
        try {
            session.odoo().unlink(model, ids, context);
            session.journal().done(call, (System.nanoTime() - started) / 1_000_000, Map.of());
        } catch (OdooException e) {
            session.journal().refused(call, (System.nanoTime() - started) / 1_000_000, e);
            session.goOnOrThrow(e);
            error = PlainWords.of(e);
            unknown = e.kind() == OdooException.Kind.NO_ANSWER;
        }
        if (error != null && !unknown && repairs.size() > 1) {
            int half = repairs.size() / 2;
            repair(repairs.subList(0, half), result, rung);
            repair(repairs.subList(half, repairs.size()), result, rung);
            return;
        }
        Map<Long, Map<String, JsonNode>> after = session.rows().read(first.table(), java.util.Set.of(), ids);
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
}
