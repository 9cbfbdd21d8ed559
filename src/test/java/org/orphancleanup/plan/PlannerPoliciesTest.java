package org.orphancleanup.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.orphancleanup.plan.Workbench.ANY;
import static org.orphancleanup.plan.Workbench.field;
import static org.orphancleanup.plan.Workbench.model;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.orphancleanup.UserError;
import org.orphancleanup.catalog.Reference;
import org.orphancleanup.catalog.ReferenceKind;
import org.orphancleanup.catalog.Storage;
import org.orphancleanup.job.JobDefinition.Placeholder;
import org.orphancleanup.job.JobDefinition.When;
import org.orphancleanup.job.PolicyKind;
import org.orphancleanup.plan.Workbench.Planned;

class PlannerPoliciesTest {

    private final Workbench bench = new Workbench();
    private Reference customer;

    @BeforeEach
    void a_lead_with_a_customer() {
        bench.table("crm.lead", "partner_id integer", "company_id integer", "create_date timestamp", "active boolean");
        bench.row("crm_lead", 7);
        bench.odoo.field("crm.lead", "active");
        customer = bench.many2one("crm.lead", "partner_id", "res.partner");
    }

    @Test
    void report_only_records_the_orphan_and_plans_nothing() {
        bench.orphan(customer, 7, 99);

        PlanSummary summary = bench.plan();

        assertThat(bench.parts()).singleElement().satisfies(part -> {
            assertThat(part.policy()).isEqualTo("report-only");
            assertThat(part.outcome()).isEqualTo("reported");
            assertThat(part.newValue()).isNull();
            assertThat(part.line()).isNull();
            assertThat(part.done()).isTrue();
        });
        assertThat(summary.found()).isEqualTo(1);
        assertThat(summary.reported()).isEqualTo(1);
        assertThat(summary.repairs()).isZero();
        assertThat(bench.odoo.calls).isEmpty();
    }

    @Test
    void null_out_empties_a_field_that_may_be_empty() {
        bench.rule(field("crm.lead.partner_id"), PolicyKind.NULL_OUT);

        Planned part = bench.planOf(customer, 7);

        assertThat(part.newValue()).isEqualTo("empty");
        assertThat(part.outcome()).isNull();
        assertThat(part.line()).isEqualTo(10);
        assertThat(part.why()).contains("line 10", "crm.lead.partner_id");
        assertThat(part.kindKey()).isEqualTo("crm.lead|0|partner_id=empty");
    }

    @Test
    void null_out_of_a_required_field_is_refused() {
        bench.rule(ANY, PolicyKind.NULL_OUT);
        Reference team = bench.many2one("crm.lead", "team_id", "crm.team", "restrict", true);

        assertThat(bench.planOf(team, 7).reason()).contains("required");
    }

    @Test
    void null_out_of_a_field_that_odoo_alone_calls_required_is_refused() {
        bench.rule(ANY, PolicyKind.NULL_OUT);
        bench.odoo.field("crm.lead", "partner_id", "required");

        assertThat(bench.planOf(customer, 7).reason()).contains("required");
    }

    @Test
    void null_out_is_refused_where_a_check_of_the_database_wants_a_value() {
        bench.table("sale.order.line", "product_id integer", "display_type text");
        bench.sql(
                "ALTER TABLE sale_order_line ADD CONSTRAINT accountable CHECK (display_type IS NOT NULL OR product_id IS NOT NULL)");
        bench.sql("INSERT INTO sale_order_line VALUES (1, 99, NULL), (2, 99, 'line_note')");
        Reference product = bench.many2one("sale.order.line", "product_id", "product.product");
        bench.rule(ANY, PolicyKind.NULL_OUT);
        bench.orphan(product, 1, 99);
        bench.orphan(product, 2, 99);

        bench.plan();

        assertThat(bench.parts()).extracting(Planned::outcome).containsExactly("refused", null);
        assertThat(bench.parts().get(0).reason()).contains("accountable");
    }

