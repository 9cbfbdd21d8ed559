package org.orphancleanup.catalog;

import java.util.Map;

/**
 * A table of the target, or what stands in its place.
 *
 * @param inherited it has child tables, so that a foreign key to it cannot hold for their rows
 */
record Table(String name, char relkind, boolean inherited, Map<String, Column> columns) {

    Table {
        columns = Map.copyOf(columns);
    }

    boolean isTable() {
        return relkind == 'r';
    }

    boolean hasId() {
        Column id = columns.get("id");
        return id != null && id.isInteger();
    }

    /** Why rows of it cannot be told to exist or not, as the end of a sentence. */
    String whatItIs() {
        return switch (relkind) {
            case 'v' -> "an SQL view";
            case 'm' -> "a materialized view";
            case 'f' -> "a foreign table";
            case 'p' -> "a partitioned table, which Odoo itself never makes";
            default -> "a table";
        };
    }
}
