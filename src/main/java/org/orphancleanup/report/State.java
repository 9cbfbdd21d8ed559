package org.orphancleanup.report;

import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;
import org.orphancleanup.plan.Outcome;

/** Where a reference stands, as the pictures and tables name it: its outcome, or that it is planned. Worst first. */
enum State {
    FAILED(Outcome.FAILED, "Failed", "no answer is known; look at these first", Counts::failed),
    HELD(Outcome.HELD, "Held", "Odoo or a guard refused the repair, or its API cannot reach it", Counts::held),
    CHANGED_MEANWHILE(
            Outcome.CHANGED_MEANWHILE,
            "Changed meanwhile",
            "somebody changed the record after the plan was made",
            Counts::changedMeanwhile),
    REFUSED(Outcome.REFUSED, "Refused", "the plan would not do it", Counts::refused),
    QUARANTINED(Outcome.QUARANTINED, "Quarantined", "taken out of use, kept in full", Counts::quarantined),
    PLANNED(null, "Planned", "would be repaired; not written", Counts::waiting),
    REPORTED(
            Outcome.REPORTED,
            "Only reported",
            "the job says to change nothing",
            counts -> counts.reported() - counts.waiting()),
    REPAIRED(Outcome.REPAIRED, "Repaired", "clean now, seen in the database", Counts::repaired),
    ALREADY_CLEAN(Outcome.ALREADY_CLEAN, "Already clean", "somebody else mended it first", Counts::alreadyClean);

    private final @Nullable Outcome outcome;
    private final String label;
    private final String meaning;
    private final ToLongFunction<Counts> count;

    State(@Nullable Outcome outcome, String label, String meaning, ToLongFunction<Counts> count) {
        this.outcome = outcome;
        this.label = label;
        this.meaning = meaning;
        this.count = count;
    }

    @Nullable
    Outcome outcome() {
        return outcome;
    }

    /** Public as the template calls it, like the two below. */
    public String code() {
        return outcome == null ? "planned" : outcome.code();
    }

    public String label() {
        return label;
    }

    public String meaning() {
        return meaning;
    }

    long in(Counts counts) {
        return count.applyAsLong(counts);
    }

    static State of(Outcome outcome) {
        for (State state : values()) {
            if (state.outcome == outcome) {
                return state;
            }
        }
        throw new IllegalStateException(outcome.code());
    }
}
