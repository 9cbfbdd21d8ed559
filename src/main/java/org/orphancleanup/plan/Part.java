package org.orphancleanup.plan;

import org.jspecify.annotations.Nullable;
import org.orphancleanup.catalog.Reference;
import org.orphancleanup.catalog.Storage;
import org.orphancleanup.job.JobDefinition.Rule;
import org.orphancleanup.job.PolicyKind;

/** One orphan while it is decided; becomes a row of {@code repair_part}. */
final class Part {

    final Reference reference;
    final long missingId;

    PolicyKind policy = PolicyKind.REPORT_ONLY;
    /** The rule that matched; null: the definition's default. */
    @Nullable
    Rule rule;
    /** What a rule's mapping file names for it. */
    @Nullable
    String mapped;

    String why = "";

    /** The missing parent comes back under its old id before anything else is done. */
    boolean keepId;

    @Nullable
    NewValue newValue;

    @Nullable
    Outcome outcome;

    @Nullable
    String reason;

    Part(Reference reference, long missingId) {
        this.reference = reference;
        this.missingId = missingId;
    }

    /** Still to be carried out. */
    boolean isPlanned() {
        return outcome == null;
    }

    boolean isRelationRow() {
        return reference.storage() instanceof Storage.RelationRow;
    }

    /** The record itself would be deleted; removing a relation row deletes none. */
    boolean deletesRecord() {
        return isPlanned() && policy == PolicyKind.DELETE && !isRelationRow();
    }

    /** Odoo would be asked to write or delete something. */
    boolean callsOdoo() {
        return isPlanned()
                && !(newValue instanceof NewValue.Quarantine quarantine && !quarantine.archive())
                && !(newValue instanceof NewValue.KeepId);
    }

    void refuse(String reason) {
        end(Outcome.REFUSED, reason);
    }

    /** Nothing is tried: no call of Odoo's API reaches it, and the report has the SQL. */
    void hold(String reason) {
        end(Outcome.HELD, reason);
    }

    void end(Outcome outcome, @Nullable String reason) {
        this.outcome = outcome;
        this.reason = reason;
        this.newValue = null;
        this.keepId = false;
    }
}
