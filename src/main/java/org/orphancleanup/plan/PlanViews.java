package org.orphancleanup.plan;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.orphancleanup.job.PolicyKind;
import org.orphancleanup.plan.PlanView.Group;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Reads plans from our database. */
@Component
public class PlanViews {

    private static final int EXAMPLES = 5;

    private final JdbcClient jdbc;

    PlanViews(DataSource ours) {
        this.jdbc = JdbcClient.create(ours);
    }

    /** Empty where the run has no plan. */
    public Optional<PlanView> find(long runId) {
        // what was planned stays planned here, whatever became of it: only the plan itself reports and refuses without
        // a value
        List<Group> planned = groups(runId, "p.new_value IS NOT NULL");
        List<Group> reported = groups(runId, "p.new_value IS NULL AND p.policy = 'report-only'");
        List<Group> refused =
                groups(runId, "p.new_value IS NULL AND p.policy <> 'report-only' AND p.outcome = 'refused'");
        List<Group> held = groups(runId, "p.new_value IS NULL AND p.outcome = 'held'");
        return jdbc.sql("SELECT * FROM plan WHERE run_id = ?")
                .param(runId)
                .query((row, n) -> new PlanView(
                        runId,
                        row.getString("hash"),
                        row.getString("status"),
                        row.getLong("repairs"),
                        row.getLong("parts"),
                        row.getTimestamp("created_at").toInstant(),
                        row.getTimestamp("valid_until").toInstant(),
                        texts(row, "blocked"),
                        texts(row, "warnings"),
                        planned.stream().sorted(BY_RULE).toList(),
                        reported.stream().sorted(BY_RULE).toList(),
                        refused.stream().sorted(BY_COUNT).toList(),
                        held.stream().sorted(BY_COUNT).toList()))
                .optional();
    }

    private static final Comparator<Group> BY_COUNT =
            Comparator.comparingLong(Group::count).reversed().thenComparingInt(Group::referenceNo);

    private static final Comparator<Group> BY_RULE = Comparator.<Group>comparingInt(
                    group -> group.ruleLine() == null ? Integer.MAX_VALUE : group.ruleLine())
            .thenComparing(BY_COUNT);

    /** @param condition SQL of ours on {@code repair_part p} */
    private List<Group> groups(long runId, String condition) {
        return jdbc.sql("""
                        SELECT p.reference_no, f.child_model, f.child_table, coalesce(f.field_name, f.field) AS field,
                               f.kind, f.parent_model, p.policy, p.rule_line, p.why, p.value, p.reason,
                               count(*) AS count, (array_agg(r.child_id ORDER BY p.repair_no))[1\\:%d] AS examples
                          FROM (SELECT *, CASE WHEN new_value LIKE 'record:%%' THEN new_value
                                               WHEN new_value LIKE 'quarantine%%' THEN new_value
                                               ELSE split_part(new_value, ':', 1) END AS value
                                  FROM repair_part) p
                          JOIN repair r ON r.run_id = p.run_id AND r.no = p.repair_no
                          JOIN reference f ON f.run_id = p.run_id AND f.no = p.reference_no
                         WHERE p.run_id = :run AND %s
                         GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11""".formatted(EXAMPLES, condition))
                .param("run", runId)
                .query((row, n) -> new Group(
                        row.getInt("reference_no"),
                        row.getString("child_model"),
                        row.getString("child_table"),
                        row.getString("field"),
                        row.getString("parent_model"),
                        PolicyKind.of(row.getString("policy")),
                        row.getObject("rule_line", Integer.class),
                        row.getString("why"),
                        does(
                                row.getString("value"),
                                row.getString("kind").equals("many2many"),
                                row.getString("parent_model")),
                        row.getString("reason"),
                        row.getLong("count"),
                        List.of((Long[]) row.getArray("examples").getArray())))
                .list();
    }

    private static List<String> texts(ResultSet row, String column) throws SQLException {
        return List.of((String[]) row.getArray(column).getArray());
    }

    private static String does(@Nullable String value, boolean relationRow, @Nullable String parentModel) {
        if (value == null) {
            return "changes nothing";
        }
        String parent = parentModel == null ? "record" : parentModel;
        if (value.startsWith("record:")) {
            return "points to " + parent + " " + value.substring("record:".length());
        }
        return switch (value) {
            case "empty" -> relationRow ? "removes the link" : "empties the field";
            case "placeholder" -> "points to a placeholder " + parent;
            case "stand-in" -> "points to an archived stand-in of its missing " + parent;
            case "keep-id" -> "writes nothing: the missing " + parent + " comes back under its old id";
            case "unlink" ->
                "deletes the record (emptied or re-linked first, then deleted in the same call, where Odoo cannot delete it"
                        + " as it stands)";
            case "quarantine" -> "archives the record and keeps a copy of it";
            case "quarantine:mark" -> "marks the record in our database and keeps a copy of it";
            default -> value;
        };
    }
}
