package org.orphancleanup.history;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** Records in quarantine, in pages. */
@Component
public class QuarantineLines {

    private static final TypeReference<TreeMap<String, Object>> ROW = new TypeReference<>() {};
    private static final String SELECT =
            "SELECT q.id, q.run_id, r.target, q.model, q.record_id, q.archived, q.status, q.created_at, q.release_run, q.decided_by,"
                    + " q.decided_at, q.comment FROM quarantine q JOIN run r ON r.id = q.run_id WHERE ";

    private final JdbcClient jdbc;
    private final JsonMapper json;

    QuarantineLines(JdbcClient jdbc, JsonMapper json) {
        this.jdbc = jdbc;
        this.json = json;
    }

    /** @param archived in Odoo too; false: only marked */
    public record Line(
            long id,
            long run,
            String target,
            String model,
            long record,
            boolean archived,
            String status,
            Instant since,
            @Nullable Long releaseRun,
            @Nullable String decidedBy,
            @Nullable Instant decidedAt,
            @Nullable String comment) {

        /** {@code model,id}. */
        public String name() {
            return model + "," + record;
        }
    }

    /** The latest first. @param closed those that were released or restored, too */
    public Page<Line> list(@Nullable String target, @Nullable String model, boolean closed, Page.Cut cut) {
        long[] key = cut.key(1);
        List<Line> read = jdbc.sql(SELECT + (closed ? "true" : "q.status = 'open'")
                        + (target == null ? "" : " AND r.target = :target")
                        + (model == null ? "" : " AND q.model = :model")
                        + (key == null ? "" : " AND q.id " + (cut.back() ? ">" : "<") + " :id")
                        + " ORDER BY q.id" + (cut.back() ? "" : " DESC") + " LIMIT :most")
                .param("target", target)
                .param("model", model)
                .param("id", key == null ? null : key[0])
                .param("most", cut.size() + 1)
                .query(QuarantineLines::map)
                .list();
        return cut.page(read, 1, line -> Long.toString(line.id()));
    }

    public Optional<Line> find(long id) {
        return jdbc.sql(SELECT + "q.id = ?")
                .param(id)
                .query(QuarantineLines::map)
                .optional();
    }

    /** The record as it was. */
    public Map<String, Object> snapshot(long id) {
        return jdbc.sql("SELECT snapshot FROM quarantine WHERE id = ?")
                .param(id)
                .query(String.class)
                .optional()
                .<Map<String, Object>>map(text -> json.readValue(text, ROW))
                .orElse(Map.of());
    }

    private static Line map(ResultSet row, int number) throws SQLException {
        Timestamp decided = row.getTimestamp("decided_at");
        return new Line(
                row.getLong("id"),
                row.getLong("run_id"),
                row.getString("target"),
                row.getString("model"),
                row.getLong("record_id"),
                row.getBoolean("archived"),
                row.getString("status"),
                row.getTimestamp("created_at").toInstant(),
                row.getObject("release_run", Long.class),
                row.getString("decided_by"),
                decided == null ? null : decided.toInstant(),
                row.getString("comment"));
    }
}
