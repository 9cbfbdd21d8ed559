package org.orphancleanup.sandbox;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** Collects rows and writes them in batches. Columns that this version does not have are left out. */
final class Inserter {

    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final Registry registry;
    private final Map<String, List<Map<String, @Nullable Object>>> rows = new LinkedHashMap<>();
    private final Map<String, Map<String, @Nullable Object>> byId = new HashMap<>();
    private final Map<String, List<long[]>> relations = new LinkedHashMap<>();
    private final Map<String, Long> last = new LinkedHashMap<>();

    Inserter(Registry registry) {
        this.registry = registry;
    }

    /** A row to be: its model and its values. */
    record Row(String model, Map<String, @Nullable Object> values) {

        Row with(String name, @Nullable Object value) {
            values.put(name, value);
            return this;
        }

        Row with(Row more) {
            values.putAll(more.values);
            return this;
        }
    }

    static Row row(String model) {
        return new Row(model, new LinkedHashMap<>());
    }

    /** @return the new id; 0 where this version has no such model */
    long add(Row given) {
        String modelName = given.model;
        Model model = registry.find(modelName);
        if (model == null) {
            return 0;
        }
        String counter = model.inheritsTable() == null ? model.table() : model.inheritsTable();
        long id = last.merge(counter, 1L, Long::sum);
        Map<String, @Nullable Object> row = new LinkedHashMap<>();
        row.put("id", id);
        // years before the audit of anything that happens later
        put(model, row, "create_uid", 2L);
        put(model, row, "write_uid", 2L);
        put(model, row, "create_date", "2025-01-06 08:00:00");
        put(model, row, "write_date", "2025-01-06 08:00:00");
        for (ModelField field : model.fields()) {
            if (field.column() && field.type().equals("boolean")) {
                row.put(field.name(), field.name().equals("active"));
            }
        }
        given.values.forEach((name, value) -> put(model, row, name, value));
        rows.computeIfAbsent(modelName, key -> new ArrayList<>()).add(row);
        byId.put(modelName + "," + id, row);
        return id;
    }

    private void put(Model model, Map<String, @Nullable Object> row, String name, @Nullable Object value) {
        ModelField field = model.field(name);
        if (field == null || !field.column()) {
            return;
        }
        if (field.translate() && value != null) {
            row.put(name, JSON.writeValueAsString(Map.of("en_US", value)));
        } else {
            row.put(name, value instanceof Long id && id == 0 ? null : value);
        }
    }

    Map<String, @Nullable Object> row(String model, long id) {
        return Objects.requireNonNull(byId.get(model + "," + id));
    }

    void link(String modelName, String fieldName, long id, long other) {
        Model model = registry.find(modelName);
        ModelField field = model == null ? null : model.field(fieldName);
        if (field == null || other == 0 || id == 0) {
            return;
        }
        String key = Environment.quote(Objects.requireNonNull(field.table())) + " ("
                + Environment.quote(Objects.requireNonNull(field.column1())) + ", "
                + Environment.quote(Objects.requireNonNull(field.column2())) + ")";
        relations.computeIfAbsent(key, each -> new ArrayList<>()).add(new long[] {id, other});
    }

    void write(Connection connection) throws SQLException {
        for (Map.Entry<String, List<Map<String, @Nullable Object>>> entry : rows.entrySet()) {
            Model model = registry.get(entry.getKey());
            for (List<Map<String, @Nullable Object>> alike : byColumns(entry.getValue())) {
                batch(connection, model, alike);
            }
        }
        for (Map.Entry<String, List<long[]>> entry : relations.entrySet()) {
            try (PreparedStatement statement = connection.prepareStatement(
                    "INSERT INTO " + entry.getKey() + " VALUES (?, ?) ON CONFLICT DO NOTHING")) {
                for (long[] pair : entry.getValue()) {
                    statement.setLong(1, pair[0]);
                    statement.setLong(2, pair[1]);
                    statement.addBatch();
                }
                statement.executeBatch();
            }
        }
        try (Statement statement = connection.createStatement()) {
            for (Map.Entry<String, Long> entry : last.entrySet()) {
                statement.execute("SELECT setval(pg_get_serial_sequence('" + entry.getKey() + "', 'id'), "
                        + entry.getValue() + ")");
            }
        }
    }

    private static Iterable<List<Map<String, @Nullable Object>>> byColumns(List<Map<String, @Nullable Object>> rows) {
        Map<String, List<Map<String, @Nullable Object>>> groups = new LinkedHashMap<>();
        for (Map<String, @Nullable Object> row : rows) {
            groups.computeIfAbsent(row.keySet().toString(), key -> new ArrayList<>())
                    .add(row);
        }
        return groups.values();
    }

    private static void batch(Connection connection, Model model, List<Map<String, @Nullable Object>> rows)
            throws SQLException {
        StringJoiner names = new StringJoiner(", ");
        StringJoiner places = new StringJoiner(", ");
        for (String name : rows.get(0).keySet()) {
            names.add(Environment.quote(name));
            ModelField field = model.field(name);
            places.add("?::" + (field == null ? "int4" : field.columnType()));
        }
        try (PreparedStatement statement = connection.prepareStatement(
                "INSERT INTO " + Environment.quote(model.table()) + " (" + names + ") VALUES (" + places + ")")) {
            for (Map<String, @Nullable Object> row : rows) {
                int index = 1;
                for (Object value : row.values()) {
                    statement.setObject(index++, value);
                }
                statement.addBatch();
            }
            statement.executeBatch();
        }
    }
}
