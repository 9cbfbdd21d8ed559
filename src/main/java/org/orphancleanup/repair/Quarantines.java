package org.orphancleanup.repair;

import java.sql.Timestamp;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.orphancleanup.catalog.Sql;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.node.ObjectNode;

/** Takes records out of business use without losing them: snapshot into our database, then archived where that is planned. */
final class Quarantines {

    private static final Logger LOG = LoggerFactory.getLogger(Quarantines.class);

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
            writes.active(false, first.kindKey(), model, first.table(), first.company(), repairs, result);
            Map<Long, Boolean> active = active(first.table(), ids);
            for (Repair repair : repairs) {
                if (Boolean.FALSE.equals(active.get(repair.id()))) {
                    // what was archived before is not ours to take out of the archive again
                    ours.sql("UPDATE quarantine SET archived = true WHERE run_id = :run AND repair_no = :no"
                                    + " AND coalesce(snapshot #>> '{row,active}', 'true') = 'true'")
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

    private Map<Long, Boolean> active(String table, List<Long> ids) {
        Map<Long, Boolean> active = new HashMap<>();
        session.rows()
                .jdbc()
                .sql("SELECT id, active FROM ONLY " + Sql.quote(table) + " WHERE id = ANY(:ids)")
                .param("ids", ids.toArray(Long[]::new))
                .query(rs -> {
                    active.put(rs.getLong(1), rs.getBoolean(2));
                });
        return active;
    }

    private record Kept(long id, String model, String table, long record, boolean archived) {}

    /**
     * Where this run was made to release a record, and nothing of it dangles any more: it is in use again, as before its
     * quarantine. Can be done again after a crash.
     */
    void release(RepairStore store) {
        ours.sql("SELECT * FROM quarantine WHERE release_run = :run AND status = 'open'")
                .param("run", session.request().runId())
                .query((rs, n) -> new Kept(
                        rs.getLong("id"),
                        rs.getString("model"),
                        rs.getString("table_name"),
                        rs.getLong("record_id"),
                        rs.getBoolean("archived")))
                .list()
                .forEach(kept -> release(store, kept));
    }

    private void release(RepairStore store, Kept kept) {
        List<Repair> repairs = store.of(kept.table(), kept.record());
        boolean left = repairs.isEmpty()
                || repairs.stream().anyMatch(store::isLeft)
                || !Looks.dangling(session, repairs, part -> part.newValue() != null)
                        .isEmpty();
        if (left) {
            return;
        }
        boolean there = session.rows()
                .jdbc()
                .sql("SELECT EXISTS (SELECT FROM ONLY " + Sql.quote(kept.table()) + " WHERE id = :id)")
                .param("id", kept.record())
                .query(Boolean.class)
                .single();
        if (there && kept.archived()) {
            Repair repair = repairs.get(0);
            Writes.Result result = new Writes.Result();
            writes.active(true, repair.kindKey(), kept.model(), kept.table(), repair.company(), repairs, result);
            if (!Boolean.TRUE.equals(
                    active(kept.table(), List.of(kept.record())).get(kept.record()))) {
                LOG.warn(
                        "{} {} stays archived: {}",
                        kept.model(),
                        kept.record(),
                        result.reasons().getOrDefault(repair.no(), "Odoo did not take it out of the archive"));
                return;
            }
        }
        ours.sql("UPDATE quarantine SET status = 'released' WHERE id = :id")
                .param("id", kept.id())
                .update();
    }
}
