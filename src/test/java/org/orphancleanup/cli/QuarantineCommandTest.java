package org.orphancleanup.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.orphancleanup.cli.CommandLineRuns.Result;

/** Records in quarantine, and how they come out of it. */
class QuarantineCommandTest {

    @TempDir
    Path directory;

    private CommandLineRuns runs;
    private long record;
    private List<String> before;

    @BeforeEach
    void start() throws IOException {
        runs = new CommandLineRuns(directory);
        // as a failed restore leaves it: without the keys that the damage violates
        runs.odoo()
                .sql(
                        "SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname) FROM pg_constraint"
                                + " WHERE contype = 'f' AND confrelid = 'res_partner'::regclass")
                .query(String.class)
                .list()
                .forEach(drop -> runs.odoo().sql(drop).update());
        before = partners();
        record = runs.odoo()
                .sql("SELECT min(id) FROM res_partner c WHERE active AND company_id IS NULL AND parent_id IS NOT NULL"
                        + " AND NOT EXISTS (SELECT FROM res_partner p WHERE p.id = c.parent_id)")
                .query(Long.class)
                .single();
        job("none");
        Result result = runs.run("cleanup", "--job", "job", "--yes", "--no-backup", "a test");
        assertThat(result.err()).isEmpty();
        assertThat(isActive()).isFalse();
        assertThat(status()).isEqualTo("open");
    }

    @AfterEach
    void stop() {
        runs.close();
    }

    private void job(String approval) throws IOException {
        runs.job("job", """
                target: sandbox
                references: { include: ["res.partner.parent_id"] }
                rules:
                  - { when: {}, policy: quarantine }
                approval: %s
                limits: { share-of-table: 1 }
                """.formatted(approval));
    }

    private Result release(String... options) {
        List<String> arguments = new java.util.ArrayList<>(List.of(
                "quarantine",
                "release",
                "--target",
                "sandbox",
                "--record",
                "res.partner," + record,
                "--comment",
                "he said so",
                "--no-backup",
                "a test"));
        arguments.addAll(List.of(options));
        return runs.run(arguments.toArray(String[]::new));
    }

    private Result restore() {
        return runs.run(
                "quarantine",
                "restore",
                "--target",
                "sandbox",
                "--record",
                "res.partner," + record,
                "--comment",
                "still needed");
    }

    private List<String> partners() {
        return runs.odoo()
                .sql("SELECT (to_jsonb(t) - 'write_uid' - 'write_date')::text FROM res_partner t ORDER BY id")
                .query(String.class)
                .list();
    }

    private List<String> others() {
        return runs.odoo()
                .sql(
                        "SELECT (to_jsonb(t) - 'write_uid' - 'write_date')::text FROM res_partner t WHERE id <> ? ORDER BY id")
                .param(record)
                .query(String.class)
                .list();
    }

    private boolean isActive() {
        return runs.odoo()
                .sql("SELECT active FROM res_partner WHERE id = ?")
                .param(record)
                .query(Boolean.class)
                .single();
    }

    private long count(String sql) {
        return runs.odoo().sql(sql).param(record).query(Long.class).single();
    }

    private static final String WITH_PARENT = "SELECT count(*) FROM res_partner WHERE id = ? AND parent_id IS NOT NULL";

    private String status() {
        return kept("status");
    }

    private String kept(String column) {
        return runs.ours()
                .sql("SELECT " + column + " FROM quarantine WHERE model = 'res.partner' AND record_id = ?")
                .param(record)
                .query(String.class)
                .single();
    }

    @Test
    void the_list_names_what_is_in_quarantine_and_with_all_what_was() {
        Result open = runs.run("quarantine", "list", "--target", "sandbox");
        assertThat(open.exitCode()).isZero();
        assertThat(open.out()).contains("res.partner," + record + " ", "archived", "run 1");

        assertThat(release("--policy", "null-out").exitCode()).isZero();

        assertThat(runs.run("quarantine", "list", "--target", "sandbox").out())
                .doesNotContain("res.partner," + record + " ");
        assertThat(runs.run("quarantine", "list", "--target", "sandbox", "--all")
                        .out())
                .containsPattern("res\\.partner," + record + " +released .*he said so");
    }

    @Test
    void a_record_released_by_null_out_is_in_use_without_its_parent_and_no_other_is_touched() {
        List<String> others = others();

        Result result = release("--policy", "null-out");

        assertThat(result.err()).isEmpty();
        assertThat(result.exitCode()).isZero();
        assertThat(result.out()).contains("res.partner," + record + " is released");
        assertThat(isActive()).isTrue();
        assertThat(count(WITH_PARENT)).isZero();
        assertThat(others()).isEqualTo(others);
        assertThat(status()).isEqualTo("released");
        assertThat(kept("comment")).isEqualTo("he said so");
        assertThat(kept("decided_by")).isNotBlank();
        assertThat(runs.ours()
                        .sql("SELECT DISTINCT child_id FROM orphan WHERE run_id = 2")
                        .query(Long.class)
                        .list())
                .containsExactly(record);
    }

