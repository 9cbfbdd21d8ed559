package org.orphancleanup.run;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Table {@code run}: who works on what, and how it ended. */
@Component
public class RunStore {

    /** A run on another machine whose last sign of life is older than this is taken for dead. */
    static final Duration SILENCE = Duration.ofMinutes(2);

    private final JdbcClient jdbc;
    private final Clock clock;
    private final ThisProcess process;

    RunStore(JdbcClient jdbc, Clock clock, ThisProcess process) {
        this.jdbc = jdbc;
        this.clock = clock;
        this.process = process;
    }

    /** What is known of a run before it begins. */
    record NewRun(
            String job,
            String target,
            String targetFingerprint,
            @Nullable String targetUrl,
            String targetDatabase,
            String command,
            Asker asker,
            String definition,
            @Nullable String definitionFile,
            boolean dryRun,
            ZoneId timeZone) {}

    long create(NewRun run) {
        long id = jdbc.sql("""
                        INSERT INTO run (job, target, target_fingerprint, target_url, target_database, command, started_through,
                            asked_by, definition, definition_file, status, dry_run, time_zone, started_at, heartbeat_at, host, pid,
                            process_started_at)
                        VALUES (:job, :target, :fingerprint, :url, :database, :command, :through, :askedBy, :definition, :file,
                            'running', :dryRun, :zone, :now, :now, :host, :pid, :processStart)
                        RETURNING id""")
                .param("job", run.job())
                .param("target", run.target())
                .param("fingerprint", run.targetFingerprint())
                .param("url", run.targetUrl())
                .param("database", run.targetDatabase())
                .param("command", run.command())
                .param("through", run.asker().through())
                .param("askedBy", run.asker().name())
                .param("definition", run.definition())
                .param("file", run.definitionFile())
                .param("dryRun", run.dryRun())
                .param("zone", run.timeZone().getId())
                .param("now", now())
                .param("host", process.host())
                .param("pid", process.pid())
                .param("processStart", Timestamp.from(process.startedAt()))
                .query(Long.class)
                .single();
        process.begins(id);
        return id;
    }

    /** This process no longer works on a run, whatever could be written down of its end. */
    void leave(long id) {
        process.ends(id);
    }

    /** The latest run that a living process works on, on a target. */
    Optional<Run> workedOn(String fingerprint) {
        return jdbc
                .sql("SELECT * FROM run WHERE target_fingerprint = ? AND status = 'running' ORDER BY id DESC")
                .param(fingerprint)
                .query(RunStore::map)
                .list()
                .stream()
                .filter(run -> !isDead(run))
                .findFirst();
    }

    public Optional<Run> find(long id) {
        return jdbc.sql("SELECT * FROM run WHERE id = ?")
                .param(id)
                .query(RunStore::map)
                .optional();
    }

    /** The latest first. */
    public List<Run> recent(int limit) {
        return jdbc.sql("SELECT * FROM run ORDER BY started_at DESC, id DESC LIMIT ?")
                .param(limit)
                .query(RunStore::map)
                .list();
    }

    /**
     * The latest unfinished run of a job on a target that wanted to write and that no living process works on. One that failed is
     * unfinished where it left keep-id's work half done, unless a later run of the job was made instead of it.
     */
    Optional<Run> leftBehind(String job, String fingerprint) {
        return jdbc.sql("""
                        SELECT * FROM run WHERE job = :job AND target_fingerprint = :fingerprint
                            AND command IN ('plan', 'cleanup', 'demo') AND NOT dry_run
                            AND (status IN ('running', 'stopped') OR status = 'failed' AND keep_id_open
                                AND NOT EXISTS (SELECT FROM run later WHERE later.job = :job AND later.id > run.id
                                    AND later.target_fingerprint = :fingerprint AND NOT later.dry_run
                                    AND (later.command IN ('plan', 'cleanup', 'demo') OR later.undo_of = run.id)))
                        ORDER BY id DESC LIMIT 1""")
                .param("job", job)
                .param("fingerprint", fingerprint)
                .query(RunStore::map)
                .optional()
                .filter(run -> run.status() != Run.Status.RUNNING || isDead(run));
    }

    /** A run that says it is running while its process is gone. */
    public boolean isDead(Run run) {
        if (run.status() != Run.Status.RUNNING) {
            return false;
        }
        if (run.host().equals(process.host())) {
            return !process.worksOn(run.id(), run.pid(), run.processStartedAt());
        }
        return run.heartbeatAt().isBefore(clock.instant().minus(SILENCE));
    }

    /** Says what an undo takes back. */
    void undoes(long id, long undone, @Nullable String reference, @Nullable Long record) {
        jdbc.sql("UPDATE run SET undo_of = :undone, undo_reference = :reference, undo_record = :record WHERE id = :id")
                .param("undone", undone)
                .param("reference", reference)
                .param("record", record)
                .param("id", id)
                .update();
    }

