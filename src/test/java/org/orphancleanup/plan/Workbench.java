package org.orphancleanup.plan;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;
import org.orphancleanup.TestPostgres;
import org.orphancleanup.catalog.ConstraintState;
import org.orphancleanup.catalog.Reference;
import org.orphancleanup.catalog.ReferenceKind;
import org.orphancleanup.catalog.Storage;
import org.orphancleanup.job.JobDefinition;
import org.orphancleanup.job.JobDefinition.Allow;
import org.orphancleanup.job.JobDefinition.Approval;
import org.orphancleanup.job.JobDefinition.Backup;
import org.orphancleanup.job.JobDefinition.Limits;
import org.orphancleanup.job.JobDefinition.Mention;
import org.orphancleanup.job.JobDefinition.Placeholder;
import org.orphancleanup.job.JobDefinition.References;
import org.orphancleanup.job.JobDefinition.Rule;
import org.orphancleanup.job.JobDefinition.SecondPerson;
import org.orphancleanup.job.JobDefinition.SideEffects;
import org.orphancleanup.job.JobDefinition.When;
import org.orphancleanup.job.PolicyKind;
import org.orphancleanup.target.Target.KeepIdThrough;
import org.orphancleanup.target.TargetDatabase;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;

/** A target's database, an Odoo, our database with a scanned run, and a job to plan it with. */
final class Workbench {

    static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");
    static final When ANY = new When(null, null, null, null, null, null, List.of(), null);

    // one of each for all tests: a run of its own and an emptied schema cost less than two databases
    private static final DataSource OURS = TestPostgres.ourDatabase();
    private static final DataSource THEIRS = TestPostgres.emptyDatabase();

    final FakeOdoo odoo = new FakeOdoo();
    final DataSource ours = OURS;
    final DataSource theirs = THEIRS;
    final List<Reference> references = new ArrayList<>();
    final List<Rule> rules = new ArrayList<>();
    final long runId;
    final Planner planner = new Planner(
            ours,
            new JdbcTransactionManager(ours),
            new NamedRecords(ours, Clock.fixed(NOW, ZoneOffset.UTC)),
            Clock.fixed(NOW, ZoneOffset.UTC));

    PolicyKind fallback = PolicyKind.REPORT_ONLY;
    Allow allow = new Allow(List.of(), List.of(), List.of(), List.of(), false, false);
    Limits limits = new Limits(10_000, 2_000, 1.0, null, 200, 2, null);

    Workbench() {
        runId = JdbcClient.create(ours).sql("""
                        INSERT INTO run (job, target, target_fingerprint, target_database, command, started_through, asked_by,
                            definition, status, started_at, heartbeat_at, host, pid, process_started_at)
                        VALUES ('j', 't', 'f', 'd', 'plan', 'command-line', 'me', '', 'running', now(), now(), 'h', 1, now())
                        RETURNING id""").query(Long.class).single();
        sql("DROP SCHEMA public CASCADE");
        sql("CREATE SCHEMA public");
        sql("CREATE TABLE res_company (id integer PRIMARY KEY, name text)");
        sql("INSERT INTO res_company VALUES (1, 'One'), (2, 'Two'), (3, 'Three')");
        sql("CREATE TABLE res_partner (id integer PRIMARY KEY, name text, company_id integer, create_date timestamp)");
        sql("INSERT INTO res_partner VALUES (1, 'Somebody', NULL), (2, 'Of two', 2)");
        odoo.field("res.partner", "name");
    }

    void sql(String sql) {
        JdbcClient.create(theirs).sql(sql).update();
    }

    /** A table with its Odoo model: {@code column type} pairs beside {@code id}. */
    void table(String model, String... columns) {
        sql("CREATE TABLE " + model.replace('.', '_') + " (id integer PRIMARY KEY"
                + (columns.length == 0 ? "" : ", " + String.join(", ", columns)) + ")");
        odoo.field(model, "id");
    }

    void row(String table, long id) {
        sql("INSERT INTO " + table + " (id) VALUES (" + id + ")");
    }

    Reference add(Reference reference) {
        references.add(reference);
        return reference;
    }

    Reference many2one(String model, String field, String parentModel) {
        return many2one(model, field, parentModel, "set null", false);
    }

    Reference many2one(String model, String field, String parentModel, String ondelete, boolean required) {
        odoo.field(model, field);
        String table = model.replace('.', '_');
        return add(new Reference(
                references.size() + 1,
                ReferenceKind.MANY2ONE,
                model,
                table,
                field,
                field,
                List.of(model + "." + field),
                parentModel,
                parentModel.replace('.', '_'),
                false,
                ConstraintState.MISSING,
                null,
                null,
                ondelete,
                required,
                new Storage.Column(table, field),
                null));
    }

    /** @param fieldName null: no field declares the table */
    Reference relation(String model, String fieldName, String table, String owner, String column, String parentModel) {
        if (fieldName != null) {
            odoo.field(model, fieldName);
        }
        return add(new Reference(
                references.size() + 1,
                ReferenceKind.MANY2MANY,
                model,
                table,
                column,
                fieldName,
                fieldName == null ? List.of() : List.of(model + "." + fieldName),
                parentModel,
                parentModel.replace('.', '_'),
                false,
                ConstraintState.MISSING,
                null,
                null,
                null,
                false,
                new Storage.RelationRow(table, column, owner),
                null));
    }

