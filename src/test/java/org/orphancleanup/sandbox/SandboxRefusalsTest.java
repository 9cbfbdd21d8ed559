package org.orphancleanup.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.orphancleanup.sandbox.Rpc.QUIET;
import static org.orphancleanup.sandbox.Rpc.command;
import static org.orphancleanup.sandbox.Sandboxes.unchecked;
import static org.orphancleanup.sandbox.Sandboxes.value;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.JsonNode;

/** What real Odoo does with dangling references, the sandbox does: one test for each fact that was measured. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SandboxRefusalsTest {

    private Sandbox sandbox;
    private Rpc rpc;
    private Sandbox old;
    private Sandbox latest;

    @BeforeAll
    void start() throws SQLException {
        old = Sandboxes.sound(17);
        sandbox = Sandboxes.sound(18);
        latest = Sandboxes.sound(19);
        rpc = new Rpc(sandbox);
    }

    @AfterAll
    void stop() {
        List.of(old, sandbox, latest).forEach(Sandbox::close);
    }

    private void vanish(String table, long id) throws SQLException {
        unchecked(sandbox, "DELETE FROM " + table + " WHERE id = " + id);
    }

    private long partner(Map<String, ?> more) {
        Map<String, Object> values = new HashMap<>(Map.of("name", "Test"));
        values.putAll(more);
        return rpc.create("res.partner", values);
    }

    /** A contact whose company is gone: the ids of both. */
    private long[] contact() throws SQLException {
        long company = partner(Map.of("is_company", true));
        long contact = partner(Map.of("parent_id", company));
        vanish("res_partner", company);
        return new long[] {contact, company};
    }

    private long order(long partner, long product) {
        return rpc.create(
                "sale.order",
                Map.of(
                        "partner_id",
                        partner,
                        "order_line",
                        List.of(command(
                                0,
                                0,
                                Map.of(
                                        "product_id",
                                        product,
                                        "product_uom_qty",
                                        2,
                                        "price_unit",
                                        7,
                                        "name",
                                        "own text")))));
    }

    private long line(long order) throws SQLException {
        return Long.parseLong(value(sandbox, "SELECT min(id) FROM sale_order_line WHERE order_id = " + order));
    }

    private long product() {
        return rpc.create("product.product", Map.of("name", "Test product", "list_price", 100));
    }

    @Test
    void one_refused_record_undoes_the_whole_call() {
        long good = partner(Map.of("ref", "before"));

        assertThatThrownBy(
                        () -> rpc.call(QUIET, "res.partner", "write", List.of(good, 9_999_999), Map.of("ref", "after")))
                .hasMessageContaining("odoo.exceptions.MissingError")
                .hasMessageContaining("(Record: res.partner(9999999,), User: 2)");
        assertThat(rpc.raw("res.partner", good, "ref").asString()).isEqualTo("before");
    }

    @Test
    void tracking_reads_the_missing_parent_unless_the_context_forbids_it() throws SQLException {
        long[] contact = contact();
        Map<String, ?> repair = Map.of("parent_id", false, "commercial_partner_id", contact[0]);

        assertThatThrownBy(() -> rpc.write(Map.of(), "res.partner", contact[0], repair))
                .hasMessageContaining("MissingError")
                .hasMessageContaining("(Record: res.partner(" + contact[1] + ",)");
        assertThat(rpc.write(Map.of("mail_notrack", true), "res.partner", contact[0], repair))
                .isTrue();
        assertThat(rpc.raw("res.partner", contact[0], "parent_id").asBoolean()).isFalse();
    }

    @Test
    void a_tracked_field_with_a_missing_old_value_cannot_be_changed_loudly() throws SQLException {
        long team = rpc.create("crm.team", Map.of("name", "Gone"));
        long lead = rpc.create("crm.lead", Map.of("name", "Lead", "team_id", team));
        vanish("crm_team", team);

        assertThatThrownBy(() -> rpc.write(Map.of(), "crm.lead", lead, Map.of("team_id", false)))
                .hasMessageContaining("MissingError")
                .hasMessageContaining("crm.team(" + team + ",)");
        assertThat(rpc.write(QUIET, "crm.lead", lead, Map.of("team_id", false))).isTrue();
    }

    @Test
    void the_base_field_alone_fails_while_a_stored_computed_one_still_holds_the_missing_id() throws SQLException {
        long[] contact = contact();

        assertThatThrownBy(() -> rpc.write(QUIET, "res.partner", contact[0], Map.of("parent_id", false)))
                .hasMessageContaining("odoo.exceptions.ValidationError")
                .hasMessageContaining("Constraint: res_partner_commercial_partner_id_fkey");
        assertThat(rpc.write(
                        QUIET,
                        "res.partner",
                        contact[0],
                        Map.of("parent_id", false, "commercial_partner_id", contact[0])))
                .isTrue();
        assertThat(rpc.raw("res.partner", contact[0], "commercial_partner_id").asLong())
                .isEqualTo(contact[0]);
    }

    @Test
    void a_new_parent_alone_brings_the_commercial_partner_along() throws SQLException {
        long[] contact = contact();
        long other = partner(Map.of("is_company", true, "name", "Other"));

        rpc.write(QUIET, "res.partner", contact[0], Map.of("parent_id", other));

        assertThat(rpc.raw("res.partner", contact[0], "commercial_partner_id").asLong())
                .isEqualTo(other);
        assertThat(rpc.raw("res.partner", contact[0], "complete_name").asString())
                .isEqualTo("Other, Test");
    }

    @Test
    void an_order_follows_its_customer_and_refuses_its_delivery_address_alone() throws SQLException {
        long gone = partner(Map.of());
        long order = order(gone, product());
        long other = partner(Map.of());
        vanish("res_partner", gone);

        assertThatThrownBy(() -> rpc.write(QUIET, "sale.order", order, Map.of("partner_shipping_id", other)))
                .hasMessageContaining("res.partner(" + gone + ",)");
        assertThat(rpc.write(QUIET, "sale.order", order, Map.of("partner_id", other)))
                .isTrue();
        assertThat(value(
                        sandbox,
                        "SELECT partner_id || ' ' || partner_invoice_id || ' ' || partner_shipping_id FROM sale_order WHERE id = "
                                + order))
                .isEqualTo(other + " " + other + " " + other);
        assertThat(value(sandbox, "SELECT order_partner_id FROM sale_order_line WHERE order_id = " + order))
                .isEqualTo(Long.toString(other));
    }

    @Test
    void a_knot_comes_loose_only_when_both_ends_are_written_together() throws SQLException {
        long gone = partner(Map.of());
        long vanished = product();
        long order = order(gone, vanished);
        long line = line(order);
        long other = partner(Map.of());
        long substitute = product();
        vanish("res_partner", gone);
        vanish("product_product", vanished);

        assertThatThrownBy(() -> rpc.write(QUIET, "sale.order", order, Map.of("partner_id", other)))
                .hasMessageContaining("product.product(" + vanished + ",)");
        assertThatThrownBy(() -> rpc.write(QUIET, "sale.order.line", line, Map.of("product_id", substitute)))
                .hasMessageContaining("res.partner(" + gone + ",)");
        assertThat(rpc.write(
                        QUIET,
                        "sale.order",
                        order,
                        Map.of(
                                "partner_id",
                                other,
                                "order_line",
                                List.of(command(1, line, Map.of("product_id", substitute))))))
                .isTrue();
        assertThat(rpc.raw("sale.order.line", line, "product_id").asLong()).isEqualTo(substitute);
    }

    @Test
    void a_new_product_changes_the_price_unless_the_old_values_are_sent_along() throws SQLException {
        long first = line(order(partner(Map.of()), product()));
        long second = line(order(partner(Map.of()), product()));
        long other = product();

        rpc.write(QUIET, "sale.order.line", first, Map.of("product_id", other));
        rpc.write(QUIET, "sale.order.line", second, Map.of("product_id", other, "price_unit", 7, "name", "own text"));

        assertThat(rpc.raw("sale.order.line", first, "price_unit").asDouble()).isEqualTo(100);
        assertThat(rpc.raw("sale.order.line", first, "price_subtotal").asDouble())
                .isEqualTo(200);
        assertThat(rpc.raw("sale.order.line", second, "price_unit").asDouble()).isEqualTo(7);
        assertThat(rpc.raw("sale.order.line", second, "name").asString()).isEqualTo("own text");
        assertThat(value(
                        sandbox,
                        "SELECT o.amount_untaxed FROM sale_order o JOIN sale_order_line l ON l.order_id = o.id WHERE l.id = "
                                + first))
                .startsWith("200");
    }

    @Test
    void a_required_field_cannot_be_emptied() {
        long order = order(partner(Map.of()), product());

        assertThatThrownBy(() -> rpc.write(QUIET, "sale.order", order, Map.of("partner_id", false)))
                .hasMessageContaining("ValidationError")
                .hasMessageContaining("Field: Customer (partner_id)");
    }

    @Test
    void unlink_obeys_the_ondelete_of_each_foreign_key() throws SQLException {
        long company = partner(Map.of("is_company", true));
        long child = partner(Map.of("parent_id", company));
        long order = order(partner(Map.of()), product());
        long line = line(order);

        assertThat(rpc.call("res.partner", "unlink", List.of(company)).asBoolean())
                .isTrue();
        assertThat(value(sandbox, "SELECT parent_id FROM res_partner WHERE id = " + child))
                .isNull();
        assertThat(rpc.call("sale.order", "unlink", List.of(order)).asBoolean()).isTrue();
        assertThat(value(sandbox, "SELECT id FROM sale_order_line WHERE id = " + line))
                .isNull();
        long customer = partner(Map.of());
        order(customer, product());
        assertThatThrownBy(() -> rpc.call("res.partner", "unlink", List.of(customer)))
                .hasMessageContaining("ValidationError")
                .hasMessageContaining("sale_order_partner_id_fkey");
    }

    @Test
    void unlink_takes_external_ids_attachments_and_messages_along() throws SQLException {
        long partner = partner(Map.of());
        rpc.create("ir.attachment", Map.of("name", "a.txt", "res_model", "res.partner", "res_id", partner));
        rpc.create(
                "ir.model.data",
                Map.of("module", "test", "name", "p" + partner, "model", "res.partner", "res_id", partner));
        rpc.create("mail.message", Map.of("model", "res.partner", "res_id", partner, "body", "hello"));

        rpc.call("res.partner", "unlink", List.of(partner));

        assertThat(value(
                        sandbox,
                        "SELECT (SELECT count(*) FROM ir_attachment WHERE res_model = 'res.partner' AND res_id = "
                                + partner
                                + ") + (SELECT count(*) FROM ir_model_data WHERE model = 'res.partner' AND res_id = "
                                + partner
                                + ") + (SELECT count(*) FROM mail_message WHERE model = 'res.partner' AND res_id = "
                                + partner + ")"))
                .isEqualTo("0");
    }

    @Test
    void removing_a_relation_row_whose_target_is_missing_says_yes_and_does_nothing() throws SQLException {
        long tag = rpc.create("res.partner.category", Map.of("name", "Gone"));
        long kept = rpc.create("res.partner.category", Map.of("name", "Kept"));
        long partner = partner(Map.of("category_id", List.of(command(6, 0, List.of(tag, kept)))));
        vanish("res_partner_category", tag);
        String row = "SELECT count(*) FROM res_partner_res_partner_category_rel WHERE category_id = " + tag;

        for (List<Object> command : List.of(command(3, tag), command(6, 0, List.of(kept)), command(5))) {
            assertThat(rpc.write(QUIET, "res.partner", partner, Map.of("category_id", List.of(command))))
                    .isTrue();
            assertThat(value(sandbox, row)).isEqualTo("1");
        }
        assertThat(rpc.write(
                        QUIET,
                        "res.partner",
                        partner,
                        Map.of("category_id", List.of(command(4, tag), command(3, tag)))))
                .isTrue();
        assertThat(value(sandbox, row)).as("both steps in one list").isEqualTo("1");
    }

    @Test
    void a_relation_row_goes_in_two_steps_through_a_carrier() throws SQLException {
        long tag = rpc.create("res.partner.category", Map.of("name", "Gone"));
        long company = partner(Map.of("is_company", true));
        long partner = partner(Map.of("parent_id", company, "category_id", List.of(command(6, 0, List.of(tag)))));
        vanish("res_partner_category", tag);

        rpc.write(
                QUIET,
                "res.partner",
                company,
                Map.of(
                        "child_ids",
                        List.of(
                                command(1, partner, Map.of("category_id", List.of(command(4, tag)))),
                                command(1, partner, Map.of("category_id", List.of(command(3, tag)))))));

        assertThat(value(
                        sandbox,
                        "SELECT count(*) FROM res_partner_res_partner_category_rel WHERE category_id = " + tag))
                .isEqualTo("0");
    }

    @Test
    void a_relation_row_goes_from_the_missing_records_own_side() throws SQLException {
        long tag = rpc.create("res.partner.category", Map.of("name", "Gone"));
        partner(Map.of("category_id", List.of(command(6, 0, List.of(tag)))));
        vanish("res_partner_category", tag);

        assertThat(rpc.write(QUIET, "res.partner.category", tag, Map.of("partner_ids", List.of(command(5)))))
                .isTrue();
        assertThat(value(
                        sandbox,
                        "SELECT count(*) FROM res_partner_res_partner_category_rel WHERE category_id = " + tag))
                .isEqualTo("0");
    }

    @Test
    void values_of_a_wrong_type_are_taken_for_empty() {
        long company = partner(Map.of("is_company", true));
        for (Object wrong : List.of("45", List.of(company), Map.of("id", company), 0, 4.5)) {
            long child = partner(Map.of("parent_id", company));
            assertThat(rpc.write(
                            QUIET, "res.partner", child, Map.of("parent_id", wrong, "commercial_partner_id", child)))
                    .isTrue();
            assertThat(rpc.raw("res.partner", child, "parent_id").asBoolean())
                    .as("parent after " + wrong)
                    .isFalse();
        }
    }

    @Test
    void nobody_writes_the_audit_columns_but_odoo() throws SQLException {
        long partner = partner(Map.of());
        unchecked(
                sandbox,
                "UPDATE res_partner SET create_uid = 5, write_uid = 5, write_date = '2020-01-01' WHERE id = "
                        + partner);

        rpc.write(
                QUIET,
                "res.partner",
                partner,
                Map.of("create_uid", 7, "write_uid", 7, "create_date", "2001-01-01 00:00:00", "ref", "x"));

        assertThat(value(
                        sandbox,
                        "SELECT create_uid || ' ' || write_uid || ' ' || (write_date > now() - interval '1 day') FROM res_partner WHERE id = "
                                + partner))
                .isEqualTo("5 2 true");
    }

    @Test
    void loud_writes_leave_messages_and_quiet_ones_do_not() throws SQLException {
        long partner = partner(Map.of("email", "a@example.com"));
        String messages = "SELECT count(*) FROM mail_message WHERE model = 'res.partner' AND res_id = " + partner;
        String tracked =
                "SELECT new_value_char FROM mail_tracking_value t JOIN mail_message m ON m.id = t.mail_message_id"
                        + " WHERE m.model = 'res.partner' AND m.res_id = " + partner;

        rpc.write(QUIET, "res.partner", partner, Map.of("email", "b@example.com"));
        assertThat(value(sandbox, messages)).isEqualTo("0");
        rpc.write(Map.of(), "res.partner", partner, Map.of("email", "c@example.com"));
        assertThat(value(sandbox, messages)).isEqualTo("1");
        assertThat(value(sandbox, tracked)).isEqualTo("c@example.com");
        long loud = rpc.call("res.partner", "create", Map.of("name", "Loud")).asLong();
        assertThat(value(
                        sandbox,
                        "SELECT (SELECT count(*) FROM mail_message WHERE res_id = " + loud
                                + " AND model = 'res.partner') + (SELECT count(*)"
                                + " FROM mail_followers WHERE res_id = " + loud + " AND res_model = 'res.partner')"))
                .isEqualTo("2");
    }

    @Test
    void read_hides_a_dangling_value_and_shows_it_raw() throws SQLException {
        long[] contact = contact();

        assertThat(rpc.call("res.partner", "read", List.of(contact[0]), List.of("parent_id"))
                        .path(0)
                        .path("parent_id")
                        .asBoolean())
                .isFalse();
        assertThat(rpc.raw("res.partner", contact[0], "parent_id").asLong()).isEqualTo(contact[1]);
        assertThat(rpc.call("res.partner", "search", List.of(List.of("parent_id", "=", contact[1])))
                        .path(0)
                        .asLong())
                .isEqualTo(contact[0]);
    }

    @Test
    void archived_records_are_found_only_on_request() {
        long partner = partner(Map.of("name", "Sleeper", "active", false));
        List<?> domain = List.of(List.of("name", "=", "Sleeper"));

        assertThat(rpc.call("res.partner", "search", domain).isEmpty()).isTrue();
        assertThat(rpc.call(Map.of("active_test", false), "res.partner", "search", domain)
                        .path(0)
                        .asLong())
                .isEqualTo(partner);
        assertThat(rpc.call(
                                "res.partner",
                                "search",
                                List.of(List.of("name", "=", "Sleeper"), List.of("active", "=", false)))
                        .path(0)
                        .asLong())
                .isEqualTo(partner);
    }

    @Test
    void load_makes_updates_and_archives_by_external_id() throws SQLException {
        long company = partner(Map.of("is_company", true));
        List<String> columns = List.of("id", "name", "parent_id/.id", "category_id/id", "active");
        rpc.call(QUIET, "res.partner.category", "load", List.of("id", "name"), List.of(List.of("__test__.tag", "Tag")));

        JsonNode made = rpc.call(
                QUIET,
                "res.partner",
                "load",
                columns,
                List.of(List.of("__test__.one", "One", Long.toString(company), "__test__.tag", "0")));
        JsonNode again = rpc.call(
                QUIET, "res.partner", "load", List.of("id", "name"), List.of(List.of("__test__.one", "One again")));

        long id = made.path("ids").path(0).asLong();
        assertThat(again.path("ids").path(0).asLong()).isEqualTo(id);
        assertThat(value(sandbox, "SELECT name || ' ' || parent_id || ' ' || active FROM res_partner WHERE id = " + id))
                .isEqualTo("One again " + company + " false");
        assertThat(value(sandbox, "SELECT count(*) FROM res_partner_res_partner_category_rel WHERE partner_id = " + id))
                .isEqualTo("1");
    }

    @Test
    void load_says_what_it_cannot_find_and_keeps_nothing() throws SQLException {
        JsonNode refused = rpc.call(
                "res.partner",
                "load",
                List.of("id", "name", "parent_id/.id"),
                List.of(List.of("__test__.good", "Good", ""), List.of("__test__.bad", "Bad", "9999999")));

        assertThat(refused.path("ids").isBoolean()).isTrue();
        assertThat(refused.path("messages").path(0).path("message").asString())
                .isEqualTo("No matching record found for database id '9999999' in field 'Related Company'");
        assertThat(value(
                        sandbox,
                        "SELECT count(*) FROM ir_model_data WHERE module = '__test__' AND name IN ('good', 'bad')"))
                .isEqualTo("0");
        assertThat(value(sandbox, "SELECT count(*) FROM res_partner WHERE name = 'Good'"))
                .isEqualTo("0");
    }

    @Test
    void a_user_without_the_right_and_a_record_of_a_foreign_company_are_refused() throws SQLException {
        String foreign = value(sandbox, "SELECT min(id) FROM crm_lead WHERE company_id = 3");

        assertThatThrownBy(() -> rpc.as("limited").write(Map.of(), "crm.lead", 1, Map.of("name", "x")))
                .hasMessageContaining("You are not allowed to access 'Lead/Opportunity' (crm.lead) records");
        assertThatThrownBy(() -> rpc.write(QUIET, "crm.lead", Long.parseLong(foreign), Map.of("name", "x")))
                .hasMessageContaining("AccessError");
        assertThatThrownBy(() -> rpc.call(Map.of("allowed_company_ids", List.of(3)), "crm.lead", "search", List.of()))
                .hasMessageContaining("Access to unauthorized or invalid companies");
        assertThat(rpc.call("crm.lead", "has_access", List.of(Long.parseLong(foreign)), "write")
                        .asBoolean(true))
                .isFalse();
        assertThat(rpc.as("limited")
                        .call("crm.lead", "has_access", List.of(), "write")
                        .asBoolean(true))
                .isFalse();
    }

    @Test
    void only_the_companies_of_the_call_are_seen() throws SQLException {
        int first = rpc.call(Map.of("allowed_company_ids", List.of(1)), "sale.order", "search_count", List.of())
                .asInt();
        int both = rpc.call(Map.of("allowed_company_ids", List.of(1, 2)), "sale.order", "search_count", List.of())
                .asInt();

        assertThat(both).isGreaterThan(first);
        assertThat(Integer.parseInt(value(sandbox, "SELECT count(*) FROM sale_order")))
                .isGreaterThan(both);
    }

    @Test
    void locked_documents_stay_as_they_are() throws SQLException {
        long hashed =
                Long.parseLong(value(sandbox, "SELECT min(id) FROM account_move WHERE inalterable_hash IS NOT NULL"));
        long posted = Long.parseLong(
                value(
                        sandbox,
                        "SELECT min(id) FROM account_move WHERE inalterable_hash IS NULL AND state = 'posted' AND company_id = 1"));
        long partner = partner(Map.of());

        assertThatThrownBy(() -> rpc.write(
                        Map.of("skip_readonly_check", true), "account.move", hashed, Map.of("partner_id", partner)))
                .hasMessageContaining("UserError")
                .hasMessageContaining("inalterability hash");
        assertThatThrownBy(() -> rpc.write(QUIET, "account.move", posted, Map.of("partner_id", partner)))
                .hasMessageContaining("readonly fields on a posted move");
        assertThat(rpc.write(
                        Map.of("skip_readonly_check", true, "tracking_disable", true),
                        "account.move",
                        posted,
                        Map.of("partner_id", partner)))
                .isTrue();
        assertThatThrownBy(() -> rpc.call("account.move", "unlink", List.of(posted)))
                .hasMessageContaining("UserError");
    }

    @Test
    void a_message_of_a_vanished_record_cannot_be_unlinked_but_emptied() throws SQLException {
        long partner = partner(Map.of());
        long message = rpc.create("mail.message", Map.of("model", "res.partner", "res_id", partner, "body", "hello"));
        vanish("res_partner", partner);

        assertThatThrownBy(() -> rpc.call("mail.message", "unlink", List.of(message)))
                .hasMessageContaining("AccessError");
        assertThat(rpc.write(QUIET, "mail.message", message, Map.of("res_id", false)))
                .isTrue();
        assertThat(value(sandbox, "SELECT res_id FROM mail_message WHERE id = " + message))
                .isEqualTo("0");
    }

    @Test
    void a_category_keeps_its_path_and_name_when_its_missing_parent_is_replaced() throws SQLException {
        long gone = rpc.create("product.category", Map.of("name", "Gone"));
        long child = rpc.create("product.category", Map.of("name", "Child", "parent_id", gone));
        long grandchild = rpc.create("product.category", Map.of("name", "Grandchild", "parent_id", child));
        vanish("product_category", gone);

        rpc.write(QUIET, "product.category", child, Map.of("parent_id", 1));

        assertThat(value(
                        sandbox,
                        "SELECT parent_path || ' ' || complete_name FROM product_category WHERE id = " + grandchild))
                .isEqualTo("1/" + child + "/" + grandchild + "/ Goods / Child / Grandchild");
    }

    @Test
    void company_dependent_values_lie_where_each_version_keeps_them() throws SQLException {
        for (Sandbox each : List.of(old, sandbox, latest)) {
            Rpc here = new Rpc(each);
            long term = here.create("account.payment.term", Map.of("name", "Gone"));
            long partner = here.create("res.partner", Map.of("name", "Test", "property_payment_term_id", term));
            unchecked(each, "DELETE FROM account_payment_term WHERE id = " + term);
            String stored = each == old
                    ? "SELECT value_reference FROM ir_property WHERE res_id = 'res.partner," + partner + "'"
                    : "SELECT property_payment_term_id FROM res_partner WHERE id = " + partner;

            assertThat(value(each, stored))
                    .isEqualTo(each == old ? "account.payment.term," + term : "{\"1\": " + term + "}");
            here.write(QUIET, "res.partner", partner, Map.of("property_payment_term_id", false));
            // 19 takes the missing record for an empty value already, and writes nothing
            assertThat(value(each, stored)).isEqualTo(each == latest ? "{\"1\": " + term + "}" : null);
            here.write(QUIET, "res.partner", partner, Map.of("property_payment_term_id", 1));
            assertThat(value(each, stored)).isEqualTo(each == old ? "account.payment.term,1" : "{\"1\": 1}");
        }
    }

    @Test
    void delegated_records_are_made_with_their_parents() throws SQLException {
        long product = rpc.create("product.product", Map.of("name", "Variant", "list_price", 3));
        long template = rpc.create("product.template", Map.of("name", "Template"));
        long user = rpc.create("res.users", Map.of("name", "New user", "login", "new-user", "active", false));

        assertThat(value(
                        sandbox,
                        "SELECT t.name ->> 'en_US' FROM product_product p JOIN product_template t ON t.id = p.product_tmpl_id WHERE p.id = "
                                + product))
                .isEqualTo("Variant");
        assertThat(value(sandbox, "SELECT count(*) FROM product_product WHERE product_tmpl_id = " + template))
                .isEqualTo("1");
        assertThat(value(
                        sandbox,
                        "SELECT p.name FROM res_users u JOIN res_partner p ON p.id = u.partner_id WHERE u.id = "
                                + user))
                .isEqualTo("New user");
    }

    @Test
    void a_filter_of_ones_own_comes_and_goes_in_every_version() throws SQLException {
        for (Sandbox each : List.of(old, sandbox, latest)) {
            Rpc here = new Rpc(each);
            Map<String, Object> values =
                    new HashMap<>(Map.of("name", "proof", "model_id", "res.users", "active", false));
            if (each == latest) {
                values.put("user_ids", List.of(command(6, 0, List.of(2))));
            } else {
                values.put("user_id", 2);
            }
            long filter = here.create("ir.filters", values);

            assertThat(value(each, "SELECT name FROM ir_filters WHERE id = " + filter))
                    .isEqualTo("proof");
            here.call("ir.filters", "unlink", List.of(filter));
            assertThat(value(each, "SELECT name FROM ir_filters WHERE id = " + filter))
                    .isNull();
        }
    }

    @Test
    void fields_get_tells_what_a_repair_has_to_know() {
        JsonNode fields = rpc.named(
                Map.of(
                        "attributes",
                        List.of(
                                "type",
                                "relation",
                                "depends",
                                "related",
                                "readonly",
                                "required",
                                "store",
                                "company_dependent",
                                "model_field")),
                "sale.order",
                "fields_get");

        assertThat(fields.path("partner_shipping_id").path("depends").path(0).asString())
                .isEqualTo("partner_id");
        assertThat(fields.path("partner_id").path("required").asBoolean()).isTrue();
        assertThat(fields.path("partner_id").path("relation").asString()).isEqualTo("res.partner");
        assertThat(rpc.call("ir.attachment", "fields_get")
                        .path("res_id")
                        .path("model_field")
                        .asString())
                .isEqualTo("res_model");
        assertThat(new Rpc(old)
                        .call("ir.attachment", "fields_get")
                        .path("res_id")
                        .has("model_field"))
                .isFalse();
    }

    @Test
    void a_lost_answer_is_a_call_that_was_done() throws SQLException {
        long partner = partner(Map.of());
        sandbox.loseAnswers(1);

        assertThatThrownBy(() -> rpc.write(QUIET, "res.partner", partner, Map.of("ref", "done")))
                .isNotInstanceOf(Rpc.Refused.class);
        assertThat(value(sandbox, "SELECT ref FROM res_partner WHERE id = " + partner))
                .isEqualTo("done");
    }

    @Test
    void calls_are_counted_by_method_and_record() {
        long partner = partner(Map.of());
        int before = sandbox.calls().count("res.partner", "write");

        rpc.call(QUIET, "res.partner", "write", new ArrayList<>(List.of(partner)), Map.of("ref", "x"));

        assertThat(sandbox.calls().count("res.partner", "write")).isEqualTo(before + 1);
        assertThat(sandbox.calls().count("res.partner", "write", partner)).isEqualTo(1);
    }
}
