package org.orphancleanup.catalog;

/** SQL text that cannot be bound as a parameter. */
public final class Sql {

    private Sql() {}

    /** An identifier as PostgreSQL takes it whatever is in it: Odoo 18 and 19 have a table named {@code Products}. */
    public static String quote(String identifier) {
        return '"' + identifier.replace("\"", "\"\"") + '"';
    }
}
