package org.orphancleanup.plan;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.orphancleanup.catalog.Sql;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Odoo's documents that must not be touched any more, a short table of its peculiarities: hashed, paid or sent entries,
 * entries before a lock date or under an audit trail, reconciled items, done inventory, locked or signed orders. Conditions
 * use the columns that this Odoo has; a column that is there but may not be read locks every record, as nobody can tell.
 */
final class LockedDocuments {

    /** A condition on row {@code t}, with the columns it needs as {@code table.column}. */
    private record Lock(String reason, String sql, List<String> columns) {

        static Lock of(String reason, String sql, String... columns) {
            return new Lock(reason, sql, List.of(columns));
        }
    }

    private final JdbcClient jdbc;
    private final TargetSchema schema;
    private final Map<String, List<Lock>> locks = new HashMap<>();

    LockedDocuments(JdbcClient jdbc, TargetSchema schema) {
        this.jdbc = jdbc;
        this.schema = schema;
    }

    /** The locked ones among a table's records, each with its reason. */
    Map<Long, String> among(String table, Collection<Long> ids) {
        Map<Long, String> reasons = new HashMap<>();
        List<Lock> conditions = locks.computeIfAbsent(table, name -> usable(declared(name)));
        if (conditions.isEmpty() || ids.isEmpty()) {
            return reasons;
        }
        StringBuilder first = new StringBuilder("CASE");
        for (int i = 0; i < conditions.size(); i++) {
            first.append(" WHEN ")
                    .append(conditions.get(i).sql())
                    .append(" THEN ")
                    .append(i);
        }
        jdbc.sql("SELECT id, lock FROM (SELECT t.id, " + first + " END AS lock FROM ONLY " + Sql.quote(table)
                        + " t WHERE t.id = ANY(:ids)) locked WHERE lock IS NOT NULL")
                .param("ids", ids.toArray(Long[]::new))
                .query(row -> {
                    reasons.put(row.getLong(1), conditions.get(row.getInt(2)).reason());
                });
        return reasons;
    }

    private List<Lock> usable(List<Lock> declared) {
        List<Lock> usable = new ArrayList<>();
        for (Lock lock : declared) {
            List<String> hidden = new ArrayList<>();
            boolean there = true;
            for (String column : lock.columns()) {
                String[] parts = column.split("\\.", 2);
                boolean readable = schema.has(parts[0], parts[1]);
                if (!readable && schema.hides(parts[0], parts[1])) {
                    hidden.add(column);
                }
                there &= readable || hidden.contains(column);
            }
            if (there && !hidden.isEmpty()) {
                usable.add(Lock.of(
                        "whether the document is locked cannot be known: grant the database role SELECT on "
                                + String.join(", ", hidden),
                        "true"));
            } else if (there) {
                usable.add(lock);
            }
        }
        return usable;
    }

    private List<Lock> declared(String table) {
        return switch (table) {
            case "account_move" -> entries("t.id");
            case "account_move_line" ->
                with(
                        entries("t.move_id"),
                        Lock.of("the journal item is reconciled", "t.reconciled", "account_move_line.reconciled"),
                        Lock.of(
                                "the journal item is reconciled",
                                "t.full_reconcile_id IS NOT NULL",
                                "account_move_line.full_reconcile_id"),
                        Lock.of(
                                "the journal item is partly reconciled",
                                "EXISTS (SELECT FROM account_partial_reconcile p WHERE t.id IN (p.debit_move_id, p.credit_move_id))",
                                "account_partial_reconcile.debit_move_id",
                                "account_partial_reconcile.credit_move_id"));
            case "account_payment" ->
                with(
                        // to 17 a payment's state is its entry's
                        entries("t.move_id"),
                        Lock.of(
                                "the payment is posted",
                                "t.state IN ('posted', 'in_process', 'paid')",
                                "account_payment.state"),
                        Lock.of(
                                "the payment is posted",
                                "EXISTS (SELECT FROM account_move m WHERE m.id = t.move_id AND m.state = 'posted')",
                                "account_payment.move_id",
                                "account_move.state"),
                        Lock.of("the payment is reconciled", "t.is_reconciled", "account_payment.is_reconciled"),
                        Lock.of("the payment is reconciled", "t.is_matched", "account_payment.is_matched"));
            case "account_bank_statement_line" ->
                with(
                        entries("t.move_id"),
                        Lock.of(
                                "the bank statement line is reconciled",
                                "t.is_reconciled",
                                "account_bank_statement_line.is_reconciled"));
            case "stock_move", "stock_move_line", "stock_picking", "stock_scrap" ->
                List.of(Lock.of("the inventory operation is done", "t.state = 'done'", table + ".state"));
            case "stock_valuation_layer" -> List.of(Lock.of("inventory valuation is never changed", "true"));
            case "sale_order" -> saleOrders("t.id");
            case "sale_order_line" -> saleOrders("t.order_id");
            case "purchase_order" -> purchaseOrders("t.id");
            case "purchase_order_line" -> purchaseOrders("t.order_id");
            case "pos_order" -> posOrders("t.id");
            case "pos_order_line" -> posOrders("t.order_id");
            default -> List.of();
        };
    }

