package org.orphancleanup.repair;

import java.util.List;
import org.orphancleanup.plan.Outcome;

/** What became of a batch. */
public final class BatchResult {

    private final List<Repair> repairs;
    private final List<PartResult> parts;

    BatchResult(List<Repair> repairs, List<PartResult> parts) {
        this.repairs = List.copyOf(repairs);
        this.parts = List.copyOf(parts);
    }

    List<Repair> repairs() {
        return repairs;
    }

    List<PartResult> parts() {
        return parts;
    }

    /** Parts that are clean by the engine's own look; for progress lines. */
    public long repaired() {
        return parts.stream().filter(p -> p.outcome() == Outcome.REPAIRED).count();
    }

    /** Parts that were tried and not repaired. */
    public long held() {
        return parts.stream()
                .filter(p -> p.outcome() == Outcome.HELD || p.outcome() == Outcome.FAILED)
                .count();
    }
}
