package org.orphancleanup.catalog;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Integer fields that are ids of the model another field of the record names, without being declared as a
 * many2one-reference: {@code parent_res_id} beside {@code parent_res_model}, {@code callback_res_id} beside {@code
 * callback_model_id}.
 */
final class ModelsAndNumbers implements ObservationSource {

    /** Odoo's own whose model no name tells: field, then the field that names the model. */
    private static final Map<String, String> PECULIAR = Map.of(
            "mail.alias.alias_parent_thread_id", "alias_parent_model_id",
            "mail.alias.alias_force_thread_id", "alias_model_id");

    @Override
    public void collect(TargetFacts facts, ObservationDraft draft) {
        for (Field field : facts.metadata().fieldsOfType("integer")) {
            ModelTables.Match match = facts.models().match(field.model());
            if (!field.name().endsWith("_id") || match == null) {
                continue;
            }
            Table table = match.table();
            Column column = table.columns().get(field.name());
            NamingColumn naming = naming(facts, field, table);
            if (column == null || !column.isInteger() || naming == null) {
                continue;
            }
            ObservationDraft.Place place =
                    new ObservationDraft.Place(ObservationKind.MODEL_AND_NUMBER, field.model(), table, field.name());
            if (!draft.canRead(place, List.of("id", field.name(), naming.column()))) {
                continue;
            }
            String id = "c." + Sql.quote(field.name());
            List<String> models = DistinctValues.of(
                    facts, table, "", naming.expression(), id + " <> 0 AND " + naming.expression() + " <> ''");
            if (models.isEmpty()) {
                draft.nothingNamed(place);
            }
            for (String model : models) {
                draft.missing(
                        place,
                        model,
                        "",
                        naming.expression() + " = " + Sql.literal(model),
                        id + "::bigint",
                        Sql.literal(field.name()));
            }
        }
    }

    private record NamingColumn(String column, String expression) {}

    private static @Nullable NamingColumn naming(TargetFacts facts, Field field, Table table) {
        String peculiar = PECULIAR.get(field.rule());
        if (peculiar != null) {
            return byModelId(facts, field, table, peculiar);
        }
        if (field.rule().equals("ir.filters.embedded_parent_res_id")) {
            // the model is that of the embedded action
            return facts.schema().table("ir_embedded_actions") != null
                            && facts.schema().unreadable("ir_embedded_actions", List.of("id", "parent_res_model"))
                                    == null
                            && table.columns().containsKey("embedded_action_id")
                    ? new NamingColumn(
                            "embedded_action_id",
                            "(SELECT a.parent_res_model FROM ir_embedded_actions a WHERE a.id = c.embedded_action_id)")
                    : null;
        }
        String stem = field.name().substring(0, field.name().length() - "_id".length());
        String owner = stem.endsWith("_res") ? stem.substring(0, stem.length() - "_res".length()) : stem;
        for (String name : List.of(stem + "_model", stem.equals("res") ? "model" : stem + "_model")) {
            Column column = table.columns().get(name);
            if (column != null && column.isText()) {
                return new NamingColumn(name, "c." + Sql.quote(name));
            }
        }
        for (String name : List.of(stem + "_model_id", owner + "_model_id")) {
            NamingColumn naming = byModelId(facts, field, table, name);
            if (naming != null) {
                return naming;
            }
        }
        return null;
    }

    /** A many2one to ir.model. */
    private static @Nullable NamingColumn byModelId(TargetFacts facts, Field field, Table table, String name) {
        boolean pointsToModel = facts.metadata().fields(field.model()).stream()
                .anyMatch(other -> other.name().equals(name) && "ir.model".equals(other.relation()));
        return pointsToModel && table.columns().containsKey(name)
                ? new NamingColumn(name, "(SELECT m.model FROM ir_model m WHERE m.id = c." + Sql.quote(name) + ")")
                : null;
    }
}
