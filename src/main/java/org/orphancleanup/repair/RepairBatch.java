package org.orphancleanup.repair;

import java.util.List;

/** Repairs of one kind that one call may carry out together; the item of the repair step. */
public final class RepairBatch {

    private final List<Repair> repairs;

    RepairBatch(List<Repair> repairs) {
        this.repairs = List.copyOf(repairs);
    }

    List<Repair> repairs() {
        return repairs;
    }

    /** Records in this batch. */
    public int size() {
        return repairs.size();
    }

    /** For progress lines. */
    public String model() {
        String model = repairs.get(0).model();
        return model == null ? repairs.get(0).table() : model;
    }
}
