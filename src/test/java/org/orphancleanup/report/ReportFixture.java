package org.orphancleanup.report;

import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Locale;
import javax.sql.DataSource;
import org.orphancleanup.TestPostgres;
import org.orphancleanup.catalog.ConstraintState;
import org.orphancleanup.catalog.ReferenceKind;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;

/** A run in a database of its own, filled as the other stages would. */
final class ReportFixture {

    static final Instant STARTED = Instant.parse("2026-03-14T01:30:00Z");

    static final String DEFINITION = """
            name: nightly
            target: production
            schedule: "0 30 2 * * ?"          # Quartz cron
            time-zone: Europe/Brussels
            scan: full
            rules:                            # first match wins
              - when: { field: res.partner.parent_id }
                policy: null-out
              - when: { parent: product.product, required: true }
                policy: relink
              - when: { parent: res.partner }
                policy: archive-parent
              - when: { field: res.partner.category_id }
                policy: delete
              - when: { model: crm.lead }
                policy: quarantine
            default: report-only
            approval: required
            backup: { require: true, newest: { glob: "/backups/*.dump", max-age: 24h } }
            """;

    private final DataSource ours = TestPostgres.ourDatabase();
    /** One connection: a fixture is a thousand statements. */
    final JdbcClient jdbc;

    final long run;
    private int references;
    private long repairs;

    ReportFixture(String command) {
        this.jdbc = JdbcClient.create(connected(ours));
        this.run = jdbc.sql("""
                        INSERT INTO run (job, target, target_fingerprint, target_url, target_database, command,
                            started_through, asked_by, definition, status, odoo_version, modules_hash, started_at,
                            heartbeat_at, host, pid, process_started_at)
                        VALUES ('nightly', 'production', 'f1', 'https://erp.example.com/', 'erp', :command,
                            'schedule', 'scheduler', :definition, 'running', '18.0', 'a1b2c3', :at,
                            :at, 'node-1', 4711, :at) RETURNING id""")
                .param("command", command)
                .param("definition", DEFINITION)
                .param("at", STARTED.atOffset(ZoneOffset.UTC))
                .query(Long.class)
                .single();
    }