    /** The latest unfinished undo of the same that no living process works on. */
    Optional<Run> undoLeftBehind(long undone, @Nullable String reference, @Nullable Long record) {
        return jdbc.sql("""
                        SELECT * FROM run WHERE command = 'undo' AND undo_of = :undone AND status IN ('running', 'stopped', 'failed')
                            AND undo_reference IS NOT DISTINCT FROM CAST(:reference AS text)
                            AND undo_record IS NOT DISTINCT FROM CAST(:record AS bigint)
                            AND NOT EXISTS (SELECT FROM run later WHERE later.undo_of = :undone AND later.id > run.id)
                        ORDER BY id DESC LIMIT 1""")
                .param("undone", undone)
                .param("reference", reference)
                .param("record", record)
                .query(RunStore::map)
                .optional()
                .filter(run -> run.status() != Run.Status.RUNNING || isDead(run));
    }

    /** Whether a run made a call of the API that may have changed something. */
    public boolean wrote(long id) {
        return jdbc.sql(
                        "SELECT EXISTS (SELECT FROM journal_call WHERE run_id = ? AND outcome IS DISTINCT FROM 'refused')"
                                + " OR EXISTS (SELECT FROM stand_in WHERE run_id = ? AND made)"
                                + " OR EXISTS (SELECT FROM quarantine WHERE run_id = ? AND status = 'open')")
                .param(id)
                .param(id)
                .param(id)
                .query(Boolean.class)
                .single();
    }

    /** Outcomes of an undo's items. */
    Map<String, Long> undoOutcomes(long id) {
        Map<String, Long> outcomes = new TreeMap<>();
        jdbc.sql("SELECT coalesce(outcome, 'open'), count(*) FROM undo_item WHERE run_id = ? GROUP BY 1")
                .param(id)
                .query(row -> {
                    outcomes.put(row.getString(1), row.getLong(2));
                });
        return outcomes;
    }

    /**
     * What became of a record that a run took out of use.
     *
     * @param words {@code is archived}, or why it is not
     * @param toRelink references that were to point to another record, and {@code relinked} of them do
     * @param staying references that still name it otherwise
     */
    record Retired(String record, boolean done, String words, long toRelink, long relinked, long staying) {}

    Retired retired(long id) {
        Retired self = jdbc.sql("""
                        SELECT r.child_model, r.child_id, p.policy, p.outcome, p.rung, coalesce(p.reason, p.why) AS reason
                        FROM repair_part p JOIN repair r ON r.run_id = p.run_id AND r.no = p.repair_no
                          JOIN reference f ON f.run_id = p.run_id AND f.no = p.reference_no
                        WHERE p.run_id = ? AND f.field = 'id' AND f.child_table = f.parent_table""")
                .param(id)
                .query((row, number) -> {
                    String outcome = String.valueOf(row.getString("outcome"));
                    boolean deleted = outcome.equals("repaired") || outcome.equals("already-clean");
                    boolean archived = outcome.equals("quarantined") && "archived".equals(row.getString("rung"));
                    return new Retired(
                            row.getString("child_model") + "," + row.getLong("child_id"),
                            deleted || archived,
                            deleted
                                    ? "is deleted"
                                    : archived
                                            ? "is archived"
                                            : outcome.equals("quarantined")
                                                    ? "cannot be archived in Odoo, and is only marked in quarantine"
                                                    : "is still in use (" + outcome + ": " + row.getString("reason")
                                                            + ")",
                            0,
                            0,
                            0);
                })
                .optional()
                .orElse(new Retired("the record", true, "was gone already", 0, 0, 0));
        return jdbc.sql("""
                        SELECT count(*) FILTER (WHERE p.policy = 'relink'),
                          count(*) FILTER (WHERE p.policy = 'relink' AND p.outcome IN ('repaired', 'already-clean')),
                          count(*) FILTER (WHERE NOT (f.field = 'id' AND f.child_table = f.parent_table)
                            AND (p.outcome IS NULL OR p.outcome NOT IN ('repaired', 'already-clean')))
                        FROM repair_part p JOIN reference f ON f.run_id = p.run_id AND f.no = p.reference_no
                        WHERE p.run_id = ?""")
                .param(id)
                .query((row, number) -> new Retired(
                        self.record(), self.done(), self.words(), row.getLong(1), row.getLong(2), row.getLong(3)))
                .single();
    }

