package org.orphancleanup.catalog;

/** What the database itself guarantees for a reference. Only {@link #ENFORCED} is proof, and only if nobody wrote as a replica. */
public enum ConstraintState {
    ENFORCED("enforced"),
    NOT_VALID("not-valid"),
    NOT_ENFORCED("not-enforced"),
    TRIGGERS_DISABLED("triggers-disabled"),
    MISSING("missing"),
    IMPOSSIBLE("impossible");

    private final String code;

    ConstraintState(String code) {
        this.code = code;
    }

    public String code() {
        return code;
    }

    /** @throws IllegalArgumentException when no state has this code */
    public static ConstraintState of(String code) {
        for (ConstraintState state : values()) {
            if (state.code.equals(code)) {
                return state;
            }
        }
        throw new IllegalArgumentException("no constraint state is called " + code);
    }
}
