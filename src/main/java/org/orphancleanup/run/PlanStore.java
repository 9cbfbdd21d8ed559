package org.orphancleanup.run;

import java.sql.Timestamp;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.orphancleanup.UserError;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** What a run does with its plan: reads it, has it approved, carries it out. */
@Component
class PlanStore {

    private final JdbcClient jdbc;
    private final Clock clock;

    PlanStore(JdbcClient jdbc, Clock clock) {
        this.jdbc = jdbc;
        this.clock = clock;
    }

    record Plan(
            long run,
            String hash,
            String status,
            long repairs,
            long parts,
            List<String> blocked,
            Instant createdAt,
            Instant validUntil,
            @Nullable String approvedBy,
            boolean deletes) {

        boolean isApproved() {
            return status.equals("approved");
        }
    }

    Optional<Plan> find(long run) {
        return jdbc.sql("""
                        SELECT plan.*, EXISTS (SELECT FROM repair_part part
                            WHERE part.run_id = plan.run_id AND part.policy = 'delete' AND part.new_value IS NOT NULL
                              AND part.outcome IS DISTINCT FROM 'refused') AS deletes
                        FROM plan WHERE run_id = ?""")
                .param(run)
                .query((row, number) -> new Plan(
                        row.getLong("run_id"),
                        row.getString("hash"),
                        row.getString("status"),
                        row.getLong("repairs"),
                        row.getLong("parts"),
                        List.of((String[]) row.getArray("blocked").getArray()),
                        row.getTimestamp("created_at").toInstant(),
                        row.getTimestamp("valid_until").toInstant(),
                        row.getString("approved_by"),
                        row.getBoolean("deletes")))
                .optional();
    }

    void approve(long run, String by, String note) {
        jdbc.sql(
                        "UPDATE plan SET status = 'approved', approved_by = ?, approved_at = ?, approval_note = ? WHERE run_id = ?")
                .param(by)
                .param(Timestamp.from(clock.instant()))
                .param(note)
                .param(run)
                .update();
    }

    /** The same, and nobody else decides on it until the transaction ends. */
    Optional<Plan> lock(long run) {
        jdbc.sql("SELECT run_id FROM plan WHERE run_id = ? FOR UPDATE")
                .param(run)
                .query()
                .listOfRows();
        return find(run);
    }

    /** How many references of it would be repaired still. */
    long open(long run) {
        return jdbc.sql(
                        "SELECT count(*) FROM repair_part WHERE run_id = ? AND outcome IS NULL AND new_value IS NOT NULL")
                .param(run)
                .query(Long.class)
                .single();
    }

    /**
     * Leaves a reference out. What is decided stays as it is, and the hash with it; only that it will not be carried out is
     * kept. A record that goes as a whole, because of this reference, stays as a whole.
     *
     * @return the reference's name
     */
    String leaveOut(long run, int reference, String reason) {
        jdbc.sql("""
                        UPDATE repair_part part SET outcome = 'refused', reason = :reason
                         WHERE part.run_id = :run AND part.outcome IS NULL AND part.new_value IS NOT NULL
                           AND (part.reference_no = :reference OR part.repair_no IN (
                                SELECT whole.repair_no FROM repair_part whole
                                 WHERE whole.run_id = :run AND whole.reference_no = :reference
                                   AND whole.new_value IN ('unlink', 'quarantine', 'quarantine:mark')))""")
                .param("reason", reason)
                .param("run", run)
                .param("reference", reference)
                .update();
        return jdbc.sql("""
                        SELECT coalesce(child_model, child_table) || '.' || coalesce(field_name, field)
                          FROM reference WHERE run_id = ? AND no = ?""")
                .param(run)
                .param(reference)
                .query(String.class)
                .optional()
                .orElseThrow(() -> UserError.setting("Run " + run + " has no reference " + reference + "."));
    }

    void reject(long run, String by, String note) {
        jdbc.sql(
                        "UPDATE plan SET status = 'rejected', approved_by = ?, approved_at = ?, approval_note = ? WHERE run_id = ?")
                .param(by)
                .param(Timestamp.from(clock.instant()))
                .param(note.isEmpty() ? null : note)
                .param(run)
                .update();
    }

    void applied(long run) {
        jdbc.sql("UPDATE plan SET status = 'applied' WHERE run_id = ?")
                .param(run)
                .update();
    }
}
