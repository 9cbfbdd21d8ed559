package org.orphancleanup.catalog;

/** The one place where names become part of a statement. */
public final class Sql {

    private Sql() {}

    /** A table's or column's name as PostgreSQL takes it, whatever its case and characters. */
    public static String quote(String identifier) {
        return '"' + identifier.replace("\"", "\"\"") + '"';
    }

    /** A text value for statements that cannot bind any, which is COPY alone. */
    public static String literal(String value) {
        String quoted = "'" + value.replace("'", "''") + "'";
        // the E form reads the same whatever standard_conforming_strings says
        return value.indexOf('\\') < 0 ? quoted : " E" + quoted.replace("\\", "\\\\");
    }
}
