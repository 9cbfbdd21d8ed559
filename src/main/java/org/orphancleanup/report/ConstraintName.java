package org.orphancleanup.report;

import java.nio.charset.StandardCharsets;

/**
 * The name PostgreSQL gives a foreign key that is added without one, which is how Odoo adds them: {@code
 * <table>_<column>_fkey}, table and column shortened, the longer one first, until it fits.
 */
final class ConstraintName {

    /** NAMEDATALEN - 1, in bytes. */
    private static final int LONGEST = 63;

    private static final String LABEL = "_fkey";

    private ConstraintName() {}

    static String of(String table, String column) {
        int tableBytes = table.getBytes(StandardCharsets.UTF_8).length;
        int columnBytes = column.getBytes(StandardCharsets.UTF_8).length;
        int room = LONGEST - LABEL.length() - 1;
        while (tableBytes + columnBytes > room) {
            if (tableBytes > columnBytes) {
                tableBytes--;
            } else {
                columnBytes--;
            }
        }
        return clip(table, tableBytes) + "_" + clip(column, columnBytes) + LABEL;
    }

    /** Whole characters only. */
    private static String clip(String name, int bytes) {
        String clipped = name;
        while (clipped.getBytes(StandardCharsets.UTF_8).length > bytes) {
            clipped = clipped.substring(0, clipped.offsetByCodePoints(clipped.length(), -1));
        }
        return clipped;
    }
}
