package org.orphancleanup.catalog;

import java.util.Set;

/**
 * A column of a table.
 *
 * @param type PostgreSQL's name of it without length, such as {@code character varying}
 * @param readable the role may read it
 */
record Column(String name, String type, boolean notNull, boolean readable) {

    private static final Set<String> INTEGERS = Set.of("integer", "bigint", "smallint");
    private static final Set<String> TEXTS = Set.of("character varying", "text", "character");

    boolean isInteger() {
        return INTEGERS.contains(type);
    }

    boolean isText() {
        return TEXTS.contains(type);
    }
}
