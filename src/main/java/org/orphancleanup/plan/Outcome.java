package org.orphancleanup.plan;

/** What became of a reference; the words of report.json. {@code repaired} counts only when a fresh look confirms it. */
public enum Outcome {
    REPAIRED("repaired"),
    ALREADY_CLEAN("already-clean"),
    REPORTED("reported"),
    REFUSED("refused"),
    CHANGED_MEANWHILE("changed-meanwhile"),
    QUARANTINED("quarantined"),
    HELD("held"),
    FAILED("failed"),
    /** Of what an undo took back; no outcome of a repair. */
    UNDONE("undone");

    private final String code;

    Outcome(String code) {
        this.code = code;
    }

    public String code() {
        return code;
    }

    /** @throws IllegalArgumentException when no outcome has this code */
    public static Outcome of(String code) {
        for (Outcome outcome : values()) {
            if (outcome.code.equals(code)) {
                return outcome;
            }
        }
        throw new IllegalArgumentException("no outcome is called " + code);
    }
}
