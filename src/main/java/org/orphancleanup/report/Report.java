package org.orphancleanup.report;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.orphancleanup.plan.NewValue;
import org.orphancleanup.plan.Outcome;
import org.springframework.jdbc.core.JdbcOperations;

/**
 * What the report shows, read once. Lists that grow with the number of orphans are cut at {@link #MOST}; the CSV files
 * have them whole.
 *
 * @param writtenAt when this was read
 * @param zone in which times are shown: the job's
 * @param records by state, the first ones of each
 * @param repairSeconds from the first call of the repair stage to the answer of the last; null: none was made
 * @param undo what it took back, of an undo
 * @param undone its repairs that an undo took back later
 * @param findings the first orphans of the first look; empty where there is a plan, as {@code records} has them all
 */
record Report(
        RunFacts run,
        Instant writtenAt,
        ZoneId zone,
        List<ReferenceRow> references,
        Tallies tallies,
        List<LeftOut> leftOut,
        Map<State, List<PartRow>> records,
        List<OrphanRow> findings,
        List<OrphanRow> fresh,
        List<ReasonRow> reasons,
        List<ChangeRow> changes,
        long changed,
        long derived,
        List<StandInRow> standIns,
        long standInsAll,
        List<QuarantineRow> quarantined,
        long quarantinedAll,
        List<ObservationRow> observations,
        List<ObservedRow> observed,
        @Nullable Double repairSeconds,
        @Nullable UndoFacts undo,
        long undone) {

    /** Rows of one list in the HTML file. */
    static final int MOST = 300;

    record LeftOut(
            @Nullable String model,
            @Nullable String field,
            @Nullable String table,
            String reason) {}

    /** What is decided for one orphan. {@code model} is null where no model owns the table. */
    record PartRow(
            @Nullable String model,
            String table,
            long id,
            int referenceNo,
            long missingId,
            String policy,
            @Nullable Integer rule,
            @Nullable NewValue newValue,
            String reason,
            @Nullable String rung) {}

    record OrphanRow(int referenceNo, long id, long missingId) {}

    /**
     * Parts that ended alike for the same reason but for the numbers in it.
     *
     * @param example one of these reasons
     * @param alike all of them read like the example, number for number
     */
    record ReasonRow(State state, String example, boolean alike, long parts, long records, List<String> models) {}

    /** @param byOthers somebody else wrote the record at the same moment: the change may be his, and was not set back */
    record ChangeRow(
            String model,
            long id,
            String field,
            @Nullable String before,
            @Nullable String after,
            boolean byOthers) {}

    /** @param recalled what came back of the missing record, each value with the source that kept it */
    record StandInRow(
            String parentModel,
            @Nullable Long missingId,
            @Nullable Long company,
            @Nullable String xmlId,
            long newId,
            boolean made,
            @Nullable String recalled) {}

    record QuarantineRow(String model, long id, boolean archived, String status) {}

    record ObservationRow(String kind, long rows, String example, String advice) {}

    /** Where observations were looked for. */
    record ObservedRow(
            String kind,
            String place,
            @Nullable String skipped,
            @Nullable Long rows,
            long found,
            long millis) {}

    static Report read(JdbcOperations jdbc, long runId, Clock clock) {
        RunFacts run = RunFacts.read(jdbc, runId);
        Tallies tallies = Tallies.read(jdbc, runId);
        List<ReferenceRow> references = ReferenceRow.read(jdbc, runId);
        return new Report(
                run,
                clock.instant(),
                run.timeZone() == null ? clock.getZone() : run.timeZone(),
                references,
                tallies,
                jdbc.query(
                        """
                        SELECT model, field, table_name, reason FROM left_out WHERE run_id = ?
                        ORDER BY reason, model, table_name, field""",
                        (row, number) ->
                                new LeftOut(row.getString(1), row.getString(2), row.getString(3), row.getString(4)),
                        runId),
                run.plan() == null ? Map.of() : records(jdbc, runId),
                run.plan() == null ? findings(jdbc, runId, references, tallies) : List.of(),
                tallies.total().fresh() == 0 ? List.of() : fresh(jdbc, runId),
                reasons(jdbc, runId),
                jdbc.query(
                        """
                        SELECT model, record_id, field, before, after, by_others FROM changed_besides
                        WHERE run_id = ? AND NOT derived ORDER BY model, record_id, field LIMIT ?""",
                        (row, number) -> new ChangeRow(
                                row.getString(1),
                                row.getLong(2),
                                row.getString(3),
                                row.getString(4),
                                row.getString(5),
                                row.getBoolean(6)),
                        runId,
                        MOST),
                count(jdbc, "changed_besides WHERE NOT derived AND run_id = ?", runId),
                count(jdbc, "changed_besides WHERE derived AND run_id = ?", runId),
                jdbc.query(
                        """
                        SELECT parent_model, missing_id, company_id, xml_id, new_id, made,
                            (SELECT string_agg((r ->> 'field') || ': ' || (r ->> 'value') || ' (' || (r ->> 'source') || ')', '; ')
                               FROM jsonb_array_elements(recalled) r)
                        FROM stand_in WHERE run_id = ?
                        ORDER BY parent_model, missing_id NULLS FIRST, new_id LIMIT ?""",
                        (row, number) -> new StandInRow(
                                row.getString(1),
                                row.getObject(2, Long.class),
                                row.getObject(3, Long.class),
                                row.getString(4),
                                row.getLong(5),
                                row.getBoolean(6),
                                row.getString(7)),
                        runId,
                        MOST),
                count(jdbc, "stand_in WHERE run_id = ?", runId),
                jdbc.query(
                        """
                        SELECT model, record_id, archived, status FROM quarantine WHERE run_id = ?
                        ORDER BY model, record_id LIMIT ?""",
                        (row, number) -> new QuarantineRow(
                                row.getString(1), row.getLong(2), row.getBoolean(3), row.getString(4)),
                        runId,
                        MOST),
                count(jdbc, "quarantine WHERE run_id = ?", runId),
                jdbc.query(
                        """
                        SELECT kind, count(*), min(message), min(advice) FROM observation WHERE run_id = ?
                        GROUP BY kind ORDER BY kind""",
                        (row, number) -> new ObservationRow(
                                row.getString(1), row.getLong(2), row.getString(3), row.getString(4)),
                        runId),
                jdbc.query(
                        """
                        SELECT kind, coalesce(model, table_name) || coalesce('.' || field, ''), skipped, max(rows_read),
                               sum(found), sum(millis)
                        FROM observed WHERE run_id = ? GROUP BY 1, 2, 3 ORDER BY 1, 2, 3""",
                        (row, number) -> new ObservedRow(
                                row.getString(1),
                                row.getString(2),
                                row.getString(3),
                                row.getObject(4, Long.class),
                                row.getLong(5),
                                row.getLong(6)),
                        runId),
                jdbc.queryForObject("""
                        SELECT extract(epoch FROM max(at + coalesce(millis, 0) * interval '1 millisecond') - min(at))::float8
                        FROM journal_call WHERE run_id = ?""", Double.class, runId),
                UndoFacts.read(jdbc, runId),
                count(jdbc, "repair_part WHERE undone_by IS NOT NULL AND run_id = ?", runId));
    }

    static long count(JdbcOperations jdbc, String from, long runId) {
        Long count = jdbc.queryForObject("SELECT count(*) FROM " + from, Long.class, runId);
        return count == null ? 0 : count;
    }

    private static Map<State, List<PartRow>> records(JdbcOperations jdbc, long runId) {
        Map<State, List<PartRow>> records = new EnumMap<>(State.class);
        for (State state : State.values()) {
            Outcome outcome = state.outcome();
            List<PartRow> rows =
                    jdbc.query("""
                    SELECT repair.child_model, repair.child_table, repair.child_id, part.reference_no, part.missing_id,
                           part.policy, part.rule_line, part.new_value, coalesce(part.reason, part.why) AS reason,
                           part.rung
                    FROM repair_part part
                    JOIN repair ON repair.run_id = part.run_id AND repair.no = part.repair_no
                    WHERE part.run_id = ? AND part.outcome IS NOT DISTINCT FROM CAST(? AS text)
                    ORDER BY part.repair_no, part.reference_no, part.missing_id LIMIT ?""", (row, number) -> part(row), runId, outcome == null ? null : outcome.code(), MOST);
            if (!rows.isEmpty()) {
                records.put(state, rows);
            }
        }
        return records;
    }

    private static PartRow part(ResultSet row) throws SQLException {
        return new PartRow(
                row.getString("child_model"),
                row.getString("child_table"),
                row.getLong("child_id"),
                row.getInt("reference_no"),
                row.getLong("missing_id"),
                row.getString("policy"),
                row.getObject("rule_line", Integer.class),
                NewValue.of(row.getString("new_value")),
                row.getString("reason"),
                row.getString("rung"));
    }

    private static List<OrphanRow> findings(
            JdbcOperations jdbc, long runId, List<ReferenceRow> references, Tallies tallies) {
        List<OrphanRow> rows = new ArrayList<>();
        for (ReferenceRow reference : references) {
            if (tallies.of(reference.no()).found() > 0 && rows.size() < MOST) {
                rows.addAll(jdbc.query(
                        """
                        SELECT DISTINCT reference_no, child_id, missing_id FROM orphan
                        WHERE run_id = ? AND look = 0 AND reference_no = ? ORDER BY child_id, missing_id LIMIT ?""",
                        (row, number) -> new OrphanRow(row.getInt(1), row.getLong(2), row.getLong(3)),
                        runId,
                        reference.no(),
                        MOST - rows.size()));
            }
        }
        return rows;
    }

    private static List<OrphanRow> fresh(JdbcOperations jdbc, long runId) {
        return jdbc.query(
                """
                SELECT reference_no, child_id, missing_id FROM orphan WHERE run_id = ? AND look = 1
                EXCEPT
                SELECT reference_no, child_id, missing_id FROM orphan WHERE run_id = ? AND look = 0
                ORDER BY reference_no, child_id, missing_id LIMIT ?""", (row, number) -> new OrphanRow(row.getInt(1), row.getLong(2), row.getLong(3)), runId, runId, MOST);
    }

    private static List<ReasonRow> reasons(JdbcOperations jdbc, long runId) {
        return jdbc.query(
                """
                SELECT part.outcome, min(coalesce(part.reason, part.why)),
                       count(DISTINCT coalesce(part.reason, part.why)) = 1, count(*),
                       count(DISTINCT (repair.child_table, repair.child_id)),
                       array_agg(DISTINCT coalesce(repair.child_model, repair.child_table)) AS models
                FROM repair_part part
                JOIN repair ON repair.run_id = part.run_id AND repair.no = part.repair_no
                WHERE part.run_id = ?
                  AND part.outcome IN ('refused', 'changed-meanwhile', 'quarantined', 'held', 'failed')
                GROUP BY part.outcome, regexp_replace(coalesce(part.reason, part.why), '[0-9]+', '#', 'g')
                ORDER BY part.outcome, count(*) DESC, 2 LIMIT ?""",
                (row, number) -> new ReasonRow(
                        State.of(Outcome.of(row.getString(1))),
                        row.getString(2),
                        row.getBoolean(3),
                        row.getLong(4),
                        row.getLong(5),
                        RunFacts.texts(row, "models")),
                runId,
                MOST);
    }
}
