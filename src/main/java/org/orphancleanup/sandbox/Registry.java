package org.orphancleanup.sandbox;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.ClassPathResource;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** The models of one Odoo version, read from {@code models.yaml}. */
final class Registry {

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .disable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .build();

    private static final List<ModelField> AUDIT = List.of(
            ModelField.audit("create_uid", "many2one", "res.users", "Created by"),
            ModelField.audit("create_date", "datetime", null, "Created on"),
            ModelField.audit("write_uid", "many2one", "res.users", "Last Updated by"),
            ModelField.audit("write_date", "datetime", null, "Last Updated on"));

    private final int version;
    private final Map<String, Model> models = new LinkedHashMap<>();
    /** What has to be computed anew when a field changes, by {@code model.field}. */
    private final Map<String, List<Trigger>> triggers = new LinkedHashMap<>();

    /** One2many fields over a many2one, all by {@code model.field}. */
    private final Map<String, List<String>> one2many = new LinkedHashMap<>();

    /**
     * @param model of the field to compute
     * @param path from that model's record to the one whose field changed; empty: the same record
     */
    record Trigger(Model model, ModelField field, List<String> path) {}

    private Registry(int version) {
        this.version = version;
    }

    static Registry load(int version) {
        Registry registry = new Registry(version);
        LoaderOptions options = new LoaderOptions();
        options.setCodePointLimit(10_000_000);
        try (InputStream in = new ClassPathResource("models.yaml", Registry.class).getInputStream()) {
            Map<String, Map<String, Object>> all = new Yaml(new SafeConstructor(options)).load(in);
            all.forEach((name, declared) -> {
                Map<String, Object> named = new LinkedHashMap<>(declared);
                named.put("name", name);
                Model model = JSON.convertValue(named, Model.class);
                if (model.in() == null || model.in().contains(version)) {
                    registry.models.put(name, registry.forVersion(model));
                }
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        registry.models.values().forEach(registry::addTriggers);
        return registry;
    }

    private Model forVersion(Model model) {
        List<ModelField> fields = new ArrayList<>();
        for (ModelField field : model.fields()) {
            if (field.in() == null || field.in().contains(version)) {
                fields.add(field);
            }
        }
        for (ModelField field : AUDIT) {
            if (model.audit() == null || model.audit().contains(field.name())) {
                fields.add(field);
            }
        }
        String label = model.labels() == null ? null : model.labels().get(version);
        return new Model(
                model.name(),
                model.table(),
                label == null ? model.label() : label,
                null,
                null,
                model.order(),
                model.recName(),
                model.displayName(),
                model.parent(),
                model.inherits(),
                model.inheritsTable(),
                model.creates(),
                model.variant(),
                model.thread(),
                model.noCycle(),
                model.unique(),
                model.companyRule(),
                model.access(),
                model.ownRule(),
                model.before() == null ? List.of() : model.before(),
                model.after() == null ? List.of() : model.after(),
                guards(model),
                model.audit(),
                fields);
    }

    private List<Model.Guard> guards(Model model) {
        return model.guards() == null
                ? List.of()
                : model.guards().stream()
                        .filter(guard -> guard.minVersion() <= version)
                        .toList();
    }

    private void addTriggers(Model model) {
        for (ModelField field : model.fields()) {
            if (field.type().equals("one2many")) {
                one2many.computeIfAbsent(field.to() + "." + field.inverse(), key -> new ArrayList<>())
                        .add(model.name() + "." + field.name());
            }
            if (!field.stored() || !field.computed()) {
                continue;
            }
            for (String dependency : field.dependencies()) {
                List<String> walked = new ArrayList<>();
                Model at = model;
                for (String step : dependency.split("\\.")) {
                    ModelField on = at.field(step);
                    if (on == null) {
                        break;
                    }
                    triggers.computeIfAbsent(at.name() + "." + step, key -> new ArrayList<>())
                            .add(new Trigger(model, field, List.copyOf(walked)));
                    Model next = on.to() == null ? null : models.get(on.to());
                    if (next == null) {
                        break;
                    }
                    walked.add(step);
                    at = next;
                }
            }
        }
    }

    int version() {
        return version;
    }

    Collection<Model> models() {
        return models.values();
    }

    @Nullable
    Model find(String name) {
        return models.get(name);
    }

    Model get(String name) {
        Model model = models.get(name);
        if (model == null) {
            throw new IllegalArgumentException("the sandbox has no model " + name);
        }
        return model;
    }

    List<String> one2manyOver(Model model, String field) {
        return one2many.getOrDefault(model.name() + "." + field, List.of());
    }

    List<Trigger> triggers(Model model, String field) {
        return triggers.getOrDefault(model.name() + "." + field, List.of());
    }
}
