package org.orphancleanup.sandbox;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** Records and field descriptions as {@code read} and {@code fields_get} answer them. */
final class Reader {

    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final Environment env;

    Reader(Environment env) {
        this.env = env;
    }

    /** @param load empty: a many2one is its raw id, whether the record exists or not */
    List<Map<String, @Nullable Object>> read(Model model, List<Long> ids, @Nullable List<?> names, String load) {
        List<String> fields = names == null || names.isEmpty()
                ? allFields(model)
                : names.stream().map(String::valueOf).toList();
        for (String name : fields) {
            checkField(model, name);
        }
        List<Long> readable = env.access().readable(model, ids);
        env.fetch(model, readable);
        List<Map<String, @Nullable Object>> rows = new ArrayList<>();
        for (Long id : readable) {
            Map<String, @Nullable Object> row = new LinkedHashMap<>();
            row.put("id", id);
            Rec record = new Rec(env, model, id);
            for (String name : fields) {
                row.put(name, value(record, name, load));
            }
            rows.add(row);
        }
        return rows;
    }

    private List<String> allFields(Model model) {
        List<String> names = new ArrayList<>(model.fields().stream()
                .filter(field -> !field.type().equals("binary"))
                .map(ModelField::name)
                .toList());
        names.add("display_name");
        return names;
    }

    private void checkField(Model model, String name) {
        if (!name.equals("id") && !name.equals("display_name") && !model.hasField(name)) {
            throw OdooError.value("Invalid field " + Python.repr(name) + " on "
                    + (env.registry.version() >= 19 ? "" : "model ") + "'" + model.name() + "'");
        }
    }

    private @Nullable Object value(Rec record, String name, String load) {
        if (name.equals("id")) {
            return record.id();
        }
        if (name.equals("display_name")) {
            return env.displayName(record);
        }
        ModelField field = Objects.requireNonNull(record.model().field(name));
        if (field.isMany()) {
            Model to = env.registry.get(Objects.requireNonNull(field.to()));
            return env.activeOnly(to, env.many(record, field));
        }
        Object raw;
        try {
            raw = env.raw(record, field);
        } catch (OdooError e) {
            if (e.isMissing() && !field.stored()) {
                return false;
            }
            throw e;
        }
        if (field.isMany2one()) {
            if (raw == null) {
                return false;
            }
            long id = (Long) raw;
            Rec other = env.rec(Objects.requireNonNull(field.to()), id);
            boolean here = !env.existing(other.model(), List.of(id)).isEmpty();
            if (load.isEmpty()) {
                return !here && field.companyDependent() && env.registry.version() >= 19 ? (Object) false : (Object) id;
            }
            return here ? named(other) : false;
        }
        if (raw == null) {
            return switch (field.type()) {
                case "integer", "many2one_reference" -> 0;
                case "float", "monetary" -> 0.0;
                default -> false;
            };
        }
        return switch (field.type()) {
            case "float", "monetary" -> Double.valueOf(raw.toString());
            case "json" -> JSON.readTree(raw.toString());
            default -> raw;
        };
    }

    /** A name that cannot be found out is no name. */
    private Object named(Rec other) {
        try {
            return List.of(other.id(), env.displayName(other));
        } catch (OdooError e) {
            if (e.isMissing()) {
                return false;
            }
            throw e;
        }
    }

    /** {@code web_read}: unlike {@code read}, it does not hide what is missing. */
    List<Map<String, @Nullable Object>> webRead(
            Model model, List<Long> ids, Map<String, @Nullable Object> specification) {
        List<Map<String, @Nullable Object>> rows = new ArrayList<>();
        for (Long id : env.access().readable(model, ids)) {
            Rec record = new Rec(env, model, id);
            Map<String, @Nullable Object> row = new LinkedHashMap<>();
            row.put("id", id);
            specification.forEach((name, inner) -> {
                checkField(model, name);
                ModelField field = model.field(name);
                Object raw = field != null && field.isMany2one() ? env.raw(record, field) : null;
                if (field != null && raw != null && inner instanceof Map<?, ?> wanted && wanted.containsKey("fields")) {
                    Rec other = env.rec(Objects.requireNonNull(field.to()), (Long) raw);
                    Map<String, @Nullable Object> part = new LinkedHashMap<>();
                    part.put("id", other.id());
                    Values.values(wanted.get("fields"))
                            .keySet()
                            .forEach(each -> part.put(each, value(other, each, "")));
                    row.put(name, part);
                } else {
                    row.put(name, value(record, name, ""));
                }
            });
            rows.add(row);
        }
        return rows;
    }

