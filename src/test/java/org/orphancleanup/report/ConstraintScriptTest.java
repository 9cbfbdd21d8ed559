package org.orphancleanup.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.orphancleanup.catalog.ConstraintState.ENFORCED;
import static org.orphancleanup.catalog.ConstraintState.IMPOSSIBLE;
import static org.orphancleanup.catalog.ConstraintState.MISSING;
import static org.orphancleanup.catalog.ConstraintState.NOT_ENFORCED;
import static org.orphancleanup.catalog.ConstraintState.NOT_VALID;
import static org.orphancleanup.catalog.ConstraintState.TRIGGERS_DISABLED;
import static org.orphancleanup.catalog.ReferenceKind.AUDIT;
import static org.orphancleanup.catalog.ReferenceKind.INHERITANCE;
import static org.orphancleanup.catalog.ReferenceKind.MANY2MANY;
import static org.orphancleanup.catalog.ReferenceKind.MANY2ONE;
import static org.orphancleanup.catalog.ReferenceKind.MANY2ONE_REFERENCE;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.orphancleanup.TestPostgres;
import org.springframework.jdbc.core.simple.JdbcClient;

class ConstraintScriptTest {

    private static final String LONG = "a_relation_table_whose_name_leaves_hardly_any_room_rel";

    private final JdbcClient odoo = JdbcClient.create(TestPostgres.emptyDatabase());
    private final ReportFixture fixture = new ReportFixture("scan");

    @TempDir
    Path directory;

    @Test
    void a_missing_key_comes_back_with_odoos_name_and_action_and_is_valid() throws IOException {
        run("""
                CREATE TABLE res_partner (id int PRIMARY KEY);
                CREATE TABLE "Products" (id int PRIMARY KEY, partner_id int, create_uid int);
                CREATE TABLE rel (partner_id int, product_id int);
                INSERT INTO res_partner VALUES (1), (2);
                INSERT INTO "Products" VALUES (1, 1, 2);
                INSERT INTO rel VALUES (1, 1)""");
        int restricted = fixture.reference(MANY2ONE, "products", "Products", "partner_id", "res.partner", MISSING);
        fixture.setReference(restricted, "ondelete", "restrict");
        fixture.reference(AUDIT, "products", "Products", "create_uid", "res.partner", MISSING);
        fixture.reference(MANY2MANY, "products", "rel", "partner_id", "res.partner", MISSING);

        runScript();

        assertThat(constraints())
                .containsExactly(
                        "\"Products\" Products_create_uid_fkey n t",
                        "\"Products\" Products_partner_id_fkey r t",
                        "rel rel_partner_id_fkey c t");
    }

    @Test
    void where_orphans_remain_new_rows_obey_and_the_validation_is_left_to_the_dba() throws IOException {
        run("""
                CREATE TABLE res_partner (id int PRIMARY KEY);
                CREATE TABLE sale_order (id int PRIMARY KEY, partner_id int);
                INSERT INTO sale_order VALUES (1, 45)""");
        int reference = fixture.reference(MANY2ONE, "sale.order", "partner_id", "res.partner", MISSING);
        fixture.orphan(0, reference, 1, 45);

        String script = runScript();

        assertThat(constraints()).containsExactly("sale_order sale_order_partner_id_fkey n f");
        assertThat(script)
                .contains("-- 1 orphan still stands in the way of \"sale_order_partner_id_fkey\"")
                .contains("--   ALTER TABLE \"sale_order\" VALIDATE CONSTRAINT \"sale_order_partner_id_fkey\";");
    }

    @Test
    void what_was_repaired_no_longer_stands_in_the_way_but_what_is_new_does() throws IOException {
        int repaired = fixture.reference(MANY2ONE, "sale.order", "partner_id", "res.partner", NOT_VALID);
        int fresh = fixture.reference(MANY2ONE, "crm.lead", "partner_id", "res.partner", NOT_VALID);
        fixture.plan("applied");
        fixture.part(repaired, 1, 45, "null-out", "empty", "repaired", null);
        fixture.orphan(1, fresh, 3, 45);

        fixture.write(directory);

        assertThat(script())
                .contains("\nALTER TABLE \"sale_order\" VALIDATE")
                .contains("-- 1 orphan still stands in the way of \"crm_lead_partner_id_fkey\"")
                .doesNotContain("\nALTER TABLE \"crm_lead\" VALIDATE");
    }

