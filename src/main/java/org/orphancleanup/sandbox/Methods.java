package org.orphancleanup.sandbox;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The public methods of models: their parameters, and what they do. */
final class Methods {

    /** What a method that returns None answers. */
    static final Object NONE = new Object();

    /**
     * @param record called on records, whose ids come first
     * @param parameters names in order; those before {@code optional} have to be given
     */
    private record Signature(boolean record, List<String> parameters, int required) {}

    private static final Map<String, Signature> SIGNATURES = new LinkedHashMap<>();

    static {
        model("search", 1, "domain", "offset", "limit", "order");
        model("search_count", 1, "domain", "limit");
        model("search_read", 0, "domain", "fields", "offset", "limit", "order");
        model("create", 1, "vals_list");
        model("load", 2, "fields", "data");
        model("fields_get", 0, "allfields", "attributes");
        model("default_get", 1, "fields");
        model("name_search", 0, "name", "domain", "operator", "limit");
        model("name_create", 1, "name");
        model("check_access_rights", 1, "operation", "raise_exception");
        model("context_get", 0);
        record("read", 0, "fields", "load");
        record("web_read", 1, "specification");
        record("write", 1, "vals");
        record("web_save", 2, "vals", "specification");
        record("unlink", 0);
        record("copy", 0, "default");
        record("exists", 0);
        record("action_archive", 0);
        record("action_unarchive", 0);
        record("toggle_active", 0);
        record("has_access", 1, "operation");
        record("check_access", 1, "operation");
        record("check_access_rule", 1, "operation");
        record("get_external_id", 0);
        record("next_by_id", 0, "sequence_date");
        record("remove", 0);
        record("run", 0);
    }

    private final Environment env;
    private final Model model;
    private final boolean json2;

    Methods(Environment env, Model model, boolean json2) {
        this.env = env;
        this.model = model;
        this.json2 = json2;
    }

    private static void model(String name, int required, String... parameters) {
        SIGNATURES.put(name, new Signature(false, List.of(parameters), required));
    }

    private static void record(String name, int required, String... parameters) {
        SIGNATURES.put(name, new Signature(true, List.of(parameters), required));
    }

    /** The ids and the arguments by name that a call means. */
    record Bound(List<Long> ids, Map<String, @Nullable Object> arguments) {}

    private Signature signature(String method) {
        int version = env.registry.version();
        if (method.startsWith("_") || (method.equals("exists") && version >= 19)) {
            throw OdooError.access(
                    version < 18
                            ? "Private methods (such as " + method + ") cannot be called remotely."
                            : "Private methods (such as '" + model.name() + "." + method
                                    + "') cannot be called remotely.");
        }
        Signature signature = SIGNATURES.get(method);
        boolean here = switch (method) {
            case "context_get" -> model.name().equals("res.users");
            case "next_by_id" -> model.name().equals("ir.sequence");
            case "remove" -> model.name().equals("res.users.apikeys");
            case "run" -> model.name().equals("ir.actions.server");
            case "has_access", "check_access" -> version >= 18;
            case "check_access_rights", "check_access_rule" -> version <= 18;
            default -> true;
        };
        if (signature == null || !here) {
            if (json2) {
                throw OdooError.http(
                        "NotFound", "The method '" + model.name() + "." + method + "' does not exist", 404);
            }
            throw OdooError.attribute(
                    version < 18
                            ? "The method '" + method + "' does not exist on the model '" + model.name() + "'"
                            : "The method '" + model.name() + "." + method + "' does not exist");
        }
        return signature;
    }

    Bound bind(String method, List<?> positional, Map<String, @Nullable Object> named) {
        Signature signature = signature(method);
        List<Long> ids = List.of();
        List<@Nullable Object> rest = new ArrayList<>(positional);
        Map<String, @Nullable Object> arguments = new LinkedHashMap<>();
        if (json2) {
            if (named.containsKey("ids")) {
                if (!signature.record) {
                    throw OdooError.http(
                            "UnprocessableEntity", "cannot call " + model.name() + "." + method + " with ids", 422);
                }
                ids = Values.ids(named.get("ids"));
            }
        } else if (signature.record) {
            if (rest.isEmpty()) {
                throw OdooError.type(
                        model.className() + "." + method + "() missing 1 required positional argument: 'ids'");
            }
            ids = Values.ids(rest.remove(0));
        }
        for (int i = 0; i < rest.size(); i++) {
            if (i >= signature.parameters.size()) {
                throw OdooError.type(model.className() + "." + method + "() takes " + (signature.parameters.size() + 1)
                        + " positional arguments but " + (rest.size() + 1) + " were given");
            }
            arguments.put(signature.parameters.get(i), rest.get(i));
        }
        named.forEach((name, value) -> {
            // the name of this parameter changed with the versions
            String known = name.equals("args") && method.equals("name_search")
                    ? "domain"
                    : name.equals("fields_list") && method.equals("default_get") ? "fields" : name;
            if (name.equals("ids") && json2) {
                return;
            }
            if (!signature.parameters.contains(known)) {
                throw json2
                        ? OdooError.http(
                                "UnprocessableEntity", "got an unexpected keyword argument '" + name + "'", 422)
                        : OdooError.type(model.className() + "." + method + "() got an unexpected keyword argument '"
                                + name + "'");
            }
            arguments.put(known, value);
        });
        for (String name : signature.parameters.subList(0, signature.required)) {
            if (!arguments.containsKey(name)) {
                throw json2
                        ? OdooError.http("UnprocessableEntity", "missing a required argument: '" + name + "'", 422)
                        : OdooError.type(model.className() + "." + method
                                + "() missing 1 required positional argument: '" + name + "'");
            }
        }
        return new Bound(ids, arguments);
    }

