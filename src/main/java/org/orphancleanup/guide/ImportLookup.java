package org.orphancleanup.guide;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.orphancleanup.catalog.ModelShapes;
import org.orphancleanup.catalog.ModelShapes.FieldShape;
import org.orphancleanup.catalog.Sql;
import org.springframework.dao.DataAccessResourceFailureException;

/** Looks up in the target what import files refer to, each value once and many at a time. */
final class ImportLookup {

    private static final int AT_ONCE = 5_000;

    /** Where Odoo's models have what their records are called by; the first that fits is enough. */
    private static final List<String> NAMES =
            List.of("complete_name", "name", "display_name", "x_name", "code", "default_code", "login");

    private final DataSource target;
    private final ModelShapes shapes;
    private final ImportSpool spool;
    private final Set<String> notes = new LinkedHashSet<>();

    ImportLookup(DataSource target, ModelShapes shapes, ImportSpool spool) {
        this.target = target;
        this.shapes = shapes;
        this.spool = spool;
    }

    Set<String> notes() {
        return notes;
    }

    /** Fills {@code import_known}. */
    void run() {
        try (Connection connection = target.getConnection()) {
            Batch batch = new Batch(connection);
            spool.jdbc().query("""
                    SELECT model, kind, value FROM import_ref UNION SELECT model, kind, value FROM import_record
                    ORDER BY model, kind, value""", row -> {
                batch.add(row.getString(1), row.getString(2).charAt(0), row.getString(3));
            });
            batch.end();
        } catch (SQLException e) {
            throw new DataAccessResourceFailureException(String.valueOf(e.getMessage()), e);
        }
        spool.flush();
    }

    /** Values of one model and kind. */
    private final class Batch {

        private final Connection connection;
        private final List<String> values = new ArrayList<>();
        private String model = "";
        private char kind;

        private Batch(Connection connection) {
            this.connection = connection;
        }

        private void add(String newModel, char newKind, String value) {
            if (!newModel.equals(model) || newKind != kind || values.size() >= AT_ONCE) {
                end();
                model = newModel;
                kind = newKind;
            }
            values.add(value);
        }

        private void end() {
            if (values.isEmpty()) {
                return;
            }
            try {
                switch (kind) {
                    case 'x' -> externalIds(connection, model, values);
                    case 'i' -> ids(connection, model, values);
                    default -> names(connection, model, values);
                }
            } catch (SQLException e) {
                throw new DataAccessResourceFailureException(String.valueOf(e.getMessage()), e);
            }
            values.clear();
        }
    }

    private void externalIds(Connection connection, String model, List<String> values) throws SQLException {
        Map<String, Long> found = new HashMap<>();
        try (PreparedStatement statement = connection.prepareStatement("""
                SELECT d.module || '.' || d.name, d.model, d.res_id FROM ir_model_data d
                JOIN unnest(?::text[], ?::text[]) w (module, name) ON d.module = w.module AND d.name = w.name""")) {
            statement.setArray(
                    1,
                    connection.createArrayOf(
                            "text",
                            values.stream()
                                    .map(value -> value.substring(0, value.indexOf('.')))
                                    .toArray()));
            statement.setArray(
                    2,
                    connection.createArrayOf(
                            "text",
                            values.stream()
                                    .map(value -> value.substring(value.indexOf('.') + 1))
                                    .toArray()));
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    String value = rows.getString(1);
                    String other = rows.getString(2);
                    if (model.equals(other)) {
                        found.put(value, rows.getLong(3));
                    } else {
                        spool.known(model, 'x', value, "names a " + other + ", not a " + model);
                    }
                }
            }
        }
        Set<Long> existing = existing(connection, model, found.values());
        found.forEach((value, id) -> spool.known(
                model,
                'x',
                value,
                existing == null || existing.contains(id)
                        ? null
                        : "is kept for " + model + " " + id + ", which is gone"));
    }

    private void ids(Connection connection, String model, List<String> values) throws SQLException {
        Map<Long, List<String>> numbers = new HashMap<>();
        for (String value : values) {
            if (value.matches("\\d{1,18}")) {
                numbers.computeIfAbsent(Long.valueOf(value), id -> new ArrayList<>())
                        .add(value);
            }
        }
        Set<Long> existing = existing(connection, model, numbers.keySet());
        for (Map.Entry<Long, List<String>> number : numbers.entrySet()) {
            if (existing == null || existing.contains(number.getKey())) {
                number.getValue().forEach(value -> spool.known(model, 'i', value, null));
            }
        }
    }

    /** Null where the model has no table that can be asked. */
    private @Nullable Set<Long> existing(Connection connection, String model, Iterable<Long> ids) throws SQLException {
        String table = shapes.table(model);
        if (table == null) {
            notes.add(model + " has no table that can be read, so its records were not looked up");
            return null;
        }
        List<Long> asked = new ArrayList<>();
        ids.forEach(asked::add);
        Set<Long> existing = new HashSet<>();
        try (PreparedStatement statement =
                connection.prepareStatement("SELECT id FROM " + Sql.quote(table) + " WHERE id = ANY (?)")) {
            statement.setArray(1, connection.createArrayOf("bigint", asked.toArray()));
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    existing.add(rows.getLong(1));
                }
            }
        }
        return existing;
    }

    /** A model that delegates to another one (users to partners) has that one's name. */
    private String named(String model) {
        FieldShape name = shapes.fields(model).get("name");
        if (name == null || name.stored() || name.related() == null) {
            return model;
        }
        FieldShape delegate = shapes.fields(model)
                .get(name.related().substring(0, Math.max(0, name.related().indexOf('.'))));
        return delegate == null || delegate.relation() == null ? model : delegate.relation();
    }

    private void names(Connection connection, String model, List<String> values) throws SQLException {
        String holder = named(model);
        String table = shapes.table(holder);
        Map<String, Boolean> texts = table == null ? Map.of() : shapes.texts(table, NAMES);
        if (table == null || texts.isEmpty()) {
            notes.add("what a " + model + " is called cannot be told from the database, so names were not looked up");
            values.forEach(value -> spool.known(model, 'n', value, null));
            return;
        }
        String active = shapes.hasColumn(table, "active") ? "t.active" : "true";
        Map<String, Boolean> found = new HashMap<>();
        for (Map.Entry<String, Boolean> text : texts.entrySet()) {
            String column = "t." + Sql.quote(text.getKey());
            String sql = text.getValue()
                    ? "SELECT e.value, bool_or(coalesce(" + active + ", false)) FROM " + Sql.quote(table)
                            + " t, jsonb_each_text(CASE WHEN jsonb_typeof(" + column + ") = 'object' THEN " + column
                            + " END) e WHERE e.value = ANY (?) GROUP BY 1"
                    : "SELECT " + column + ", bool_or(coalesce(" + active + ", false)) FROM " + Sql.quote(table)
                            + " t WHERE " + column + " = ANY (?) GROUP BY 1";
            try (PreparedStatement statement = connection.prepareStatement(sql)) {
                statement.setArray(1, connection.createArrayOf("text", values.toArray()));
                try (ResultSet rows = statement.executeQuery()) {
                    while (rows.next()) {
                        found.merge(rows.getString(1), rows.getBoolean(2), Boolean::logicalOr);
                    }
                }
            }
        }
        found.forEach((value, isActive) -> spool.known(
                model, 'n', value, isActive ? null : "is archived, and Odoo finds no archived record by its name"));
    }
}
