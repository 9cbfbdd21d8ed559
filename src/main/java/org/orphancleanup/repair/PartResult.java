package org.orphancleanup.repair;

import org.jspecify.annotations.Nullable;
import org.orphancleanup.plan.Outcome;

/**
 * What became of one part of a repair. {@link Outcome#REPAIRED} is the engine's own fresh look; the run's last look decides.
 *
 * @param outcome null: nothing to say yet, the last look decides
 */
record PartResult(
        long repairNo,
        Repair.Key part,
        @Nullable Outcome outcome,
        @Nullable String reason,
        @Nullable String rung) {}
