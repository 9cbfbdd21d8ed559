package org.orphancleanup.guide;

import java.io.Reader;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.orphancleanup.UserError;
import org.orphancleanup.catalog.ModelShapes;
import org.orphancleanup.catalog.ModelShapes.FieldShape;
import org.orphancleanup.guide.ImportResult.Level;
import org.orphancleanup.guide.ImportResult.Problem;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.MappingIterator;
import tools.jackson.databind.json.JsonMapper;

/** Values as an integration sends them to {@code create} and {@code write}: which ids in them do not exist. */
final class ImportValues {

    private static final JsonMapper JSON = new JsonMapper();

    private final ModelShapes shapes;
    private final ImportCheck.Check check;
    private final List<ImportColumn> columns = new ArrayList<>();
    private final Map<String, Integer> numbers = new HashMap<>();
    private final Map<String, Problem> grouped = new HashMap<>();
    private String name = "";

    ImportValues(ModelShapes shapes, ImportCheck.Check check) {
        this.shapes = shapes;
        this.check = check;
    }

    void read(String source, Reader json) {
        name = source;
        int no = check.begin(source, columns);
        long record = 0;
        try (MappingIterator<JsonNode> nodes = JSON.readerFor(JsonNode.class).readValues(json)) {
            while (nodes.hasNextValue()) {
                record++;
                JsonNode node = nodes.nextValue();
                String model = node.path("model").asString("");
                JsonNode values = node.path("values");
                if (model.isEmpty() || !values.isObject()) {
                    throw UserError.setting("Record " + record + " of " + source
                            + " is not what is asked for: {\"model\": \"res.partner\", \"values\": {\"name\": \"…\"}},"
                            + " with \"id\" beside them where a record is to be changed.");
                }
                if (shapes.knows(model)) {
                    one(no, record, model, node, values, "");
                } else {
                    add("no-model", model, record, "there is no model " + model);
                }
            }
        } catch (JacksonException e) {
            throw new UserError(
                    UserError.Kind.SETTING,
                    source + " is no JSON after record " + record + ": " + e.getOriginalMessage(),
                    e);
        }
        check.end(no, "", record);
        grouped.values().forEach(check::problem);
    }

    /** @param inside the path of fields to this record; empty for one of its own */
    private void one(int no, long record, String model, JsonNode node, JsonNode values, String inside) {
        Map<String, FieldShape> fields = shapes.fields(model);
        JsonNode id = node.path("id");
        if (id.isIntegralNumber()) {
            check.spool().record(no, record, model, 'i', id.asString());
        } else if (inside.isEmpty()) {
            check.required(model).forEach((field, level) -> {
                JsonNode value = values.path(field);
                boolean none = value.isMissingNode()
                        || value.isNull()
                        || value.isBoolean() && !value.booleanValue() && !"boolean".equals(type(fields, field));
                if (none) {
                    add(
                            level,
                            "required-missing",
                            model + "." + field,
                            record,
                            model + "." + field + " is required, and a new record has none"
                                    + (level == Level.PROBLEM ? "" : "; whether Odoo has a default is not known"));
                }
            });
        }
        values.propertyStream().forEach(entry -> {
            String key = entry.getKey();
            FieldShape field = fields.get(key);
            String place = model + "." + key;
            if (field == null) {
                add("no-field", place, record, model + " has no field " + key);
                return;
            }
            value(no, record, model, field, entry.getValue(), values, inside.isEmpty() ? place : inside + "/" + key);
        });
    }

    private static String type(Map<String, FieldShape> fields, String field) {
        FieldShape shape = fields.get(field);
        return shape == null ? "" : shape.type();
    }

    private void value(
            int no, long record, String model, FieldShape field, JsonNode value, JsonNode values, String place) {
        String relation = field.relation();
        switch (field.type()) {
            case "many2one" -> {
                if (value.isIntegralNumber() && relation != null && value.asLong() != 0) {
                    reference(no, record, model, field.name(), relation, place, value.asString());
                } else if (!isNone(value)) {
                    add(
                            "wrong-type",
                            place,
                            record,
                            "a many2one takes an integer or false: Odoo takes anything else as empty, without an error");
                }
            }
            case "many2many", "one2many" -> {
                if (value.isArray() && relation != null) {
                    value.forEach(command -> command(no, record, model, field.name(), relation, command, place));
                }
            }
            case "reference" -> {
                String text = value.asString("");
                int comma = text.lastIndexOf(',');
                if (comma > 0 && text.substring(comma + 1).matches("[1-9][0-9]{0,17}")) {
                    polymorphic(
                            no,
                            record,
                            model,
                            field.name(),
                            text.substring(0, comma),
                            place,
                            text.substring(comma + 1));
                } else if (!isNone(value)) {
                    add("wrong-type", place, record, "a reference is written model,id");
                }
            }
            case "many2one_reference" -> {
                String stem = field.name().endsWith("_id")
                        ? field.name().substring(0, field.name().length() - 3)
                        : field.name();
                for (String other : List.of(stem + "_model", "model")) {
                    String named = values.path(other).asString("");
                    if (!named.isEmpty() && value.isIntegralNumber() && value.asLong() != 0) {
                        polymorphic(no, record, model, field.name(), named, place, value.asString());
                        return;
                    }
                }
            }
            default -> {}
        }
    }

    private static boolean isNone(JsonNode value) {
        return value.isNull() || value.isBoolean() && !value.booleanValue();
    }

    private void polymorphic(int no, long record, String model, String field, String named, String place, String id) {
        if (shapes.knows(named)) {
            reference(no, record, model, field, named, place, id);
        } else {
            add("no-model", place, record, "there is no model " + named);
        }
    }

    /** (0, 0, values), (1, id, values), (2|3|4, id), (5,), (6, 0, ids), or an id alone. */
    private void command(
            int no, long record, String model, String field, String relation, JsonNode command, String place) {
        if (command.isIntegralNumber()) {
            reference(no, record, model, field, relation, place, command.asString());
            return;
        }
        int code = command.path(0).asInt(-1);
        switch (code) {
            case 1, 2, 3, 4 -> {
                if (command.path(1).isIntegralNumber()) {
                    reference(
                            no,
                            record,
                            model,
                            field,
                            relation,
                            place,
                            command.path(1).asString());
                }
            }
            case 6 ->
                command.path(2).forEach(id -> reference(no, record, model, field, relation, place, id.asString("")));
            default -> {}
        }
        if (code == 0 || code == 1) {
            JsonNode values = command.path(2);
            if (values.isObject() && shapes.knows(relation)) {
                one(no, record, relation, command.path(-1), values, place);
            }
        }
    }

    private void reference(int no, long record, String model, String field, String relation, String place, String id) {
        int column = numbers.computeIfAbsent(place + " " + relation, key -> {
            columns.add(new ImportColumn(
                    place, List.of(), model, ImportColumn.Kind.ID, field, relation, false, false, null));
            return columns.size() - 1;
        });
        check.spool().reference(no, column, record, relation, 'i', id);
    }

    private void add(String kind, String place, long record, String words) {
        add(Level.PROBLEM, kind, place, record, words);
    }

    /** One line for each place, however many records have it. */
    private void add(Level level, String kind, String place, long record, String words) {
        grouped.merge(
                kind + " " + place + " " + words,
                new Problem(level, kind, name, place, 1, record, List.of(), words),
                (known, more) -> new Problem(
                        known.level(), kind, name, place, known.rows() + 1, known.firstRow(), List.of(), words));
    }
}