    /**
     * Makes this process the one that works on a run.
     *
     * @return false when another process was faster
     */
    boolean takeUp(Run run, String command) {
        boolean taken = jdbc.sql("""
                                UPDATE run SET status = 'running', command = :command, message = NULL, exit_code = NULL, stop_asked_by = NULL,
                                    ended_at = NULL, heartbeat_at = :now, host = :host, pid = :pid,
                                    process_started_at = :processStart
                                WHERE id = :id AND status = :status AND pid = :oldPid AND host = :oldHost
                                    AND heartbeat_at = :oldHeartbeat""")
                        .param("command", command)
                        .param("now", now())
                        .param("host", process.host())
                        .param("pid", process.pid())
                        .param("processStart", Timestamp.from(process.startedAt()))
                        .param("id", run.id())
                        .param("status", run.status().code())
                        .param("oldPid", run.pid())
                        .param("oldHost", run.host())
                        .param("oldHeartbeat", Timestamp.from(run.heartbeatAt()))
                        .update()
                == 1;
        if (taken) {
            process.begins(run.id());
        }
        return taken;
    }

    /** @return who wants it to stop; empty: nobody */
    Optional<String> beat(long id) {
        return jdbc.sql("UPDATE run SET heartbeat_at = ? WHERE id = ? AND status = 'running' RETURNING stop_asked_by")
                .param(now())
                .param(id)
                .query((row, number) -> Optional.ofNullable(row.getString(1)))
                .optional()
                .flatMap(by -> by);
    }

    /** @return false when it does not run (any more) */
    boolean askToStop(long id, String by) {
        return jdbc.sql("UPDATE run SET stop_asked_by = ? WHERE id = ? AND status = 'running'")
                        .param(by)
                        .param(id)
                        .update()
                == 1;
    }

    /** How far a run is begins anew with the process that takes it up. */
    void forgetSteps(long id) {
        jdbc.sql("DELETE FROM run_step WHERE run_id = ?").param(id).update();
    }

    void steps(long id, List<RecordedProgress.Step> steps) {
        for (int no = 0; no < steps.size(); no++) {
            RecordedProgress.Step step = steps.get(no);
            jdbc.sql("""
                            INSERT INTO run_step (run_id, no, name, total, done, began_at, ended_at)
                            VALUES (:run, :no, :name, :total, :done, :began, :ended)
                            ON CONFLICT (run_id, no) DO UPDATE SET done = excluded.done, ended_at = excluded.ended_at""")
                    .param("run", id)
                    .param("no", no)
                    .param("name", step.name())
                    .param("total", step.total())
                    .param("done", step.done())
                    .param("began", Timestamp.from(step.began()))
                    .param(
                            "ended",
                            step.ended() == null ? null : Timestamp.from(step.ended()),
                            java.sql.Types.TIMESTAMP)
                    .update();
        }
    }

    void catalogRead(long id, String odooVersion, String modulesHash) {
        jdbc.sql("UPDATE run SET odoo_version = ?, modules_hash = ? WHERE id = ?")
                .param(odooVersion)
                .param(modulesHash)
                .param(id)
                .update();
    }

    void backup(long id, String how) {
        jdbc.sql("UPDATE run SET backup = ? WHERE id = ?").param(how).param(id).update();
    }

    void end(long id, Run.Status status, @Nullable Integer exitCode, @Nullable String message) {
        jdbc.sql(
                        "UPDATE run SET status = :status, exit_code = :exitCode, message = :message, ended_at = :now WHERE id = :id")
                .param("status", status.code())
                .param("exitCode", exitCode)
                .param("message", message)
                .param("now", now())
                .param("id", id)
                .update();
    }

    private Timestamp now() {
        return Timestamp.from(clock.instant());
    }

    private static Run map(ResultSet row, int number) throws SQLException {
        return new Run(
                row.getLong("id"),
                row.getString("job"),
                row.getString("target"),
                row.getString("target_fingerprint"),
                row.getString("target_url"),
                row.getString("target_database"),
                row.getString("command"),
                row.getString("started_through"),
                row.getString("asked_by"),
                row.getString("definition"),
                row.getString("definition_file"),
                Run.Status.of(row.getString("status")),
                row.getObject("exit_code", Integer.class),
                row.getString("message"),
                row.getBoolean("dry_run"),
                row.getString("modules_hash"),
                row.getString("backup"),
                row.getObject("undo_of", Long.class),
                row.getString("undo_reference"),
                row.getObject("undo_record", Long.class),
                instant(row, "started_at"),
                row.getTimestamp("ended_at") == null ? null : instant(row, "ended_at"),
                instant(row, "heartbeat_at"),
                row.getString("host"),
                row.getLong("pid"),
                instant(row, "process_started_at"));
    }

    private static Instant instant(ResultSet row, String column) throws SQLException {
        return row.getTimestamp(column).toInstant();
    }
}
