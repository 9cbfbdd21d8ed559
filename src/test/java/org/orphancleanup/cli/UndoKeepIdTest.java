package org.orphancleanup.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.orphancleanup.cli.CommandLineRuns.Result;

/** Runs undone on a sandbox that, as Odoo does, reads a missing parent when a dangling value is written back. */
class UndoKeepIdTest {

    private static final String RECOVERED = "SELECT count(*) FROM res_partner WHERE name LIKE 'Recovered%'";
    private static final String OUR_NAMES = "SELECT count(*) FROM ir_model_data WHERE module = '__orphan_cleanup__'";

    @TempDir
    Path directory;

    private CommandLineRuns runs;

    @BeforeEach
    void start() {
        runs = new CommandLineRuns(directory);
        // as a failed restore leaves them: without the keys that the damage violates
        runs.odoo()
                .sql(
                        "SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname) FROM pg_constraint"
                                + " WHERE contype = 'f' AND confrelid = 'res_partner'::regclass")
                .query(String.class)
                .list()
                .forEach(drop -> runs.odoo().sql(drop).update());
    }

    @AfterEach
    void stop() {
        runs.close();
    }

    private void writeConnection() {
        runs.target(
                "sandbox",
                Map.of(
                        "write-jdbc-url",
                        runs.sandbox.jdbcUrl(),
                        "write-jdbc-user",
                        "postgres",
                        "write-jdbc-password",
                        "x"));
    }

    private void cleanup(String rule) throws IOException {
        runs.job("job", """
                target: sandbox
                references: { include: ["res.partner.parent_id", "crm.lead.partner_id"] }
                rules:
                  - { when: {}, %s }
                approval: none
                limits: { share-of-table: 1 }
                """.formatted(rule));
        Result result = runs.run("cleanup", "--job", "job", "--yes", "--no-backup", "a test");
        assertThat(result.err()).isEmpty();
    }

    /** All of it but the write stamps. */
    private List<String> rows(String table) {
        return runs.odoo()
                .sql("SELECT (to_jsonb(t) - 'write_uid' - 'write_date')::text FROM " + table + " t ORDER BY id")
                .query(String.class)
                .list();
    }

    private long count(String sql) {
        return runs.odoo().sql(sql).query(Long.class).single();
    }

    private List<String> differences() {
        return runs.ours()
                .sql("SELECT table_name || ' ' || record_id || ' ' || field FROM undo_difference ORDER BY 1")
                .query(String.class)
                .list();
    }

    @Test
    void after_the_undo_of_a_null_out_everything_dangles_as_it_did_and_nothing_is_left_of_what_came_back()
            throws IOException {
        writeConnection();
        List<String> leads = rows("crm_lead");
        List<String> partners = rows("res_partner");
        cleanup("policy: null-out");
        assertThat(rows("crm_lead")).isNotEqualTo(leads);

        Result undo = runs.run("undo", "--run", "1");

        assertThat(undo.err()).isEmpty();
        assertThat(undo.exitCode()).isZero();
        assertThat(rows("crm_lead")).isEqualTo(leads);
        assertThat(rows("res_partner")).isEqualTo(partners);
        assertThat(count(OUR_NAMES)).isZero();
        assertThat(differences()).isEmpty();
    }

    @Test
    void the_undo_of_a_keep_id_run_takes_the_rows_away_again_and_writes_no_child() throws IOException {
        writeConnection();
        List<String> leads = rows("crm_lead");
        List<String> partners = rows("res_partner");
        cleanup("policy: archive-parent, keep-id: true");
        assertThat(count(RECOVERED)).isPositive();

        Result undo = runs.run("undo", "--run", "1");

        assertThat(undo.err()).isEmpty();
        assertThat(undo.exitCode()).isZero();
        assertThat(rows("crm_lead")).isEqualTo(leads);
        assertThat(rows("res_partner")).isEqualTo(partners);
        assertThat(count(OUR_NAMES)).isZero();
        assertThat(differences()).isEmpty();
    }

