package org.orphancleanup.plan;

import java.sql.Timestamp;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Right records for missing ones that persons named on the web pages; before all rules, as a mapping file before its rule. */
@Component
public class NamedRecords {

    private final JdbcClient jdbc;
    private final Clock clock;

    NamedRecords(DataSource ours, Clock clock) {
        this.jdbc = JdbcClient.create(ours);
        this.clock = clock;
    }

    public record Named(
            String parentModel,
            long missing,
            long record,
            @Nullable String name,
            String by,
            Instant at,
            @Nullable String comment) {}

    /** Those of the target that a run reads. */
    public List<Named> ofTarget(String fingerprint) {
        return jdbc.sql("SELECT * FROM named_record WHERE target_fingerprint = ? ORDER BY parent_model, missing_id")
                .param(fingerprint)
                .query((row, number) -> new Named(
                        row.getString("parent_model"),
                        row.getLong("missing_id"),
                        row.getLong("new_id"),
                        row.getString("new_name"),
                        row.getString("named_by"),
                        row.getTimestamp("named_at").toInstant(),
                        row.getString("comment")))
                .list();
    }

    /** A later name takes the place of an earlier one. */
    public void name(
            String fingerprint,
            String parentModel,
            long missing,
            long record,
            @Nullable String name,
            String by,
            @Nullable String comment) {
        jdbc.sql("""
                        INSERT INTO named_record (target_fingerprint, parent_model, missing_id, new_id, new_name, named_by, named_at,
                            comment)
                        VALUES (:fingerprint, :model, :missing, :record, :name, :by, :at, :comment)
                        ON CONFLICT (target_fingerprint, parent_model, missing_id) DO UPDATE SET new_id = excluded.new_id,
                            new_name = excluded.new_name, named_by = excluded.named_by, named_at = excluded.named_at,
                            comment = excluded.comment""")
                .param("fingerprint", fingerprint)
                .param("model", parentModel)
                .param("missing", missing)
                .param("record", record)
                .param("name", name)
                .param("by", by)
                .param("at", Timestamp.from(clock.instant()))
                .param("comment", comment == null || comment.isBlank() ? null : comment.strip())
                .update();
    }
}