    @Test
    void a_key_that_is_not_valid_is_validated() throws IOException {
        run("""
                CREATE TABLE res_partner (id int PRIMARY KEY);
                CREATE TABLE sale_order (id int PRIMARY KEY, partner_id int);
                ALTER TABLE sale_order ADD CONSTRAINT "its own name"
                    FOREIGN KEY (partner_id) REFERENCES res_partner NOT VALID""");
        int reference = fixture.reference(MANY2ONE, "sale.order", "partner_id", "res.partner", NOT_VALID);
        fixture.setReference(reference, "constraint_name", "its own name");

        runScript();

        assertThat(constraints()).containsExactly("sale_order its own name a t");
    }

    @Test
    void only_the_triggers_of_the_key_are_switched_on_again() throws IOException {
        run("""
                CREATE TABLE res_partner (id int PRIMARY KEY);
                CREATE TABLE sale_order (id int PRIMARY KEY,
                    partner_id int CONSTRAINT "it's $enable$" REFERENCES res_partner);
                CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
                CREATE TRIGGER somebodys BEFORE INSERT ON sale_order EXECUTE FUNCTION nothing();
                ALTER TABLE sale_order DISABLE TRIGGER ALL;
                ALTER TABLE res_partner DISABLE TRIGGER ALL""");
        int reference = fixture.reference(MANY2ONE, "sale.order", "partner_id", "res.partner", TRIGGERS_DISABLED);
        fixture.setReference(reference, "constraint_name", "it's $enable$");

        runScript();

        assertThat(odoo.sql("SELECT tgname FROM pg_trigger WHERE tgenabled = 'D'")
                        .query(String.class)
                        .list())
                .containsExactly("somebodys");
        assertThat(odoo.sql("SELECT count(*) FROM pg_trigger WHERE tgisinternal AND tgenabled = 'O'")
                        .query(Long.class)
                        .single())
                .isEqualTo(4);
    }

    @Test
    void a_key_that_is_not_enforced_is_enforced_with_the_check_of_old_rows() throws IOException {
        fixture.reference(MANY2ONE, "sale.order", "partner_id", "res.partner", NOT_ENFORCED);

        fixture.write(directory);

        assertThat(script())
                .contains("\nALTER TABLE \"sale_order\" ALTER CONSTRAINT \"sale_order_partner_id_fkey\" ENFORCED;")
                .as("it checks the old rows under locks that the other statements do without")
                .containsSubsequence("SET lock_timeout = '5s';", "nobody reads or writes this table", "ENFORCED;");
    }

    @Test
    void what_was_not_read_is_not_validated() throws IOException {
        int reference = fixture.reference(MANY2ONE, "sale.order", "partner_id", "res.partner", NOT_VALID);
        fixture.setReference(reference, "skipped", "excluded by the job");

        fixture.write(directory);

        assertThat(script()).contains("Not read by this run").doesNotContain("\nALTER TABLE \"sale_order\" VALIDATE");
    }

    @Test
    void keys_that_are_sound_or_cannot_exist_are_left_alone() throws IOException {
        fixture.reference(MANY2ONE, "sale.order", "partner_id", "res.partner", ENFORCED);
        fixture.reference(MANY2ONE_REFERENCE, "ir.attachment", "res_id", "res.partner", MISSING);
        fixture.reference(INHERITANCE, "ir.ui.menu", "action", "ir.actions.actions", IMPOSSIBLE);
        int differs = fixture.reference(MANY2ONE, "crm.lead", "team_id", "crm.team", ENFORCED);
        fixture.setReference(differs, "ondelete", "restrict");

        fixture.write(directory);

        assertThat(script())
                .contains("-- Nothing to restore")
                .doesNotContain("\nALTER TABLE")
                .contains("-- \"crm_lead_team_id_fkey\" on \"crm_lead\": set null, the field says restrict")
                .as("whoever takes the comment marks away waits for no lock for long")
                .containsSubsequence("\nSET lock_timeout = '5s';", "-- For knowledge");
    }

    @Test
    void a_relation_row_whose_field_tells_no_action_gets_odoos_default_and_differs_from_nothing() throws IOException {
        int missing = fixture.reference(MANY2MANY, "ir.rule", "rule_group_rel", "group_id", "res.groups", MISSING);
        int restrict = fixture.reference(MANY2MANY, "ir.rule", "other_rel", "group_id", "res.groups", ENFORCED);
        fixture.setReference(missing, "ondelete", null);
        fixture.setReference(restrict, "ondelete", null);
        fixture.setReference(restrict, "database_ondelete", "restrict");

        fixture.write(directory);

        assertThat(script())
                .contains("-- Odoo's tables do not tell what the field of this relation says", "ON DELETE CASCADE")
                .doesNotContain("For knowledge");
    }