    private static List<Lock> with(List<Lock> locks, Lock... more) {
        List<Lock> all = new ArrayList<>(locks);
        all.addAll(List.of(more));
        return all;
    }

    /** Locks of the journal entry that row {@code t} is or belongs to. */
    private List<Lock> entries(String id) {
        List<Lock> locks = new ArrayList<>();
        locks.add(entry(
                id, "it carries an inalterability hash", "m.inalterable_hash <> ''", "account_move.inalterable_hash"));
        locks.add(entry(
                id,
                "it is paid, partly paid or reversed",
                "m.payment_state IN ('paid', 'in_payment', 'partial', 'reversed', 'invoicing_legacy')",
                "account_move.payment_state"));
        locks.add(entry(
                id,
                "it has been sent",
                "m.state = 'posted' AND m.is_move_sent",
                "account_move.is_move_sent",
                "account_move.state"));
        for (String date : List.of(
                "period_lock_date",
                "fiscalyear_lock_date",
                "tax_lock_date",
                "sale_lock_date",
                "purchase_lock_date",
                "hard_lock_date")) {
            // two of them lock one type of journal alone
            String type =
                    date.equals("sale_lock_date") ? "sale" : date.equals("purchase_lock_date") ? "purchase" : null;
            locks.add(entry(
                    id,
                    "it is posted before the " + date + " of its company",
                    "m.state = 'posted' AND " + company("m.date <= c." + date)
                            + (type == null
                                    ? ""
                                    : " AND EXISTS (SELECT FROM account_journal j WHERE j.id = m.journal_id AND j.type = '"
                                            + type + "')"),
                    "account_move.state",
                    "account_move.date",
                    "account_move.company_id",
                    "res_company." + date));
        }
        // 17, 18, 19
        for (String trail : List.of("account_audit_trail", "check_account_audit_trail", "restrictive_audit_trail")) {
            locks.add(entry(
                    id,
                    "it is posted, and the audit trail of its company is on",
                    "m.state = 'posted' AND " + company("c." + trail),
                    "account_move.state",
                    "account_move.company_id",
                    "res_company." + trail));
        }
        return locks;
    }

    private static Lock entry(String id, String reason, String condition, String... columns) {
        boolean own = id.equals("t.id");
        return new Lock(
                own ? "the journal entry is locked: " + reason : "its journal entry is locked: " + reason,
                own
                        ? "(" + condition.replace("m.", "t.") + ")"
                        : "EXISTS (SELECT FROM account_move m WHERE m.id = " + id + " AND " + condition + ")",
                List.of(columns));
    }

    /** A branch is bound by its parents' settings too. */
    private String company(String condition) {
        String branch = schema.has("res_company", "parent_path") ? " OR o.parent_path LIKE c.parent_path || '%'" : "";
        return "EXISTS (SELECT FROM res_company o JOIN res_company c ON c.id = o.id" + branch
                + " WHERE o.id = m.company_id AND " + condition + ")";
    }

    private static List<Lock> saleOrders(String id) {
        return List.of(
                order("sale_order", id, "the sales order is locked", "o.locked", "sale_order.locked"),
                order("sale_order", id, "the sales order is locked", "o.state = 'done'", "sale_order.state"),
                order("sale_order", id, "the sales order is signed", "o.signed_by <> ''", "sale_order.signed_by"),
                order(
                        "sale_order",
                        id,
                        "the sales order is signed",
                        "o.signed_on IS NOT NULL",
                        "sale_order.signed_on"));
    }

    private static List<Lock> purchaseOrders(String id) {
        return List.of(
                order("purchase_order", id, "the purchase order is locked", "o.locked", "purchase_order.locked"),
                order(
                        "purchase_order",
                        id,
                        "the purchase order is locked",
                        "o.state = 'done'",
                        "purchase_order.state"));
    }

    private static List<Lock> posOrders(String id) {
        return List.of(order(
                "pos_order",
                id,
                "the point-of-sale order is paid",
                "o.state IN ('paid', 'done', 'invoiced')",
                "pos_order.state"));
    }

    private static Lock order(String table, String id, String reason, String condition, String column) {
        return Lock.of(
                reason, "EXISTS (SELECT FROM " + table + " o WHERE o.id = " + id + " AND " + condition + ")", column);
    }
}
