package org.orphancleanup.guide;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Models and tables by their names alone, where no database can be asked. */
final class ModelNames {

    /** Odoo's own exceptions from the rule. */
    private static final Map<String, String> EXCEPTIONS = Map.of(
            "ir_act_window", "ir.actions.act_window",
            "ir_act_window_view", "ir.actions.act_window.view",
            "ir_act_url", "ir.actions.act_url",
            "ir_act_server", "ir.actions.server",
            "ir_act_client", "ir.actions.client",
            "ir_act_report_xml", "ir.actions.report");

    private ModelNames() {}

    /** The model a table's name suggests; null for what looks like a relation table. */
    static @Nullable String model(@Nullable String table) {
        if (table == null || table.endsWith("_rel")) {
            return null;
        }
        String exception = EXCEPTIONS.get(table);
        return exception != null ? exception : table.startsWith("x_") ? table : table.replace('_', '.');
    }

    static String table(String model) {
        return EXCEPTIONS.entrySet().stream()
                .filter(entry -> entry.getValue().equals(model))
                .map(Map.Entry::getKey)
                .findFirst()
                .orElse(model.replace('.', '_'));
    }
}
