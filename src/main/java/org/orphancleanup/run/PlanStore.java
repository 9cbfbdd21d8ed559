package org.orphancleanup.run;

import java.sql.Timestamp;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
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
                            WHERE part.run_id = plan.run_id AND part.policy = 'delete' AND part.new_value IS NOT NULL) AS deletes
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

    void applied(long run) {
        jdbc.sql("UPDATE plan SET status = 'applied' WHERE run_id = ?")
                .param(run)
                .update();
    }
}
