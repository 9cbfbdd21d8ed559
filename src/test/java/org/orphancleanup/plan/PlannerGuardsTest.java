package org.orphancleanup.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.orphancleanup.plan.Workbench.ANY;
import static org.orphancleanup.plan.Workbench.field;
import static org.orphancleanup.plan.Workbench.model;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.orphancleanup.catalog.Reference;
import org.orphancleanup.catalog.ReferenceKind;
import org.orphancleanup.catalog.Storage;
import org.orphancleanup.job.JobDefinition.Limits;
import org.orphancleanup.job.JobDefinition.Placeholder;
import org.orphancleanup.job.PolicyKind;
import org.orphancleanup.plan.Workbench.Planned;

class PlannerGuardsTest {

    private final Workbench bench = new Workbench();

    /** One record 1 of a model whose only field dangles. */
    private Reference damaged(String model, String parentModel) {
        bench.table(model, "some_id integer");
        bench.row(model.replace('.', '_'), 1);
        return bench.many2one(model, "some_id", parentModel);
    }

    @Nested
    class Widening {

        @ParameterizedTest
        @CsvSource({
            "crm.lead, res.company",
            "ir.model.access, res.groups",
            "spreadsheet.dashboard, res.groups",
            "ir.filters, res.users",
            "ir.default, res.users",
            "discuss.channel, res.users"
        })
        void emptying_what_restricts_is_refused(String model, String parentModel) {
            bench.rule(ANY, PolicyKind.NULL_OUT);

            assertThat(bench.planOf(damaged(model, parentModel), 1).reason())
                    .contains("everybody", "allow.widening: [" + model + ".some_id]");
        }

        @Test
        void a_relation_row_of_a_menu_and_its_group_stays() {
            bench.table("ir.ui.menu");
            bench.row("ir_ui_menu", 1);
            bench.rule(ANY, PolicyKind.DELETE);
            Reference group =
                    bench.relation("ir.ui.menu", "groups_id", "ir_ui_menu_group_rel", "menu_id", "gid", "res.groups");

            assertThat(bench.planOf(group, 1).reason()).contains("allow.widening: [ir.ui.menu.groups_id]");
        }

        @Test
        void a_users_group_may_go_since_he_has_less_without_it() {
            bench.table("res.users");
            bench.row("res_users", 1);
            bench.rule(ANY, PolicyKind.DELETE);
            Reference group =
                    bench.relation("res.users", "groups_id", "res_groups_users_rel", "uid", "gid", "res.groups");

            assertThat(bench.planOf(group, 1).newValue()).isEqualTo("empty");
        }

        @Test
        void deleting_a_record_rule_is_refused() {
            bench.rule(model("ir.rule"), PolicyKind.DELETE);

            assertThat(bench.planOf(damaged("ir.rule", "ir.model"), 1).reason()).contains("allow.widening");
        }

        @Test
        void it_is_lifted_by_the_name_of_model_and_field() {
            bench.allow = bench.allowing(List.of("ir.filters.some_id"), List.of(), List.of(), List.of());
            bench.rule(ANY, PolicyKind.NULL_OUT);

            assertThat(bench.planOf(damaged("ir.filters", "res.users"), 1).newValue())
                    .isEqualTo("empty");
        }

        @Test
        void relinking_widens_nothing() {
            bench.rule(ANY, PolicyKind.RELINK, new Placeholder(null, 1L, null), null);

            assertThat(bench.planOf(damaged("crm.lead", "res.company"), 1).newValue())
                    .isEqualTo("record:1");
        }
    }