    @Test
    void an_id_beside_a_model_name_is_emptied_with_zero_for_a_check() {
        bench.table("mail.activity", "res_model text", "res_id integer CONSTRAINT somewhere CHECK (res_id <> 0)");
        bench.sql("INSERT INTO mail_activity VALUES (1, 'res.partner', 99)");
        Reference document = bench.other(
                ReferenceKind.MANY2ONE_REFERENCE,
                "mail.activity",
                "res_id",
                "res_id",
                "res.partner",
                new Storage.ModelAndId("mail_activity", "res_model", "res_id", "res.partner"));
        bench.rule(ANY, PolicyKind.NULL_OUT);

        assertThat(bench.planOf(document, 1).reason()).contains("somewhere");
    }

    @Test
    void relink_makes_one_placeholder_per_company_of_the_children() {
        bench.rule(ANY, PolicyKind.RELINK);
        bench.sql("UPDATE crm_lead SET company_id = 2");
        bench.row("crm_lead", 8);
        bench.orphan(customer, 7, 98);
        bench.orphan(customer, 8, 99);

        bench.plan();

        assertThat(bench.parts()).extracting(Planned::newValue).containsExactly("placeholder:2:0", "placeholder:0:0");
        assertThat(bench.parts())
                .extracting(Planned::kindKey)
                .containsExactly("crm.lead|2|partner_id=placeholder:2:0", "crm.lead|0|partner_id=placeholder:0:0");
    }

    @Test
    void a_placeholder_with_values_carries_its_rules_line() {
        bench.rule(ANY, PolicyKind.RELINK, new Placeholder("x.unknown", null, Map.of("name", "Unknown")), null);

        assertThat(bench.planOf(customer, 7).newValue()).isEqualTo("placeholder:0:1");
    }

    @Test
    void a_placeholder_by_id_must_exist() {
        bench.rule(ANY, PolicyKind.RELINK, new Placeholder(null, 4711L, null), null);

        assertThat(bench.planOf(customer, 7).reason()).isEqualTo("there is no res.partner 4711");
    }

    @Test
    void a_placeholder_by_id_is_an_existing_record() {
        bench.rule(ANY, PolicyKind.RELINK, new Placeholder(null, 1L, null), null);

        assertThat(bench.planOf(customer, 7).newValue()).isEqualTo("record:1");
    }

    @Test
    void a_placeholder_of_another_company_is_refused() {
        bench.rule(ANY, PolicyKind.RELINK, new Placeholder(null, 2L, null), null);
        bench.sql("UPDATE crm_lead SET company_id = 1");

        assertThat(bench.planOf(customer, 7).reason()).contains("belongs to company 2", "company 1");
    }

    @Test
    void a_placeholder_by_external_id_must_be_of_the_parent_model() {
        externalIds();
        bench.rule(ANY, PolicyKind.RELINK, new Placeholder("base.main_company", null, null), null);

        assertThat(bench.planOf(customer, 7).reason())
                .isEqualTo("base.main_company is a res.company, not a res.partner");
    }

    @Test
    void an_external_id_that_nobody_has_is_refused() {
        externalIds();
        bench.rule(ANY, PolicyKind.RELINK, new Placeholder("base.nobody", null, null), null);

        assertThat(bench.planOf(customer, 7).reason()).contains("no external id base.nobody");
    }

    @Test
    void a_mapping_wins_and_what_it_does_not_name_goes_on_to_the_next_rule(@TempDir Path folder) throws IOException {
        externalIds();
        Path file = Files.writeString(
                folder.resolve("partners.csv"),
                "parent_model,missing_id,new\nres.partner,97,base.main_partner\nres.partner,98,2\n");
        bench.rule(ANY, PolicyKind.RELINK, null, file);
        bench.rule(ANY, PolicyKind.NULL_OUT);
        bench.row("crm_lead", 8);
        bench.row("crm_lead", 9);
        bench.orphan(customer, 7, 97);
        bench.orphan(customer, 8, 98);
        bench.orphan(customer, 9, 99);

        bench.plan();

        assertThat(bench.parts()).extracting(Planned::newValue).containsExactly("record:1", "record:2", "empty");
        assertThat(bench.parts()).extracting(Planned::line).containsExactly(10, 10, 11);
    }

