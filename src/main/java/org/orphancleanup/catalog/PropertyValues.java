package org.orphancleanup.catalog;

import java.util.List;

/**
 * Values of properties fields: jsonb {@code {name: value}}. What a name means stands in the properties_definition field of
 * the record's container, which is one of the records it points to; so each pair of a many2one and a definition at its other
 * end is tried, and the names decide. From Odoo 19 on a model without containers has its definition in
 * properties.base.definition, by the id of its field.
 */
final class PropertyValues implements ObservationSource {

    private static final String BASE_DEFINITION = "properties.base.definition";

    @Override
    public void collect(TargetFacts facts, ObservationDraft draft) {
        List<Field> definitions = facts.metadata().fieldsOfType("properties_definition");
        for (Field definition : definitions) {
            defaults(facts, draft, definition);
        }
        for (Field field : facts.metadata().fieldsOfType("properties")) {
            ModelTables.Match child = facts.models().match(field.model());
            if (child == null || !isJson(child.table(), field.name())) {
                continue;
            }
            ObservationDraft.Place place = place(field, child.table());
            if (!draft.canRead(place, List.of("id", field.name()))) {
                continue;
            }
            boolean found = false;
            for (Field definition : definitions) {
                for (Field container : facts.metadata().fields(field.model())) {
                    if (container.isMany2one() && definition.model().equals(container.relation())) {
                        String on = "k.id = c." + Sql.quote(container.name());
                        found |= values(facts, draft, place, definition, List.of(container.name()), on);
                    }
                }
                if (definition.model().equals(BASE_DEFINITION)) {
                    found |= values(
                            facts,
                            draft,
                            place,
                            definition,
                            List.of(),
                            "k.properties_field_id = (SELECT f.id FROM ir_model_fields f WHERE f.model = "
                                    + Sql.literal(field.model()) + " AND f.name = " + Sql.literal(field.name()) + ")");
                }
            }
            if (!found) {
                draft.skip(place, "no stored field leads to a record that defines its properties");
            }
        }
    }

    private static ObservationDraft.Place place(Field field, Table table) {
        return new ObservationDraft.Place(ObservationKind.PROPERTY, field.model(), table, field.name());
    }

    private static boolean isJson(Table table, String name) {
        Column column = table.columns().get(name);
        return column != null && column.type().equals("jsonb") && table.hasId();
    }

    private static String elements(String alias, String definition) {
        String column = alias + "." + Sql.quote(definition);
        return " CROSS JOIN LATERAL jsonb_array_elements(CASE jsonb_typeof(" + column + ") WHEN 'array' THEN " + column
                + " END) d";
    }

    /** A value of a relational property is an id, or a list of them. */
    private static String ids(String value) {
        return " CROSS JOIN LATERAL (SELECT " + value
                + " AS v) x CROSS JOIN LATERAL jsonb_array_elements(CASE jsonb_typeof(x.v) WHEN 'array' THEN x.v"
                + " WHEN 'number' THEN jsonb_build_array(x.v) END) e";
    }

    private static final String ID = "CASE WHEN e::text ~ '^[0-9]{1,18}$' THEN (e #>> '{}')::bigint END";
    private static final String RELATIONAL = "d ->> 'type' IN ('many2one', 'many2many')";

    /** @return false where there is no such way to a definition */
    private static boolean values(
            TargetFacts facts,
            ObservationDraft draft,
            ObservationDraft.Place place,
            Field definition,
            List<String> columns,
            String on) {
        ModelTables.Match container = facts.models().match(definition.model());
        if (container == null
                || !isJson(container.table(), definition.name())
                || !place.table().columns().keySet().containsAll(columns)) {
            return false;
        }
        String table = container.table().name();
        String unreadable = facts.schema().unreadable(table, List.of("id", definition.name()));
        if (unreadable != null) {
            draft.skip(place, unreadable);
            return true;
        }
        if (!draft.canRead(place, columns)) {
            return true;
        }
        List<String> models = DistinctValues.of(
                facts, container.table(), elements("c", definition.name()), "d ->> 'comodel'", RELATIONAL);
        if (models.isEmpty()) {
            draft.nothingNamed(place);
        }
        for (String model : models) {
            draft.missing(
                    place,
                    model,
                    " JOIN " + Sql.quote(table) + " k ON " + on + elements("k", definition.name())
                            + ids("c." + Sql.quote(place.field()) + " -> (d ->> 'name')"),
                    RELATIONAL + " AND d ->> 'comodel' = " + Sql.literal(model),
                    ID,
                    "'property ' || coalesce(d ->> 'string', d ->> 'name', '')");
        }
        return true;
    }

    private static void defaults(TargetFacts facts, ObservationDraft draft, Field definition) {
        ModelTables.Match match = facts.models().match(definition.model());
        if (match == null || !isJson(match.table(), definition.name())) {
            return;
        }
        ObservationDraft.Place place = place(definition, match.table());
        if (!draft.canRead(place, List.of("id", definition.name()))) {
            return;
        }
        String elements = elements("c", definition.name());
        List<String> models = DistinctValues.of(facts, match.table(), elements, "d ->> 'comodel'", RELATIONAL);
        if (models.isEmpty()) {
            draft.nothingNamed(place);
        }
        for (String model : models) {
            draft.missing(
                    place,
                    model,
                    elements + ids("d -> 'default'"),
                    RELATIONAL + " AND d ->> 'comodel' = " + Sql.literal(model),
                    ID,
                    "'the default of property ' || coalesce(d ->> 'string', d ->> 'name', '')");
        }
    }
}
