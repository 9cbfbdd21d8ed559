package org.orphancleanup.catalog;

/** What is worth knowing, reported and never repaired; the words of observations.csv. */
public enum ObservationKind {
    PROPERTY(
            "property",
            "Open the record and empty or replace the property. Odoo shows it as empty until then, and keeps the id."),
    FILTER(
            "filter",
            "Edit or delete the filter (Settings, Technical, User-defined Filters): what it finds is not what was meant."),
    DEFAULT(
            "default",
            "Delete the default or give it another value (Settings, Technical, User-defined Defaults): new records would be"
                    + " given the missing one."),
    ALIAS_DEFAULT(
            "alias-default",
            "Edit the default values of the alias (Settings, Technical, Email, Aliases, or the record it belongs to): what is"
                    + " made from incoming mail would be given the missing record."),
    PARAMETER(
            "parameter",
            "Choose another record in the settings that write this parameter, or delete the parameter (Settings, Technical,"
                    + " System Parameters)."),
    ANALYTIC_DISTRIBUTION(
            "analytic-distribution",
            "Give the record another distribution, on posted entries together with accounting: its share belongs to no"
                    + " account any more."),
    MODEL_AND_NUMBER(
            "model-and-number",
            "Empty the number, or set it to a record that exists. Odoo declares no reference here, so it never follows a"
                    + " deletion."),
    PARENT_PATH(
            "parent-path",
            "Repair the parent first where it dangles, then have the model compute its paths anew (_parent_store_compute in"
                    + " an Odoo shell): searches for children go by them."),
    DUPLICATE_RELATION_ROW(
            "duplicate-relation-row",
            "For the DBA: remove all but one of the rows, then add the primary key over both columns that Odoo makes."),
    NULL_RELATION_ROW(
            "null-relation-row",
            "For the DBA: remove the rows, which Odoo never reads, then set both columns NOT NULL as Odoo makes them."),
    LOST_FILE(
            "lost-file",
            "Restore the file from a backup of the filestore, or delete the attachment in Odoo. Nothing here writes files."),
    UNNAMED_FILE(
            "unnamed-file",
            "Odoo's own garbage collection removes such a file once it is listed in the filestore's checklist folder. Look"
                    + " whether the database is older than the filestore before anything is removed by hand.");

    private final String code;
    private final String advice;

    ObservationKind(String code, String advice) {
        this.code = code;
        this.advice = advice;
    }

    public String code() {
        return code;
    }

    /** What a person can do about it. */
    public String advice() {
        return advice;
    }

    /** @throws IllegalArgumentException when no kind has this code */
    public static ObservationKind of(String code) {
        for (ObservationKind kind : values()) {
            if (kind.code.equals(code)) {
                return kind;
            }
        }
        throw new IllegalArgumentException("no kind of observation is called " + code);
    }
}
