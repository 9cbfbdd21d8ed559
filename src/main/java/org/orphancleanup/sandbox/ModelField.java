package org.orphancleanup.sandbox;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A field of a model, as {@code models.yaml} declares it.
 *
 * @param to the related model of a relational field
 * @param inverse of a one2many
 * @param table of a many2many, with its two columns
 * @param key what the foreign key does where it differs from {@code ondelete}; {@code false}: there is no foreign key
 * @param nullable required by the field, but the column takes NULL
 * @param notNull the column refuses NULL though the field is not required
 * @param related path of the field whose value it has
 * @param compute expression of the value, evaluated on the record
 * @param defaultValue of a new record; {@code defaultExpression} where it has to be found out
 * @param trackingForgives tracking does not look at the old value's name
 * @param flushes computing it writes what is waiting, before and after
 * @param sql column type where it does not follow from {@code type}
 * @param in versions that have it
 */
record ModelField(
        String name,
        String type,
        @Nullable String label,
        @Nullable String to,
        @Nullable String inverse,
        @Nullable String table,
        @Nullable String column1,
        @Nullable String column2,
        @Nullable String ondelete,
        @Nullable String key,
        boolean required,
        boolean nullable,
        boolean notNull,
        boolean readonly,
        @Nullable Boolean store,
        boolean companyDependent,
        @Nullable String related,
        @Nullable List<String> depends,
        @Nullable List<String> selection,
        boolean translate,
        @Nullable String modelField,
        @Nullable String sql,
        boolean tracking,
        boolean trackingForgives,
        boolean flushes,
        @Nullable String compute,
        @JsonProperty("default") @Nullable Object defaultValue,
        @Nullable String defaultExpression,
        @Nullable List<Integer> in) {

    static ModelField audit(String name, String type, @Nullable String to, String label) {
        return new ModelField(
                name,
                type,
                label,
                to,
                null,
                null,
                null,
                null,
                to == null ? null : "set null",
                null,
                false,
                false,
                false,
                true,
                null,
                false,
                null,
                null,
                null,
                false,
                null,
                null,
                false,
                false,
                false,
                null,
                null,
                null,
                null);
    }

    boolean stored() {
        return !Boolean.FALSE.equals(store);
    }

    /** It has a column of its own in the model's table. */
    boolean column() {
        return stored() && !isMany();
    }

    boolean isMany() {
        return type.equals("one2many") || type.equals("many2many");
    }

    boolean isMany2one() {
        return type.equals("many2one");
    }

    boolean hasForeignKey() {
        return isMany2one() && column() && !companyDependent && !"false".equals(key);
    }

    String title() {
        return label == null ? name : label;
    }

    List<String> dependencies() {
        if (related != null) {
            return List.of(related);
        }
        return depends == null ? List.of() : depends;
    }

    /** The value follows by itself: from a related field or an expression. */
    boolean computed() {
        return related != null || compute != null;
    }

    String columnType() {
        if (sql != null) {
            return sql;
        }
        if (translate || companyDependent) {
            return "jsonb";
        }
        return switch (type) {
            case "char", "selection", "reference" -> "varchar";
            case "text", "html" -> "text";
            case "integer", "many2one", "many2one_reference" -> "int4";
            case "float", "monetary" -> "numeric";
            case "boolean" -> "bool";
            case "date" -> "date";
            case "datetime" -> "timestamp";
            case "binary" -> "bytea";
            case "json" -> "jsonb";
            default -> throw new IllegalStateException("field " + name + " has the unknown type " + type);
        };
    }
}
