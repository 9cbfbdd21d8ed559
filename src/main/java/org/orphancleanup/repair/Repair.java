package org.orphancleanup.repair;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.orphancleanup.catalog.Reference;
import org.orphancleanup.job.PolicyKind;
import org.orphancleanup.plan.NewValue;

/**
 * One record of the plan, as the engine needs it.
 *
 * @param company 0 for a record without company
 */
record Repair(long no, @Nullable String model, String table, long id, long company, String kindKey, List<Part> parts) {

    Repair {
        parts = List.copyOf(parts);
    }

    Repair with(List<Part> others) {
        return new Repair(no, model, table, id, company, kindKey, others);
    }

    /**
     * @param newValue null where nothing is to be written (reported or refused by the plan)
     * @param keepId the missing parent comes back first, so that what is repaired is not the dangling but the pointing
     */
    record Part(
            Reference reference,
            long missingId,
            PolicyKind policy,
            @Nullable NewValue newValue,
            @Nullable Integer ruleLine,
            boolean keepId) {

        Key key() {
            return new Key(reference.no(), missingId);
        }
    }

    /** Names a part within its repair. */
    record Key(int referenceNo, long missingId) {}
}
