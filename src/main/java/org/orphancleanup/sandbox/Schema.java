package org.orphancleanup.sandbox;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.StringJoiner;

/** The tables, keys and relation tables of a registry, named as Odoo names them. */
final class Schema {

    private final Registry registry;

    Schema(Registry registry) {
        this.registry = registry;
    }

    List<String> statements() {
        List<String> tables = new ArrayList<>();
        List<String> children = new ArrayList<>();
        List<String> keys = new ArrayList<>();
        Map<String, List<String>> relations = new LinkedHashMap<>();
        for (Model model : registry.models()) {
            (model.inheritsTable() == null ? tables : children).add(table(model));
            model.columns().values().stream()
                    .filter(ModelField::hasForeignKey)
                    .forEach(field -> keys.add(foreignKey(
                            model.table(),
                            field.name(),
                            registry.get(Objects.requireNonNull(field.to())).table(),
                            field.key() == null ? Objects.requireNonNull(field.ondelete()) : field.key())));
            Model.Unique unique = model.unique();
            if (unique != null) {
                keys.add("ALTER TABLE " + quote(model.table()) + " ADD CONSTRAINT "
                        + quote(model.table() + "_" + unique.fields().get(0) + "_key") + " UNIQUE ("
                        + String.join(", ", unique.fields()) + ")");
            }
            for (ModelField field : model.fields()) {
                if (field.type().equals("many2many") && field.stored()) {
                    relations.computeIfAbsent(Objects.requireNonNull(field.table()), table -> relation(model, field));
                }
            }
        }
        List<String> all = new ArrayList<>(tables);
        all.addAll(children);
        relations.values().forEach(all::addAll);
        all.addAll(keys);
        // what no field of the registry stands for: secrets, and a name that has to be unique
        all.add("ALTER TABLE res_users ADD COLUMN password varchar");
        all.add("ALTER TABLE res_users_apikeys ADD COLUMN key varchar");
        all.add("CREATE UNIQUE INDEX ir_model_data_module_name_uniq_index ON ir_model_data (module, name)");
        all.add("ALTER TABLE ir_config_parameter ADD CONSTRAINT ir_config_parameter_key_uniq UNIQUE (key)");
        all.add(delegation());
        return all;
    }

    /** Which model keeps a part of its records in another one, as Odoo's own table of that name tells. */
    private String delegation() {
        StringJoiner rows = new StringJoiner(", ");
        registry.models().stream().filter(model -> model.inherits() != null).forEach(model -> {
            Model.Link link = Objects.requireNonNull(model.inherits());
            rows.add("('" + model.name() + "', '" + link.model() + "', '" + link.field() + "')");
        });
        return "CREATE VIEW ir_model_inherit AS SELECT row_number() OVER ()::int AS id, m.id AS model_id, p.id AS parent_id,"
                + " f.id AS parent_field_id FROM (VALUES " + rows + ") i (model, parent, field)"
                + " JOIN ir_model m ON m.model = i.model JOIN ir_model p ON p.model = i.parent"
                + " JOIN ir_model_fields f ON f.model = i.model AND f.name = i.field";
    }

    private static String table(Model model) {
        StringJoiner columns = new StringJoiner(", ", " (", ")");
        columns.add(model.inheritsTable() == null ? "id serial PRIMARY KEY" : "PRIMARY KEY (id)");
        model.columns()
                .values()
                .forEach(field -> columns.add(quote(field.name()) + " " + field.columnType()
                        + (field.notNull() || (field.required() && !field.nullable()) ? " NOT NULL" : "")));
        return "CREATE TABLE " + quote(model.table()) + columns
                + (model.inheritsTable() == null ? "" : " INHERITS (" + quote(model.inheritsTable()) + ")");
    }

    private List<String> relation(Model model, ModelField field) {
        String table = Objects.requireNonNull(field.table());
        String own = Objects.requireNonNull(field.column1());
        String other = Objects.requireNonNull(field.column2());
        return List.of(
                "CREATE TABLE " + quote(table) + " (" + quote(own) + " int4 NOT NULL, " + quote(other)
                        + " int4 NOT NULL, PRIMARY KEY (" + quote(own) + ", " + quote(other) + "))",
                "CREATE INDEX ON " + quote(table) + " (" + quote(other) + ", " + quote(own) + ")",
                foreignKey(table, own, model.table(), "cascade"),
                foreignKey(
                        table,
                        other,
                        registry.get(Objects.requireNonNull(field.to())).table(),
                        "cascade"));
    }

    private static String foreignKey(String table, String column, String parent, String action) {
        return "ALTER TABLE " + quote(table) + " ADD CONSTRAINT " + quote(table + "_" + column + "_fkey")
                + " FOREIGN KEY (" + quote(column) + ") REFERENCES " + quote(parent) + " (id) ON DELETE " + action;
    }

    private static String quote(String identifier) {
        return Environment.quote(identifier);
    }
}
