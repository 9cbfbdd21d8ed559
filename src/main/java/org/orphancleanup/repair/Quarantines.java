package org.orphancleanup.repair;

import java.sql.Timestamp;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.orphancleanup.catalog.Sql;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.node.ObjectNode;

/** Takes records out of business use without losing them: snapshot into our database, then archived where that is planned. */
final class Quarantines {

    private final Session session;
    private final Writes writes;
    private final Snapshots snapshots;
    private final JdbcClient ours;

    Quarantines(Session session, Writes writes, Snapshots snapshots, JdbcClient ours) {
        this.session = session;
        this.snapshots = snapshots;
        this.writes = writes;
        this.ours = ours;
    }

    /** @return why archiving was refused, by repair number; the records are marked all the same */
    Map<Long, String> repair(List<Repair> repairs, boolean archive) {
        Repair first = repairs.get(0);
        String model = Objects.requireNonNull(first.model());
        List<Long> ids = repairs.stream().map(Repair::id).toList();
        Map<Long, ObjectNode> known = snapshots.of(model, first.table(), ids, false);
        for (Repair repair : repairs) {
            ObjectNode snapshot = known.get(repair.id());
            ours.sql("""
                    INSERT INTO quarantine (run_id, repair_no, target_fingerprint, model, table_name, record_id, snapshot, archived, created_at)
                    VALUES (:run, :no, :target, :model, :table, :id, :snapshot::jsonb, false, :at)
                    ON CONFLICT (target_fingerprint, table_name, record_id) WHERE status = 'open' DO NOTHING""")
                    .param("run", session.request().runId())
                    .param("no", repair.no())
                    .param("target", session.request().database().fingerprint())
                    .param("model", model)
                    .param("table", repair.table())
                    .param("id", repair.id())
                    .param("snapshot", snapshot == null ? "{}" : snapshot.toString())
                    .param("at", Timestamp.from(session.clock().instant()))
                    .update();
        }
        Map<Long, String> refused = new HashMap<>();
        if (archive) {
            Writes.Result result = new Writes.Result();
            writes.archive(first.kindKey(), model, first.table(), first.company(), repairs, result);
            Map<Long, Boolean> active = new HashMap<>();
            session.rows()
                    .jdbc()
                    .sql("SELECT id, active FROM ONLY " + Sql.quote(first.table()) + " WHERE id = ANY(:ids)")
                    .param("ids", ids.toArray(Long[]::new))
                    .query(rs -> {
                        active.put(rs.getLong(1), rs.getBoolean(2));
                    });
            for (Repair repair : repairs) {
                if (Boolean.FALSE.equals(active.get(repair.id()))) {
                    ours.sql("UPDATE quarantine SET archived = true WHERE run_id = :run AND repair_no = :no")
                            .param("run", session.request().runId())
                            .param("no", repair.no())
                            .update();
                } else {
                    refused.put(repair.no(), result.reasons().getOrDefault(repair.no(), "Odoo did not archive it"));
                }
            }
        }
        return refused;
    }
}
