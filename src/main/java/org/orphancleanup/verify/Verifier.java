package org.orphancleanup.verify;

import java.sql.Timestamp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.orphancleanup.catalog.Sql;
import org.orphancleanup.plan.Outcome;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/**
 * Gives every planned or reported reference its final outcome from the look at the database after the run (look 1 of table
 * {@code orphan}): what still dangles is not repaired, whatever the API answered; what is clean counts as repaired when this
 * run wrote, and as already clean when somebody else did.
 */
@Component
public class Verifier {

    private static final int BATCH = 1000;

    private final JdbcTemplate template;
    private final JdbcClient ours;

    Verifier(DataSource ours) {
        this.template = new JdbcTemplate(ours);
        this.ours = JdbcClient.create(ours);
    }

    /**
     * Look 1 must be complete.
     *
     * @param apiUser id of the user the run writes as
     * @param plannedAt when the plan was made
     */
    @Transactional
    public void verify(long runId, DataSource target, long apiUser, Instant plannedAt) {
        List<Clean> unattributed = new ArrayList<>();
        boolean wrote = ours.sql("SELECT EXISTS (SELECT FROM journal_call WHERE run_id = :run AND outcome = 'done')")
                .param("run", runId)
                .query(Boolean.class)
                .single();
        boolean unlinked = ours.sql(
                        "SELECT EXISTS (SELECT FROM journal_call WHERE run_id = :run AND outcome = 'done' AND method = 'unlink')")
                .param("run", runId)
                .query(Boolean.class)
                .single();
        stillDangling(runId);
        ours.sql("""
                SELECT p.repair_no, p.reference_no, p.missing_id, r.child_id, r.child_table
                  FROM repair_part p
                  JOIN repair r ON r.run_id = p.run_id AND r.no = p.repair_no
                 WHERE p.run_id = :run AND p.outcome IS DISTINCT FROM 'repaired' AND p.outcome IS DISTINCT FROM 'already-clean'
                   AND NOT EXISTS (SELECT FROM orphan o WHERE o.run_id = p.run_id AND o.look = 1
                                     AND o.reference_no = p.reference_no AND o.child_id = r.child_id AND o.missing_id = p.missing_id)""").param("run", runId).query(rs -> {
            unattributed.add(new Clean(rs.getLong(1), rs.getInt(2), rs.getLong(3), rs.getLong(4), rs.getString(5)));
        });
        for (int from = 0; from < unattributed.size(); from += BATCH) {
            attribute(
                    runId,
                    target,
                    apiUser,
                    plannedAt,
                    unattributed.subList(from, Math.min(from + BATCH, unattributed.size())),
                    wrote,
                    unlinked);
        }
    }

    private record Clean(long repairNo, int referenceNo, long missingId, long childId, String table) {}

    /** Whatever was said of it: what the last look shows still dangles. */
    private void stillDangling(long runId) {
        ours.sql("""
                UPDATE repair_part p
                   SET outcome = CASE WHEN p.outcome IS NULL THEN 'held' ELSE 'failed' END,
                       reason = CASE WHEN p.outcome IS NULL THEN coalesce(p.reason, 'not tried: the run ended before its turn')
                                     ELSE 'it was clean right after the write, and dangles again at the end of the run' END
                  FROM repair r
                 WHERE p.run_id = :run AND r.run_id = p.run_id AND r.no = p.repair_no
                   AND (p.outcome IS NULL OR p.outcome IN ('repaired', 'already-clean'))
                   AND EXISTS (SELECT FROM orphan o WHERE o.run_id = p.run_id AND o.look = 1
                                 AND o.reference_no = p.reference_no AND o.child_id = r.child_id AND o.missing_id = p.missing_id)""").param("run", runId).update();
    }

    /** Clean, and not by a repair of its own: by another repair of this run, or by somebody else. */
    private void attribute(
            long runId,
            DataSource target,
            long apiUser,
            Instant plannedAt,
            List<Clean> parts,
            boolean wrote,
            boolean unlinked) {
        Map<String, Set<Long>> ids = new HashMap<>();
        parts.forEach(p -> ids.computeIfAbsent(p.table(), k -> new HashSet<>()).add(p.childId()));
        Map<String, Map<Long, Boolean>> others = new HashMap<>();
        ids.forEach((table, set) -> {
            Map<Long, Boolean> written = writtenByOthers(target, table, set, apiUser, plannedAt);
            if (written != null) {
                others.put(table, written);
            }
        });
        template.batchUpdate(
                """
                UPDATE repair_part SET outcome = ?, rung = ?
                 WHERE run_id = ? AND repair_no = ? AND reference_no = ? AND missing_id = ?""",
                parts.stream()
                        .map(p -> {
                            Boolean byOthers =
                                    others.getOrDefault(p.table(), Map.of()).get(p.childId());
                            boolean ours = byOthers == null
                                    ? unlinked || wrote && others.get(p.table()) == null
                                    : wrote && !byOthers;
                            return new Object[] {
                                (ours ? Outcome.REPAIRED : Outcome.ALREADY_CLEAN).code(),
                                ours ? "by another repair" : null,
                                runId,
                                p.repairNo(),
                                p.referenceNo(),
                                p.missingId()
                            };
                        })
                        .toList());
    }

    /** By id of the records that exist: whether somebody other than the API user wrote it last, after the plan. Null where the table keeps no stamps. */
    private static @Nullable Map<Long, Boolean> writtenByOthers(
            DataSource target, String table, Set<Long> ids, long apiUser, Instant plannedAt) {
        JdbcClient jdbc = JdbcClient.create(target);
        int stamps = jdbc.sql("""
                        SELECT count(*) FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
                         WHERE c.relname = :table AND c.relnamespace = current_schema()::regnamespace
                           AND a.attname IN ('id', 'write_uid', 'write_date') AND NOT a.attisdropped""").param("table", table).query(Integer.class).single();
        if (stamps < 3) {
            return null;
        }
        Map<Long, Boolean> result = new HashMap<>();
        jdbc.sql(
                        "SELECT id, coalesce(write_date > (:planned::timestamptz AT TIME ZONE 'UTC') AND write_uid IS DISTINCT FROM :uid, false)"
                                + " FROM ONLY " + Sql.quote(table) + " WHERE id = ANY(:ids)")
                .param("planned", Timestamp.from(plannedAt))
                .param("uid", apiUser)
                .param("ids", ids.toArray(Long[]::new))
                .query(rs -> {
                    result.put(rs.getLong(1), rs.getBoolean(2));
                });
        return result;
    }
}
