package org.orphancleanup.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.orphancleanup.cli.CommandLineRuns.Result;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class RetireCommandTest {

    @TempDir
    static Path directory;

    private static CommandLineRuns runs;

    @BeforeAll
    static void start() {
        runs = new CommandLineRuns(directory);
    }

    @AfterAll
    static void stop() {
        runs.close();
    }

    private static long one(String sql) {
        return runs.odoo().sql(sql).query(Long.class).single();
    }

    /** Rows of every many2one column that names the partner, by a look of its own. */
    private static long naming(long partner) {
        return one("SELECT count(*) FROM crm_lead WHERE partner_id = " + partner)
                + one("SELECT count(*) FROM sale_order WHERE partner_id = " + partner + " OR partner_invoice_id = "
                        + partner + " OR partner_shipping_id = " + partner);
    }

    /** A sound partner of its own, to whom three leads refer. */
    private static long partnerWithLeads() {
        long partner = one(
                "INSERT INTO res_partner (name, complete_name, active) VALUES ('Sound', 'Sound', true) RETURNING id");
        runs.odoo()
                .sql(
                        "UPDATE crm_lead SET partner_id = :partner WHERE id IN (SELECT l.id FROM crm_lead l JOIN res_users u ON u.id = l.user_id"
                                + " WHERE l.active AND l.company_id IS NOT NULL ORDER BY l.id LIMIT 3)")
                .param("partner", partner)
                .update();
        return partner;
    }

    private static Result retire(String record, String... more) {
        String[] arguments = new String[5 + more.length];
        System.arraycopy(new String[] {"retire", "--target", "sandbox", "--record", record}, 0, arguments, 0, 5);
        System.arraycopy(more, 0, arguments, 5, more.length);
        return runs.run(arguments);
    }

    private static boolean active(long partner) {
        return runs.odoo()
                .sql("SELECT active FROM res_partner WHERE id = ?")
                .param(partner)
                .query(Boolean.class)
                .single();
    }

    private static String run(Result result) {
        return result.out().replaceAll("(?s).*Run (\\d+):.*", "$1");
    }

    @Test
    void what_refers_is_listed_and_a_record_in_use_is_archived_and_comes_back() {
        long partner = partnerWithLeads();
        long leads = naming(partner);

        Result list = retire("res.partner," + partner, "--list");
        assertThat(list.exitCode()).as(list.err()).isEqualTo(1);
        assertThat(list.out()).contains("crm.lead.partner_id: emptied").contains("so it is archived");

        Result result = retire("res.partner," + partner, "--yes", "--no-backup", "a test");

        assertThat(result.exitCode()).as(result.out() + result.err()).isZero();
        assertThat(result.out()).contains("res.partner," + partner + " is archived");
        assertThat(active(partner)).isFalse();
        assertThat(naming(partner)).isEqualTo(leads).isPositive();

        Result undo = runs.run("undo", "--run", run(result));
        assertThat(undo.exitCode()).as(undo.out() + undo.err()).isZero();
        assertThat(active(partner)).isTrue();
    }

    @Test
    void references_go_to_the_record_that_takes_its_place_and_back_again_by_undo() {
        long partner = partnerWithLeads();
        long survivor = one("SELECT max(id) FROM res_partner WHERE active AND parent_id IS NULL AND id <> " + partner);
        long leads = naming(partner);
        long before = naming(survivor);

        Result result =
                retire("res.partner," + partner, "--merge-into", "" + survivor, "--yes", "--no-backup", "a test");

        assertThat(result.exitCode()).as(result.out() + result.err()).isZero();
        assertThat(naming(partner)).isZero();
        assertThat(naming(survivor)).isEqualTo(before + leads);
        assertThat(active(partner)).isFalse();

        Result undo = runs.run("undo", "--run", run(result));
        assertThat(undo.exitCode()).as(undo.out() + undo.err()).isZero();
        assertThat(naming(partner)).isEqualTo(leads);
        assertThat(active(partner)).isTrue();
    }

    @Test
    void what_nothing_needs_is_deleted_through_the_orm() {
        long tag = one("INSERT INTO crm_tag (name) VALUES ('{\"en_US\": \"Nobody has it\"}') RETURNING id");

        Result dry = retire("crm.tag," + tag, "--dry-run");
        assertThat(dry.exitCode()).as(dry.out() + dry.err()).isEqualTo(1);
        assertThat(one("SELECT count(*) FROM crm_tag WHERE id = " + tag)).isOne();
        Result waiting = retire("crm.tag," + tag, "--no-backup", "a test");
        assertThat(waiting.exitCode()).as(waiting.out() + waiting.err()).isEqualTo(4);

        Result result = runs.run("apply", "--plan", run(waiting), "--yes");

        assertThat(result.exitCode()).as(result.out() + result.err()).isZero();
        assertThat(result.out()).contains("crm.tag," + tag + " is deleted");
        assertThat(one("SELECT count(*) FROM crm_tag WHERE id = " + tag)).isZero();
    }

    @Test
    void without_a_backup_gate_nothing_is_written_and_wrong_names_end_in_2() {
        long partner = partnerWithLeads();

        Result ungated = retire("res.partner," + partner, "--yes");
        assertThat(ungated.exitCode()).isEqualTo(2);
        assertThat(ungated.err()).contains("backup");
        assertThat(active(partner)).isTrue();

        assertThat(retire("res.partner", "--list").err()).contains("--record res.partner,45");
        assertThat(retire("res.partner,987654321", "--list").err()).contains("There is no res.partner 987654321");
        assertThat(retire("no.model,1", "--list").exitCode()).isEqualTo(2);
        assertThat(retire("res.partner," + partner, "--merge-into", "" + partner, "--list")
                        .exitCode())
                .isEqualTo(2);
    }

    @Test
    void the_result_is_json_where_it_is_asked_for() {
        JsonNode look = new JsonMapper()
                .readTree(retire("res.partner," + partnerWithLeads(), "--list", "--json")
                        .out());

        assertThat(look.path("decision").asString()).isEqualTo("archive");
        assertThat(look.path("referrers").findValuesAsString("field")).containsAll(List.of("crm.lead.partner_id"));
    }
}
