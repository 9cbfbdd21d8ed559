package org.orphancleanup.job;

import java.util.List;
import java.util.stream.Stream;

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

    /** Those by which a record can come out of quarantine again. */
    public static List<PolicyKind> releasing() {
        return Stream.of(values())
                .filter(kind -> kind != REPORT_ONLY && kind != QUARANTINE)
                .toList();
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
