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
 * window, and counts the rows on the way.
 */
final class TableCuts {

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

    /** A piece of a table between two values of a column, both included. */
    record Piece(long from, long to) {}

    /**
     * @param rows of the whole table
     * @param pieces none: it is read whole
     */
    record Cut(long rows, List<Piece> pieces) {}

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
                    rows = cut.rows();
                    cuts.put(column, cut);
                }
            }
        }
        if (rows == null) {
            rows = jdbc.sql("SELECT count(*) FROM ONLY " + Sql.quote(table))
                    .query(Long.class)
                    .single();
        }
        for (String column : columns) {
            cuts.putIfAbsent(column, new Cut(rows, List.of()));
        }
        return cuts;
    }

    private record Step(long rows, @Nullable Long last) {}

    private Cut walk(String table, String column) {
        String from = " FROM ONLY " + Sql.quote(table) + " WHERE " + Sql.quote(column);
        List<Piece> pieces = new ArrayList<>();
        // no value, no window; but a row all the same
        long rows = jdbc.sql("SELECT count(*)" + from + " IS NULL")
                .query(Long.class)
                .single();
        Long after = jdbc.sql("SELECT min(" + Sql.quote(column) + ")::bigint - 1 FROM ONLY " + Sql.quote(table))
                .query(Long.class)
                .optional()
                .orElse(null);
        while (after != null) {
            long begin = after;
            Step step = jdbc.sql("SELECT count(*), max(v) FROM (SELECT " + Sql.quote(column) + "::bigint AS v" + from
                            + " > ? ORDER BY " + Sql.quote(column) + " LIMIT ?) window_rows")
                    .param(begin)
                    .param(windowSize)
                    .query((row, number) -> new Step(row.getLong(1), row.getObject(2, Long.class)))
                    .single();
            Long last = step.last();
            if (last != null) {
                // the last value may go on where the window ended
                rows += column.equals("id")
                        ? step.rows()
                        : jdbc.sql("SELECT count(*)" + from + " BETWEEN ? AND ?")
                                .param(begin + 1)
                                .param(last)
                                .query(Long.class)
                                .single();
                pieces.add(new Piece(begin + 1, last));
            }
            after = step.rows() < windowSize ? null : last;
            pause.run();
        }
        return new Cut(rows, pieces);
    }
}
