package org.orphancleanup.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.orphancleanup.cli.CommandLineRuns.Result;

/** Missing parents come back under their old ids, on a sandbox whose foreign keys are gone where they are violated. */
class KeepIdTest {

    @TempDir
    Path directory;

    private CommandLineRuns runs;

    @BeforeEach
    void start() {
        runs = new CommandLineRuns(directory);
        writer(runs.sandbox.jdbcUrl());
    }

    private void writer(String url) {
        runs.target(
                "sandbox", Map.of("write-jdbc-url", url, "write-jdbc-user", "postgres", "write-jdbc-password", "x"));
    }

    @AfterEach
    void stop() {
        runs.close();
    }

    private void job(String policy) throws IOException {
        job(policy, "");
    }

    private void job(String policy, String more) throws IOException {
        runs.job("keep", """
                target: sandbox
                references: { include: ["res.partner.user_id", "res.partner.parent_id", "crm.lead.partner_id"] }
                rules:
                  - when: {}
                    policy: %s
                    keep-id: true
                approval: none
                limits: { share-of-table: 1 }
                %s
                """.formatted(policy, more));
    }

    private Result cleanup() {
        return runs.run("cleanup", "--job", "keep", "--yes", "--no-backup", "a test");
    }

    private long count(String sql) {
        return runs.odoo().sql(sql).query(Long.class).single();
    }

    private static final String MISSING_PARTNERS = """
            SELECT count(*) FROM (SELECT partner_id AS id FROM crm_lead UNION SELECT parent_id FROM res_partner) c
             WHERE id IS NOT NULL AND NOT EXISTS (SELECT FROM res_partner p WHERE p.id = c.id)""";

    @Test
    void the_parent_comes_back_archived_and_named_and_no_child_is_written() throws IOException {
        job("archive-parent");
        long missing = count(MISSING_PARTNERS);
        String leads = leads();

        Result result = cleanup();

        assertThat(missing).isPositive();
        assertThat(result.err()).isEmpty();
        assertThat(result.exitCode()).isZero();
        assertThat(count(MISSING_PARTNERS)).isZero();
        assertThat(count(
                        "SELECT count(*) FROM res_partner WHERE name = 'Recovered res.partner #' || id AND NOT active"))
                .isEqualTo(missing);
        assertThat(count(
                        "SELECT count(*) FROM ir_model_data WHERE module = '__orphan_cleanup__' AND model = 'res.partner'"
                                + " AND name = 'res_partner_' || res_id"))
                .isEqualTo(missing);
        assertThat(leads()).isEqualTo(leads);
    }

    private String leads() {
        return runs.odoo()
                .sql("SELECT md5(string_agg(l::text, '|' ORDER BY id)) FROM crm_lead l")
                .query(String.class)
                .single();
    }

    @Test
    void the_donor_is_gone_afterwards_and_so_are_its_message_and_follower() throws IOException {
        job("archive-parent");
        String messages = "SELECT count(*) FROM mail_message";
        long before = count(messages);

        cleanup();

        assertThat(count("SELECT count(*) FROM res_partner WHERE name LIKE '%(donor)%'"))
                .isZero();
        assertThat(count("SELECT count(*) FROM ir_model_data WHERE name LIKE '%\\_donor%'"))
                .isZero();
        assertThat(count(messages)).isEqualTo(before);
    }

    @Test
    void a_commercial_partner_of_the_clone_is_the_clone_itself() throws IOException {
        job("archive-parent");

        cleanup();

        assertThat(count("SELECT count(*) FROM res_partner WHERE name LIKE 'Recovered res.partner #%'"
                        + " AND commercial_partner_id IS DISTINCT FROM id"))
                .isZero();
    }

    @Test
    void a_returned_user_has_no_password_and_no_group_that_the_old_one_had_not() throws IOException {
        job("archive-parent");
        long groups = count("SELECT count(*) FROM res_groups_users_rel");

        cleanup();

        String returned = " FROM res_users u WHERE u.login LIKE '%#' || u.id";
        assertThat(count("SELECT count(*)" + returned)).isPositive();
        assertThat(count("SELECT count(*)" + returned + " AND (u.active OR u.password IS NOT NULL)"))
                .isZero();
        assertThat(count("SELECT count(*) FROM res_groups_users_rel")).isEqualTo(groups);
    }

