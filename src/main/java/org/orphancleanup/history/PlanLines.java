package org.orphancleanup.history;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** What a run's plan says of itself, without its contents. */
@Component
public class PlanLines {

    private final JdbcClient jdbc;

    PlanLines(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** @param decidedBy who approved or rejected it */
    public record Line(
            long run,
            String hash,
            String status,
            long repairs,
            long parts,
            List<String> blocked,
            List<String> warnings,
            Instant createdAt,
            Instant validUntil,
            @Nullable String decidedBy,
            @Nullable Instant decidedAt,
            @Nullable String note) {}

    public Optional<Line> find(long run) {
        return jdbc.sql("SELECT * FROM plan WHERE run_id = ?")
                .param(run)
                .query((row, number) -> new Line(
                        run,
                        row.getString("hash"),
                        row.getString("status"),
                        row.getLong("repairs"),
                        row.getLong("parts"),
                        List.of((String[]) row.getArray("blocked").getArray()),
                        List.of((String[]) row.getArray("warnings").getArray()),
                        row.getTimestamp("created_at").toInstant(),
                        row.getTimestamp("valid_until").toInstant(),
                        row.getString("approved_by"),
                        row.getTimestamp("approved_at") == null
                                ? null
                                : row.getTimestamp("approved_at").toInstant(),
                        row.getString("approval_note")))
                .optional();
    }
}
