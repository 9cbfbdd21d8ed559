package org.orphancleanup.history;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** What a run found, in pages; the order is that of the references, then of the records. */
@Component
public class Findings {

    private final JdbcClient jdbc;

    Findings(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** @param model null where no model owns the table */
    public record Finding(
            int referenceNo,
            @Nullable String model,
            String table,
            String field,
            @Nullable String parentModel,
            @Nullable String parentTable,
            long record,
            long missing) {

        public String reference() {
            return (model == null ? table : model) + "." + field;
        }

        public String parent() {
            return parentModel != null ? parentModel : parentTable != null ? parentTable : "unknown model";
        }
    }

    /** Null: any. */
    public record Filter(
            @Nullable Integer reference,
            @Nullable String model,
            @Nullable String parent,
            @Nullable Long record) {

        public static final Filter ALL = new Filter(null, null, null, null);
    }

    /** A reference that dangles in a run. */
    public record Dangling(int no, String name, String parent, String kind, String state, long orphans) {}

    public List<Dangling> references(long run) {
        return jdbc.sql("""
                        SELECT no, coalesce(child_model, child_table) || '.' || coalesce(field_name, field) AS name,
                               coalesce(parent_model, parent_table, 'unknown model') AS parent, kind, state, orphans
                          FROM reference WHERE run_id = ? AND orphans > 0 ORDER BY orphans DESC, name""")
                .param(run)
                .query((row, number) -> new Dangling(
                        row.getInt(1),
                        row.getString(2),
                        row.getString(3),
                        row.getString(4),
                        row.getString(5),
                        row.getLong(6)))
                .list();
    }

    public Page<Finding> list(long run, Filter filter, Page.Cut cut) {
        long[] key = cut.key(3);
        boolean back = cut.back();
        String than = back ? "<" : ">";
        String direction = back ? " DESC" : "";
        // within the reference where the last page ended, the index is entered where it ended
        String onward = key == null
                ? ""
                : " AND o.child_id %1$s= CASE WHEN f.no = :no THEN :child ELSE %2$s END AND (f.no <> :no OR (o.child_id, o.missing_id) %1$s (:child, :missing))"
                        .formatted(than, back ? Long.toString(Long.MAX_VALUE) : "(-" + Long.MAX_VALUE + ")");
        JdbcClient.StatementSpec statement = jdbc.sql("""
                        SELECT f.no, f.child_model, f.child_table, coalesce(f.field_name, f.field) AS field, f.parent_model,
                               f.parent_table, o.child_id, o.missing_id
                          FROM (SELECT * FROM reference WHERE run_id = :run AND orphans > 0"""
                        + (filter.reference() == null ? "" : " AND no = :reference")
                        + (blank(filter.model()) ? "" : " AND coalesce(child_model, child_table) = :model")
                        + (blank(filter.parent()) ? "" : " AND coalesce(parent_model, parent_table) = :parent")
                        + (key == null ? "" : " AND no " + than + "= :no")
                        + " ORDER BY no" + direction + ") f"
                        + " CROSS JOIN LATERAL (SELECT DISTINCT o.child_id, o.missing_id FROM orphan o"
                        + " WHERE o.run_id = :run AND o.look = 0 AND o.reference_no = f.no"
                        + (filter.record() == null ? "" : " AND o.child_id = :record") + onward
                        + " ORDER BY o.child_id" + direction + ", o.missing_id" + direction + " LIMIT :most) o"
                        + " ORDER BY f.no" + direction + ", o.child_id" + direction + ", o.missing_id" + direction
                        + " LIMIT :most")
                .param("run", run)
                .param("reference", filter.reference())
                .param("model", filter.model())
                .param("parent", filter.parent())
                .param("record", filter.record())
                .param("most", cut.size() + 1);
        if (key != null) {
            statement = statement.param("no", key[0]).param("child", key[1]).param("missing", key[2]);
        }
        List<Finding> read = statement
                .query((row, number) -> new Finding(
                        row.getInt("no"),
                        row.getString("child_model"),
                        row.getString("child_table"),
                        row.getString("field"),
                        row.getString("parent_model"),
                        row.getString("parent_table"),
                        row.getLong("child_id"),
                        row.getLong("missing_id")))
                .list();
        return cut.page(read, 3, finding -> finding.referenceNo() + "~" + finding.record() + "~" + finding.missing());
    }

    private static boolean blank(@Nullable String text) {
        return text == null || text.isBlank();
    }
}