    @Test
    void where_a_foreign_key_forbids_what_is_missing_the_record_stays_and_the_reason_names_the_key()
            throws IOException {
        writeConnection();
        cleanup("policy: archive-parent, keep-id: true");
        runs.odoo()
                .sql("ALTER TABLE crm_lead ADD CONSTRAINT lead_partner_again FOREIGN KEY (partner_id)"
                        + " REFERENCES res_partner (id) ON DELETE CASCADE")
                .update();
        List<String> leads = rows("crm_lead");
        long referred =
                count("SELECT count(DISTINCT partner_id) FROM crm_lead l JOIN res_partner p ON p.id = l.partner_id"
                        + " WHERE p.name LIKE 'Recovered%'");
        assertThat(referred).isPositive();

        Result undo = runs.run("undo", "--run", "1");

        assertThat(undo.exitCode()).isEqualTo(1);
        assertThat(rows("crm_lead")).isEqualTo(leads);
        assertThat(runs.ours()
                        .sql("SELECT reason FROM undo_item WHERE outcome = 'held'")
                        .query(String.class)
                        .list())
                .hasSize((int) referred)
                .allSatisfy(reason -> assertThat(reason).contains("foreign key", "crm_lead.partner_id"));
        assertThat(differences()).filteredOn(d -> d.startsWith("res_partner ")).hasSize((int) referred);
    }

    @Test
    void what_somebody_came_to_use_since_is_not_taken_away_from_him() throws IOException {
        writeConnection();
        cleanup("policy: archive-parent, keep-id: true");
        long used = count("SELECT min(id) FROM res_partner WHERE name LIKE 'Recovered%'");
        runs.odoo()
                .sql(
                        "UPDATE crm_lead SET partner_id = :used WHERE id = (SELECT min(id) FROM crm_lead l WHERE NOT EXISTS"
                                + " (SELECT FROM res_partner p WHERE p.id = l.partner_id AND p.name LIKE 'Recovered%'))")
                .param("used", used)
                .update();

        Result undo = runs.run("undo", "--run", "1");

        assertThat(undo.exitCode()).isEqualTo(1);
        assertThat(count("SELECT count(*) FROM res_partner WHERE id = " + used)).isEqualTo(1);
        assertThat(runs.ours()
                        .sql("SELECT reason FROM undo_item WHERE outcome = 'held'")
                        .query(String.class)
                        .list())
                .singleElement()
                .asString()
                .contains("used since", "crm_lead.partner_id");
    }

    @Test
    void without_a_way_what_is_held_tells_the_settings_that_would_help_and_every_difference_is_named()
            throws IOException {
        List<String> before = rows("res_partner");
        cleanup("policy: null-out");

        Result undo = runs.run("undo", "--run", "1");

        List<String> held = runs.ours()
                .sql("SELECT reason FROM undo_item WHERE outcome IN ('held', 'refused')")
                .query(String.class)
                .list();
        assertThat(undo.exitCode()).isEqualTo(held.isEmpty() ? 0 : 1);
        assertThat(held)
                .isNotEmpty()
                .allSatisfy(reason ->
                        assertThat(reason).contains("missing", "write-jdbc-url", "keep-id-through: server-action"));
        assertThat(differences().stream().anyMatch(d -> d.startsWith("res_partner ")))
                .isEqualTo(!rows("res_partner").equals(before));
    }

    @Test
    void records_that_were_deleted_and_made_anew_are_named_by_their_old_and_their_new_ids() throws IOException {
        writeConnection();
        List<String> leads = rows("crm_lead");
        List<String> partners = rows("res_partner");
        runs.job("job", """
                target: sandbox
                references: { include: ["crm.lead.partner_id"] }
                rules:
                  - { when: {}, policy: delete }
                approval: none
                limits: { share-of-table: 1 }
                """);
        runs.run("cleanup", "--job", "job", "--yes", "--no-backup", "a test");
        assertThat(rows("crm_lead")).hasSizeLessThan(leads.size());

        runs.run("undo", "--run", "1");

        assertThat(rows("crm_lead")).hasSameSizeAs(leads);
        assertThat(rows("res_partner")).isEqualTo(partners);
        assertThat(count("SELECT count(*) FROM crm_lead")).isEqualTo(leads.size());
        List<String> changed = new ArrayList<>(rows("crm_lead"));
        changed.removeAll(leads);
        List<String> gone = new ArrayList<>(leads);
        gone.removeAll(rows("crm_lead"));
        assertThat(changed).isNotEmpty();
        assertThat(differences()).filteredOn(d -> d.startsWith("crm_lead ")).hasSize(changed.size() + gone.size());
    }
}