    @Nullable
    Object invoke(String method, Bound call) {
        Map<String, @Nullable Object> arguments = call.arguments;
        List<Long> ids = call.ids;
        switch (method) {
            case "search" -> {
                return search(arguments);
            }
            case "search_count" -> {
                return env.count(model, list(arguments.get("domain")));
            }
            case "search_read" -> {
                return new Reader(env).read(model, search(arguments), fields(arguments), "_classic_read");
            }
            case "read" -> {
                Object load = arguments.getOrDefault("load", "_classic_read");
                return new Reader(env).read(model, ids, fields(arguments), load instanceof String text ? text : "");
            }
            case "web_read" -> {
                return new Reader(env).webRead(model, ids, Values.values(arguments.get("specification")));
            }
            case "web_save" -> {
                env.write(model, ids, Values.values(arguments.get("vals")));
                return new Reader(env).webRead(model, ids, Values.values(arguments.get("specification")));
            }
            case "write" -> {
                env.write(model, ids, Values.values(arguments.get("vals")));
                return true;
            }
            case "create" -> {
                if (arguments.get("vals_list") instanceof List<?> several) {
                    List<Long> made = new ArrayList<>();
                    several.forEach(values -> made.add(env.create(model, Values.values(values))));
                    return made;
                }
                return env.create(model, Values.values(arguments.get("vals_list")));
            }
            case "unlink" -> {
                env.unlink(model, ids);
                return true;
            }
            case "load" -> {
                return new Importer(env).load(model, list(arguments.get("fields")), list(arguments.get("data")));
            }
            case "fields_get" -> {
                return new Reader(env)
                        .fields(model, nullable(arguments.get("allfields")), nullable(arguments.get("attributes")));
            }
            case "default_get" -> {
                return defaults(list(arguments.get("fields")));
            }
            case "name_search" -> {
                return nameSearch(arguments);
            }
            case "name_create" -> {
                long id = env.create(
                        model, new LinkedHashMap<>(Map.of(model.recordName(), String.valueOf(arguments.get("name")))));
                return List.of(id, env.displayName(new Rec(env, model, id)));
            }
            case "copy" -> {
                List<Long> copies = ids.stream()
                        .map(id -> copy(id, arguments.get("default")))
                        .toList();
                return env.registry.version() >= 18 ? copies : copies.isEmpty() ? false : copies.get(0);
            }
            case "exists" -> {
                return List.copyOf(env.existing(model, ids));
            }
            case "action_archive", "action_unarchive", "toggle_active" -> {
                archive(method, ids);
                return NONE;
            }
            case "check_access_rights" -> {
                boolean may = env.access().mayAccess(model, String.valueOf(arguments.get("operation")));
                if (!may && !Boolean.FALSE.equals(arguments.get("raise_exception"))) {
                    env.access().checkModel(model, String.valueOf(arguments.get("operation")));
                }
                return may;
            }
            case "has_access" -> {
                return env.access().mayAccessRecords(model, ids, String.valueOf(arguments.get("operation")));
            }
            case "check_access", "check_access_rule" -> {
                env.access().checkRecords(model, ids, String.valueOf(arguments.get("operation")));
                return NONE;
            }
            case "get_external_id" -> {
                return externalIds(ids);
            }
            case "context_get" -> {
                Map<String, Object> context = new LinkedHashMap<>();
                context.put("lang", env.user.lang());
                context.put("tz", false);
                context.put("uid", env.user.id());
                return context;
            }
            case "next_by_id" -> {
                return next(ids.get(0));
            }
            case "run" -> {
                new ServerActions(env).run(model, ids);
                return false;
            }
            case "remove" -> throw OdooError.user("This method can only be accessed over HTTP");
            default -> throw new IllegalStateException(method);
        }
    }

