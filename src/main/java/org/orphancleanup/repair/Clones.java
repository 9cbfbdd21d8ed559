package org.orphancleanup.repair;

import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.orphancleanup.catalog.Sql;
import org.orphancleanup.repair.TableShape.Column;
import tools.jackson.databind.JsonNode;

/** What of a donor's row must differ when it is copied under the id of a missing parent. */
final class Clones {

    private final Session session;
    private final Map<String, TableShape> shapes = new HashMap<>();

    Clones(Session session) {
        this.session = session;
    }

    TableShape shape(String table) {
        return shapes.computeIfAbsent(table, t -> TableShape.of(session.rows().jdbc(), t));
    }

    /**
     * All of a row that the database role may read, whether the API user may or not: it is copied within the database, and
     * neither kept nor shown.
     */
    Map<String, JsonNode> row(String table, long id) {
        Map<String, JsonNode> row = new LinkedHashMap<>();
        Set<String> columns = session.rows().columns(table);
        if (!columns.contains("id")) {
            return row;
        }
        session.rows()
                .jdbc()
                .sql("SELECT row_to_json(x)::text FROM (SELECT "
                        + columns.stream().map(Sql::quote).collect(Collectors.joining(", "))
                        + " FROM ONLY " + Sql.quote(table) + " WHERE id = :id) x")
                .param("id", id)
                .query(String.class)
                .optional()
                .ifPresent(text ->
                        session.mapper().readTree(text).properties().forEach(e -> row.put(e.getKey(), e.getValue())));
        return row;
    }

    /**
     * The columns that differ, as JSON takes them.
     *
     * @param halves ids of the records that are the other halves of the clone, by column; null empties
     * @param isAlive a record that is in use is made of it, so that it must not be archived
     */
    Map<String, Object> values(
            MissingParent parent, Donors.Donor donor, Map<String, @Nullable Long> halves, boolean isAlive) {
        TableShape shape = shape(parent.table());
        Map<String, JsonNode> row = donor.row();
        ModelInfo info = session.model(parent.model());
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("id", parent.id());
        if (donor.isExisting()) {
            requiredOnly(shape, info, values);
        } else {
            renamed(shape, row, donor.label(), parent.label(), values);
        }
        name(shape, info, parent, donor, values);
        selfReferences(parent.model(), row, donor.id(), parent.id(), values);
        path(row, donor.id(), parent.id(), values);
        company(shape, row, parent, values);
        halves.forEach((column, id) -> {
            if (shape.columns().containsKey(column)) {
                values.put(column, id);
            }
        });
        archive(shape, parent, isAlive, values);
        for (Set<String> unique : shape.uniques()) {
            distinct(shape, row, parent.id(), unique, values);
        }
        return values;
    }

    /** Of a row that is a record of its own nothing is taken along that need not be there. */
    private void requiredOnly(TableShape shape, ModelInfo info, Map<String, Object> values) {
        LocalDateTime now = LocalDateTime.ofInstant(session.clock().instant(), ZoneOffset.UTC);
        for (Column column : shape.columns().values()) {
            String name = column.name();
            switch (name) {
                case "id", "parent_path" -> {
                    // their own ways
                }
                case "create_uid", "write_uid" ->
                    values.put(name, session.odoo().uid());
                case "create_date", "write_date" -> values.put(name, now.toString());
                case "state" -> {
                    JsonNode states = info.has(name)
                            ? Objects.requireNonNull(info.fields().get(name)).path("selection")
                            : null;
                    if (states != null && states.isArray() && !states.isEmpty()) {
                        values.put(name, states.get(0).get(0).asString());
                    }
                }
                default -> {
                    if (!column.notNull()
                            && !info.isRequired(name)
                            && !shape.checked().contains(name)) {
                        values.put(name, null);
                    }
                }
            }
        }
    }

    /** Wherever the donor's name stands, the clone's own does. */
    private static void renamed(
            TableShape shape, Map<String, JsonNode> row, String from, String to, Map<String, Object> values) {
        row.forEach((column, value) -> {
            Column known = shape.columns().get(column);
            if (known == null || value.isNull() || !(known.isText() || value.isObject())) {
                return;
            }
            String text = value.isObject() ? value.toString() : value.asString();
            String renamed = text.replace(from, to).replace(StandIns.token(from), StandIns.token(to));
            if (renamed.equals(text)) {
                return;
            }
            if (value.isObject()) {
                Map<String, Object> translations = new LinkedHashMap<>();
                value.properties()
                        .forEach(e -> translations.put(
                                e.getKey(),
                                e.getValue().isString()
                                        ? (Object) e.getValue()
                                                .asString()
                                                .replace(from, to)
                                                .replace(StandIns.token(from), StandIns.token(to))
                                        : e.getValue()));
                values.put(column, translations);
            } else {
                values.put(column, fit(renamed, known.length()));
            }
        });
    }

    /** What it is stands in a text field of it: its name, or whichever text it has. */
    private static void name(
            TableShape shape, ModelInfo info, MissingParent parent, Donors.Donor donor, Map<String, Object> values) {
        for (String field : StandIns.LABELS) {
            Column column = shape.columns().get(field);
            boolean isText = "char".equals(info.type(field)) || "text".equals(info.type(field));
            if (column == null || !isText) {
                continue;
            }
            if (column.isText() && values.get(field) == null) {
                values.put(field, fit(parent.label(), column.length()));
            } else if (column.type().equals("jsonb") && values.get(field) == null) {
                Map<String, Object> translations = new LinkedHashMap<>();
                translations.put("en_US", parent.label());
                JsonNode before = donor.row().get(field);
                if (before != null && before.isObject()) {
                    before.properties().forEach(e -> translations.put(e.getKey(), parent.label()));
                }
                values.put(field, translations);
            }
            return;
        }
    }