    @Test
    void a_record_released_by_delete_is_gone() {
        Result result = release("--policy", "delete");

        assertThat(result.err()).isEmpty();
        assertThat(count("SELECT count(*) FROM res_partner WHERE id = ?")).isEqualTo(result.exitCode() == 0 ? 0 : 1);
        assertThat(status()).isEqualTo(result.exitCode() == 0 ? "released" : "open");
    }

    @Test
    void a_record_relinked_to_another_one_is_in_use_and_points_there() {
        long other = runs.odoo()
                .sql(
                        "SELECT min(id) FROM res_partner WHERE is_company AND active AND company_id IS NULL AND parent_id IS NULL")
                .query(Long.class)
                .single();

        Result result = release("--policy", "relink", "--to", Long.toString(other));

        assertThat(result.err()).isEmpty();
        assertThat(result.exitCode()).isZero();
        assertThat(isActive()).isTrue();
        assertThat(count("SELECT parent_id FROM res_partner WHERE id = ?")).isEqualTo(other);
    }

    @Test
    void what_cannot_be_carried_out_leaves_the_record_in_quarantine() {
        List<String> partners = partners();

        Result result = release("--policy", "relink", "--to", "99999999");

        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(partners()).isEqualTo(partners);
        assertThat(status()).isEqualTo("open");
    }

    @Test
    void a_restored_record_is_as_it_was_before_its_quarantine() {
        Result result = restore();

        assertThat(result.err()).isEmpty();
        assertThat(result.exitCode()).isZero();
        assertThat(isActive()).isTrue();
        assertThat(partners().stream()
                        .filter(row -> row.contains("\"id\": " + record + ","))
                        .toList())
                .isEqualTo(before.stream()
                        .filter(row -> row.contains("\"id\": " + record + ","))
                        .toList());
        assertThat(status()).isEqualTo("restored");
        assertThat(kept("comment")).isEqualTo("still needed");
    }

    private void writeConnection() {
        runs.target(
                "sandbox",
                java.util.Map.of(
                        "write-jdbc-url", runs.sandbox.jdbcUrl(),
                        "write-jdbc-user", "postgres",
                        "write-jdbc-password", "x"));
    }

    @Test
    void a_restored_record_whose_missing_parent_has_a_foreign_key_does_not_bring_that_parent_back() {
        writeConnection();
        runs.odoo()
                .sql("ALTER TABLE res_partner DROP CONSTRAINT IF EXISTS parent_intact, ADD CONSTRAINT parent_intact"
                        + " FOREIGN KEY (parent_id) REFERENCES res_partner NOT VALID")
                .update();
        List<String> others = others();

        Result result = restore();

        assertThat(result.err()).isEmpty();
        assertThat(result.exitCode()).isZero();
        assertThat(isActive()).isTrue();
        assertThat(others()).isEqualTo(others);
        assertThat(status()).isEqualTo("restored");
    }

    @Test
    void an_undo_of_the_release_puts_the_record_into_quarantine_again_where_all_of_it_can_be_undone() {
        writeConnection();
        List<String> partners = partners();
        assertThat(release("--policy", "null-out").exitCode()).isZero();

        Result undo = runs.run("undo", "--run", "2");

        assertThat(undo.err()).isEmpty();
        assertThat(undo.exitCode()).isZero();
        assertThat(partners()).isEqualTo(partners);
        assertThat(status()).isEqualTo("open");
    }

    @Test
    void where_the_job_wants_approval_the_release_waits_for_it_and_apply_releases() throws IOException {
        runs.ours()
                .sql("UPDATE run SET definition = replace(definition, 'approval: none', 'approval: required')")
                .update();

        Result waiting = release("--policy", "null-out");
        assertThat(waiting.exitCode()).isEqualTo(4);
        assertThat(isActive()).isFalse();

        Result applied = runs.run("apply", "--plan", "2", "--yes");
        assertThat(applied.err()).isEmpty();
        assertThat(applied.exitCode()).isZero();
        assertThat(isActive()).isTrue();
        assertThat(status()).isEqualTo("released");
    }

    @Test
    void wrong_names_are_told_with_their_remedy() {
        Result unknown =
                runs.run("quarantine", "restore", "--target", "sandbox", "--record", "res.partner,1", "--comment", "x");
        assertThat(unknown.exitCode()).isEqualTo(2);
        assertThat(unknown.err()).contains("res.partner,1", "quarantine list --target sandbox");
        assertThat(release("--policy", "quarantine").err()).contains("null-out, relink");
        assertThat(release("--policy", "null-out", "--to", "3").err()).contains("--policy relink");
        assertThat(runs.run("quarantine", "restore", "--target", "sandbox", "--record", "45", "--comment", "x")
                        .err())
                .contains("res.partner,45");
        assertThat(runs.run("quarantine").exitCode()).isEqualTo(2);
    }
}
