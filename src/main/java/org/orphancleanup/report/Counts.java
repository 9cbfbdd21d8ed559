package org.orphancleanup.report;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.orphancleanup.plan.Outcome;

/**
 * The counts of report.json, in references (never in records). {@link #found()} and {@link #remaining()} are sums, so
 * {@code found = repaired + already-clean + remaining} and {@code remaining = reported + refused + changed-meanwhile +
 * quarantined + held + failed} hold always.
 *
 * @param planned references the plan set out to repair, whatever came of them
 * @param waiting the part of {@code reported} that is planned and has no outcome yet: before a plan is applied, in a dry
 *     run, or where the run ended before their turn. They dangle and nothing has been done about them, hence
 *     {@code reported}
 * @param reported report-only ones, those of a scan without a plan, and {@code waiting} ones
 * @param fresh "new": came to dangle during the run; outside the sums
 */
public record Counts(
        long planned,
        long waiting,
        long repaired,
        long alreadyClean,
        long reported,
        long refused,
        long changedMeanwhile,
        long quarantined,
        long held,
        long failed,
        long fresh) {

    static final Counts NONE = new Counts(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

    public long found() {
        return clean() + remaining();
    }

    /** Repaired by this run, or by somebody else before it came to that. */
    public long clean() {
        return repaired + alreadyClean;
    }

    public long remaining() {
        return reported + refused + changedMeanwhile + quarantined + held + failed;
    }

    /** Names and order of report.json. */
    public Map<String, Long> asMap() {
        Map<String, Long> map = new LinkedHashMap<>();
        map.put("found", found());
        map.put("planned", planned);
        map.put("repaired", repaired);
        map.put("already-clean", alreadyClean);
        map.put("reported", reported);
        map.put("refused", refused);
        map.put("changed-meanwhile", changedMeanwhile);
        map.put("quarantined", quarantined);
        map.put("held", held);
        map.put("failed", failed);
        map.put("remaining", remaining());
        map.put("new", fresh);
        return map;
    }

    Counts plus(Counts other) {
        return new Counts(
                planned + other.planned,
                waiting + other.waiting,
                repaired + other.repaired,
                alreadyClean + other.alreadyClean,
                reported + other.reported,
                refused + other.refused,
                changedMeanwhile + other.changedMeanwhile,
                quarantined + other.quarantined,
                held + other.held,
                failed + other.failed,
                fresh + other.fresh);
    }

    /** @param outcome null: not known yet */
    static Counts ofParts(@Nullable Outcome outcome, long parts, long planned) {
        if (outcome == null) {
            return new Counts(planned, parts, 0, 0, parts, 0, 0, 0, 0, 0, 0);
        }
        return switch (outcome) {
            case REPAIRED -> new Counts(planned, 0, parts, 0, 0, 0, 0, 0, 0, 0, 0);
            case ALREADY_CLEAN -> new Counts(planned, 0, 0, parts, 0, 0, 0, 0, 0, 0, 0);
            case REPORTED -> new Counts(planned, 0, 0, 0, parts, 0, 0, 0, 0, 0, 0);
            case REFUSED -> new Counts(planned, 0, 0, 0, 0, parts, 0, 0, 0, 0, 0);
            case CHANGED_MEANWHILE -> new Counts(planned, 0, 0, 0, 0, 0, parts, 0, 0, 0, 0);
            case QUARANTINED -> new Counts(planned, 0, 0, 0, 0, 0, 0, parts, 0, 0, 0);
            case HELD -> new Counts(planned, 0, 0, 0, 0, 0, 0, 0, parts, 0, 0);
            case FAILED -> new Counts(planned, 0, 0, 0, 0, 0, 0, 0, 0, parts, 0);
            case UNDONE -> throw new IllegalArgumentException("no repair ends as undone");
        };
    }

    /** Orphans of the first look that no plan has decided about. */
    static Counts ofUndecided(long orphans) {
        return new Counts(0, 0, 0, 0, orphans, 0, 0, 0, 0, 0, 0);
    }

    static Counts ofFresh(long orphans) {
        return new Counts(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, orphans);
    }
}
