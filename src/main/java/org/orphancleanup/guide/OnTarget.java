package org.orphancleanup.guide;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the target's database says of a violation.
 *
 * @param field {@code model.field} of the reference; for a relation row of the field that declares it
 * @param constraintState as in findings.csv
 * @param ondelete what Odoo's field, else the database, does when the parent goes
 * @param parentExists null where no id is known
 * @param dangling rows that dangle in the same reference now, and {@code missing} the different ids they miss; null where the
 *     reference is not known or could not be read
 * @param history what the table's sequence tells of the id
 * @param remembered what other records still tell of it
 * @param notes what could not be found or read, and why
 */
public record OnTarget(
        String target,
        String odooVersion,
        @Nullable String childModel,
        @Nullable String childTable,
        @Nullable String field,
        @Nullable String parentModel,
        @Nullable String parentTable,
        @Nullable String constraint,
        @Nullable String constraintState,
        @Nullable String ondelete,
        boolean required,
        @Nullable Boolean parentExists,
        @Nullable Long dangling,
        @Nullable Long missing,
        @Nullable String history,
        List<String> remembered,
        List<Referrer> referrers,
        List<String> notes) {

    /** Rows that refer to the record, whether it is there or not. */
    public record Referrer(
            String field, long rows, @Nullable String ondelete, boolean required) {}
}
