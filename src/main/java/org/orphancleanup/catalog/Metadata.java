package org.orphancleanup.catalog;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.orphancleanup.UserError;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * What Odoo says of its models, fields and modules in its own tables. Columns that a version lacks or the role may not read
 * count as empty; only the few without which nothing could be said are insisted on.
 */
final class Metadata {

    private static final Set<String> PENDING = Set.of("to install", "to upgrade", "to remove");
    private static final Pattern SERIES = Pattern.compile("(?:saas[~-])?\\d+\\.\\d+");

    private final Map<String, Boolean> abstractByModel = new TreeMap<>();
    private final Map<String, List<Field>> fieldsByModel = new TreeMap<>();
    /** By {@code model.field}, of stored and other fields. */
    private final Map<String, String> relations = new HashMap<>();

    private final Set<String> relationTables = new TreeSet<>();
    private String odooVersion = "";
    private String databaseUuid = "";
    private String modulesHash = "";
    private List<String> pendingModules = List.of();

    private Metadata() {}

    static Metadata read(JdbcClient jdbc, DatabaseSchema schema) {
        Metadata metadata = new Metadata();
        Rows rows = new Rows(jdbc, schema);
        for (Map<String, @Nullable Object> row : rows.of("ir_model", List.of(), List.of("model", "abstract"))) {
            String model = text(row, "model");
            if (model != null) {
                metadata.abstractByModel.put(model, flag(row, "abstract"));
            }
        }
        for (Map<String, @Nullable Object> row : rows.of(
                "ir_model_fields",
                List.of("model", "name", "ttype", "relation", "store"),
                List.of(
                        "relation_table",
                        "column1",
                        "column2",
                        "required",
                        "readonly",
                        "related",
                        "on_delete",
                        "company_dependent"))) {
            metadata.add(row);
        }
        for (Map<String, @Nullable Object> row : rows.of("ir_model_relation", List.of(), List.of("name"))) {
            String name = text(row, "name");
            if (name != null) {
                metadata.relationTables.add(name);
            }
        }
        metadata.modules(rows.of("ir_module_module", List.of("name", "state", "latest_version"), List.of()));
        metadata.databaseUuid = uuid(jdbc, schema);
        return metadata;
    }

    private void add(Map<String, @Nullable Object> row) {
        String model = text(row, "model");
        String name = text(row, "name");
        String type = text(row, "ttype");
        if (model == null || name == null || type == null) {
            return;
        }
        abstractByModel.putIfAbsent(model, false);
        String relation = text(row, "relation");
        if (relation != null) {
            relations.put(model + "." + name, relation);
        }
        if (!flag(row, "store")) {
            return;
        }
        fieldsByModel
                .computeIfAbsent(model, key -> new ArrayList<>())
                .add(new Field(
                        model,
                        name,
                        type,
                        relation,
                        text(row, "relation_table"),
                        text(row, "column1"),
                        text(row, "column2"),
                        flag(row, "required"),
                        flag(row, "readonly"),
                        text(row, "related") != null,
                        text(row, "on_delete"),
                        flag(row, "company_dependent")));
    }

    private void modules(List<Map<String, @Nullable Object>> rows) {
        Set<String> installed = new TreeSet<>();
        Set<String> pending = new TreeSet<>();
        for (Map<String, @Nullable Object> row : rows) {
            String name = String.valueOf(text(row, "name"));
            String state = String.valueOf(text(row, "state"));
            String version = text(row, "latest_version");
            if (PENDING.contains(state)) {
                pending.add(name);
            }
            if (state.equals("installed")) {
                installed.add(name + "|" + state + "|" + (version == null ? "" : version));
            }
            if (name.equals("base") && version != null) {
                Matcher series = SERIES.matcher(version);
                odooVersion = series.lookingAt() ? series.group() : version;
            }
        }
        modulesHash = sha256(String.join("\n", installed));
        pendingModules = List.copyOf(pending);
    }

    private static String uuid(JdbcClient jdbc, DatabaseSchema schema) {
        Table parameters = schema.table("ir_config_parameter");
        if (parameters == null || schema.unreadable("ir_config_parameter", List.of("key", "value")) != null) {
            return "";
        }
        return jdbc.sql("SELECT coalesce(value, '') FROM ir_config_parameter WHERE key = 'database.uuid'")
                .query(String.class)
                .optional()
                .orElse("");
    }

    private static String sha256(String text) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static @Nullable String text(Map<String, @Nullable Object> row, String column) {
        Object value = row.get(column);
        return value == null || value.toString().isEmpty() ? null : value.toString();
    }

    private static boolean flag(Map<String, @Nullable Object> row, String column) {
        return Boolean.TRUE.equals(row.get(column));
    }

    Set<String> models() {
        return abstractByModel.keySet();
    }

    boolean knows(String model) {
        return abstractByModel.containsKey(model);
    }

    /** Only Odoo 19 and later say so. */
    boolean isAbstract(String model) {
        return abstractByModel.getOrDefault(model, false);
    }

    /** The stored ones. */
    List<Field> fields(String model) {
        return fieldsByModel.getOrDefault(model, List.of());
    }

    /** The model a relational field points to, stored or not; null where there is no such field. */
    @Nullable
    String relation(String model, String field) {
        return relations.get(model + "." + field);
    }

    /** Every stored field of a type, by model and name. */
    List<Field> fieldsOfType(String type) {
        return fieldsByModel.values().stream()
                .flatMap(List::stream)
                .filter(field -> field.type().equals(type))
                .toList();
    }

    /** Of ir_model_relation, in the case they are written. */
    Set<String> relationTables() {
        return relationTables;
    }

    String odooVersion() {
        return odooVersion;
    }

    String databaseUuid() {
        return databaseUuid;
    }

    String modulesHash() {
        return modulesHash;
    }

    List<String> pendingModules() {
        return pendingModules;
    }

    /** Reads what there is and may be read of a table of Odoo's metadata. */
    private record Rows(JdbcClient jdbc, DatabaseSchema schema) {

        /** @throws UserError where a needed column is not there or not readable */
        List<Map<String, @Nullable Object>> of(String name, List<String> needed, List<String> wanted) {
            Table table = schema.table(name);
            Set<String> columns = new LinkedHashSet<>();
            for (String column : needed) {
                if (table == null || !table.columns().containsKey(column)) {
                    throw UserError.setting("The database is no Odoo database, or of a version that is not supported: "
                            + "it has no column " + column + " in a table " + name + ". Check the target's JDBC URL.");
                }
                columns.add(column);
            }
            String lacking = schema.unreadable(name, needed);
            if (lacking != null) {
                throw UserError.setting("Without Odoo's own metadata nothing can be found: " + lacking + ".");
            }
            for (String column : wanted) {
                Column known = table == null ? null : table.columns().get(column);
                if (known != null && known.readable()) {
                    columns.add(column);
                }
            }
            if (columns.isEmpty()) {
                return List.of();
            }
            List<Map<String, @Nullable Object>> rows = new ArrayList<>();
            String list = String.join(", ", columns.stream().map(Sql::quote).toList());
            jdbc.sql("SELECT " + list + " FROM " + Sql.quote(name) + " ORDER BY " + list)
                    .query(row -> {
                        Map<String, @Nullable Object> values = new LinkedHashMap<>();
                        for (String column : columns) {
                            values.put(column, row.getObject(column));
                        }
                        rows.add(values);
                    });
            return rows;
        }
    }
}
