package org.orphancleanup.history;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** What a run decided and did, in pages; and the story of each repair. */
@Component
public class Repairs {

    private static final TypeReference<TreeMap<String, Object>> ROW = new TypeReference<>() {};

    private static final String SELECT = """
            SELECT p.repair_no, p.reference_no, p.missing_id, p.policy, p.rule_line, p.why, p.new_value, p.outcome, p.reason,
                   p.rung, p.undone_by, r.child_model, r.child_table, r.child_id, coalesce(f.field_name, f.field) AS field,
                   coalesce(f.parent_model, f.parent_table, 'unknown model') AS parent
              FROM repair_part p
              JOIN repair r ON r.run_id = p.run_id AND r.no = p.repair_no
              JOIN reference f ON f.run_id = p.run_id AND f.no = p.reference_no
            """;

    private final JdbcClient jdbc;
    private final JsonMapper json;

    Repairs(JdbcClient jdbc, JsonMapper json) {
        this.jdbc = jdbc;
        this.json = json;
    }

    /**
     * What was decided for one orphan, and what became of it.
     *
     * @param outcome null until known
     * @param ruleLine null: the default
     */
    public record Part(
            long repairNo,
            int referenceNo,
            @Nullable String model,
            String table,
            long record,
            String field,
            String parent,
            long missing,
            String policy,
            @Nullable Integer ruleLine,
            String why,
            @Nullable String newValue,
            @Nullable String outcome,
            @Nullable String reason,
            @Nullable String rung,
            @Nullable Long undoneBy) {

        public String reference() {
            return (model == null ? table : model) + "." + field;
        }

        /** Its outcome, or that it is planned. */
        public String state() {
            return undoneBy != null ? "undone" : outcome == null ? "planned" : outcome;
        }
    }

    /** Null: any. {@code outcome} may be {@code planned}: none yet. */
    public record Filter(
            @Nullable String outcome,
            @Nullable Integer reference,
            @Nullable Long record,
            @Nullable Long missing) {

        public static final Filter ALL = new Filter(null, null, null, null);
    }

    public Page<Part> list(long run, Filter filter, Page.Cut cut) {
        long[] key = cut.key(3);
        String than = cut.back() ? "<" : ">";
        String direction = cut.back() ? " DESC" : "";
        String outcome = filter.outcome();
        String where = " WHERE p.run_id = :run"
                + (outcome == null || outcome.isBlank()
                        ? ""
                        : outcome.equals("planned") ? " AND p.outcome IS NULL" : " AND p.outcome = :outcome")
                + (filter.reference() == null ? "" : " AND p.reference_no = :reference")
                + (filter.missing() == null ? "" : " AND p.missing_id = :missing")
                // the index of records begins with their table
                + (filter.record() == null
                        ? ""
                        : " AND p.repair_no IN (SELECT r.no FROM repair r WHERE r.run_id = :run AND r.child_id = :record"
                                + " AND r.child_table IN (SELECT DISTINCT child_table FROM reference WHERE run_id = :run AND orphans > 0))")
                // the number of the repair alone first: the indexes end with it
                + (key == null
                        ? ""
                        : " AND p.repair_no " + than + "= :no AND (p.repair_no, p.reference_no, p.missing_id) " + than
                                + " (:no, :referenceNo, :missingId)");
        JdbcClient.StatementSpec statement = jdbc.sql(SELECT + where + " ORDER BY p.repair_no" + direction
                        + ", p.reference_no" + direction + ", p.missing_id" + direction + " LIMIT :most")
                .param("run", run)
                .param("outcome", outcome)
                .param("reference", filter.reference())
                .param("missing", filter.missing())
                .param("record", filter.record())
                .param("most", cut.size() + 1);
        if (key != null) {
            statement =
                    statement.param("no", key[0]).param("referenceNo", key[1]).param("missingId", key[2]);
        }
        List<Part> read = statement.query((row, number) -> part(row)).list();
        return cut.page(read, 3, part -> part.repairNo() + "~" + part.referenceNo() + "~" + part.missing());
    }

    private static Part part(ResultSet row) throws SQLException {
        return new Part(
                row.getLong("repair_no"),
                row.getInt("reference_no"),
                row.getString("child_model"),
                row.getString("child_table"),
                row.getLong("child_id"),
                row.getString("field"),
                row.getString("parent"),
                row.getLong("missing_id"),
                row.getString("policy"),
                row.getObject("rule_line", Integer.class),
                row.getString("why"),
                row.getString("new_value"),
                row.getString("outcome"),
                row.getString("reason"),
                row.getString("rung"),
                row.getObject("undone_by", Long.class));
    }

    /**
     * One repair from its decision to its end.
     *
     * @param parts what dangled in the record
     * @param calls of Odoo's API, each with the rows it changed
     * @param besides values that changed beyond the intended ones
     */
    public record Story(
            long no,
            @Nullable String model,
            String table,
            long record,
            List<Part> parts,
            List<Call> calls,
            List<Change> besides) {}

    /** @param outcome null: it is under way, or nobody knows */
    public record Call(
            long id,
            Instant at,
            String model,
            String method,
            List<Long> records,
            @Nullable String rung,
            @Nullable Long millis,
            @Nullable String outcome,
            @Nullable String error,
            List<Row> rows) {}

    /** @param values field by field, before and after; of a deleted record what it was */
    public record Row(String model, String table, long record, boolean gone, List<Change> values) {}

    public record Change(
            String model,
            long record,
            String field,
            @Nullable String before,
            @Nullable String after,
            boolean derived) {}