    private void selfReferences(
            String model, Map<String, JsonNode> row, long donor, long id, Map<String, Object> values) {
        session.rows()
                .jdbc()
                .sql(
                        "SELECT name FROM ir_model_fields WHERE model = :model AND relation = :model AND ttype = 'many2one' AND store")
                .param("model", model)
                .query(String.class)
                .list()
                .forEach(field -> {
                    JsonNode value = row.get(field);
                    if (value != null && value.isIntegralNumber() && value.asLong() == donor) {
                        values.put(field, id);
                    }
                });
    }

    private static void path(Map<String, JsonNode> row, long donor, long id, Map<String, Object> values) {
        JsonNode path = row.get("parent_path");
        if (path == null) {
            return;
        }
        boolean isRoot = values.containsKey("parent_id") && values.get("parent_id") == null;
        String text = path.isNull() ? "" : path.asString();
        values.put(
                "parent_path",
                isRoot || !text.endsWith(donor + "/")
                        ? id + "/"
                        : text.substring(0, text.length() - (donor + "/").length()) + id + "/");
    }

    /** A record that must have a company gets that of the records that refer to it. */
    private static void company(
            TableShape shape, Map<String, JsonNode> row, MissingParent parent, Map<String, Object> values) {
        JsonNode company = row.get("company_id");
        Column column = shape.columns().get("company_id");
        if (parent.company() != 0
                && column != null
                && column.isNumber()
                && company != null
                && company.isIntegralNumber()
                && company.asLong() != parent.company()) {
            values.put("company_id", parent.company());
        }
    }

    private static void archive(TableShape shape, MissingParent parent, boolean isAlive, Map<String, Object> values) {
        boolean archived = !isAlive && !Peculiarities.NEVER_ARCHIVED.contains(parent.model());
        Column active = shape.columns().get("active");
        Column deprecated = shape.columns().get("deprecated"); // accounts of 17 and 18 are archived by this
        if (active != null && active.type().equals("bool")) {
            values.put("active", !archived);
        } else if (deprecated != null && deprecated.type().equals("bool")) {
            values.put("deprecated", archived);
        }
    }

    /** One column of each unique index must differ from the donor's. */
    private static void distinct(
            TableShape shape, Map<String, JsonNode> row, long id, Set<String> unique, Map<String, Object> values) {
        Column text = null;
        Column json = null;
        Column number = null;
        Column nullable = null;
        for (String name : unique) {
            Column column = shape.columns().get(name);
            if (column == null || column.type().equals("bool")) {
                continue;
            }
            JsonNode before = row.get(name);
            boolean isSet = before != null && !before.isNull();
            if (values.containsKey(name) ? !sameAs(before, values.get(name)) : !isSet) {
                return; // it differs already, or is empty, which nothing equals
            }
            if (column.isText()) {
                text = column;
            } else if (column.type().equals("jsonb")) {
                json = column;
            } else if (column.isNumber() && column.parentTable() == null) {
                number = column;
            } else if (!column.notNull()) {
                nullable = column;
            }
        }
        if (text != null) {
            String before = Objects.requireNonNull(row.get(text.name())).asString();
            values.put(text.name(), fit(before + " #" + id, text.length()));
        } else if (nullable != null) {
            values.put(nullable.name(), null);
        } else if (json != null && Objects.requireNonNull(row.get(json.name())).isObject()) {
            Map<String, Object> texts = new LinkedHashMap<>();
            Objects.requireNonNull(row.get(json.name()))
                    .properties()
                    .forEach(e -> texts.put(
                            e.getKey(),
                            e.getValue().isString() ? (Object) (e.getValue().asString() + " #" + id) : e.getValue()));
            values.put(json.name(), texts);
        } else if (number != null) {
            values.put(number.name(), id);
        }
    }

    private static boolean sameAs(@Nullable JsonNode before, @Nullable Object now) {
        if (before == null || before.isNull() || now == null) {
            return false;
        }
        return before.isIntegralNumber() && now instanceof Number number
                ? before.asLong() == number.longValue()
                : before.isString() && before.asString().equals(now);
    }

    /** Cut where the column is short; the end, which holds the id, stays. */
    private static String fit(String text, int length) {
        if (length == 0 || text.length() <= length) {
            return text;
        }
        int id = text.lastIndexOf(" #");
        String end = id < 0 ? text.substring(text.length() - length) : text.substring(id);
        return end.length() >= length
                ? end.substring(end.length() - length)
                : text.substring(0, length - end.length()) + end;
    }

    /** Columns that refer to the model itself or are otherwise of the record alone. */
    Set<String> manyToOneColumns(String table) {
        Set<String> columns = new LinkedHashSet<>();
        shape(table).columns().values().stream()
                .filter(c -> c.parentTable() != null)
                .forEach(c -> columns.add(c.name()));
        return columns;
    }

    List<String> required(String table, ModelInfo info) {
        return shape(table).columns().values().stream()
                .filter(c -> c.notNull() || info.isRequired(c.name()))
                .map(Column::name)
                .toList();
    }
}