    @Test
    void an_action_that_differs_from_the_fields_comes_with_the_statements_that_mend_it() throws IOException {
        run("""
                CREATE TABLE res_partner (id int PRIMARY KEY);
                CREATE TABLE sale_order (id int PRIMARY KEY,
                    partner_id int CONSTRAINT sale_order_partner_id_fkey REFERENCES res_partner ON DELETE SET NULL)""");
        int differs = fixture.reference(MANY2ONE, "sale.order", "partner_id", "res.partner", ENFORCED);
        fixture.setReference(differs, "ondelete", "restrict");

        fixture.write(directory);

        run(script().substring(script().indexOf("-- For knowledge"))
                .lines()
                .filter(line -> line.startsWith("--   "))
                .map(line -> line.substring(5))
                .collect(Collectors.joining("\n")));
        assertThat(constraints()).containsExactly("sale_order sale_order_partner_id_fkey r t");
    }

    @Test
    void an_action_that_a_many2many_field_of_another_model_may_have_given_differs_from_nothing() throws IOException {
        int column = fixture.reference(MANY2ONE, "task.stage", "task_user_rel", "stage_id", "task.type", ENFORCED);
        fixture.setReference(column, "ondelete", "set null");
        fixture.setReference(column, "database_ondelete", "restrict");
        fixture.leftOut("task", "stage_ids", "task_user_rel", "its relation table has an id");
        int own = fixture.reference(MANY2ONE, "note", "stage_id", "task.type", ENFORCED);
        fixture.setReference(own, "ondelete", "set null");
        fixture.setReference(own, "database_ondelete", "restrict");
        fixture.leftOut("note", "user_id", "note", "the table note has no integer column user_id");

        fixture.write(directory);

        assertThat(script()).contains("\"note_stage_id_fkey\"").doesNotContain("task_user_rel");
    }

    @Test
    void a_name_with_a_line_break_runs_nothing() throws IOException {
        run("""
                CREATE TABLE victim (id int);
                CREATE TABLE res_partner (id int PRIMARY KEY);
                CREATE TABLE "x
                DROP TABLE victim;" (id int PRIMARY KEY, partner_id int);
                INSERT INTO "x
                DROP TABLE victim;" VALUES (1, 45)""");
        int reference = fixture.reference(MANY2ONE, "x", "x\nDROP TABLE victim;", "partner_id", "res.partner", MISSING);
        fixture.orphan(0, reference, 1, 45);
        fixture.set("target", "a\nDROP TABLE victim;");

        runScript();

        assertThat(odoo.sql("SELECT to_regclass('victim') IS NOT NULL")
                        .query(Boolean.class)
                        .single())
                .isTrue();
        assertThat(constraints()).hasSize(1);
    }

    @Test
    void names_are_those_postgresql_gives() {
        for (String table : new String[] {"rel", LONG, "ä" + LONG}) {
            for (String column : new String[] {"id", "partner_id", "a_column_with_quite_a_long_name_of_its_own_id"}) {
                run("""
                        CREATE TABLE IF NOT EXISTS parent (id int PRIMARY KEY);
                        CREATE TABLE "%s" ("%s" int);
                        ALTER TABLE "%s" ADD FOREIGN KEY ("%s") REFERENCES parent""".formatted(table, column, table, column));

                assertThat(odoo.sql("SELECT conname FROM pg_constraint WHERE contype = 'f'")
                                .query(String.class)
                                .single())
                        .isEqualTo(ConstraintName.of(table, column));
                run("DROP TABLE \"" + table + "\"");
            }
        }
    }

    private void run(String statements) {
        odoo.sql(statements).update();
    }

    /** As psql does: one statement after the other, each in a transaction of its own. */
    private String runScript() throws IOException {
        fixture.write(directory);
        String script = script();
        for (String statement : script.split(";\n\n")) {
            if (statement.lines().anyMatch(line -> !line.isBlank() && !line.startsWith("--"))) {
                run(statement);
            }
        }
        return script;
    }

    private String script() throws IOException {
        return Files.readString(directory.resolve("constraints.sql"));
    }

    private Iterable<String> constraints() {
        return odoo.sql("""
                        SELECT concat_ws(' ', conrelid::regclass, conname, confdeltype, convalidated)
                        FROM pg_constraint WHERE contype = 'f' ORDER BY 1""").query(String.class).list();
    }
}
