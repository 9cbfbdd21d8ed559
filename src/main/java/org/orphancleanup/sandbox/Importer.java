package org.orphancleanup.sandbox;

import java.sql.SQLException;
import java.sql.Savepoint;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** {@code load}: records from rows of text, made or updated by external id, all or none. */
final class Importer {

    private final Environment env;

    Importer(Environment env) {
        this.env = env;
    }

    Map<String, Object> load(Model model, List<?> columns, List<?> rows) {
        for (Object column : columns) {
            String name = column.toString().replaceFirst("/.*", "");
            if (!name.equals("id") && !name.equals(".id") && !model.hasField(name)) {
                throw env.registry.version() >= 18
                        ? OdooError.value("Invalid field name " + Python.repr(name))
                        : OdooError.key(name);
            }
        }
        List<Map<String, Object>> messages = new ArrayList<>();
        List<Long> ids = new ArrayList<>();
        Savepoint savepoint = savepoint();
        for (int i = 0; i < rows.size(); i++) {
            int row = i;
            try {
                ids.add(row(model, columns, (List<?>) rows.get(i), row, messages));
                env.flush();
            } catch (OdooError e) {
                messages.add(message(row, null, e.message()));
                rollback(savepoint);
                savepoint = savepoint();
            }
        }
        Map<String, Object> result = new LinkedHashMap<>();
        if (messages.isEmpty()) {
            result.put("ids", ids);
        } else {
            rollback(savepoint);
            result.put("ids", false);
        }
        result.put("messages", messages);
        result.put("nextrow", 0);
        return result;
    }

    private long row(Model model, List<?> columns, List<?> cells, int row, List<Map<String, Object>> messages) {
        Map<String, @Nullable Object> values = new LinkedHashMap<>();
        String externalId = null;
        long id = 0;
        for (int i = 0; i < columns.size(); i++) {
            String column = columns.get(i).toString();
            Object cell = cells.get(i);
            String text = cell == null || Boolean.FALSE.equals(cell) ? "" : cell.toString();
            if (column.equals("id")) {
                externalId = text.isEmpty() ? null : text;
            } else if (column.equals(".id")) {
                id = text.isEmpty() ? 0 : Long.parseLong(text);
            } else {
                try {
                    cell(model, column, text, values);
                } catch (NoMatch e) {
                    messages.add(message(row, e.field, String.valueOf(e.getMessage())));
                }
            }
        }
        if (externalId != null) {
            String[] name =
                    externalId.contains(".") ? externalId.split("\\.", 2) : new String[] {"__import__", externalId};
            id = find(model, name[0], name[1]);
            if (id == 0) {
                // a name left behind by a vanished record is taken over
                env.update("DELETE FROM ir_model_data WHERE module = ? AND name = ?", List.of(name[0], name[1]));
                id = messages.isEmpty() ? env.create(model, values) : 0;
                env.update(
                        "INSERT INTO ir_model_data (module, name, model, res_id, noupdate, create_uid, create_date, write_uid,"
                                + " write_date) VALUES (?, ?, ?, ?, false, ?, ?::timestamp, ?, ?::timestamp)",
                        List.of(
                                name[0],
                                name[1],
                                model.name(),
                                id,
                                env.user.id(),
                                env.now(),
                                env.user.id(),
                                env.now()));
                return id;
            }
        }
        if (id == 0) {
            return messages.isEmpty() ? env.create(model, values) : 0;
        }
        env.write(model, List.of(id), values);
        return id;
    }

    private long find(Model model, String module, String name) {
        long[] found = {0};
        env.query(
                "SELECT d.res_id FROM ir_model_data d WHERE d.module = ? AND d.name = ? AND d.model = ? AND EXISTS (SELECT 1"
                        + " FROM " + Environment.quote(model.table()) + " t WHERE t.id = d.res_id)",
                List.of(module, name, model.name()),
                result -> found[0] = result.getLong(1));
        return found[0];
    }

    private void cell(Model model, String column, String text, Map<String, @Nullable Object> values) throws NoMatch {
        int slash = column.indexOf('/');
        String name = slash < 0 ? column : column.substring(0, slash);
        String by = slash < 0 ? "" : column.substring(slash + 1);
        ModelField field = Objects.requireNonNull(model.field(name));
        if (field.isMany2one()) {
            values.put(name, text.isEmpty() ? (Object) false : (Object) one(field, by, text));
        } else if (field.type().equals("many2many")) {
            List<Long> ids = new ArrayList<>();
            for (String part : text.split(",")) {
                if (!part.isBlank()) {
                    ids.add(one(field, by, part.strip()));
                }
            }
            values.put(name, List.of(List.of(6, 0, ids)));
        } else if (field.type().equals("boolean")) {
            values.put(name, text.equals("1") || text.equalsIgnoreCase("true") || text.equalsIgnoreCase("yes"));
        } else {
            values.put(name, text.isEmpty() ? (Object) false : text);
        }
    }

    private long one(ModelField field, String by, String text) throws NoMatch {
        Model to = env.registry.get(Objects.requireNonNull(field.to()));
        long id = 0;
        String what;
        if (by.equals("id")) {
            what = "external id";
            String[] name = text.contains(".") ? text.split("\\.", 2) : new String[] {"__import__", text};
            id = find(to, name[0], name[1]);
        } else if (by.equals(".id")) {
            what = "database id";
            long wanted = text.matches("\\d+") ? Long.parseLong(text) : 0;
            id = env.existing(to, List.of(wanted)).contains(wanted) ? wanted : 0;
        } else {
            what = "name";
            List<Long> found = env.search(to, List.of(List.of(to.recordName(), "=", text)), 0, 1, null);
            id = found.isEmpty() ? 0 : found.get(0);
        }
        if (id == 0) {
            throw new NoMatch(
                    field.name(),
                    "No matching record found for " + what + " '" + text + "' in field '" + field.title() + "'");
        }
        return id;
    }

    private static final class NoMatch extends Exception {
        private static final long serialVersionUID = 1L;
        final String field;

        NoMatch(String field, String message) {
            super(message);
            this.field = field;
        }
    }

    private static Map<String, Object> message(int row, @Nullable String field, String text) {
        Map<String, Object> message = new LinkedHashMap<>();
        message.put("rows", Map.of("from", row, "to", row));
        message.put("type", "error");
        message.put("record", row);
        if (field != null) {
            message.put("field", field);
        }
        message.put("message", text);
        return message;
    }

    private Savepoint savepoint() {
        env.flush();
        try {
            return env.connection.setSavepoint();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private void rollback(Savepoint savepoint) {
        try {
            env.connection.rollback(savepoint);
            env.invalidate();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
