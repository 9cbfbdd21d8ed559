package org.orphancleanup.history;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** The catalog of a target as its latest run read it, and what became of a reference over the runs. */
@Component
public class References {

    private static final int RUNS = 30;
    private static final int EDGES = 40;

    private final JdbcClient jdbc;

    References(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** @param skipped why it was not read; null: it was */
    public record Line(
            long run,
            int no,
            String kind,
            String model,
            String field,
            String parent,
            String state,
            @Nullable String constraint,
            @Nullable String ondelete,
            boolean required,
            @Nullable String skipped,
            @Nullable Long rows,
            @Nullable Long orphans,
            @Nullable Long millis) {

        public String name() {
            return model + "." + field;
        }
    }

    /** Null: any. @param dangling only those that dangle */
    public record Filter(
            @Nullable String model,
            @Nullable String parent,
            @Nullable String state,
            @Nullable String kind,
            boolean dangling) {}

    /** At one run. @param orphans null: it was not read */
    public record Point(
            long run, Instant at, String state, @Nullable Long orphans) {}

    /** Records of one model that point at missing ones of another. */
    public record Edge(String from, String to, long orphans) {}

    /** The latest run of a target that read its catalog and came to an end. */
    public Optional<Long> latest(String target) {
        return jdbc.sql("""
                        SELECT id FROM run WHERE target = ? AND found IS NOT NULL AND command IN ('scan', 'plan', 'cleanup', 'demo')
                           AND EXISTS (SELECT FROM reference WHERE run_id = run.id)
                         ORDER BY id DESC LIMIT 1""").param(target).query(Long.class).optional();
    }

    public Page<Line> list(long run, Filter filter, Page.Cut cut) {
        long[] key = cut.key(1);
        List<Line> read = jdbc.sql("SELECT * FROM reference WHERE run_id = :run"
                        + (filter.model() == null ? "" : " AND coalesce(child_model, child_table) = :model")
                        + (filter.parent() == null ? "" : " AND coalesce(parent_model, parent_table) = :parent")
                        + (filter.state() == null ? "" : " AND state = :state")
                        + (filter.kind() == null ? "" : " AND kind = :kind")
                        + (filter.dangling() ? " AND orphans > 0" : "")
                        + (key == null ? "" : " AND no " + (cut.back() ? "<" : ">") + " :no")
                        + " ORDER BY no" + (cut.back() ? " DESC" : "") + " LIMIT :most")
                .param("run", run)
                .param("model", filter.model())
                .param("parent", filter.parent())
                .param("state", filter.state())
                .param("kind", filter.kind())
                .param("no", key == null ? null : key[0])
                .param("most", cut.size() + 1)
                .query(References::map)
                .list();
        return cut.page(read, 1, line -> Integer.toString(line.no()));
    }

    public Optional<Line> find(long run, int no) {
        return jdbc.sql("SELECT * FROM reference WHERE run_id = ? AND no = ?")
                .param(run)
                .param(no)
                .query(References::map)
                .optional();
    }

    /** The same reference at the last runs of the target, the latest first. */
    public List<Point> history(long run, int no) {
        return jdbc.sql("""
                        SELECT r.id, r.started_at, f.state, CASE WHEN f.skipped IS NULL THEN f.orphans END AS orphans
                          FROM reference me
                          JOIN run mine ON mine.id = me.run_id
                          CROSS JOIN LATERAL (SELECT id, started_at FROM run WHERE target = mine.target AND found IS NOT NULL
                                 AND command IN ('scan', 'plan', 'cleanup', 'demo') ORDER BY id DESC LIMIT %d) r
                          JOIN reference f ON f.run_id = r.id AND f.kind = me.kind AND f.child_table = me.child_table
                               AND f.field = me.field AND f.parent_table IS NOT DISTINCT FROM me.parent_table
                         WHERE me.run_id = :run AND me.no = :no ORDER BY r.id DESC""".formatted(RUNS))
                .param("run", run)
                .param("no", no)
                .query((row, number) -> new Point(
                        row.getLong(1),
                        row.getTimestamp(2).toInstant(),
                        row.getString(3),
                        row.getObject(4, Long.class)))
                .list();
    }

    /** Which models point at which missing ones, the most first. */
    public List<Edge> edges(long run) {
        return jdbc.sql("""
                        SELECT coalesce(child_model, child_table), coalesce(parent_model, parent_table, 'unknown model'), sum(orphans)
                          FROM reference WHERE run_id = ? AND orphans > 0 GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2 LIMIT %d""".formatted(EDGES))
                .param(run)
                .query((row, number) -> new Edge(row.getString(1), row.getString(2), row.getLong(3)))
                .list();
    }

    private static Line map(ResultSet row, int number) throws SQLException {
        return new Line(
                row.getLong("run_id"),
                row.getInt("no"),
                row.getString("kind"),
                or(row.getString("child_model"), row.getString("child_table")),
                or(row.getString("field_name"), row.getString("field")),
                or(or(row.getString("parent_model"), row.getString("parent_table")), "unknown model"),
                row.getString("state"),
                row.getString("constraint_name"),
                row.getString("ondelete"),
                row.getBoolean("required"),
                row.getString("skipped"),
                row.getObject("rows_read", Long.class),
                row.getObject("orphans", Long.class),
                row.getObject("millis", Long.class));
    }

    private static String or(@Nullable String text, @Nullable String otherwise) {
        return text != null ? text : otherwise == null ? "" : otherwise;
    }
}
