package org.orphancleanup.audit;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Who did what; appended to, and never changed: our database refuses that. */
@Component
public class AuditLog {

    private final JdbcClient jdbc;
    private final Clock clock;

    AuditLog(JdbcClient jdbc, Clock clock) {
        this.jdbc = jdbc;
        this.clock = clock;
    }

    /**
     * @param run null where it is about none
     * @param subject a job, a record, a user: what was acted upon
     * @param comment what the person said
     */
    public record Entry(
            long id,
            Instant at,
            String who,
            String through,
            Action action,
            @Nullable Long run,
            @Nullable String subject,
            @Nullable String comment) {}

    /** @param before an entry's number; null: from the latest one on. All else null: any */
    public record Filter(
            @Nullable String who,
            @Nullable Action action,
            @Nullable Long run,
            @Nullable Long before) {}

    public void write(
            String who,
            String through,
            Action action,
            @Nullable Long run,
            @Nullable String subject,
            @Nullable String comment) {
        jdbc.sql("""
                        INSERT INTO audit_log (at, who, through, action, run_id, subject, comment)
                        VALUES (:at, :who, :through, :action, :run, :subject, :comment)""")
                .param("at", Timestamp.from(clock.instant()))
                .param("who", who)
                .param("through", through)
                .param("action", action.code())
                .param("run", run)
                .param("subject", subject)
                .param("comment", comment == null || comment.isBlank() ? null : comment.strip())
                .update();
    }

    /** The latest first. */
    public List<Entry> list(Filter filter, int most) {
        return jdbc.sql("SELECT * FROM audit_log WHERE true"
                        + (filter.who() == null ? "" : " AND who = :who")
                        + (filter.action() == null ? "" : " AND action = :action")
                        + (filter.run() == null ? "" : " AND run_id = :run")
                        + (filter.before() == null ? "" : " AND id < :before")
                        + " ORDER BY id DESC LIMIT :most")
                .param("who", filter.who())
                .param(
                        "action",
                        filter.action() == null ? null : filter.action().code())
                .param("run", filter.run())
                .param("before", filter.before())
                .param("most", most)
                .query(AuditLog::map)
                .list();
    }

    private static Entry map(ResultSet row, int number) throws SQLException {
        return new Entry(
                row.getLong("id"),
                row.getTimestamp("at").toInstant(),
                row.getString("who"),
                row.getString("through"),
                Action.of(row.getString("action")).orElseThrow(),
                row.getObject("run_id", Long.class),
                row.getString("subject"),
                row.getString("comment"));
    }
}