    private static DataSource connected(DataSource source) {
        try {
            return new SingleConnectionDataSource(source.getConnection(), true);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    void set(String column, Object value) {
        jdbc.sql("UPDATE run SET " + column + " = :value WHERE id = :run")
                .param("value", value)
                .param("run", run)
                .update();
    }

    /** The table follows from the model; for a relation row {@code table} is the relation. */
    int reference(ReferenceKind kind, String model, String field, String parent, ConstraintState state) {
        return reference(kind, model, model.replace('.', '_'), field, parent, state);
    }

    int reference(ReferenceKind kind, String model, String table, String field, String parent, ConstraintState state) {
        references++;
        boolean named = state != ConstraintState.MISSING && state != ConstraintState.IMPOSSIBLE;
        jdbc.sql("""
                        INSERT INTO reference (run_id, no, kind, child_model, child_table, field, field_name, rule_fields,
                            parent_model, parent_table, parent_inherited, state, constraint_name, database_ondelete,
                            ondelete, required, storage, rows_read, orphans, millis)
                        VALUES (:run, :no, :kind, :model, :table, :field, :field, '{}', :parent, :parentTable, false,
                            :state, :constraint, :databaseOndelete, :ondelete, false, '{}', :rows, 0, :millis)""")
                .param("run", run)
                .param("no", references)
                .param("kind", kind.code())
                .param("model", model)
                .param("table", table)
                .param("field", field)
                .param("parent", parent)
                .param("parentTable", parent == null ? null : parent.replace('.', '_'))
                .param("state", state.code())
                .param("constraint", named ? table + "_" + field + "_fkey" : null)
                .param("databaseOndelete", named ? ondelete(kind) : null)
                .param("ondelete", ondelete(kind))
                .param("rows", 1000L + references * 7919L % 90000)
                .param("millis", references * 37L % 900)
                .update();
        return references;
    }

    private static String ondelete(ReferenceKind kind) {
        return kind == ReferenceKind.MANY2MANY ? "cascade" : "set null";
    }

    void setReference(int no, String column, Object value) {
        jdbc.sql("UPDATE reference SET " + column + " = :value WHERE run_id = :run AND no = :no")
                .param("value", value)
                .param("run", run)
                .param("no", no)
                .update();
    }

    void orphan(int look, int reference, long child, long missing) {
        jdbc.sql("INSERT INTO orphan VALUES (:run, :look, :reference, :child, :missing)")
                .param("run", run)
                .param("look", look)
                .param("reference", reference)
                .param("child", child)
                .param("missing", missing)
                .update();
    }

    void plan(String status) {
        jdbc.sql("""
                        INSERT INTO plan (run_id, hash, status, repairs, parts, blocked, warnings, created_at, valid_until,
                            approved_by, approved_at)
                        VALUES (:run, '7f3c09d2a4', :status, 0, 0, '{}', '{}', :at, :until,
                            :by, CASE WHEN CAST(:by AS text) IS NOT NULL THEN CAST(:at AS timestamptz) END)""")
                .param("run", run)
                .param("status", status)
                .param("at", STARTED.plusSeconds(95).atOffset(ZoneOffset.UTC))
                .param("until", STARTED.plusSeconds(86400).atOffset(ZoneOffset.UTC))
                .param("by", status.equals("applied") ? "anna" : null)
                .update();
    }

    /** An orphan of the first look, in a record of its own, and what was decided; null outcome: nothing yet. */
    void part(int reference, long child, long missing, String policy, String newValue, String outcome, String reason) {
        orphan(0, reference, child, missing);
        repairs++;
        jdbc.sql("""
                        INSERT INTO repair (run_id, no, child_model, child_table, child_id, kind_key)
                        SELECT run_id, :repair, child_model, child_table, :child, 'k' FROM reference
                        WHERE run_id = :run AND no = :reference""")
                .param("repair", repairs)
                .param("child", child)
                .param("run", run)
                .param("reference", reference)
                .update();
        insertPart(repairs, reference, missing, policy, newValue, outcome, reason);
    }

    /** Another orphan of the record that the last one was in. */
    void partOfSameRecord(int reference, long child, long missing, String policy, String newValue, String outcome) {
        orphan(0, reference, child, missing);
        insertPart(repairs, reference, missing, policy, newValue, outcome, null);
    }

    private void insertPart(
            long repair, int reference, long missing, String policy, String newValue, String outcome, String reason) {
        jdbc.sql("""
                        INSERT INTO repair_part (run_id, repair_no, reference_no, missing_id, policy, rule_line, why,
                            new_value, outcome, reason, rung)
                        VALUES (:run, :repair, :reference, :missing, :policy, :rule, :why, :value, :outcome, :reason,
                            :rung)""")
                .param("run", run)
                .param("repair", repair)
                .param("reference", reference)
                .param("missing", missing)
                .param("policy", policy)
                .param("rule", policy.equals("report-only") ? null : 7 + policy.length() % 5)
                .param("why", policy.equals("report-only") ? "no rule matches" : "the rule for this field")
                .param("value", newValue)
                .param("outcome", outcome)
                .param("reason", reason)
                .param("rung", "repaired".equals(outcome) ? "base-fields" : null)
                .update();
    }

    void parts(int reference, int first, int count, String policy, String newValue, String outcome, String reason) {
        for (int i = 0; i < count; i++) {
            part(
                    reference,
                    first + i,
                    40_000 + i % 17,
                    policy,
                    newValue,
                    outcome,
                    reason == null ? null : String.format(Locale.ROOT, reason, first + i));
        }
    }

    void changedBesides(String model, long id, String field, String before, String after, boolean derived) {
        jdbc.sql("INSERT INTO changed_besides VALUES (:run, 1, :model, :id, :field, :before, :after, :derived)")
                .param("run", run)
                .param("model", model)
                .param("id", id)
                .param("field", field)
                .param("before", before)
                .param("after", after)
                .param("derived", derived)
                .update();
    }

    void observation(String kind, String model, String table, Long id, String field, String message) {
        jdbc.sql("INSERT INTO observation VALUES (:run, :kind, :model, :table, :id, :field, :message, :advice)")
                .param("run", run)
                .param("kind", kind)
                .param("model", model)
                .param("table", table)
                .param("id", id)
                .param("field", field)
                .param("message", message)
                .param("advice", "What to do about a " + kind + ".")
                .update();
    }

    void observed(String kind, String model, String table, String field, String skipped, Long rows, long found) {
        jdbc.sql("INSERT INTO observed VALUES (:run, :kind, :model, :table, :field, :skipped, :rows, :found, 10)")
                .param("run", run)
                .param("kind", kind)
                .param("model", model)
                .param("table", table)
                .param("field", field)
                .param("skipped", skipped)
                .param("rows", rows)
                .param("found", found)
                .update();
    }

    /** A call of Odoo's API in the journal; null: it was never answered. */
    void call(String at, Long millis) {
        jdbc.sql("""
                        INSERT INTO journal_call (run_id, at, model, method, record_ids, arguments, context, millis)
                        VALUES (:run, :at, 'res.partner', 'write', '{1}', '[]', '{}', :millis)""")
                .param("run", run)
                .param("at", Instant.parse(at).atOffset(ZoneOffset.UTC))
                .param("millis", millis)
                .update();
    }

    void leftOut(String model, String field, String table, String reason) {
        jdbc.sql("INSERT INTO left_out VALUES (:run, :model, :field, :table, :reason)")
                .param("run", run)
                .param("model", model)
                .param("field", field)
                .param("table", table)
                .param("reason", reason)
                .update();
    }

    void standIn(String parent, Long missing, Long company, String xmlId, long id, boolean made) {
        jdbc.sql("INSERT INTO stand_in VALUES (:run, :parent, :missing, :company, :xmlId, :id, 'n', :made)")
                .param("run", run)
                .param("parent", parent)
                .param("missing", missing)
                .param("company", company)
                .param("xmlId", xmlId)
                .param("id", id)
                .param("made", made)
                .update();
    }

    void quarantine(String model, long id, boolean archived) {
        jdbc.sql("""
                        INSERT INTO quarantine (run_id, repair_no, target_fingerprint, model, table_name, record_id,
                            snapshot, archived, created_at)
                        VALUES (:run, 1, 'f1', :model, :table, :id, '{"name": "A Private Person"}', :archived, now())""")
                .param("run", run)
                .param("model", model)
                .param("table", model.replace('.', '_'))
                .param("id", id)
                .param("archived", archived)
                .update();
    }

    ReportWriter writer() {
        return new ReportWriter(ours, Clock.fixed(STARTED.plusSeconds(412), ZoneId.of("Europe/Brussels")));
    }

    DataSource ours() {
        return ours;
    }

    Path write(Path directory) {
        writer().write(run, directory);
        return directory;
    }
}
