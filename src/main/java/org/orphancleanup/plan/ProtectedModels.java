package org.orphancleanup.plan;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Models whose records no wildcard rule deletes, and no delete takes along: what a business cannot make again. Of journal
 * entries and their items only posted ones.
 */
public final class ProtectedModels {

    private static final String ALWAYS = "true";

    /** SQL condition on a row {@code t} of the model's table, and the column it needs. */
    private record Condition(@Nullable String column, String sql) {}

    private static final Condition EVERY = new Condition(null, ALWAYS);

    private static final Map<String, Condition> MODELS = Map.ofEntries(
            Map.entry("account.account", EVERY),
            Map.entry("account.bank.statement.line", EVERY),
            Map.entry("account.full.reconcile", EVERY),
            Map.entry("account.journal", EVERY),
            Map.entry("account.move", new Condition("state", "t.state IS NOT DISTINCT FROM 'posted'")),
            Map.entry(
                    "account.move.line", new Condition("parent_state", "t.parent_state IS NOT DISTINCT FROM 'posted'")),
            Map.entry("account.partial.reconcile", EVERY),
            Map.entry("account.payment", EVERY),
            Map.entry("hr.payslip", EVERY),
            Map.entry("pos.order", EVERY),
            Map.entry("product.product", EVERY),
            Map.entry("product.template", EVERY),
            Map.entry("res.company", EVERY),
            Map.entry("res.partner", EVERY),
            Map.entry("res.users", EVERY),
            Map.entry("stock.lot", EVERY),
            Map.entry("stock.move", EVERY),
            Map.entry("stock.move.line", EVERY),
            Map.entry("stock.quant", EVERY),
            Map.entry("stock.valuation.layer", EVERY));

    private final TargetSchema schema;

    ProtectedModels(TargetSchema schema) {
        this.schema = schema;
    }

    /** Whether some or all records of the model are protected. */
    public static boolean protects(String model) {
        return MODELS.containsKey(model);
    }

    boolean contains(String model) {
        return MODELS.containsKey(model);
    }

    /** True for rows {@code t} of the model's table that are protected; a column that cannot be read protects all. */
    String condition(String model, String table) {
        Condition condition = MODELS.get(model);
        if (condition == null) {
            return "false";
        }
        return condition.column() == null || schema.has(table, condition.column()) ? condition.sql() : ALWAYS;
    }
}
