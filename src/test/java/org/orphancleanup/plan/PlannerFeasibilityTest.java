package org.orphancleanup.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.orphancleanup.plan.Workbench.ANY;
import static org.orphancleanup.plan.Workbench.model;

import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.orphancleanup.catalog.ConstraintState;
import org.orphancleanup.catalog.Reference;
import org.orphancleanup.catalog.ReferenceKind;
import org.orphancleanup.catalog.Storage;
import org.orphancleanup.job.PolicyKind;
import org.orphancleanup.plan.Workbench.Planned;

class PlannerFeasibilityTest {

    private final Workbench bench = new Workbench();
    private Reference customer;

    @BeforeEach
    void a_task_with_a_customer() {
        bench.table("x.task", "partner_id integer", "company_id integer");
        bench.row("x_task", 7);
        customer = bench.many2one("x.task", "partner_id", "res.partner");
        bench.rule(ANY, PolicyKind.NULL_OUT);
    }

    @Test
    void a_model_that_odoo_does_not_have_any_more_is_refused() {
        bench.odoo.model("x.task");
        bench.sql("CREATE TABLE x_gone (id integer PRIMARY KEY, partner_id integer)");
        bench.row("x_gone", 1);
        Reference gone = bench.add(new Reference(
                2,
                ReferenceKind.MANY2ONE,
                "x.gone",
                "x_gone",
                "partner_id",
                "partner_id",
                List.of("x.gone.partner_id"),
                "res.partner",
                "res_partner",
                false,
                ConstraintState.MISSING,
                null,
                null,
                "set null",
                false,
                new Storage.Column("x_gone", "partner_id"),
                null));

        assertThat(bench.planOf(gone, 1).reason()).contains("no model x.gone");
    }

    @Test
    void a_field_that_the_api_user_does_not_see_is_refused() {
        bench.odoo.model("x.task").remove("partner_id");

        assertThat(bench.planOf(customer, 7).reason()).contains("does not see the field x.task.partner_id");
    }

    @Test
    void a_table_that_no_model_owns_is_refused_with_a_hint_at_the_sql() {
        bench.sql("CREATE TABLE leftover (id integer PRIMARY KEY, partner_id integer)");
        Reference leftover = bench.add(new Reference(
                2,
                ReferenceKind.MANY2ONE,
                null,
                "leftover",
                "partner_id",
                null,
                List.of(),
                "res.partner",
                "res_partner",
                false,
                ConstraintState.MISSING,
                null,
                null,
                null,
                false,
                new Storage.Column("leftover", "partner_id"),
                null));

        assertThat(bench.planOf(leftover, 1).reason()).contains("no model of Odoo owns the table leftover", "SQL");
    }

    @Test
    void a_relation_table_that_no_field_declares_is_held_with_a_hint_at_the_sql() {
        Reference tag = bench.relation("x.task", null, "x_task_rel", "task_id", "tag_id", "x.tag");

        Planned part = bench.planOf(tag, 7);

        assertThat(part.outcome()).isEqualTo("held");
        assertThat(part.reason()).contains("no field of x.task declares", "SQL");
    }

    @Test
    void a_relation_row_with_both_sides_gone_is_held_for_the_dba() {
        Reference tag = bench.relation("x.task", "tag_ids", "x_task_rel", "task_id", "tag_id", "x.tag");

        Planned part = bench.planOf(tag, 4711);

        assertThat(part.outcome()).isEqualTo("held");
        assertThat(part.reason()).contains("both sides", "the report has the SQL");
        assertThat(part.done()).isTrue();
    }

    @Test
    void a_record_that_went_since_the_scan_is_clean_already() {
        Planned part = bench.planOf(customer, 4711);

        assertThat(part.outcome()).isEqualTo("already-clean");
        assertThat(part.newValue()).isNull();
    }

    @ParameterizedTest
    @EnumSource(
            value = PolicyKind.class,
            names = {"NULL_OUT", "RELINK", "ARCHIVE_PARENT"})
    void audit_columns_are_never_written(PolicyKind policy) {
        bench.rules.clear();
        bench.rule(ANY, policy);
        Reference author = bench.other(
                ReferenceKind.AUDIT,
                "x.task",
                "create_uid",
                "create_uid",
                "res.users",
                new Storage.Column("x_task", "create_uid"));

        assertThat(bench.planOf(author, 7).reason())
                .isEqualTo("Odoo ignores create_uid and write_uid in a write; keep-id is the way");
    }

    @Test
    void without_the_right_to_write_nothing_is_planned() {
        bench.odoo.denied.add("x.task/write");

        assertThat(bench.planOf(customer, 7).reason()).isEqualTo("the API user may not write x.task");
    }

    @Test
    void without_the_right_to_create_no_stand_in_is_planned() {
        bench.rules.clear();
        bench.rule(ANY, PolicyKind.ARCHIVE_PARENT);
        bench.odoo.denied.add("res.partner/create");

        assertThat(bench.planOf(customer, 7).reason()).contains("may not create res.partner");
    }

