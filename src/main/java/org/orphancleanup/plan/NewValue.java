package org.orphancleanup.plan;

import org.jspecify.annotations.Nullable;

/**
 * What a repair puts in place of a dangling reference, as column {@code repair_part.new_value} keeps it.
 */
public sealed interface NewValue {

    /** {@code empty}: the reference is emptied; for a relation row, the row is removed. */
    record Empty() implements NewValue {}

    /** {@code record:ID}: this existing record of the parent model. */
    record Existing(long id) implements NewValue {}

    /**
     * {@code placeholder:COMPANY:RULE}: the shared placeholder of the parent model, found or made when the plan is applied.
     *
     * @param company 0 for one without company
     * @param rule number of the rule that names it; 0 for {@code auto}
     */
    record Placeholder(long company, int rule) implements NewValue {}

    /** {@code stand-in:COMPANY}: the archived stand-in of the missing parent, found or made when the plan is applied. */
    record StandIn(long company) implements NewValue {}

    /**
     * {@code keep-id:COMPANY}: nothing is written; the missing parent comes back under its old id, archived.
     *
     * @param company 0 for one without company
     */
    record KeepId(long company) implements NewValue {}

    /** {@code unlink}: the record itself is deleted. */
    record Unlink() implements NewValue {}

    /** {@code quarantine}: the record is archived ({@code quarantine:mark}: only marked in our database). */
    record Quarantine(boolean archive) implements NewValue {}

    default String code() {
        if (this instanceof Empty) {
            return "empty";
        } else if (this instanceof Existing existing) {
            return "record:" + existing.id();
        } else if (this instanceof Placeholder placeholder) {
            return "placeholder:" + placeholder.company() + ":" + placeholder.rule();
        } else if (this instanceof StandIn standIn) {
            return "stand-in:" + standIn.company();
        } else if (this instanceof KeepId keepId) {
            return "keep-id:" + keepId.company();
        } else if (this instanceof Unlink) {
            return "unlink";
        } else {
            return ((Quarantine) this).archive() ? "quarantine" : "quarantine:mark";
        }
    }

    /** The inverse of {@link #code()}; null for null. */
    static @Nullable NewValue of(@Nullable String code) {
        if (code == null) {
            return null;
        }
        String[] parts = code.split(":", -1);
        return switch (parts[0]) {
            case "empty" -> new Empty();
            case "record" -> new Existing(Long.parseLong(parts[1]));
            case "placeholder" -> new Placeholder(Long.parseLong(parts[1]), Integer.parseInt(parts[2]));
            case "stand-in" -> new StandIn(Long.parseLong(parts[1]));
            case "keep-id" -> new KeepId(Long.parseLong(parts[1]));
            case "unlink" -> new Unlink();
            case "quarantine" -> new Quarantine(parts.length == 1);
            default -> throw new IllegalArgumentException("unknown new value " + code);
        };
    }
}
