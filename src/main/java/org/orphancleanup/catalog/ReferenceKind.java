package org.orphancleanup.catalog;

/** How a reference is stored; the words of findings.csv and of a rule's {@code kind}. */
public enum ReferenceKind {
    MANY2ONE("many2one"),
    MANY2MANY("many2many"),
    MANY2ONE_REFERENCE("many2one-reference"),
    REFERENCE("reference"),
    COMPANY_DEPENDENT("company-dependent"),
    INHERITANCE("inheritance"),
    AUDIT("audit");

    private final String code;

    ReferenceKind(String code) {
        this.code = code;
    }

    public String code() {
        return code;
    }

    /** @throws IllegalArgumentException when no kind has this code */
    public static ReferenceKind of(String code) {
        for (ReferenceKind kind : values()) {
            if (kind.code.equals(code)) {
                return kind;
            }
        }
        throw new IllegalArgumentException("no kind of reference is called " + code);
    }
}
