package org.orphancleanup.sandbox;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A model: its table, its fields, and what its methods read and refuse beyond what the fields say.
 *
 * @param label its title; {@code labels}: by version where it differs
 * @param parent many2one of a hierarchy whose path {@code parent_path} keeps
 * @param inherits a parent record made and written along with it
 * @param inheritsTable PostgreSQL table inheritance
 * @param creates a record that a new one of this model needs and makes
 * @param variant a record made after it that points to it
 * @param thread messages and tracking
 * @param companyRule field by which a record rule lets a user see the records of his companies only
 * @param access groups that may do anything with it; null: every user may read, administrators may write
 * @param audit the audit columns it has; null: all
 * @param before reads on write, before the values are stored; {@code after}: afterwards
 */
record Model(
        String name,
        String table,
        @Nullable String label,
        @Nullable Map<Integer, String> labels,
        @Nullable List<Integer> in,
        @Nullable String order,
        @Nullable String recName,
        @Nullable String displayName,
        @Nullable String parent,
        @Nullable Link inherits,
        @Nullable String inheritsTable,
        @Nullable Link creates,
        @Nullable Link variant,
        boolean thread,
        @Nullable NoCycle noCycle,
        @Nullable Unique unique,
        @Nullable String companyRule,
        @Nullable List<String> access,
        @Nullable OwnRule ownRule,
        @Nullable List<Read> before,
        @Nullable List<Read> after,
        @Nullable List<Guard> guards,
        @Nullable List<String> audit,
        List<ModelField> fields) {

    record Link(String model, String field) {}

    record NoCycle(String field, String message) {}

    record Unique(List<String> fields, String message) {}

    /** Members of {@code group} see their own records only, unless they are in {@code unless}. */
    record OwnRule(String field, String group, String unless) {}

    /** When one of {@code fields} is written (and {@code when} holds), {@code read} is evaluated on the record. */
    record Read(List<String> fields, @Nullable String when, String read) {}

    /**
     * Refuses a write or unlink.
     *
     * @param at {@code write} or {@code unlink}
     * @param fields write: only when one of them is written
     * @param when null: always
     * @param afterwards {@code when} looks at the new values
     * @param document access is that of the record that {@code model} and {@code id} point to
     */
    record Guard(
            String at,
            @Nullable List<String> fields,
            @Nullable String when,
            boolean afterwards,
            @Nullable String unlessContext,
            int minVersion,
            @Nullable String message,
            boolean redirect,
            @Nullable String names,
            boolean document,
            @Nullable String operation,
            @Nullable String model,
            @Nullable String id,
            @Nullable String title) {}

    String title() {
        return label == null ? name : label;
    }

    @Nullable
    ModelField field(String field) {
        for (ModelField candidate : fields) {
            if (candidate.name().equals(field)) {
                return candidate;
            }
        }
        return null;
    }

    boolean hasField(String field) {
        return field(field) != null;
    }

    /** The field that archives a record; null where the model has none. */
    @Nullable
    String activeField() {
        return hasField("active") ? "active" : null;
    }

    String recordName() {
        return recName == null ? "name" : recName;
    }

    /** {@code ResPartner}, as Python names the class. */
    String className() {
        StringBuilder result = new StringBuilder();
        for (String word : name.split("\\.")) {
            result.append(Character.toUpperCase(word.charAt(0))).append(word.substring(1));
        }
        return result.toString();
    }

    Map<String, ModelField> columns() {
        Map<String, ModelField> columns = new LinkedHashMap<>();
        for (ModelField field : fields) {
            if (field.column()) {
                columns.put(field.name(), field);
            }
        }
        return columns;
    }
}
