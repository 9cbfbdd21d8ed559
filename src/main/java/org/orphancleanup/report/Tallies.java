package org.orphancleanup.report;

import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.orphancleanup.plan.Outcome;
import org.springframework.jdbc.core.JdbcOperations;

/** A run's counts, per reference and per policy. An orphan is told apart by reference, child id and missing id. */
record Tallies(Map<Integer, Counts> byReference, Map<String, Counts> byPolicy, Counts total) {

    static Tallies read(JdbcOperations jdbc, long runId) {
        Map<Integer, Counts> byReference = new HashMap<>();
        Map<String, Counts> byPolicy = new TreeMap<>();
        Map<Integer, Long> undecided = new HashMap<>();
        jdbc.query(
                """
                SELECT reference_no, count(*) FROM (
                    SELECT DISTINCT reference_no, child_id, missing_id FROM orphan WHERE run_id = ? AND look = 0) found
                GROUP BY reference_no""",
                row -> {
                    undecided.put(row.getInt(1), row.getLong(2));
                },
                runId);
        // A part with an outcome of its own that nothing was to be written for is no part of the plan.
        jdbc.query(
                """
                SELECT reference_no, policy, outcome, count(*),
                       count(*) FILTER (WHERE outcome IS NULL
                           OR (new_value IS NOT NULL AND outcome NOT IN ('reported', 'refused')))
                FROM repair_part WHERE run_id = ? GROUP BY reference_no, policy, outcome""",
                row -> {
                    String outcome = row.getString(3);
                    long parts = row.getLong(4);
                    Counts counts = Counts.ofParts(outcome == null ? null : Outcome.of(outcome), parts, row.getLong(5));
                    byReference.merge(row.getInt(1), counts, Counts::plus);
                    byPolicy.merge(row.getString(2), counts, Counts::plus);
                    undecided.merge(row.getInt(1), -parts, Long::sum);
                },
                runId);
        undecided.forEach((reference, orphans) ->
                byReference.merge(reference, Counts.ofUndecided(Math.max(0, orphans)), Counts::plus));
        jdbc.query(
                """
                SELECT reference_no, count(*) FROM (
                    SELECT reference_no, child_id, missing_id FROM orphan WHERE run_id = ? AND look = 1
                    EXCEPT
                    SELECT reference_no, child_id, missing_id FROM orphan WHERE run_id = ? AND look = 0) fresh
                GROUP BY reference_no""",
                row -> {
                    byReference.merge(row.getInt(1), Counts.ofFresh(row.getLong(2)), Counts::plus);
                },
                runId,
                runId);
        Counts total = byReference.values().stream().reduce(Counts.NONE, Counts::plus);
        return new Tallies(byReference, byPolicy, total);
    }

    Counts of(int reference) {
        return byReference.getOrDefault(reference, Counts.NONE);
    }
}
