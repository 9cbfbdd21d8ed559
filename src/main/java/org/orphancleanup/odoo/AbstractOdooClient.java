package org.orphancleanup.odoo;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.orphancleanup.odoo.OdooException.Kind;
import org.orphancleanup.odoo.OdooHttp.Reply;
import org.springframework.core.retry.RetryException;
import org.springframework.core.retry.RetryTemplate;
import tools.jackson.databind.JsonNode;

/** What both protocols share: the calls by their Odoo names, and the patience with a busy server. */
abstract class AbstractOdooClient implements OdooClient {

    private static final List<String> FIELD_ATTRIBUTES = List.of(
            "type",
            "string",
            "relation",
            "required",
            "readonly",
            "store",
            "related",
            "depends",
            "model_field",
            "company_dependent",
            "selection",
            "groups");

    final OdooHttp http;
    final OdooErrors errors;
    private final RetryTemplate patience;
    private final int version;

    AbstractOdooClient(OdooHttp http, OdooErrors errors, RetryTemplate patience, int version) {
        this.http = http;
        this.errors = errors;
        this.patience = patience;
        this.version = version;
    }

    /** One request; throws {@link OdooException}. */
    abstract JsonNode send(OdooCall call);

    @Override
    public int version() {
        return version;
    }

    @Override
    public JsonNode call(OdooCall call) {
        try {
            return patience.execute(() -> send(call));
        } catch (RetryException e) {
            // interrupted between two tries, the last cause is no answer of Odoo's
            List<Throwable> failures = e.getExceptions();
            for (int i = failures.size() - 1; i >= 0; i--) {
                if (failures.get(i) instanceof RuntimeException failure) {
                    throw failure;
                }
            }
            throw new IllegalStateException(e);
        }
    }

    @Override
    public Map<String, JsonNode> fields(String model) {
        JsonNode result = call(
                new OdooCall(model, "fields_get", null, Map.of(), Map.of("attributes", FIELD_ATTRIBUTES), Map.of()));
        return row(result);
    }

    @Override
    public boolean mayAccess(String model, String operation) {
        Map<String, Object> arguments = Map.of("operation", operation);
        return call(version >= 18
                        ? new OdooCall(model, "has_access", List.of(), arguments, Map.of(), Map.of())
                        : new OdooCall(
                                model,
                                "check_access_rights",
                                null,
                                arguments,
                                Map.of("raise_exception", false),
                                Map.of()))
                .asBoolean(false);
    }

    @Override
    public List<Long> allowedIds(String model, String operation, Collection<Long> ids, Map<String, Object> context) {
        List<Long> allowed = new ArrayList<>();
        if (!ids.isEmpty() && mayAccess(model, operation)) {
            addAllowed(model, operation, List.copyOf(ids), context, allowed);
        }
        return allowed;
    }

    /** All at once, and by halves where one is refused. */
    private void addAllowed(
            String model, String operation, List<Long> ids, Map<String, Object> context, List<Long> allowed) {
        if (mayAccessAll(model, operation, ids, context)) {
            allowed.addAll(ids);
        } else if (ids.size() > 1) {
            int half = ids.size() / 2;
            addAllowed(model, operation, ids.subList(0, half), context, allowed);
            addAllowed(model, operation, ids.subList(half, ids.size()), context, allowed);
        }
    }

    private boolean mayAccessAll(String model, String operation, List<Long> ids, Map<String, Object> context) {
        Map<String, Object> arguments = Map.of("operation", operation);
        if (version >= 18) {
            return call(new OdooCall(model, "has_access", ids, arguments, Map.of(), context))
                    .asBoolean(false);
        }
        try {
            call(new OdooCall(model, "check_access_rule", ids, arguments, Map.of(), context));
            return true;
        } catch (OdooException e) {
            if (e.kind() == Kind.ACCESS || e.kind() == Kind.MISSING) {
                return false;
            }
            throw e;
        }
    }

    @Override
    public List<Long> search(String model, List<?> domain, @Nullable Integer limit, Map<String, Object> context) {
        Map<String, Object> options = new LinkedHashMap<>();
        // the model's own order may join a table whose row is missing
        options.put("order", "id");
        if (limit != null) {
            options.put("limit", limit);
        }
        return ids(call(new OdooCall(model, "search", null, Map.of("domain", domain), options, withArchived(context))));
    }

    @Override
    public List<Map<String, JsonNode>> read(
            String model, Collection<Long> ids, List<String> fields, Map<String, Object> context) {
        JsonNode result = call(new OdooCall(
                model, "read", List.copyOf(ids), Map.of("fields", fields), Map.of("load", ""), withArchived(context)));
        List<Map<String, JsonNode>> rows = new ArrayList<>();
        result.forEach(row -> rows.add(row(row)));
        return rows;
    }