    @Nested
    class ParentsWithAMeaning {

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "res.currency",
                    "uom.uom",
                    "res.company",
                    "account.account",
                    "account.tax",
                    "account.journal",
                    "stock.location",
                    "stock.warehouse",
                    "res.groups",
                    "ir.model"
                })
        void are_neither_made_up_nor_stood_in_for(String parentModel) {
            Reference reference = damaged("x.record", parentModel);
            bench.odoo.field(parentModel, "name");
            bench.rule(field("x.record.some_id"), PolicyKind.ARCHIVE_PARENT);
            String archived = bench.planOf(reference, 1).reason();
            bench.rules.clear();
            bench.rule(ANY, PolicyKind.RELINK, Placeholder.AUTO, null);
            bench.plan();

            assertThat(archived).contains("allow.auto-placeholder: [" + parentModel + "]");
            assertThat(bench.parts().get(0).reason()).isEqualTo(archived);
        }

        @Test
        void are_made_when_the_definition_allows_it() {
            bench.allow = bench.allowing(List.of(), List.of("stock.*"), List.of(), List.of());
            bench.odoo.field("stock.location", "name");
            bench.rule(ANY, PolicyKind.RELINK, Placeholder.AUTO, null);

            assertThat(bench.planOf(damaged("x.record", "stock.location"), 1).newValue())
                    .isEqualTo("placeholder:0:0");
        }

        @Test
        void are_no_matter_where_the_named_record_exists_already() {
            bench.table("ir.model.data", "module text", "name text", "model text", "res_id integer");
            bench.table("stock.location");
            bench.row("stock_location", 5);
            bench.sql("INSERT INTO ir_model_data VALUES (1, 'x', 'lost', 'stock.location', 5)");
            bench.rule(ANY, PolicyKind.RELINK, new Placeholder("x.lost", null, Map.of("name", "Lost")), null);

            assertThat(bench.planOf(damaged("x.record", "stock.location"), 1).newValue())
                    .isEqualTo("placeholder:0:1");
        }
    }

    @Nested
    class BusinessStates {

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "crm.lead",
                    "mail.activity",
                    "res.users",
                    "ir.cron",
                    "base.automation",
                    "stock.warehouse.orderpoint"
                })
        void are_marked_but_not_archived(String model) {
            bench.odoo.field(model, "active");
            bench.rule(ANY, PolicyKind.QUARANTINE);

            Planned part = bench.planOf(damaged(model, "res.partner"), 1);

            assertThat(part.newValue()).isEqualTo("quarantine:mark");
            assertThat(part.why()).contains("business state");
        }

        @ParameterizedTest
        @CsvSource({"crm.lead, ", ", crm.lead.*"})
        void are_archived_where_a_rule_names_the_model(String model, String field) {
            bench.odoo.field("crm.lead", "active");
            bench.rule(model == null ? field(field) : model(model), PolicyKind.QUARANTINE);

            assertThat(bench.planOf(damaged("crm.lead", "res.partner"), 1).newValue())
                    .isEqualTo("quarantine");
        }
    }

    @Nested
    class Protection {

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "res.users",
                    "product.product",
                    "product.template",
                    "account.account",
                    "account.journal",
                    "account.move",
                    "account.move.line",
                    "account.payment",
                    "account.bank.statement.line",
                    "account.partial.reconcile",
                    "account.full.reconcile",
                    "stock.move",
                    "stock.move.line",
                    "stock.quant",
                    "stock.lot",
                    "pos.order",
                    "hr.payslip"
                })
        void no_wildcard_rule_deletes_these(String model) {
            bench.rule(field("*.some_id"), PolicyKind.DELETE);

            assertThat(bench.planOf(damaged(model, "res.partner"), 1).reason())
                    .contains("protected", "model: " + model, "allow.protected: [" + model + "]");
        }

        @Test
        void neither_does_the_default() {
            bench.fallback = PolicyKind.DELETE;

            assertThat(bench.planOf(damaged("stock.lot", "res.partner"), 1).reason())
                    .contains("protected");
        }

        @Test
        void a_rule_that_spells_the_model_out_does() {
            bench.rule(field("stock.lot.some_id"), PolicyKind.DELETE);

            assertThat(bench.planOf(damaged("stock.lot", "res.partner"), 1).newValue())
                    .isEqualTo("unlink");
        }

        @Test
        void so_does_allow() {
            bench.allow = bench.allowing(List.of(), List.of(), List.of(), List.of("stock.lot"));
            bench.rule(ANY, PolicyKind.DELETE);

            assertThat(bench.planOf(damaged("stock.lot", "res.partner"), 1).newValue())
                    .isEqualTo("unlink");
        }

        @Test
        void a_draft_entry_is_not_protected() {
            Reference reference = damaged("account.move", "res.partner");
            bench.sql("ALTER TABLE account_move ADD state text");
            bench.sql("UPDATE account_move SET state = 'draft'");
            bench.rule(ANY, PolicyKind.DELETE);

            assertThat(bench.planOf(reference, 1).newValue()).isEqualTo("unlink");
        }

        @Test
        void attachments_of_protected_models_are_protected() {
            bench.table("ir.attachment", "res_model text", "res_id integer");
            bench.sql("INSERT INTO ir_attachment VALUES (1, 'res.partner', 99)");
            bench.rule(ANY, PolicyKind.DELETE);
            Reference document = bench.other(
                    ReferenceKind.MANY2ONE_REFERENCE,
                    "ir.attachment",
                    "res_id",
                    "res_id",
                    "res.partner",
                    new Storage.ModelAndId("ir_attachment", "res_model", "res_id", "res.partner"));

            assertThat(bench.planOf(document, 1).reason()).contains("attachment of the protected model res.partner");
        }

        @Test
        void a_relation_row_is_no_record() {
            bench.row("res_partner", 7);
            bench.rule(ANY, PolicyKind.DELETE);
            Reference tag = bench.relation(
                    "res.partner", "category_id", "res_partner_category_rel", "partner_id", "category_id", "x.tag");

            assertThat(bench.planOf(tag, 7).newValue()).isEqualTo("empty");
        }
    }

    @Nested
    class Consequences {

        @Test
        void a_delete_that_takes_a_protected_record_along_is_refused() {
            Reference reference = damaged("x.order", "res.partner");
            bench.sql(
                    "CREATE TABLE x_line (id integer PRIMARY KEY, order_id integer REFERENCES x_order ON DELETE CASCADE)");
            bench.sql(
                    "CREATE TABLE stock_move (id integer PRIMARY KEY, line_id integer REFERENCES x_line ON DELETE CASCADE)");
            bench.row("x_order", 2);
            bench.sql("INSERT INTO x_line VALUES (10, 1), (11, 2)");
            bench.sql("INSERT INTO stock_move VALUES (100, 10)");
            bench.rule(model("x.order"), PolicyKind.DELETE);
            bench.orphan(reference, 1, 99);
            bench.orphan(reference, 2, 99);

            bench.plan();

            assertThat(bench.parts().get(0).reason()).contains("protected model stock.move");
            assertThat(bench.parts().get(1).newValue()).isEqualTo("unlink");
        }

        @Test
        void what_goes_with_a_record_is_counted_and_said() {
            Reference reference = damaged("x.order", "res.partner");
            bench.sql(
                    "CREATE TABLE x_line (id integer PRIMARY KEY, order_id integer REFERENCES x_order ON DELETE CASCADE,"
                            + " parent_id integer REFERENCES x_line ON DELETE CASCADE)");
            bench.sql("CREATE TABLE x_tag_rel (order_id integer REFERENCES x_order ON DELETE CASCADE, tag_id integer)");
            bench.table("mail.message", "model text", "res_id integer");
            bench.sql("INSERT INTO x_line VALUES (10, 1, NULL), (11, NULL, 10)");
            bench.sql("INSERT INTO x_tag_rel VALUES (1, 5), (1, 6)");
            bench.sql("INSERT INTO mail_message VALUES (1, 'x.order', 1), (2, 'x.order', 2), (3, 'x.line', 1)");
            bench.rule(model("x.order"), PolicyKind.DELETE);
            bench.limits = new Limits(5, 100, 1, null, 200, 2, null);
            bench.orphan(reference, 1, 99);

            PlanSummary summary = bench.plan();

            assertThat(summary.warnings())
                    .contains(
                            "Deleting 1 record takes along: 1 row of mail_message, 2 rows of x_line, 2 rows of x_tag_rel.");
            assertThat(summary.blocked())
                    .containsExactly(
                            "The plan has 1 repair, and its deletes take 5 other rows along; limits.repairs-per-run allows 5.");
        }
    }
}
