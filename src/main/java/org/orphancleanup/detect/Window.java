package org.orphancleanup.detect;

/**
 * A piece of one reference's rows, read in one statement.
 *
 * @param from first id of the window: of the row, for a relation row of the side that exists
 * @param to last id
 * @param whole all rows, {@code from} and {@code to} notwithstanding
 * @param rowsInTable rows of the whole table as counted when the windows were made, the same in each window of a table
 */
public record Window(int referenceNo, long from, long to, boolean whole, long rowsInTable) {}
