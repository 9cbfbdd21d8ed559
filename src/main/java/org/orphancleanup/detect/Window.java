package org.orphancleanup.detect;

/**
 * A piece of one reference's rows, read in one statement.
 *
 * @param from first id of the window: of the row, for a relation row of the side that exists
 * @param to last id
 * @param whole all rows, {@code from} and {@code to} notwithstanding
 * @param blocks {@code from} and {@code to} are blocks of the table, {@code to} not included
 * @param rowsInTable rows of the whole table as counted when the windows were made, the same in each window of a table
 */
public record Window(int referenceNo, long from, long to, boolean whole, boolean blocks, long rowsInTable) {

    /** No block of PostgreSQL's usual size holds more. */
    static final int ROWS_A_BLOCK = 292;

    /** How many rows it covers at most, as far as that can be told beforehand. */
    public long rows() {
        long covered = blocks ? (to - from) * ROWS_A_BLOCK : to - from;
        return whole ? rowsInTable : Math.min(covered, rowsInTable);
    }

    /**
     * A condition on the rows of a table with the alias {@code c}.
     *
     * @param column what {@code from} and {@code to} are values of, unless they are blocks; quoted
     */
    static String within(boolean blocks, String column, long from, long to) {
        return blocks ? inBlocks(from, to) : column + " BETWEEN " + from + " AND " + to;
    }

    /** Blocks of a table with the alias {@code c}. */
    static String inBlocks(long from, long to) {
        return "c.ctid >= '(" + from + ",0)'::tid AND c.ctid < '(" + to + ",0)'::tid";
    }
}