    @Test
    void beside_another_policy_the_parent_goes_again_once_nothing_refers_to_it() throws IOException {
        job("null-out");

        Result result = cleanup();

        // some records are of a company that the API user lacks, and are refused as without keep-id
        assertThat(result.err()).isEmpty();
        assertThat(runs.ours()
                        .sql("SELECT DISTINCT outcome FROM repair_part WHERE keep_id")
                        .query(String.class)
                        .list())
                .containsExactly("repaired");
        assertThat(
                        count(
                                "SELECT count(*) FROM crm_lead l JOIN res_partner p ON p.id = l.partner_id WHERE p.name LIKE 'Recovered%'"))
                .isZero();
        assertThat(runs.ours()
                        .sql(
                                "SELECT count(*) FROM journal_call WHERE method = 'unlink' AND model = 'res.partner' AND outcome = 'done'")
                        .query(Long.class)
                        .single())
                .isPositive();
    }

    private long deletedCategory() {
        long id = count("SELECT min(parent_id) FROM product_category WHERE parent_id IN"
                + " (SELECT id FROM product_category WHERE parent_id IS NOT NULL)");
        runs.odoo()
                .sql("SET session_replication_role = replica; DELETE FROM product_category WHERE id = " + id
                        + "; SET session_replication_role = origin")
                .update();
        return id;
    }

    @Test
    void the_name_that_a_childs_path_kept_comes_back_with_its_source() throws IOException {
        String name = runs.odoo()
                .sql("SELECT name FROM product_category WHERE id = (SELECT min(parent_id) FROM product_category"
                        + " WHERE parent_id IN (SELECT id FROM product_category WHERE parent_id IS NOT NULL))")
                .query(String.class)
                .single();
        long id = deletedCategory();
        runs.job("keep", """
                target: sandbox
                references: { include: ["product.category.parent_id"] }
                rules:
                  - when: {}
                    policy: archive-parent
                    keep-id: true
                approval: none
                limits: { share-of-table: 1 }
                """);

        Result result = cleanup();

        assertThat(result.err()).isEmpty();
        assertThat(runs.odoo()
                        .sql("SELECT name FROM product_category WHERE id = " + id)
                        .query(String.class)
                        .single())
                .isEqualTo(name + " (Recovered product.category #" + id + ")");
        assertThat(runs.ours()
                        .sql("SELECT recalled ->> 0 FROM stand_in WHERE parent_model = 'product.category' AND new_id = "
                                + id)
                        .query(String.class)
                        .single())
                .contains(name, "complete_name", "product.category #");
    }

    @Test
    void names_of_persons_come_back_only_where_the_definition_says_so() throws IOException {
        long missing = count("SELECT min(parent_id) FROM res_partner c WHERE parent_id IS NOT NULL"
                + " AND NOT EXISTS (SELECT FROM res_partner p WHERE p.id = c.parent_id)");
        runs.odoo()
                .sql("UPDATE res_partner SET complete_name = 'Azure Interior, ' || name WHERE parent_id = " + missing)
                .update();
        job("archive-parent", "recover-persons: true");

        Result result = cleanup();

        assertThat(result.err()).isEmpty();
        assertThat(runs.odoo()
                        .sql("SELECT name FROM res_partner WHERE id = " + missing)
                        .query(String.class)
                        .single())
                .isEqualTo("Azure Interior (Recovered res.partner #" + missing + ")");
    }

    @Test
    void a_write_connection_to_another_database_writes_nothing() throws IOException {
        job("archive-parent");
        writer(runs.sandbox.jdbcUrl().replaceAll("/[^/]+$", "/postgres"));
        long missing = count(MISSING_PARTNERS);

        Result result = cleanup();

        assertThat(result.exitCode()).isEqualTo(2);
        assertThat(result.err()).contains("leads to another database", "orphan.targets.sandbox.write-jdbc-url");
        assertThat(count(MISSING_PARTNERS)).isEqualTo(missing);
    }

    @Test
    void without_a_way_to_insert_a_row_the_plan_refuses() throws IOException {
        runs.close();
        runs = new CommandLineRuns(directory.resolve("second"));
        job("archive-parent");

        Result result = cleanup();

        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(runs.ours()
                        .sql("SELECT DISTINCT reason FROM repair_part WHERE outcome = 'refused'")
                        .query(String.class)
                        .list())
                .singleElement()
                .asString()
                .contains("write-jdbc-url");
        assertThat(List.of(MISSING_PARTNERS))
                .allSatisfy(sql -> assertThat(count(sql)).isPositive());
    }
}