    Map<String, Object> fields(Model model, @Nullable List<?> names, @Nullable List<?> attributes) {
        Map<String, Object> result = new LinkedHashMap<>();
        List<ModelField> fields = new ArrayList<>(model.fields());
        fields.add(ModelField.audit("id", "integer", null, "ID"));
        for (ModelField field : fields) {
            if (names != null && !names.isEmpty() && !names.contains(field.name())) {
                continue;
            }
            Map<String, Object> description = describe(model, field);
            if (attributes != null && !attributes.isEmpty()) {
                description.keySet().retainAll(attributes);
            }
            result.put(field.name(), description);
        }
        if (names == null || names.isEmpty() || names.contains("display_name")) {
            Map<String, Object> description = new LinkedHashMap<>(Map.of(
                    "type",
                    "char",
                    "string",
                    "Display Name",
                    "name",
                    "display_name",
                    "readonly",
                    true,
                    "required",
                    false,
                    "store",
                    false,
                    "company_dependent",
                    false,
                    "depends",
                    List.of(),
                    "searchable",
                    true));
            if (attributes != null && !attributes.isEmpty()) {
                description.keySet().retainAll(attributes);
            }
            result.put("display_name", description);
        }
        return result;
    }

    private Map<String, Object> describe(Model model, ModelField field) {
        boolean later = env.registry.version() >= 18;
        boolean hidden = !field.stored() && field.companyDependent();
        Map<String, Object> all = new LinkedHashMap<>();
        if (field.to() != null && later) {
            Model to = env.registry.get(field.to());
            all.put("allow_hierachy_operators", to.hasField("parent_id") || to.parent() != null);
        }
        all.put("change_default", false);
        all.put("company_dependent", field.companyDependent());
        if (field.to() != null) {
            all.put("context", Map.of());
        }
        all.put("default_export_compatible", field.name().equals("name"));
        all.put("depends", field.dependencies());
        if (field.to() != null) {
            all.put("domain", List.of());
        }
        all.put("exportable", true);
        if (later) {
            all.put("groupable", field.stored() && !field.type().equals("one2many"));
        }
        all.put("manual", false);
        if (field.type().equals("many2one_reference") && later) {
            all.put("model_field", String.valueOf(field.modelField()));
        }
        all.put("name", field.name());
        all.put("readonly", field.readonly());
        if (field.related() != null) {
            all.put("related", field.related());
        }
        if (field.to() != null) {
            all.put("relation", field.to());
        }
        if (field.inverse() != null) {
            all.put("relation_field", field.inverse());
        }
        all.put("required", field.required());
        all.put("searchable", true);
        if (field.type().equals("selection")) {
            all.put(
                    "selection",
                    field.selection() == null
                            ? List.of()
                            : field.selection().stream()
                                    .map(value -> List.of(value, title(value)))
                                    .toList());
        }
        all.put("sortable", field.column() && !hidden);
        all.put("store", field.stored());
        all.put("string", field.title());
        if (field.type().equals("char")
                || field.type().equals("text")
                || field.type().equals("html")) {
            all.put("translate", field.translate());
        }
        if (field.type().equals("char")) {
            all.put("trim", true);
        }
        all.put("type", field.type());
        return all;
    }

    private static String title(String value) {
        return value.isEmpty()
                ? value
                : Character.toUpperCase(value.charAt(0)) + value.substring(1).replace('_', ' ');
    }
}
