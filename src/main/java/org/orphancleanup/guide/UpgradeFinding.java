package org.orphancleanup.guide;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Something in the way of an upgrade or a restore.
 *
 * @param kind one of the constants here
 * @param stops what fails over it: {@link #UPDATE}, {@link #RESTORE}, {@link #UPGRADE}; empty: not known
 * @param place {@code model.field}, a table or a module
 * @param rows that are in the way
 * @param before as many as the baseline has; null where it has none of it
 * @param fresh more than the baseline has
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record UpgradeFinding(
        String kind,
        List<String> stops,
        String place,
        @Nullable String table,
        @Nullable String parent,
        @Nullable String constraint,
        @Nullable String state,
        long rows,
        @Nullable Long before,
        @JsonProperty("new") boolean fresh,
        String words,
        String advice) {

    /** Rows dangle behind a constraint that is there, or that Odoo makes at the next update of the module. */
    static final String CONSTRAINT = "constraint";
    /** The constraint would point to another table than it does, or be there at all, as the field says or the newer one does. */
    static final String CONSTRAINT_TO_COME = "constraint-to-come";
    /** A required field without a value. */
    static final String NOT_NULL = "not-null";
    /** A field without a value that the newer database requires. */
    static final String NOT_NULL_TO_COME = "not-null-to-come";

    static final String UNKNOWN_MODEL = "unknown-model";
    /** Rows name a model that the newer database does not have. */
    static final String MODEL_TO_GO = "model-to-go";

    static final String NO_KEY = "no-key";
    static final String PENDING_MODULE = "pending-module";
    /** The role may not read it, so nobody knows. */
    static final String NOT_READ = "not-read";

    /** Odoo's update of a module ({@code -u}), or the start after new code. */
    static final String UPDATE = "update";
    /** The restore of a dump. */
    static final String RESTORE = "restore";
    /** Scripts that carry a database to another version. */
    static final String UPGRADE = "upgrade";

    static UpgradeFinding of(String kind, List<String> stops, String place, long rows, String words, String advice) {
        return new UpgradeFinding(kind, stops, place, null, null, null, null, rows, null, true, words, advice);
    }

    UpgradeFinding in(@Nullable String newTable, @Nullable String newParent) {
        return new UpgradeFinding(
                kind, stops, place, newTable, newParent, constraint, state, rows, before, fresh, words, advice);
    }

    UpgradeFinding guardedBy(@Nullable String newConstraint, @Nullable String newState) {
        return new UpgradeFinding(
                kind, stops, place, table, parent, newConstraint, newState, rows, before, fresh, words, advice);
    }

    UpgradeFinding comparedWith(@Nullable Long rowsBefore) {
        return new UpgradeFinding(
                kind,
                stops,
                place,
                table,
                parent,
                constraint,
                state,
                rows,
                rowsBefore,
                rowsBefore == null || rows > rowsBefore,
                words,
                advice);
    }

    /** What is the same thing in another result. */
    String key() {
        return kind + " " + place + (parent == null ? "" : " -> " + parent);
    }
}
