package org.orphancleanup.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.orphancleanup.plan.Workbench.ANY;

import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.orphancleanup.catalog.Reference;
import org.orphancleanup.catalog.ReferenceKind;
import org.orphancleanup.catalog.Storage;
import org.orphancleanup.job.JobDefinition.Limits;
import org.orphancleanup.job.PolicyKind;
import org.orphancleanup.plan.Workbench.Planned;
import org.orphancleanup.target.Target.KeepIdThrough;

class PlannerKeepIdTest {

    private final Workbench bench = new Workbench();
    private Reference customer;

    @BeforeEach
    void a_lead_with_a_customer_of_whom_a_hundred_were_made() {
        bench.table("crm.lead", "partner_id integer", "company_id integer", "create_date timestamp");
        bench.row("crm_lead", 7);
        bench.row("crm_lead", 8);
        customer = bench.many2one("crm.lead", "partner_id", "res.partner");
        bench.sql("CREATE SEQUENCE res_partner_id_seq OWNED BY res_partner.id");
        bench.sql("ALTER TABLE res_partner ALTER id SET DEFAULT nextval('res_partner_id_seq')");
        bench.sql("DO $$ BEGIN PERFORM setval('res_partner_id_seq', 100); END $$");
        bench.keepIdThrough = KeepIdThrough.WRITE_CONNECTION;
    }

    @Test
    void it_is_refused_where_the_target_has_no_way_to_insert_a_row() {
        bench.keepIdThrough = null;
        bench.keepId(ANY, PolicyKind.NULL_OUT);

        assertThat(bench.planOf(customer, 7).reason()).contains("write-jdbc-url", "keep-id-through: server-action");
    }

    @Test
    void it_is_refused_where_the_user_may_make_no_server_action() {
        bench.keepIdThrough = KeepIdThrough.SERVER_ACTION;
        bench.odoo.denied.add("ir.actions.server/create");
        bench.keepId(ANY, PolicyKind.ARCHIVE_PARENT);

        assertThat(bench.planOf(customer, 7).reason()).contains("Settings right");
    }

    @Test
    void nothing_of_the_child_is_written_so_nothing_of_it_stands_in_the_way() {
        bench.odoo.denied.add("crm.lead/write");
        bench.sql("UPDATE crm_lead SET company_id = 3");
        bench.keepId(ANY, PolicyKind.ARCHIVE_PARENT);

        Planned part = bench.planOf(customer, 7);

        assertThat(part.outcome()).isNull();
        assertThat(part.newValue()).isEqualTo("keep-id:3");
    }

    @Test
    void columns_that_odoo_does_not_write_are_repaired_too() {
        bench.sql("ALTER TABLE crm_lead ADD create_uid integer");
        Reference creator = bench.other(
                ReferenceKind.AUDIT,
                "crm.lead",
                "create_uid",
                "create_uid",
                "res.partner",
                new Storage.Column("crm_lead", "create_uid"));
        bench.keepId(ANY, PolicyKind.ARCHIVE_PARENT);

        assertThat(bench.planOf(creator, 7).newValue()).startsWith("keep-id:");
    }

    @Test
    void an_id_that_the_sequence_has_not_given_yet_is_refused() {
        bench.keepId(ANY, PolicyKind.ARCHIVE_PARENT);
        bench.orphan(customer, 7, 100);
        bench.orphan(customer, 8, 101);

        bench.plan();

        assertThat(bench.parts()).extracting(Planned::outcome).containsExactly(null, "refused");
        assertThat(bench.parts().get(1).reason()).contains("res_partner has given ids up to 100");
    }

    @Test
    void a_model_whose_rows_make_the_schema_is_refused() {
        bench.table("ir.model", "name text");
        Reference model = bench.many2one("crm.lead", "model_id", "ir.model");
        bench.allow = bench.allowing(List.of(), List.of("*"), List.of(), List.of());
        bench.keepId(ANY, PolicyKind.ARCHIVE_PARENT);

        assertThat(bench.planOf(model, 7).reason()).contains("would alter the schema");
    }

    @Test
    void a_parent_with_a_meaning_of_its_own_needs_to_be_allowed() {
        bench.table("account.account", "name text");
        bench.row("account_account", 500);
        Reference account = bench.many2one("crm.lead", "account_id", "account.account");
        bench.keepId(ANY, PolicyKind.ARCHIVE_PARENT);

        assertThat(bench.planOf(account, 7).reason()).contains("allow.auto-placeholder: [account.account]");
    }

    @Test
    void beside_another_policy_the_parent_comes_back_first() {
        bench.keepId(ANY, PolicyKind.NULL_OUT);

        Planned part = bench.planOf(customer, 7);

        assertThat(part.newValue()).isEqualTo("empty");
        assertThat(part.why()).contains("the missing parent comes back first");
    }

    @Test
    void the_plan_says_in_so_many_words_how_many_parents_come_back_and_counts_them() {
        bench.limits = new Limits(2, 2_000, 1.0, null, 200, 2, null);
        bench.keepId(ANY, PolicyKind.ARCHIVE_PARENT);
        bench.orphan(customer, 7, 99);
        bench.orphan(customer, 8, 99);

        PlanSummary summary = bench.plan();

        assertThat(summary.warnings())
                .singleElement()
                .asString()
                .contains(
                        "1 missing parent would be put back under its old id", "write connection", "1 of res.partner");
        assertThat(summary.blocked())
                .singleElement()
                .asString()
                .contains("2 repairs, and 1 missing parent to put back");
    }
}