    Reference other(
            ReferenceKind kind, String model, String field, String fieldName, String parentModel, Storage storage) {
        odoo.field(model, fieldName);
        return add(new Reference(
                references.size() + 1,
                kind,
                model,
                model.replace('.', '_'),
                field,
                fieldName,
                List.of(model + "." + fieldName),
                parentModel,
                parentModel.replace('.', '_'),
                false,
                ConstraintState.IMPOSSIBLE,
                null,
                null,
                null,
                false,
                storage,
                null));
    }

    void orphan(Reference reference, long childId, long missingId) {
        JdbcClient.create(ours)
                .sql("INSERT INTO orphan (run_id, look, reference_no, child_id, missing_id) VALUES (?, 0, ?, ?, ?)")
                .params(runId, reference.no(), childId, missingId)
                .update();
    }

    void rowsRead(Reference reference, long rows) {
        JdbcClient.create(ours)
                .sql("""
                        INSERT INTO reference (run_id, no, kind, child_model, child_table, field, field_name, rule_fields,
                            parent_model, parent_inherited, state, required, storage, rows_read)
                        VALUES (?, ?, ?, ?, ?, ?, ?, '{}', ?, false, 'missing', false, '{}', ?)""")
                .params(
                        runId,
                        reference.no(),
                        reference.kind().code(),
                        reference.childModel(),
                        reference.childTable(),
                        reference.field(),
                        reference.fieldName(),
                        reference.parentModel(),
                        rows)
                .update();
    }

    void rule(When when, PolicyKind policy) {
        rule(when, policy, null, null);
    }

    void rule(When when, PolicyKind policy, Placeholder placeholder, Path mapping) {
        rules.add(new Rule(rules.size() + 1, 10 + rules.size(), when, policy, placeholder, mapping, false));
    }

    void keepId(When when, PolicyKind policy) {
        rules.add(new Rule(rules.size() + 1, 10 + rules.size(), when, policy, null, null, true));
    }

    static When field(String glob) {
        return new When(null, glob, null, null, null, null, List.of(), null);
    }

    static When model(String glob) {
        return new When(glob, null, null, null, null, null, List.of(), null);
    }

    final List<Mention> mentions = new ArrayList<>();

    KeepIdThrough keepIdThrough;

    PlanSummary plan() {
        JobDefinition job = new JobDefinition(
                "nightly",
                null,
                "",
                "production",
                null,
                ZoneId.of("UTC"),
                true,
                new References(List.of("*"), List.of()),
                rules,
                fallback,
                new Approval(Approval.Kind.REQUIRED, 0),
                SecondPerson.NONE,
                allow,
                Duration.ofHours(24),
                limits,
                SideEffects.PRESERVE,
                false,
                new Backup(true, null, null, List.of()),
                mentions);
        return planner.plan(new PlanRequest(runId, job, new Database(theirs), odoo, references, keepIdThrough));
    }

    /** One orphan of one reference, planned with the fallback or the rules there are. */
    Planned planOf(Reference reference, long childId) {
        orphan(reference, childId, 99);
        plan();
        return parts().stream()
                .filter(part -> part.reference() == reference.no() && part.childId() == childId)
                .findFirst()
                .orElseThrow();
    }

    record Planned(
            long no,
            String model,
            String table,
            long childId,
            Long company,
            String kindKey,
            int level,
            boolean done,
            int reference,
            long missingId,
            String policy,
            Integer line,
            String why,
            String newValue,
            String outcome,
            String reason) {}

    List<Planned> parts() {
        return JdbcClient.create(ours)
                .sql("""
                        SELECT r.no, child_model, child_table, child_id, company_id, kind_key, level, done, reference_no, missing_id,
                               policy, rule_line, why, new_value, outcome, reason
                          FROM repair r JOIN repair_part p ON p.run_id = r.run_id AND p.repair_no = r.no
                         WHERE r.run_id = ? ORDER BY r.no, reference_no, missing_id""")
                .param(runId)
                .query((row, n) -> new Planned(
                        row.getLong(1),
                        row.getString(2),
                        row.getString(3),
                        row.getLong(4),
                        row.getObject(5, Long.class),
                        row.getString(6),
                        row.getInt(7),
                        row.getBoolean(8),
                        row.getInt(9),
                        row.getLong(10),
                        row.getString(11),
                        row.getObject(12, Integer.class),
                        row.getString(13),
                        row.getString(14),
                        row.getString(15),
                        row.getString(16)))
                .list();
    }

    Allow allowing(List<String> widening, List<String> placeholder, List<String> locked, List<String> protectedModels) {
        return new Allow(widening, placeholder, locked, protectedModels, false, false);
    }

    Map<String, Object> planRow() {
        return JdbcClient.create(ours)
                .sql("SELECT * FROM plan WHERE run_id = ?")
                .param(runId)
                .query()
                .singleRow();
    }

    record Database(DataSource dataSource) implements TargetDatabase {

        @Override
        public String uuid() {
            return "";
        }

        @Override
        public String fingerprint() {
            return "f";
        }

        @Override
        public boolean roleCanWrite() {
            return false;
        }

        @Override
        public void close() {
            // a test database needs no closing
        }
    }
}
