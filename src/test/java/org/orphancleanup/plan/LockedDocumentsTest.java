package org.orphancleanup.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.orphancleanup.plan.Workbench.ANY;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.orphancleanup.catalog.Reference;
import org.orphancleanup.job.PolicyKind;
import org.postgresql.ds.PGSimpleDataSource;
import org.springframework.jdbc.core.simple.JdbcClient;

class LockedDocumentsTest {

    private final Workbench bench = new Workbench();

    private LockedDocuments documents() {
        JdbcClient jdbc = JdbcClient.create(bench.theirs);
        return new LockedDocuments(jdbc, new TargetSchema(jdbc, List.of()));
    }

    private void accounting() {
        bench.sql(
                "ALTER TABLE res_company ADD parent_path text, ADD fiscalyear_lock_date date, ADD sale_lock_date date,"
                        + " ADD check_account_audit_trail boolean");
        bench.sql("UPDATE res_company SET parent_path = id || '/'");
        bench.sql("UPDATE res_company SET parent_path = '1/2/' WHERE id = 2");
        bench.table("account.journal", "type text");
        bench.sql("INSERT INTO account_journal VALUES (1, 'sale'), (2, 'general')");
        bench.table(
                "account.move",
                "state text",
                "payment_state text",
                "inalterable_hash text",
                "is_move_sent boolean",
                "date date",
                "company_id integer",
                "journal_id integer");
        bench.table("account.move.line", "move_id integer", "reconciled boolean", "full_reconcile_id integer");
        bench.sql("INSERT INTO account_move VALUES (1, 'posted', 'not_paid', NULL, false, '2026-02-01', 2, 1)");
        bench.sql("INSERT INTO account_move_line VALUES (10, 1, false, NULL)");
    }

