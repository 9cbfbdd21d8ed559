package org.orphancleanup.guide;

import org.jspecify.annotations.Nullable;

/**
 * What one error's text says, as it stands there; null where it says nothing.
 *
 * @param childTable the table whose row refers, or lacks a value
 * @param childModel only where the text itself names a model
 * @param childId the row, where the text shows it
 * @param column the referring column, or the one that requires a value
 * @param parentModel only where the text itself names a model
 * @param key the id that is missing or was to be deleted; of an import the value that was not found
 * @param label the field in Odoo's words
 */
public record Violation(
        ViolationKind kind,
        @Nullable String constraint,
        @Nullable String childTable,
        @Nullable String childModel,
        @Nullable String childId,
        @Nullable String column,
        @Nullable String parentTable,
        @Nullable String parentModel,
        @Nullable String key,
        @Nullable String label) {

    /** Nothing known but the kind. */
    static Violation of(ViolationKind kind) {
        return new Violation(kind, null, null, null, null, null, null, null, null, null);
    }

    /** What violations of a log are counted by. */
    String group() {
        if (constraint != null) {
            return constraint;
        }
        if (kind == ViolationKind.MISSING_RECORD) {
            return "MissingError " + parentModel;
        }
        String place = childTable != null ? childTable : childModel;
        return kind.code()
                + (place == null ? "" : " " + place)
                + (column == null ? "" : "." + column)
                + (column == null && label != null ? " " + label : "");
    }

    Violation as(ViolationKind other) {
        return new Violation(
                other, constraint, childTable, childModel, childId, column, parentTable, parentModel, key, label);
    }

    /** What this one leaves open, taken from another text about the same event. */
    Violation completedBy(Violation other) {
        return new Violation(
                kind == ViolationKind.FOREIGN_KEY ? other.kind : kind,
                or(constraint, other.constraint),
                or(childTable, other.childTable),
                or(childModel, other.childModel),
                or(childId, other.childId),
                or(column, other.column),
                or(parentTable, other.parentTable),
                or(parentModel, other.parentModel),
                or(key, other.key),
                or(label, other.label));
    }

    private static @Nullable String or(@Nullable String one, @Nullable String other) {
        return one == null ? other : one;
    }

    /** Whether two texts can be about the same event: they contradict each other nowhere. */
    boolean agreesWith(Violation other) {
        return (kind == other.kind || kind.isForeignKey() && other.kind.isForeignKey())
                && agree(constraint, other.constraint)
                && agree(childTable, other.childTable)
                && agree(childModel, other.childModel)
                && agree(column, other.column)
                && agree(key, other.key)
                && agree(childId, other.childId)
                && agree(table(), other.table());
    }

    /** Its child table, or the one a model's name leads to. */
    private @Nullable String table() {
        return childTable != null ? childTable : childModel == null ? null : ModelNames.table(childModel);
    }

    private static boolean agree(@Nullable String one, @Nullable String other) {
        return one == null || other == null || one.equals(other);
    }
}