    @Test
    void without_the_right_to_delete_nothing_is_deleted() {
        bench.rules.clear();
        bench.rule(model("x.task"), PolicyKind.DELETE);
        bench.odoo.denied.add("x.task/unlink");

        assertThat(bench.planOf(customer, 7).reason()).isEqualTo("the API user may not delete x.task");
    }

    @Test
    void a_company_that_the_api_user_lacks_is_refused() {
        bench.sql("UPDATE x_task SET company_id = 3");

        assertThat(bench.planOf(customer, 7).reason()).contains("lacks the company 3");
    }

    @Test
    void a_company_that_is_gone_itself_is_nobodys() {
        bench.sql("UPDATE x_task SET company_id = 88");

        Planned part = bench.planOf(customer, 7);

        assertThat(part.newValue()).isEqualTo("empty");
        assertThat(part.company()).isNull();
    }

    @Test
    void a_record_that_the_record_rules_hide_is_refused() {
        bench.odoo.notFound.add(7L);
        bench.odoo.notAllowed.add(7L);

        assertThat(bench.planOf(customer, 7).reason()).contains("record rules");
        assertThat(bench.odoo.calls).anyMatch(call -> call.startsWith("search x.task") && call.contains("[1, 2]"));
    }

    @Test
    void a_record_that_may_be_seen_but_not_written_is_refused() {
        bench.odoo.notAllowed.add(7L);

        assertThat(bench.planOf(customer, 7).reason()).contains("record rules");
    }

    @Test
    void a_record_that_is_not_found_may_be_writable_all_the_same() {
        bench.odoo.notFound.add(7L);

        assertThat(bench.planOf(customer, 7).newValue()).isEqualTo("empty");
    }

    @Test
    void where_odoo_stumbles_over_a_missing_record_itself_the_write_will_tell() {
        bench.odoo.undecidable.add(7L);

        assertThat(bench.planOf(customer, 7).newValue()).isEqualTo("empty");
    }

    @Test
    void hidden_records_by_the_hundred_cost_a_few_calls() {
        LongStream.range(100, 700).forEach(id -> {
            bench.row("x_task", id);
            bench.orphan(customer, id, 99);
            bench.odoo.notFound.add(id);
            bench.odoo.notAllowed.add(id);
        });

        bench.plan();

        assertThat(bench.parts())
                .extracting(Planned::outcome)
                .containsOnly("refused")
                .hasSize(600);
        assertThat(bench.odoo.calls).hasSizeLessThan(12);
    }

    @Test
    void a_company_dependent_value_needs_its_own_company() {
        Reference account = bench.other(
                ReferenceKind.COMPANY_DEPENDENT,
                "x.task",
                "property_x@3",
                "property_x",
                "x.thing",
                new Storage.CompanyValue("x_task", "property_x", 3));

        assertThat(bench.planOf(account, 7).reason()).contains("lacks the company 3");
    }

    @Test
    void a_value_of_a_company_that_is_gone_is_refused() {
        Reference key = bench.other(
                ReferenceKind.COMPANY_DEPENDENT,
                "x.task",
                "property_x@88",
                "property_x",
                "res.company",
                new Storage.CompanyKey("x_task", "property_x", 88));

        assertThat(bench.planOf(key, 7).reason()).contains("belongs to a company that is gone");
    }

    @Test
    void a_property_of_a_missing_record_must_not_become_everybodys_default() {
        bench.table("ir.property", "res_id text");
        bench.row("ir_property", 1);
        Reference record = bench.other(
                ReferenceKind.COMPANY_DEPENDENT,
                "ir.property",
                "res_id",
                "res_id",
                "res.partner",
                new Storage.ModelCommaId("ir_property", "res_id", "res.partner"));

        assertThat(bench.planOf(record, 1).reason()).contains("default of all records");
    }

    @Test
    void a_model_that_is_gone_has_nothing_to_point_to() {
        bench.rules.clear();
        bench.rule(ANY, PolicyKind.RELINK);
        bench.odoo.field("x.task", "res_id");
        Reference document = bench.add(new Reference(
                2,
                ReferenceKind.MANY2ONE_REFERENCE,
                "x.task",
                "x_task",
                "res_id",
                "res_id",
                List.of("x.task.res_id"),
                "x.gone",
                null,
                false,
                ConstraintState.IMPOSSIBLE,
                null,
                null,
                null,
                false,
                new Storage.ModelAndId("x_task", "res_model", "res_id", "x.gone"),
                null));

        assertThat(bench.planOf(document, 7).reason()).contains("x.gone does not exist any more");
    }

    @Test
    void a_relation_row_cannot_be_quarantined() {
        bench.rules.clear();
        bench.rule(ANY, PolicyKind.QUARANTINE);
        Reference tag = bench.relation("x.task", "tag_ids", "x_task_rel", "task_id", "tag_id", "x.tag");

        assertThat(bench.planOf(tag, 7).reason()).contains("no record that could be quarantined");
    }
}
