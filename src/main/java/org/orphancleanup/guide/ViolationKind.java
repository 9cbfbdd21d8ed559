package org.orphancleanup.guide;

import com.fasterxml.jackson.annotation.JsonValue;

/** What an error is about; {@link #code()} is the word of the JSON output. */
public enum ViolationKind {
    MISSING_PARENT("missing-parent", "A row was to refer to a record that does not exist; PostgreSQL refused it"),
    REFERENCED("referenced", "A record was to be deleted that others still refer to; PostgreSQL refused it"),
    FOREIGN_KEY(
            "foreign-key",
            "A foreign key was violated. Odoo says the same when a record is deleted that others need and when a row names"
                    + " a record that does not exist"),
    CONSTRAINT_NOT_ADDED(
            "constraint-not-added",
            "A foreign key could not be added or validated: the table holds rows that refer to records which do not exist"),
    CONSTRAINT_IMPOSSIBLE("constraint-impossible", "A foreign key cannot exist the way it was asked for"),
    NOT_NULL("not-null", "A row was to lose, or never had, a value that its column requires"),
    NULL_ROWS("null-rows", "A column could not be made required: rows there already have no value"),
    MISSING_RECORD("missing-record", "Odoo was to read or write a record that does not exist (MissingError)"),
    NO_MATCH("no-match", "An import names a record that was not found");

    private final String code;
    private final String words;

    ViolationKind(String code, String words) {
        this.code = code;
        this.words = words;
    }

    @JsonValue
    public String code() {
        return code;
    }

    /** One sentence, without its full stop. */
    public String words() {
        return words;
    }

    boolean isForeignKey() {
        return this == MISSING_PARENT || this == REFERENCED || this == FOREIGN_KEY || this == CONSTRAINT_NOT_ADDED;
    }
}