    private List<Long> search(Map<String, @Nullable Object> arguments) {
        Object limit = arguments.get("limit");
        Object offset = arguments.get("offset");
        return env.search(
                model,
                list(arguments.get("domain")),
                offset instanceof Number number ? number.intValue() : 0,
                limit instanceof Number number && number.intValue() > 0 ? number.intValue() : null,
                arguments.get("order") instanceof String order && !order.isBlank() ? order : null);
    }

    private static List<?> list(@Nullable Object value) {
        return value instanceof List<?> list ? list : List.of();
    }

    private static @Nullable List<?> nullable(@Nullable Object value) {
        return value instanceof List<?> list ? list : null;
    }

    private static @Nullable List<?> fields(Map<String, @Nullable Object> arguments) {
        return nullable(arguments.get("fields"));
    }

    private Map<String, Object> defaults(List<?> names) {
        Map<String, Object> defaults = new LinkedHashMap<>();
        for (Object name : names) {
            ModelField field = model.field(name.toString());
            Object value = field == null ? null : env.defaultOf(field);
            if (value != null) {
                defaults.put(name.toString(), value);
            }
        }
        return defaults;
    }

    private List<List<Object>> nameSearch(Map<String, @Nullable Object> arguments) {
        List<Object> domain = new ArrayList<>(list(arguments.get("domain")));
        Object name = arguments.get("name");
        if (name instanceof String text && !text.isEmpty()) {
            domain.add(List.of(model.recordName(), arguments.getOrDefault("operator", "ilike"), text));
        }
        int limit = arguments.get("limit") instanceof Number number ? number.intValue() : 100;
        return env.search(model, domain, 0, limit, null).stream()
                .map(id -> List.<Object>of(id, env.displayName(new Rec(env, model, id))))
                .toList();
    }

    private long copy(long id, @Nullable Object changes) {
        Rec record = new Rec(env, model, id);
        Map<String, @Nullable Object> given = Values.values(changes);
        Map<String, @Nullable Object> values = new LinkedHashMap<>();
        for (ModelField field : model.fields()) {
            boolean copied = field.column()
                    && !field.computed()
                    && !field.name()
                            .matches(
                                    "(create|write)_(uid|date)|parent_path|state|barcode|inalterable_hash|combination_indices");
            if (copied) {
                Object value = env.raw(record, field);
                if (value != null) {
                    values.put(field.name(), value);
                }
            } else if (field.type().equals("many2many")) {
                values.put(field.name(), List.of(List.of(6, 0, env.many(record, field))));
            }
        }
        if (values.get("name") instanceof String name) {
            values.put("name", name + " (copy)");
        }
        if (model.inherits() != null) {
            Model.Link inherits = model.inherits();
            Long parent = (Long) env.raw(record, Objects.requireNonNull(model.field(inherits.field())));
            values.put(
                    inherits.field(),
                    new Methods(env, env.registry.get(inherits.model()), json2)
                            .copyQuietly(Objects.requireNonNull(parent)));
        }
        values.putAll(given);
        return env.create(model, values);
    }

    private long copyQuietly(long id) {
        env.context.put("sandbox_variant", true);
        try {
            return copy(id, null);
        } finally {
            env.context.remove("sandbox_variant");
        }
    }

    private void archive(String method, List<Long> ids) {
        String active = model.activeField();
        if (active == null) {
            throw OdooError.attribute("'" + model.name() + "' object has no attribute 'active'");
        }
        ModelField field = Objects.requireNonNull(model.field(active));
        for (Long id : ids) {
            boolean is = Boolean.TRUE.equals(env.raw(new Rec(env, model, id), field));
            boolean wanted = method.equals("toggle_active") ? !is : method.equals("action_unarchive");
            if (is != wanted) {
                env.write(model, List.of(id), new LinkedHashMap<>(Map.of(active, wanted)));
            }
        }
    }

    private Map<String, Object> externalIds(List<Long> ids) {
        Map<String, Object> result = new LinkedHashMap<>();
        ids.forEach(id -> result.put(id.toString(), ""));
        env.query(
                "SELECT res_id, module || '.' || name FROM ir_model_data WHERE model = ? AND res_id = ANY(?) ORDER BY id DESC",
                List.of(model.name(), ids),
                row -> result.put(row.getString(1), row.getString(2)));
        return result;
    }

    private String next(long id) {
        String[] value = {""};
        env.query(
                "SELECT coalesce(prefix, '') || lpad(number_next::text, greatest(padding, length(number_next::text)), '0') ||"
                        + " coalesce(suffix, '') FROM ir_sequence WHERE id = ? FOR UPDATE NOWAIT",
                List.of(id),
                result -> value[0] = result.getString(1));
        env.update("UPDATE ir_sequence SET number_next = number_next + number_increment WHERE id = ?", List.of(id));
        return value[0];
    }
}
