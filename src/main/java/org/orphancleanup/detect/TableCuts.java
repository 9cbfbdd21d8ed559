package org.orphancleanup.detect;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.orphancleanup.catalog.Sql;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Cuts tables into windows of so many rows along the index of a column, each found by a statement that is no longer than its
 * window, and counts the rows on the way. A table without such an index, or of which one value alone has more rows than a
 * window, is cut by the blocks it is stored in.
 */
final class TableCuts {

    /** PostgreSQL reads a range of blocks without the rest of the table from this version on. */
    private static final int READS_BLOCKS = 140_000;

    /** The largest block number, so that the last piece holds what is added meanwhile. */
    private static final long LAST_BLOCK = 4_294_967_294L;

    private final JdbcClient jdbc;
    private final long windowSize;
    private final Set<List<String>> indexed;
    private final Runnable pause;

    /** @param pause called between two windows */
    TableCuts(JdbcClient jdbc, long windowSize, Set<String> tables, Runnable pause) {
        this.jdbc = jdbc;
        this.windowSize = windowSize;
        this.indexed = indexedColumns(jdbc, tables);
        this.pause = pause;
    }

    /** A piece of a table between two values of a column, both included; or between two blocks, the second not included. */
    record Piece(long from, long to) {}

    /**
     * @param rows of the whole table
     * @param pieces none: it is read whole
     * @param blocks the pieces are blocks of the table, not values of the column
     */
    record Cut(long rows, List<Piece> pieces, boolean blocks) {}

    /** Windows on a column without an index would read the table once for each window. */
    private static Set<List<String>> indexedColumns(JdbcClient jdbc, Set<String> tables) {
        Set<List<String>> indexed = new HashSet<>();
        jdbc.sql("""
                        SELECT c.relname, a.attname
                        FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
                          JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0]
                        WHERE i.indisvalid AND i.indpred IS NULL AND pg_table_is_visible(c.oid) AND c.relname = ANY (?)""").param(tables.toArray(String[]::new)).query(row -> {
            indexed.add(List.of(row.getString(1), row.getString(2)));
        });
        return indexed;
    }

    /** By column. */
    Map<String, Cut> cut(String table, Set<String> columns) {
        Map<String, Cut> cuts = new HashMap<>();
        long few = jdbc.sql("SELECT count(*) FROM (SELECT FROM ONLY " + Sql.quote(table) + " LIMIT ?) few")
                .param(windowSize + 1)
                .query(Long.class)
                .single();
        Long rows = few <= windowSize ? few : null;
        if (rows == null) {
            for (String column : columns) {
                if (indexed.contains(List.of(table, column))) {
                    Cut cut = walk(table, column);
                    if (cut != null) {
                        rows = cut.rows();
                        cuts.put(column, cut);
                    }
                }
            }
        }
        Cut other = rows == null || !cuts.keySet().containsAll(columns) && rows > windowSize
                ? byBlocks(table)
                : new Cut(rows, List.of(), false);
        for (String column : columns) {
            cuts.putIfAbsent(column, other);
        }
        return cuts;
    }

    /** A row that an UPDATE moves to another block meanwhile may be seen twice or not at all; a relation row has nothing to update. */
    private Cut byBlocks(String table) {
        String from = " FROM ONLY " + Sql.quote(table);
        if (jdbc.sql("SELECT current_setting('server_version_num')::int")
                        .query(Integer.class)
                        .single()
                < READS_BLOCKS) {
            return new Cut(jdbc.sql("SELECT count(*)" + from).query(Long.class).single(), List.of(), false);
        }
        long blocks = jdbc.sql("SELECT pg_relation_size(?::regclass) / current_setting('block_size')::bigint")
                .param(Sql.quote(table))
                .query(Long.class)
                .single();
        long step = Math.max(1, windowSize / Window.ROWS_A_BLOCK);
        List<Piece> pieces = new ArrayList<>();
        long rows = 0;
        for (long begin = 0; begin < blocks; begin += step) {
            Piece piece = new Piece(begin, begin + step < blocks ? begin + step : LAST_BLOCK);
            rows += jdbc.sql("SELECT count(*)" + from + " c WHERE " + Window.inBlocks(piece.from(), piece.to()))
                    .query(Long.class)
                    .single();
            pieces.add(piece);
            pause.run();
        }
        return new Cut(rows, pieces, true);
    }

    private record Step(
            long rows, @Nullable Long first, @Nullable Long last) {}

    /** @return null where one value, or none, stands in more rows than a window has */
    private @Nullable Cut walk(String table, String column) {
        String name = Sql.quote(column);
        String from = " FROM ONLY " + Sql.quote(table) + " WHERE " + name;
        List<Piece> pieces = new ArrayList<>();
        // no value, no window; but a row all the same
        long rows = jdbc.sql("SELECT count(*) FROM (SELECT" + from + " IS NULL LIMIT ?) none")
                .param(windowSize + 1)
                .query(Long.class)
                .single();
        if (rows > windowSize) {
            return null;
        }
        Long after = jdbc.sql("SELECT min(" + name + ")::bigint - 1 FROM ONLY " + Sql.quote(table))
                .query(Long.class)
                .optional()
                .orElse(null);
        while (after != null) {
            long begin = after;
            Step step = jdbc.sql("SELECT count(*), min(v), max(v) FROM (SELECT " + name + "::bigint AS v" + from
                            + " > ? ORDER BY " + name + " LIMIT ?) window_rows")
                    .param(begin)
                    .param(windowSize)
                    .query((row, number) ->
                            new Step(row.getLong(1), row.getObject(2, Long.class), row.getObject(3, Long.class)))
                    .single();
            Long last = step.last();
            boolean more = step.rows() == windowSize;
            long here = step.rows();
            if (more && last != null && !column.equals("id")) {
                // the last value may go on where the window ended, so it is the first of the next
                if (last.equals(step.first())) {
                    return null;
                }
                last--;
                here = jdbc.sql("SELECT count(*)" + from + " BETWEEN ? AND ?")
                        .param(begin + 1)
                        .param(last)
                        .query(Long.class)
                        .single();
            }
            if (last != null) {
                rows += here;
                pieces.add(new Piece(begin + 1, last));
            }
            after = more ? last : null;
            pause.run();
        }
        return new Cut(rows, pieces, false);
    }
}