    @Override
    public boolean write(String model, Collection<Long> ids, Map<String, Object> values, Map<String, Object> context) {
        return call(new OdooCall(model, "write", List.copyOf(ids), Map.of("vals", values), Map.of(), context))
                .asBoolean(false);
    }

    @Override
    public void save(
            String model,
            Collection<Long> ids,
            Map<String, Object> values,
            Map<String, Object> readBack,
            Map<String, Object> context) {
        Map<String, Object> arguments = new LinkedHashMap<>();
        arguments.put("vals", values);
        arguments.put("specification", readBack);
        call(new OdooCall(model, "web_save", List.copyOf(ids), arguments, Map.of(), context));
    }

    @Override
    public boolean unlink(String model, Collection<Long> ids, Map<String, Object> context) {
        return call(new OdooCall(model, "unlink", List.copyOf(ids), Map.of(), Map.of(), context))
                .asBoolean(false);
    }

    @Override
    public long create(String model, Map<String, Object> values, Map<String, Object> context) {
        JsonNode result =
                call(new OdooCall(model, "create", null, Map.of("vals_list", newRecords(values)), Map.of(), context));
        JsonNode id = result.isArray() ? result.path(0) : result;
        if (!id.isIntegralNumber()) {
            throw new OdooException(
                    Kind.SERVER, "Odoo answered create of " + model + " without an id.", null, null, null);
        }
        return id.asLong();
    }

    /** {@code vals_list} of one record, as the protocol wants it. */
    abstract Object newRecords(Map<String, Object> values);

    @Override
    public List<Long> load(String model, List<String> fields, List<List<String>> rows, Map<String, Object> context) {
        Map<String, Object> arguments = new LinkedHashMap<>();
        arguments.put("fields", fields);
        arguments.put("data", rows);
        JsonNode result = call(new OdooCall(model, "load", null, arguments, Map.of(), context));
        if (!result.path("ids").isArray()) {
            List<String> messages = new ArrayList<>();
            result.path("messages")
                    .forEach(message ->
                            messages.add(errors.scrubbed(message.path("message").asString(""))
                                    .strip()));
            throw new OdooException(
                    Kind.REFUSED,
                    messages.isEmpty()
                            ? "Odoo refused to load " + model + " without a reason."
                            : messages.stream().distinct().collect(Collectors.joining("; ")),
                    null,
                    null,
                    null);
        }
        return ids(result.path("ids"));
    }

    @Override
    public void close() {
        // Odoo keeps no session for an API user, and the connections are shared
    }

    /** Where neither a result nor an error of Odoo's came back. */
    OdooException notOdoo(Reply reply, String what) {
        return notOdoo(http, reply, what);
    }

    static OdooException notOdoo(OdooHttp http, Reply reply, String what) {
        String where = "at " + http.base() + " (" + what + ", HTTP " + reply.status() + ")";
        if (reply.status() >= 300 && reply.status() < 400) {
            return new OdooException(
                    Kind.UNREACHABLE,
                    "Odoo is somewhere else: the server " + where + " sends us on"
                            + (reply.location() == null ? "" : " to " + reply.location())
                            + ". Put Odoo's own address into the target's url.",
                    null,
                    null,
                    null);
        }
        return switch (reply.status()) {
            // a proxy says 502 too when Odoo's worker died over a call it had begun
            case 200, 502, 504 ->
                new OdooException(
                        Kind.NO_ANSWER,
                        "Something other than Odoo answered " + where + "; the call may have been done.",
                        null,
                        null,
                        null);
            case 503 ->
                new OdooException(
                        Kind.UNREACHABLE, "Odoo is not available " + where + ". Is it running?", null, null, null);
            case 413 ->
                new OdooException(
                        Kind.REFUSED,
                        "The call is too large for the server " + where + ": lower limits.ids-per-call.",
                        null,
                        null,
                        null);
            default ->
                new OdooException(
                        OdooErrors.ofStatus(reply.status()),
                        "Something other than Odoo's API answered " + where
                                + ". Is the target's url Odoo's own address?",
                        null,
                        null,
                        null);
        };
    }

    private static Map<String, Object> withArchived(Map<String, Object> context) {
        Map<String, Object> all = new LinkedHashMap<>(context);
        all.putIfAbsent("active_test", false);
        return all;
    }

    private static List<Long> ids(JsonNode array) {
        List<Long> ids = new ArrayList<>();
        array.forEach(id -> ids.add(id.asLong()));
        return ids;
    }

    private static Map<String, JsonNode> row(JsonNode object) {
        Map<String, JsonNode> row = new LinkedHashMap<>();
        object.properties().forEach(entry -> row.put(entry.getKey(), entry.getValue()));
        return row;
    }
}
