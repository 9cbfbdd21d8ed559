package org.orphancleanup.plan;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.orphancleanup.job.PolicyKind;

/**
 * A plan for the eyes of a person: what would be done, by rule and reference; what is only reported; what is refused, and why.
 *
 * @param status waiting, approved, rejected or applied
 * @param repairs records that would be written
 * @param parts references they repair
 * @param planned in the order of the rules; the default comes last
 * @param refused the most frequent first
 * @param held what no call of Odoo's API reaches, the most frequent first: the report has the SQL for the DBA
 * @param blocked limits it exceeds; it cannot be applied while there are any
 */
public record PlanView(
        long runId,
        String hash,
        String status,
        long repairs,
        long parts,
        Instant createdAt,
        Instant validUntil,
        List<String> blocked,
        List<String> warnings,
        List<Group> planned,
        List<Group> reported,
        List<Group> refused,
        List<Group> held) {

    /**
     * Orphans of one reference that are treated alike.
     *
     * @param childModel null where no model owns the table
     * @param field the field's name in Odoo, else the column
     * @param parentModel null where no model owns the parent table
     * @param ruleLine line of the rule in the definition; null: the default
     * @param does what would happen, in words
     * @param reason of a refusal or a hold; null else
     * @param examples ids of a few of the records
     */
    public record Group(
            int referenceNo,
            @Nullable String childModel,
            String childTable,
            String field,
            @Nullable String parentModel,
            PolicyKind policy,
            @Nullable Integer ruleLine,
            String why,
            String does,
            @Nullable String reason,
            long count,
            List<Long> examples) {

        /** {@code model.field}, or the table's where no model owns it. */
        public String reference() {
            return (childModel == null ? childTable : childModel) + "." + field;
        }
    }
}