    @Test
    void a_posted_and_unpaid_invoice_is_not_locked() {
        accounting();

        assertThat(documents().among("account_move", List.of(1L))).isEmpty();
        assertThat(documents().among("account_move_line", List.of(10L))).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "account_move SET inalterable_hash = '$4$x', hash",
        "account_move SET payment_state = 'paid', paid",
        "account_move SET payment_state = 'in_payment', paid",
        "account_move SET payment_state = 'partial', paid",
        "account_move SET payment_state = 'reversed', reversed",
        "account_move SET is_move_sent = true, sent",
        "res_company SET fiscalyear_lock_date = '2026-02-01' WHERE id = 2, fiscalyear_lock_date",
        "res_company SET fiscalyear_lock_date = '2026-02-01' WHERE id = 1, fiscalyear_lock_date",
        "res_company SET sale_lock_date = '2026-02-28' WHERE id = 2, sale_lock_date",
        "res_company SET check_account_audit_trail = true WHERE id = 2, audit trail"
    })
    void an_entry_and_its_items_are_locked_by(String change, String reason) {
        accounting();
        bench.sql("UPDATE " + change);

        assertThat(documents().among("account_move", List.of(1L)).get(1L)).contains(reason);
        assertThat(documents().among("account_move_line", List.of(10L)).get(10L))
                .contains(reason);
    }

    @ParameterizedTest
    @CsvSource({
        "account_move SET state = 'draft', res_company SET check_account_audit_trail = true",
        "account_move SET state = 'draft', res_company SET fiscalyear_lock_date = '2026-12-31'",
        "account_move SET date = '2026-03-01', res_company SET fiscalyear_lock_date = '2026-02-28'",
        "account_move SET journal_id = 2, res_company SET sale_lock_date = '2026-12-31'",
        "account_move SET company_id = 3, res_company SET fiscalyear_lock_date = '2026-12-31' WHERE id = 1"
    })
    void what_does_not_concern_an_entry_does_not_lock_it(String entry, String company) {
        accounting();
        bench.sql("UPDATE " + entry);
        bench.sql("UPDATE " + company);

        assertThat(documents().among("account_move", List.of(1L))).isEmpty();
    }

    @Test
    void a_reconciled_item_is_locked() {
        accounting();
        bench.sql("CREATE TABLE account_partial_reconcile (id integer, debit_move_id integer, credit_move_id integer)");
        bench.sql("INSERT INTO account_move_line VALUES (11, 1, true, NULL), (12, 1, false, 3), (13, 1, false, NULL)");
        bench.sql("INSERT INTO account_partial_reconcile VALUES (1, 13, 4)");

        assertThat(documents().among("account_move_line", List.of(10L, 11L, 12L, 13L)))
                .containsOnlyKeys(11L, 12L, 13L);
    }

    @Test
    void a_payment_is_locked_by_its_own_state_or_its_entrys() {
        accounting();
        bench.table("account.payment", "state text", "move_id integer", "is_matched boolean");
        bench.sql("INSERT INTO account_payment VALUES (1, 'in_process', NULL, false), (2, 'draft', NULL, false),"
                + " (3, NULL, 1, false), (4, 'draft', NULL, true)");

        assertThat(documents().among("account_payment", List.of(1L, 2L, 3L, 4L)))
                .containsOnlyKeys(1L, 3L, 4L);
    }

    @Test
    void a_reconciled_bank_statement_line_is_locked() {
        bench.table("account.bank.statement.line", "is_reconciled boolean");
        bench.sql("INSERT INTO account_bank_statement_line VALUES (1, true), (2, false)");

        assertThat(documents().among("account_bank_statement_line", List.of(1L, 2L)))
                .containsOnlyKeys(1L);
    }

    @ParameterizedTest
    @CsvSource({"stock_move", "stock_move_line", "stock_picking", "stock_scrap"})
    void done_inventory_is_locked(String table) {
        bench.table(table.replace('_', '.'), "state text");
        bench.sql("INSERT INTO " + table + " VALUES (1, 'done'), (2, 'assigned')");

        assertThat(documents().among(table, List.of(1L, 2L))).containsOnlyKeys(1L);
    }

    @Test
    void valuation_is_always_locked() {
        bench.table("stock.valuation.layer");
        bench.row("stock_valuation_layer", 1);

        assertThat(documents().among("stock_valuation_layer", List.of(1L))).containsOnlyKeys(1L);
    }

    @Test
    void a_sales_order_is_locked_when_it_is_locked_or_signed_and_a_confirmed_one_is_not() {
        bench.table("sale.order", "state text", "locked boolean", "signed_by text", "signed_on timestamp");
        bench.table("sale.order.line", "order_id integer");
        bench.sql("INSERT INTO sale_order VALUES (1, 'sale', false, NULL, NULL), (2, 'sale', true, NULL, NULL),"
                + " (3, 'sale', false, 'Ann', NULL), (4, 'sale', false, NULL, now())");
        bench.sql("INSERT INTO sale_order_line SELECT id + 10, id FROM sale_order");

        assertThat(documents().among("sale_order", List.of(1L, 2L, 3L, 4L))).containsOnlyKeys(2L, 3L, 4L);
        assertThat(documents().among("sale_order_line", List.of(11L, 12L, 13L, 14L)))
                .containsOnlyKeys(12L, 13L, 14L);
    }

    @Test
    void a_purchase_order_is_locked_by_state_to_18_and_by_a_flag_from_19_on() {
        bench.table("purchase.order", "state text", "locked boolean");
        bench.sql(
                "INSERT INTO purchase_order VALUES (1, 'purchase', false), (2, 'done', false), (3, 'purchase', true)");

        assertThat(documents().among("purchase_order", List.of(1L, 2L, 3L))).containsOnlyKeys(2L, 3L);
    }

    @Test
    void what_the_role_may_not_read_locks_every_record() {
        accounting();
        String role = "reader" + System.nanoTime();
        bench.sql("CREATE ROLE " + role + " LOGIN PASSWORD 'x'");
        bench.sql("GRANT USAGE ON SCHEMA public TO " + role);
        bench.sql("GRANT SELECT (id, state, payment_state) ON account_move TO " + role);
        PGSimpleDataSource reader = new PGSimpleDataSource();
        reader.setUrl(((PGSimpleDataSource) bench.theirs).getUrl());
        reader.setUser(role);
        reader.setPassword("x");
        JdbcClient jdbc = JdbcClient.create(reader);

        assertThat(new LockedDocuments(jdbc, new TargetSchema(jdbc, List.of()))
                        .among("account_move", List.of(1L))
                        .get(1L))
                .contains("grant", "account_move.inalterable_hash");
    }

    @Test
    void the_plan_refuses_a_locked_document_until_the_definition_names_its_model() {
        bench.table("sale.order", "partner_id integer", "locked boolean");
        bench.sql("INSERT INTO sale_order VALUES (1, 99, true)");
        Reference customer = bench.many2one("sale.order", "partner_id", "res.partner");
        bench.rule(ANY, PolicyKind.NULL_OUT);
        String refused = bench.planOf(customer, 1).reason();
        bench.allow = bench.allowing(List.of(), List.of(), List.of("sale.order"), List.of());
        bench.plan();

        assertThat(refused).contains("sales order is locked", "allow.locked-documents: [sale.order]");
        assertThat(bench.parts().get(0).newValue()).isEqualTo("empty");
    }

    @Test
    void marking_a_locked_document_touches_nothing_in_odoo() {
        bench.table("sale.order", "partner_id integer", "locked boolean");
        bench.sql("INSERT INTO sale_order VALUES (1, 99, true)");
        bench.rule(ANY, PolicyKind.QUARANTINE);

        assertThat(bench.planOf(bench.many2one("sale.order", "partner_id", "res.partner"), 1)
                        .newValue())
                .isEqualTo("quarantine:mark");
    }
}
