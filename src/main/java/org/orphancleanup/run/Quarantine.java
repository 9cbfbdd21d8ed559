package org.orphancleanup.run;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.orphancleanup.UserError;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** The records that are out of business use: which there are, and what somebody decided about them. */
@Component
public class Quarantine {

    private static final String SELECT = "SELECT q.*, r.target FROM quarantine q JOIN run r ON r.id = q.run_id WHERE ";

    private final JdbcClient jdbc;
    private final Clock clock;

    Quarantine(JdbcClient jdbc, Clock clock) {
        this.jdbc = jdbc;
        this.clock = clock;
    }

    /**
     * A record of which a copy is kept in our database.
     *
     * @param run that put it there
     * @param archived in Odoo too; false: only marked, or it was archived before
     * @param status {@code open}, {@code released} or {@code restored}
     * @param releaseRun the latest run that was to release it
     * @param decidedBy who had it released or restored; {@code comment} is what he said
     */
    public record Entry(
            long id,
            long run,
            long repairNo,
            String target,
            String targetFingerprint,
            String model,
            String table,
            long record,
            boolean archived,
            String status,
            Instant since,
            @Nullable Long releaseRun,
            @Nullable String decidedBy,
            @Nullable Instant decidedAt,
            @Nullable String comment) {

        public boolean isOpen() {
            return status.equals("open");
        }
    }

    /**
     * The latest first.
     *
     * @param closed those that were released or restored, too
     */
    public List<Entry> list(String target, boolean closed) {
        return jdbc.sql(SELECT + "r.target = :target AND (:closed OR q.status = 'open') ORDER BY q.id DESC")
                .param("target", target)
                .param("closed", closed)
                .query(Quarantine::map)
                .list();
    }

    /**
     * A record that is in quarantine.
     *
     * @param record {@code model,id}
     * @throws UserError when there is none
     */
    public Entry open(String target, String record) {
        RecordName name = RecordName.of(record);
        return jdbc.sql(SELECT
                        + "r.target = :target AND q.model = :model AND q.record_id = :id AND q.status = 'open'"
                        + " ORDER BY q.id DESC LIMIT 1")
                .param("target", target)
                .param("model", name.model())
                .param("id", name.id())
                .query(Quarantine::map)
                .optional()
                .orElseThrow(() -> UserError.setting("No record " + name.model() + "," + name.id() + " of target \""
                        + target + "\" is in quarantine. Those that are:" + " quarantine list --target " + target
                        + "."));
    }

    /** What the run that put it there found dangling in it: {@code model.field}, as rules name it. */
    List<String> fields(Entry entry) {
        return jdbc.sql("""
                        SELECT DISTINCT unnest(f.rule_fields)
                          FROM repair_part p JOIN reference f ON f.run_id = p.run_id AND f.no = p.reference_no
                         WHERE p.run_id = :run AND p.repair_no = :no AND p.policy = 'quarantine' ORDER BY 1""")
                .param("run", entry.run())
                .param("no", entry.repairNo())
                .query(String.class)
                .list();
    }

    /** The record that a run was to release; none of any other run. */
    Optional<Entry> releasedBy(long run) {
        return jdbc.sql(SELECT + "q.release_run = :run")
                .param("run", run)
                .query(Quarantine::map)
                .optional();
    }

    void decided(Entry entry, String by, String comment) {
        jdbc.sql("UPDATE quarantine SET decided_by = :by, decided_at = :at, comment = :comment WHERE id = :id")
                .param("by", by)
                .param("at", Timestamp.from(clock.instant()))
                .param("comment", comment)
                .param("id", entry.id())
                .update();
    }

    void releasing(Entry entry, long run) {
        jdbc.sql("UPDATE quarantine SET release_run = :run WHERE id = :id")
                .param("run", run)
                .param("id", entry.id())
                .update();
    }

    private static Entry map(ResultSet row, int number) throws SQLException {
        Timestamp decided = row.getTimestamp("decided_at");
        return new Entry(
                row.getLong("id"),
                row.getLong("run_id"),
                row.getLong("repair_no"),
                row.getString("target"),
                row.getString("target_fingerprint"),
                row.getString("model"),
                row.getString("table_name"),
                row.getLong("record_id"),
                row.getBoolean("archived"),
                row.getString("status"),
                row.getTimestamp("created_at").toInstant(),
                row.getObject("release_run", Long.class),
                row.getString("decided_by"),
                decided == null ? null : decided.toInstant(),
                row.getString("comment"));
    }
}
