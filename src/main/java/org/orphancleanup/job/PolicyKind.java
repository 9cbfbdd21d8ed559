package org.orphancleanup.job;

/** What to do with the orphans of a reference. */
public enum PolicyKind {
    REPORT_ONLY("report-only"),
    NULL_OUT("null-out"),
    RELINK("relink"),
    ARCHIVE_PARENT("archive-parent"),
    QUARANTINE("quarantine"),
    DELETE("delete"),
    BY_ONDELETE("by-ondelete");

    private final String code;

    PolicyKind(String code) {
        this.code = code;
    }

    public String code() {
        return code;
    }

    /** @throws IllegalArgumentException when no policy has this code */
    public static PolicyKind of(String code) {
        for (PolicyKind policy : values()) {
            if (policy.code.equals(code)) {
                return policy;
            }
        }
        throw new IllegalArgumentException("no policy is called " + code);
    }
}
