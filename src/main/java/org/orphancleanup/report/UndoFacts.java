package org.orphancleanup.report;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.orphancleanup.plan.Outcome;
import org.springframework.jdbc.core.JdbcOperations;

/**
 * What an undo took back.
 *
 * @param reference of an undo of one reference, as it was asked for
 * @param record of an undo of one record
 * @param outcomes how many items ended how
 * @param items the first ones, what is not undone before the rest
 * @param differencesAll what is not as before the undone run, write stamps apart
 * @param differences the first ones
 */
record UndoFacts(
        long undone,
        @Nullable String reference,
        @Nullable Long record,
        Map<String, Long> outcomes,
        List<Item> items,
        long differencesAll,
        List<Difference> differences) {

    /** @param what in words, such as {@code values} and the fields they are of */
    record Item(
            String what,
            String model,
            long id,
            String outcome,
            @Nullable String reason,
            @Nullable Long newId) {}

    /** @param field {@code id}: the row itself came or went */
    record Difference(
            @Nullable String model,
            String table,
            long id,
            String field,
            @Nullable String before,
            @Nullable String after,
            @Nullable String why) {

        static Difference of(ResultSet row) throws SQLException {
            return new Difference(
                    row.getString("model"),
                    row.getString("table_name"),
                    row.getLong("record_id"),
                    row.getString("field"),
                    row.getString("before"),
                    row.getString("after"),
                    row.getString("why"));
        }
    }

    static final String DIFFERENCES =
            "SELECT * FROM undo_difference WHERE run_id = ? ORDER BY table_name, record_id, field";

    static final String ITEMS = """
            SELECT kind, model, record_id, coalesce(outcome, 'open') AS outcome, reason, new_id,
                   (SELECT string_agg(key, ', ' ORDER BY key) FROM jsonb_object_keys(restore) key) AS fields
              FROM undo_item WHERE run_id = ? ORDER BY outcome = 'undone', no""";

    /** Null for a run that is no undo. */
    static @Nullable UndoFacts read(JdbcOperations jdbc, long runId) {
        return jdbc
                .query(
                        "SELECT undo_of, undo_reference, undo_record FROM run WHERE id = ? AND undo_of IS NOT NULL",
                        (row, number) -> {
                            Map<String, Long> outcomes = new TreeMap<>();
                            jdbc.query(
                                    "SELECT coalesce(outcome, 'open'), count(*) FROM undo_item WHERE run_id = ? GROUP BY 1",
                                    counted -> {
                                        outcomes.put(counted.getString(1), counted.getLong(2));
                                    },
                                    runId);
                            return new UndoFacts(
                                    row.getLong(1),
                                    row.getString(2),
                                    row.getObject(3, Long.class),
                                    outcomes,
                                    jdbc.query(
                                            ITEMS + " LIMIT ?",
                                            (item, n) -> new Item(
                                                    what(item.getString("kind"), item.getString("fields")),
                                                    item.getString("model"),
                                                    item.getLong("record_id"),
                                                    item.getString("outcome"),
                                                    item.getString("reason"),
                                                    item.getObject("new_id", Long.class)),
                                            runId,
                                            Report.MOST),
                                    Report.count(jdbc, "undo_difference WHERE run_id = ?", runId),
                                    jdbc.query(
                                            DIFFERENCES + " LIMIT ?",
                                            (difference, n) -> Difference.of(difference),
                                            runId,
                                            Report.MOST));
                        },
                        runId)
                .stream()
                .findFirst()
                .orElse(null);
    }

    static String what(String kind, @Nullable String fields) {
        return switch (kind) {
            case "values" -> "old values of " + fields;
            case "record" -> "deleted record made anew";
            case "row-removed" -> "relation row put back";
            case "row-added" -> "relation row removed";
            case "stand-in" -> "stand-in removed";
            default -> kind;
        };
    }

    public long all() {
        return outcomes.values().stream().mapToLong(Long::longValue).sum();
    }

    public long back() {
        return outcomes.getOrDefault(Outcome.UNDONE.code(), 0L);
    }

    /** Those that are not undone, in words. */
    public String rest() {
        return Words.list(outcomes.entrySet().stream()
                .filter(entry -> !entry.getKey().equals(Outcome.UNDONE.code()))
                .map(entry ->
                        Words.number(entry.getValue()) + " " + entry.getKey().replace('-', ' '))
                .toList());
    }
}