    @Test
    void a_mapping_file_with_a_mistake_names_file_and_line(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("m.csv"), "parent_model,missing_id,new\nres.partner,x,1\n");
        bench.rule(ANY, PolicyKind.RELINK, null, file);

        assertThatThrownBy(bench::plan).isInstanceOf(UserError.class).hasMessageContaining("m.csv:2");
    }

    @Test
    void archive_parent_gives_each_missing_parent_a_stand_in() {
        bench.rule(ANY, PolicyKind.ARCHIVE_PARENT);
        bench.sql("UPDATE crm_lead SET company_id = 2");

        Planned part = bench.planOf(customer, 7);

        assertThat(part.newValue()).isEqualTo("stand-in:2");
        assertThat(part.kindKey()).isEqualTo("crm.lead|2|partner_id=stand-in:2:99");
    }

    @Test
    void quarantine_archives_where_the_model_can() {
        bench.table("project.task", "partner_id integer", "active boolean");
        bench.row("project_task", 1);
        bench.odoo.field("project.task", "active");
        bench.rule(ANY, PolicyKind.QUARANTINE);

        assertThat(bench.planOf(bench.many2one("project.task", "partner_id", "res.partner"), 1)
                        .newValue())
                .isEqualTo("quarantine");
    }

    @Test
    void quarantine_only_marks_where_the_model_cannot_archive() {
        bench.table("mail.message", "author_id integer");
        bench.row("mail_message", 1);
        bench.rule(ANY, PolicyKind.QUARANTINE);
        bench.odoo.denied.add("mail.message/write");

        assertThat(bench.planOf(bench.many2one("mail.message", "author_id", "res.partner"), 1)
                        .newValue())
                .isEqualTo("quarantine:mark");
    }

    @Test
    void delete_unlinks_the_record() {
        bench.rule(model("crm.lead"), PolicyKind.DELETE);

        Planned part = bench.planOf(customer, 7);

        assertThat(part.newValue()).isEqualTo("unlink");
        assertThat(part.kindKey()).isEqualTo("crm.lead|0|unlink");
    }

    @Test
    void by_ondelete_does_what_the_field_would_have_done() {
        bench.rule(ANY, PolicyKind.BY_ONDELETE);
        Reference cascade = bench.many2one("crm.lead", "a_id", "res.partner", "cascade", false);
        Reference restrict = bench.many2one("crm.lead", "b_id", "res.partner", "restrict", false);
        bench.row("crm_lead", 8);
        bench.row("crm_lead", 9);
        bench.orphan(customer, 7, 99);
        bench.orphan(cascade, 8, 99);
        bench.orphan(restrict, 9, 99);

        bench.plan();

        assertThat(bench.parts()).extracting(Planned::policy).containsExactly("null-out", "delete", "archive-parent");
        assertThat(bench.parts().get(1).why()).contains("ondelete is cascade");
    }

    @Test
    void by_ondelete_of_a_relation_row_removes_the_row() {
        bench.rule(ANY, PolicyKind.BY_ONDELETE);
        Reference tag = bench.relation("crm.lead", "tag_ids", "crm_tag_rel", "lead_id", "tag_id", "crm.tag");

        Planned part = bench.planOf(tag, 7);

        assertThat(part.policy()).isEqualTo("delete");
        assertThat(part.newValue()).isEqualTo("empty");
        assertThat(part.model()).isEqualTo("crm.lead");
        assertThat(part.table()).isEqualTo("crm_lead");
        assertThat(part.kindKey()).isEqualTo("crm.lead|0|tag_id(crm_tag_rel,99)=empty");
    }

    @Test
    void by_ondelete_of_a_kind_without_one_is_refused() {
        bench.table("mail.followers", "res_model text", "res_id integer");
        bench.row("mail_followers", 1);
        bench.rule(ANY, PolicyKind.BY_ONDELETE);
        Reference document = bench.other(
                ReferenceKind.MANY2ONE_REFERENCE,
                "mail.followers",
                "res_id",
                "res_id",
                "res.partner",
                new Storage.ModelAndId("mail_followers", "res_model", "res_id", "res.partner"));

        assertThat(bench.planOf(document, 1).reason()).contains("declares no ondelete");
    }

    @Test
    void the_first_matching_rule_decides_by_every_condition() {
        bench.rule(new When("crm.lead", null, "res.users", null, null, null, List.of(), null), PolicyKind.DELETE);
        bench.rule(new When(null, null, null, ReferenceKind.MANY2MANY, null, null, List.of(), null), PolicyKind.DELETE);
        bench.rule(new When(null, null, null, null, "cascade", null, List.of(), null), PolicyKind.DELETE);
        bench.rule(new When(null, null, null, null, null, true, List.of(), null), PolicyKind.DELETE);
        bench.rule(new When(null, null, null, null, null, null, List.of(2L), null), PolicyKind.DELETE);
        bench.rule(new When(null, null, null, null, null, null, List.of(), Duration.ofDays(30)), PolicyKind.DELETE);
        bench.rule(
                new When(
                        "crm.*",
                        "crm.lead.partner*",
                        "res.partner",
                        ReferenceKind.MANY2ONE,
                        "set null",
                        false,
                        List.of(0L),
                        Duration.ofDays(10)),
                PolicyKind.NULL_OUT);
        bench.sql("UPDATE crm_lead SET create_date = '2026-02-10 12:00:00'");

        assertThat(bench.planOf(customer, 7).line()).isEqualTo(16);
    }

    @Test
    void a_record_of_unknown_age_is_not_old_enough() {
        bench.rule(new When(null, null, null, null, null, null, List.of(), Duration.ofDays(1)), PolicyKind.NULL_OUT);

        assertThat(bench.planOf(customer, 7).outcome()).isEqualTo("reported");
    }

    @Test
    void where_fields_of_one_record_differ_delete_wins_and_a_report_stays_a_report() {
        Reference team = bench.many2one("crm.lead", "team_id", "crm.team");
        Reference user = bench.many2one("crm.lead", "user_id", "res.users");
        bench.rule(field("crm.lead.team_id"), PolicyKind.DELETE);
        bench.rule(field("crm.lead.partner_id"), PolicyKind.NULL_OUT);
        bench.orphan(customer, 7, 99);
        bench.orphan(team, 7, 98);
        bench.orphan(user, 7, 97);

        PlanSummary summary = bench.plan();

        assertThat(bench.parts()).extracting(Planned::newValue).containsExactly("unlink", "unlink", null);
        assertThat(bench.parts()).extracting(Planned::outcome).containsExactly(null, null, "reported");
        assertThat(bench.parts().get(0).policy()).isEqualTo("delete");
        assertThat(bench.parts().get(0).why()).contains("null-out gives way to delete of crm.lead.team_id");
        assertThat(summary.repairs()).isEqualTo(1);
        assertThat(summary.parts()).isEqualTo(2);
    }

    @Test
    void a_delete_that_is_refused_leaves_the_other_fields_to_their_own_policies() {
        Reference team = bench.many2one("crm.lead", "team_id", "crm.team");
        bench.rule(field("crm.lead.team_id"), PolicyKind.DELETE);
        bench.rule(field("crm.lead.partner_id"), PolicyKind.NULL_OUT);
        bench.odoo.denied.add("crm.lead/unlink");
        bench.orphan(customer, 7, 99);
        bench.orphan(team, 7, 98);

        bench.plan();

        assertThat(bench.parts()).extracting(Planned::newValue).containsExactly("empty", null);
        assertThat(bench.parts().get(1).reason()).contains("may not delete crm.lead");
    }

    @Test
    void repairs_of_two_fields_have_both_in_their_kind() {
        Reference team = bench.many2one("crm.lead", "team_id", "crm.team");
        bench.rule(ANY, PolicyKind.NULL_OUT);
        bench.orphan(team, 7, 98);
        bench.orphan(customer, 7, 99);

        bench.plan();

        assertThat(bench.parts())
                .extracting(Planned::kindKey)
                .containsOnly("crm.lead|0|partner_id=empty;team_id=empty");
    }

    private void externalIds() {
        bench.table("ir.model.data", "module text", "name text", "model text", "res_id integer");
        bench.sql(
                "INSERT INTO ir_model_data VALUES (1, 'base', 'main_company', 'res.company', 1), (2, 'base', 'main_partner', 'res.partner', 1)");
    }
}
