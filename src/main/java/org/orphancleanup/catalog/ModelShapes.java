package org.orphancleanup.catalog;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.orphancleanup.target.TargetReads;
import org.springframework.jdbc.core.simple.JdbcClient;

/** What a target's models are made of: every field, stored or not, and the table with its columns. */
public final class ModelShapes {

    private final JdbcClient jdbc;
    private final DatabaseSchema schema;
    private final Metadata metadata;
    private final ModelTables tables;
    private final Map<String, Map<String, FieldShape>> read = new TreeMap<>();

    private ModelShapes(JdbcClient jdbc, DatabaseSchema schema, Metadata metadata) {
        this.jdbc = jdbc;
        this.schema = schema;
        this.metadata = metadata;
        this.tables = new ModelTables(schema, metadata);
    }

    /**
     * A field as Odoo's metadata have it.
     *
     * @param label in the source's language, lower case; empty where there is none
     * @param related such as {@code partner_id.name}; null where it is not
     */
    public record FieldShape(
            String name,
            String type,
            String label,
            @Nullable String relation,
            boolean required,
            boolean stored,
            @Nullable String related) {

        public boolean isReference() {
            return relation != null;
        }
    }

    /** @throws org.orphancleanup.UserError where the database is no Odoo database or Odoo's metadata may not be read */
    public static ModelShapes of(DataSource target) {
        JdbcClient jdbc = TargetReads.client(target);
        DatabaseSchema schema = DatabaseSchema.read(jdbc);
        return new ModelShapes(jdbc, schema, Metadata.read(jdbc, schema));
    }

    public boolean knows(String model) {
        return metadata.knows(model);
    }

    public List<String> models() {
        return List.copyOf(metadata.models());
    }

    /** Null where the model has no table of its own, or the role may not read its ids. */
    public @Nullable String table(String model) {
        ModelTables.Match match = tables.match(model);
        return match == null || schema.unreadable(match.table().name(), List.of("id")) != null
                ? null
                : match.table().name();
    }

    /** Those of the columns that hold readable text, in this order; true where it is text by language. */
    public Map<String, Boolean> texts(String table, List<String> columns) {
        Map<String, Boolean> found = new LinkedHashMap<>();
        Table known = schema.table(table);
        for (String name : columns) {
            Column column = known == null ? null : known.columns().get(name);
            if (column != null
                    && column.readable()
                    && (column.isText() || column.type().equals("jsonb"))) {
                found.put(name, !column.isText());
            }
        }
        return found;
    }

    public boolean hasColumn(String table, String column) {
        Table known = schema.table(table);
        Column found = known == null ? null : known.columns().get(column);
        return found != null && found.readable();
    }

    /** By name; empty for a model that there is not. */
    public Map<String, FieldShape> fields(String model) {
        return read.computeIfAbsent(model, this::readFields);
    }

    private Map<String, FieldShape> readFields(String model) {
        List<String> columns = new ArrayList<>(List.of("name", "ttype", "relation", "store"));
        boolean hasRequired = hasColumn("ir_model_fields", "required");
        boolean hasRelated = hasColumn("ir_model_fields", "related");
        boolean hasLabel = hasColumn("ir_model_fields", "field_description");
        columns.add(hasRequired ? "required" : "false AS required");
        columns.add(hasRelated ? "related" : "NULL AS related");
        // text by language from 16 on
        columns.add(hasLabel ? "field_description::text AS label" : "'' AS label");
        Map<String, FieldShape> fields = new TreeMap<>();
        jdbc.sql("SELECT " + String.join(", ", columns) + " FROM ir_model_fields WHERE model = ?")
                .param(model)
                .query(row -> {
                    String related = row.getString("related");
                    FieldShape field = new FieldShape(
                            row.getString("name"),
                            row.getString("ttype"),
                            label(row.getString("label")),
                            row.getString("relation"),
                            row.getBoolean("required"),
                            row.getBoolean("store"),
                            related == null || related.isEmpty() ? null : related);
                    fields.put(field.name(), field);
                });
        return fields;
    }

    private static String label(@Nullable String text) {
        String label = text == null ? "" : text;
        int from = label.indexOf("\"en_US\": \"");
        if (label.startsWith("{") && from >= 0) {
            int begin = from + "\"en_US\": \"".length();
            int end = label.indexOf('"', begin);
            label = end < 0 ? "" : label.substring(begin, end);
        }
        return label.toLowerCase(Locale.ROOT);
    }
}
