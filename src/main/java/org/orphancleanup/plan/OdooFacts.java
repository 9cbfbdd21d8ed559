package org.orphancleanup.plan;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.orphancleanup.odoo.OdooClient;
import org.orphancleanup.odoo.OdooException;
import tools.jackson.databind.JsonNode;

/** What Odoo says of its models and of the API user; asked once per model and remembered. */
final class OdooFacts {

    private static final int SAMPLES = 4;

    private final OdooClient odoo;
    private final Map<String, Model> models = new HashMap<>();
    private final Map<String, Boolean> rights = new HashMap<>();
    /** Models whose access check itself stumbles over missing records. */
    private final Set<String> undecidable = new HashSet<>();

    private @Nullable List<Long> companies;

    OdooFacts(OdooClient odoo) {
        this.odoo = odoo;
    }

    /** @param problem why Odoo gave no fields; null where it did */
    record Model(Map<String, JsonNode> fields, @Nullable String problem) {}

    Model model(String name) {
        Model known = models.get(name);
        if (known == null) {
            known = ask(name);
            models.put(name, known);
        }
        return known;
    }

    private Model ask(String name) {
        try {
            return new Model(odoo.fields(name), null);
        } catch (OdooException e) {
            return switch (e.kind()) {
                case UNKNOWN, REFUSED, MISSING ->
                    new Model(Map.of(), "Odoo has no model " + name + "; its module is not installed any more");
                case ACCESS -> new Model(Map.of(), "the API user may not see the model " + name);
                default -> throw e;
            };
        }
    }

    /** The API user sees such a field; group-restricted ones are not shown to others. */
    boolean hasField(String model, String field) {
        return model(model).fields().containsKey(field);
    }

    /** A boolean attribute of {@code fields_get}. */
    boolean is(String model, String field, String attribute) {
        JsonNode node = model(model).fields().get(field);
        return node != null && node.path(attribute).asBoolean(false);
    }

    boolean may(String model, String operation) {
        String key = model + "/" + operation;
        Boolean known = rights.get(key);
        if (known == null) {
            known = odoo.mayAccess(model, operation);
            rights.put(key, known);
        }
        return known;
    }

    /** The API user's companies. */
    List<Long> companies() {
        if (companies == null) {
            List<Long> ids = new ArrayList<>();
            odoo.read("res.users", List.of(odoo.uid()), List.of("company_ids"), Map.of())
                    .forEach(user -> {
                        JsonNode list = user.get("company_ids");
                        if (list != null) {
                            list.forEach(id -> ids.add(id.asLong()));
                        }
                    });
            companies = ids;
        }
        return Objects.requireNonNull(companies);
    }

    /**
     * Those of the ids whose records the API user may write or unlink, by the record rules too, with all his companies. Where
     * Odoo cannot tell, as it stumbles over a missing record itself, the record counts as allowed: the write will tell.
     */
    Set<Long> allowed(String model, String operation, Collection<Long> ids) {
        Map<String, Object> context = Map.of("allowed_company_ids", companies());
        // one search sorts out most of what he may not see, so that the rights need not be asked for by halves
        Set<Long> hidden = new LinkedHashSet<>(ids);
        hidden.removeAll(odoo.search(model, List.of(List.of("id", "in", List.copyOf(ids))), null, context));
        List<Long> visible = ids.stream().filter(id -> !hidden.contains(id)).toList();
        Set<Long> allowed = new HashSet<>(ask(model, operation, visible, context));
        // an attachment of a missing record is not found, but may be written (17, 18): a few of them tell for the rest
        List<Long> samples = hidden.stream().limit(SAMPLES).toList();
        List<Long> allowedSamples = ask(model, operation, samples, context);
        allowed.addAll(allowedSamples);
        if (!allowedSamples.isEmpty() && hidden.size() > samples.size()) {
            List<Long> rest = hidden.stream().skip(SAMPLES).toList();
            allowed.addAll(undecidable.contains(model) ? rest : ask(model, operation, rest, context));
        }
        return allowed;
    }

    private List<Long> ask(String model, String operation, List<Long> ids, Map<String, Object> context) {
        if (ids.isEmpty()) {
            return List.of();
        }
        try {
            return odoo.allowedIds(model, operation, ids, context);
        } catch (OdooException e) {
            if (e.kind() != OdooException.Kind.MISSING) {
                throw e;
            }
        }
        if (ids.size() == 1) {
            undecidable.add(model);
            return ids;
        }
        List<Long> allowed = new ArrayList<>(ask(model, operation, ids.subList(0, ids.size() / 2), context));
        allowed.addAll(ask(model, operation, ids.subList(ids.size() / 2, ids.size()), context));
        return allowed;
    }
}
