package org.orphancleanup.plan;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.orphancleanup.odoo.OdooCall;
import org.orphancleanup.odoo.OdooClient;
import org.orphancleanup.odoo.OdooException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.node.ArrayNode;

/** An Odoo that knows its models' fields, and refuses to be written to. Every call is kept. */
final class FakeOdoo implements OdooClient {

    private static final ObjectMapper JSON = new ObjectMapper();

    final List<String> calls = new ArrayList<>();
    final Set<String> denied = new HashSet<>();
    final Set<Long> notFound = new HashSet<>();
    final Set<Long> notAllowed = new HashSet<>();
    final Set<Long> undecidable = new HashSet<>();
    final List<Long> companies = new ArrayList<>(List.of(1L, 2L));
    private final Map<String, Map<String, JsonNode>> models = new HashMap<>();

    /** @param attributes names of {@code fields_get} attributes that are true */
    FakeOdoo field(String model, String field, String... attributes) {
        Map<String, Object> node = new HashMap<>();
        node.put("store", true);
        node.put("required", false);
        for (String attribute : attributes) {
            node.put(attribute, true);
        }
        model(model).put(field, JSON.valueToTree(node));
        return this;
    }

    Map<String, JsonNode> model(String model) {
        return models.computeIfAbsent(model, k -> new HashMap<>());
    }

    @Override
    public int version() {
        return 18;
    }

    @Override
    public long uid() {
        return 2;
    }

    @Override
    public String protocol() {
        return "JSON-RPC";
    }

    @Override
    public JsonNode call(OdooCall call) {
        throw new AssertionError("a plan makes no call of its own");
    }

    @Override
    public Map<String, JsonNode> fields(String model) {
        calls.add("fields " + model);
        if (!models.containsKey(model)) {
            throw new OdooException(OdooException.Kind.REFUSED, "Object " + model + " doesn't exist", null, null, null);
        }
        return models.get(model);
    }

    @Override
    public boolean mayAccess(String model, String operation) {
        calls.add("mayAccess " + model + " " + operation);
        return !denied.contains(model + "/" + operation);
    }

    @Override
    public List<Long> allowedIds(String model, String operation, Collection<Long> ids, Map<String, Object> context) {
        calls.add("allowedIds " + model + " " + operation + " " + ids.size());
        if (ids.stream().anyMatch(undecidable::contains)) {
            throw new OdooException(OdooException.Kind.MISSING, "Record does not exist", null, null, null);
        }
        return ids.stream().filter(id -> !notAllowed.contains(id)).toList();
    }

    @Override
    public List<Long> search(String model, List<?> domain, Integer limit, Map<String, Object> context) {
        calls.add("search " + model + " " + context);
        List<Long> ids = new ArrayList<>();
        ((List<?>) ((List<?>) domain.get(0)).get(2)).forEach(id -> ids.add((Long) id));
        ids.removeAll(notFound);
        return ids;
    }

    @Override
    public List<Map<String, JsonNode>> read(
            String model, Collection<Long> ids, List<String> fields, Map<String, Object> context) {
        calls.add("read " + model);
        ArrayNode node = JSON.createArrayNode();
        companies.forEach(node::add);
        return List.of(Map.of("company_ids", node));
    }

    @Override
    public boolean write(String model, Collection<Long> ids, Map<String, Object> values, Map<String, Object> context) {
        throw new AssertionError("a plan writes nothing");
    }

    @Override
    public void save(
            String model,
            Collection<Long> ids,
            Map<String, Object> values,
            Map<String, Object> readBack,
            Map<String, Object> context) {
        write(model, ids, values, context);
    }

    @Override
    public boolean unlink(String model, Collection<Long> ids, Map<String, Object> context) {
        throw new AssertionError("a plan deletes nothing");
    }

    @Override
    public long create(String model, Map<String, Object> values, Map<String, Object> context) {
        throw new AssertionError("a plan makes nothing");
    }

    @Override
    public List<Long> load(String model, List<String> fields, List<List<String>> rows, Map<String, Object> context) {
        throw new AssertionError("a plan makes nothing");
    }

    @Override
    public void close() {
        // nothing is open
    }
}
