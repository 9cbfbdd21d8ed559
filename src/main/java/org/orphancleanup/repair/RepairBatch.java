package org.orphancleanup.repair;

import java.util.List;

/** Repairs of one kind that one call may carry out together; the item of the repair step. */
public final class RepairBatch {

    private final List<Repair> repairs;
    private final boolean again;

    /** @param again its records were tried before */
    RepairBatch(List<Repair> repairs, boolean again) {
        this.repairs = List.copyOf(repairs);
        this.again = again;
    }

    List<Repair> repairs() {
        return repairs;
    }

    boolean isAgain() {
        return again;
    }
}