    /** @param withValues what the rows held before and after, which is not for everybody */
    public Optional<Story> story(long run, long no, boolean withValues) {
        List<Part> parts = jdbc.sql(
                        SELECT + " WHERE p.run_id = :run AND p.repair_no = :no ORDER BY p.reference_no, p.missing_id")
                .param("run", run)
                .param("no", no)
                .query((row, number) -> part(row))
                .list();
        if (parts.isEmpty()) {
            return Optional.empty();
        }
        Part first = parts.get(0);
        List<Change> besides = !withValues
                ? List.of()
                : jdbc.sql("""
                        SELECT model, record_id, field, before, after, derived FROM changed_besides
                         WHERE run_id = :run AND repair_no = :no ORDER BY derived, model, record_id, field LIMIT 500""")
                        .param("run", run)
                        .param("no", no)
                        .query((row, number) -> new Change(
                                row.getString(1),
                                row.getLong(2),
                                row.getString(3),
                                row.getString(4),
                                row.getString(5),
                                row.getBoolean(6)))
                        .list();
        return Optional.of(new Story(
                no, first.model(), first.table(), first.record(), parts, calls(run, no, first, withValues), besides));
    }

    private List<Call> calls(long run, long no, Part first, boolean withValues) {
        Map<Long, List<Row>> rows = new LinkedHashMap<>();
        jdbc.sql("""
                        SELECT call_id, model, table_name, record_id, gone, coalesce(row_before, snapshot) AS before, row_after
                          FROM journal WHERE run_id = :run AND repair_no = :no
                        UNION
                        SELECT call_id, model, table_name, record_id, gone, coalesce(row_before, snapshot), row_after
                          FROM journal WHERE run_id = :run AND table_name = :table AND record_id = :record
                         ORDER BY 1, 2, 4 LIMIT 500""")
                .param("run", run)
                .param("no", no)
                .param("table", first.table())
                .param("record", first.record())
                .query(row -> {
                    rows.computeIfAbsent(row.getLong(1), call -> new ArrayList<>())
                            .add(new Row(
                                    row.getString(2),
                                    row.getString(3),
                                    row.getLong(4),
                                    row.getBoolean(5),
                                    withValues
                                            ? changes(
                                                    row.getString(2),
                                                    row.getLong(4),
                                                    row.getString(6),
                                                    row.getString(7),
                                                    row.getBoolean(5))
                                            : List.of()));
                });
        if (rows.isEmpty()) {
            return List.of();
        }
        return jdbc.sql("SELECT * FROM journal_call WHERE id = ANY(:ids) ORDER BY id")
                .param("ids", rows.keySet().toArray(Long[]::new))
                .query((row, number) -> call(row, rows))
                .list();
    }

    /** @param rows those it changed, by its number */
    private static Call call(ResultSet row, Map<Long, List<Row>> rows) throws SQLException {
        long id = row.getLong("id");
        return new Call(
                id,
                row.getTimestamp("at").toInstant(),
                row.getString("model"),
                row.getString("method"),
                List.of((Long[]) row.getArray("record_ids").getArray()),
                row.getString("rung"),
                row.getObject("millis", Long.class),
                row.getString("outcome"),
                row.getString("error"),
                rows.getOrDefault(id, List.of()));
    }

    /** What differs; of a record that is gone all it held. */
    private List<Change> changes(
            String model, long record, @Nullable String before, @Nullable String after, boolean gone) {
        Map<String, Object> was = before == null ? Map.of() : json.readValue(before, ROW);
        Map<String, Object> is = after == null ? Map.of() : json.readValue(after, ROW);
        List<Change> changes = new ArrayList<>();
        (gone || after == null ? was : is)
                .keySet()
                .forEach(field -> changes.add(new Change(
                        model,
                        record,
                        field,
                        text(was.get(field)),
                        gone || after == null ? null : text(is.get(field)),
                        false)));
        return changes;
    }

    private static @Nullable String text(@Nullable Object value) {
        return value == null ? null : String.valueOf(value);
    }

    /** The calls of a run, the latest first: its log. */
    public Page<Call> calls(long run, boolean failedOnly, Page.Cut cut) {
        long[] key = cut.key(1);
        String direction = cut.back() ? "" : " DESC";
        List<Call> read = jdbc.sql("SELECT * FROM journal_call WHERE run_id = :run"
                        + (failedOnly ? " AND outcome IS DISTINCT FROM 'done'" : "")
                        + (key == null ? "" : " AND id " + (cut.back() ? ">" : "<") + " :id")
                        + " ORDER BY id" + direction + " LIMIT :most")
                .param("run", run)
                .param("id", key == null ? null : key[0])
                .param("most", cut.size() + 1)
                .query((row, number) -> call(row, Map.of()))
                .list();
        return cut.page(read, 1, call -> Long.toString(call.id()));
    }

    /** A stage of a run. */
    public record Step(
            String name,
            long total,
            long done,
            Instant beganAt,
            @Nullable Instant endedAt) {}

    public List<Step> steps(long run) {
        return jdbc.sql("SELECT name, total, done, began_at, ended_at FROM run_step WHERE run_id = ? ORDER BY no")
                .param(run)
                .query((row, number) -> new Step(
                        row.getString(1),
                        row.getLong(2),
                        row.getLong(3),
                        row.getTimestamp(4).toInstant(),
                        row.getTimestamp(5) == null ? null : row.getTimestamp(5).toInstant()))
                .list();
    }
}
