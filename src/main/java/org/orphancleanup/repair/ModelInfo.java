package org.orphancleanup.repair;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** What Odoo says of a model's fields, as {@code fields_get} gives it. */
record ModelInfo(String model, Map<String, JsonNode> fields) {

    private static final Set<String> DERIVED_TYPES = Set.of("many2one", "char", "text", "html");
    private static final Set<String> TO_MANY = Set.of("one2many", "many2many");

    boolean has(String field) {
        return fields.containsKey(field);
    }

    boolean isArchivable() {
        return has("active") && isStored("active");
    }

    boolean isStored(String field) {
        return flag(field, "store");
    }

    boolean isRequired(String field) {
        return flag(field, "required");
    }

    @Nullable
    String type(String field) {
        return text(field, "type");
    }

    @Nullable
    String relation(String field) {
        return text(field, "relation");
    }

    /** A stored to-many field that somebody fills, and that may be empty. */
    boolean isPlainToMany(String field) {
        return TO_MANY.contains(String.valueOf(type(field)))
                && isStored(field)
                && text(field, "related") == null
                && depends(field).stream().allMatch(field::equals) // so much a domain of the field itself gives
                && !isRequired(field)
                && !flag(field, "readonly");
    }

    /** The field of the record that {@code link} points to of which this one is a copy; null where it is none. */
    @Nullable
    String copyOf(String field, String link) {
        String related = text(field, "related");
        return related != null && related.startsWith(link + ".") && related.indexOf('.', link.length() + 1) < 0
                ? related.substring(link.length() + 1)
                : null;
    }

    boolean dependsOn(String field, String other) {
        return depends(field).contains(other);
    }

    /** A field that nothing computes: written, not derived. */
    boolean isBase(String field) {
        return depends(field).isEmpty() && text(field, "related") == null;
    }

    /** A value that follows by itself: parent_path, and readonly stored computed or related fields; never an amount, a number, a date or a state. */
    boolean isDerived(String field) {
        String type = type(field);
        return field.equals("parent_path")
                || (type != null
                        && DERIVED_TYPES.contains(type)
                        && flag(field, "readonly")
                        && isStored(field)
                        && !isBase(field));
    }

    /** Whether it follows by itself where a line of its document is deleted: then totals are derived, too. */
    boolean followsDeletion(String field) {
        return isDerived(field) || (flag(field, "readonly") && isStored(field) && !isBase(field));
    }

    /** Stored fields of the same record that the ORM may compute anew when one of {@code written} is written. */
    Set<String> dependents(Set<String> written) {
        Set<String> all = new LinkedHashSet<>();
        Set<String> fresh = new LinkedHashSet<>(written);
        while (!fresh.isEmpty()) {
            Set<String> next = new LinkedHashSet<>();
            for (String field : fields.keySet()) {
                if (!written.contains(field)
                        && !all.contains(field)
                        && depends(field).stream().anyMatch(fresh::contains)) {
                    next.add(field);
                }
            }
            all.addAll(next);
            fresh = next;
        }
        all.removeIf(field -> !isStored(field) || "one2many".equals(type(field)) || flag(field, "readonly"));
        return all;
    }

    /** The fields named first in each path of {@code depends}. */
    private List<String> depends(String field) {
        JsonNode node = fields.get(field);
        JsonNode depends = node == null ? null : node.get("depends");
        List<String> names = new ArrayList<>();
        if (depends != null && depends.isArray()) {
            depends.forEach(path -> names.add(path.asString().split("\\.", 2)[0]));
        } else if (depends != null && depends.isString()) {
            for (String path : depends.asString().split("[ ,]+")) {
                if (!path.isBlank()) {
                    names.add(path.split("\\.", 2)[0]);
                }
            }
        }
        return names;
    }

    private boolean flag(String field, String attribute) {
        JsonNode node = fields.get(field);
        return node != null && node.path(attribute).asBoolean(false);
    }

    private @Nullable String text(String field, String attribute) {
        JsonNode node = fields.get(field);
        JsonNode value = node == null ? null : node.get(attribute);
        return value == null || !value.isString() || value.asString().isEmpty() ? null : value.asString();
    }
}
