package org.orphancleanup.history;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** The list of runs: filtered, sorted, in pages. */
@Component
public class RunLines {

    private static final String COLUMNS =
            "id, job, target, command, dry_run, started_through, asked_by, status, message,"
                    + " started_at, ended_at, took_ms, found, repaired, remaining, came, persisted, resolved, compared_with, undo_of";

    /** More are not counted. */
    private static final int COUNTED = 10_000;

    private final JdbcClient jdbc;

    RunLines(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /**
     * @param found dangling references; null until the run has ended
     * @param came dangle now and did not at the run before, of what both read; null where there was none
     */
    public record Line(
            long id,
            String job,
            String target,
            String command,
            boolean dryRun,
            String through,
            String askedBy,
            String status,
            @Nullable String message,
            Instant startedAt,
            @Nullable Instant endedAt,
            @Nullable Long tookMs,
            @Nullable Long found,
            @Nullable Long repaired,
            @Nullable Long remaining,
            @Nullable Long came,
            @Nullable Long persisted,
            @Nullable Long resolved,
            @Nullable Long comparedWith,
            @Nullable Long undoOf) {}

    /** Null: any. {@code from} and {@code to} are of the start; {@code to} is not in it. */
    public record Filter(
            @Nullable String job,
            @Nullable String target,
            @Nullable String status,
            @Nullable String command,
            @Nullable String through,
            @Nullable String who,
            @Nullable Instant from,
            @Nullable Instant to) {

        public static final Filter ALL = new Filter(null, null, null, null, null, null, null, null);
    }

    public enum Sort {
        NEWEST("0", true, "newest first"),
        OLDEST("0", false, "oldest first"),
        LONGEST("coalesce(took_ms, -1)", true, "longest first"),
        MOST_FOUND("coalesce(found, -1)", true, "most found first"),
        MOST_REMAINING("coalesce(remaining, -1)", true, "most remaining first");

        private final String key;
        private final boolean descending;
        private final String words;

        Sort(String key, boolean descending, String words) {
            this.key = key;
            this.descending = descending;
            this.words = words;
        }

        public String code() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }

        public String words() {
            return words;
        }

        public static Sort of(@Nullable String code) {
            return Arrays.stream(values())
                    .filter(sort -> sort.code().equals(code))
                    .findFirst()
                    .orElse(NEWEST);
        }

        private boolean byIdAlone() {
            return key.equals("0");
        }
    }

    public Page<Line> list(Filter filter, Sort sort, Page.Cut cut) {
        Map<String, Object> values = new LinkedHashMap<>();
        StringBuilder where = new StringBuilder(conditions(filter, values));
        boolean descending = sort.descending != cut.back();
        long[] key = cut.key(2);
        if (key != null) {
            where.append(sort.byIdAlone() ? " AND id " : " AND (" + sort.key + ", id) ")
                    .append(descending ? "<" : ">")
                    .append(sort.byIdAlone() ? " :id" : " (:key, :id)");
            values.put("key", key[0]);
            values.put("id", key[1]);
        }
        String direction = descending ? " DESC" : "";
        List<Line> read = jdbc.sql("SELECT " + COLUMNS + " FROM run WHERE " + where + " ORDER BY "
                        + (sort.byIdAlone() ? "" : sort.key + direction + ", ") + "id" + direction + " LIMIT :most")
                .params(values)
                .param("most", cut.size() + 1)
                .query(RunLines::map)
                .list();
        return cut.page(read, 2, line -> keyOf(line, sort) + "~" + line.id());
    }

    private static long keyOf(Line line, Sort sort) {
        Long key = switch (sort) {
            case LONGEST -> line.tookMs();
            case MOST_FOUND -> line.found();
            case MOST_REMAINING -> line.remaining();
            default -> 0L;
        };
        return key == null ? -1 : key;
    }

    /** How many there are; {@link #COUNTED} + 1 stands for more. */
    public long count(Filter filter) {
        Map<String, Object> values = new LinkedHashMap<>();
        return jdbc.sql("SELECT count(*) FROM (SELECT FROM run WHERE " + conditions(filter, values) + " LIMIT "
                        + (COUNTED + 1) + ") counted")
                .params(values)
                .query(Long.class)
                .single();
    }

    public Optional<Line> find(long id) {
        return jdbc.sql("SELECT " + COLUMNS + " FROM run WHERE id = ?")
                .param(id)
                .query(RunLines::map)
                .optional();
    }

    /** The latest run of a job, whatever it did. */
    public Optional<Line> latestOf(String job) {
        return jdbc.sql("SELECT " + COLUMNS + " FROM run WHERE job = ? ORDER BY id DESC LIMIT 1")
                .param(job)
                .query(RunLines::map)
                .optional();
    }

    /** Values of a column that there are, few as they are, each found by a step in its index. */
    public List<String> distinct(Column column) {
        return jdbc.sql("""
                        WITH RECURSIVE seen AS (
                            (SELECT %1$s AS value FROM run ORDER BY %1$s LIMIT 1)
                            UNION ALL
                            SELECT (SELECT %1$s FROM run WHERE %1$s > seen.value ORDER BY %1$s LIMIT 1) FROM seen
                             WHERE seen.value IS NOT NULL)
                        SELECT value FROM seen WHERE value IS NOT NULL LIMIT 200""".formatted(column.sql)).query(String.class).list();
    }

    public enum Column {
        JOB("job"),
        TARGET("target"),
        STATUS("status"),
        COMMAND("command"),
        THROUGH("started_through"),
        WHO("asked_by");

        private final String sql;

        Column(String sql) {
            this.sql = sql;
        }
    }

    private static String conditions(Filter filter, Map<String, Object> values) {
        StringBuilder sql = new StringBuilder("true");
        equal(sql, values, "job", filter.job());
        equal(sql, values, "target", filter.target());
        equal(sql, values, "status", filter.status());
        equal(sql, values, "command", filter.command());
        equal(sql, values, "started_through", filter.through());
        equal(sql, values, "asked_by", filter.who());
        if (filter.from() != null) {
            sql.append(" AND started_at >= :from");
            values.put("from", Timestamp.from(filter.from()));
        }
        if (filter.to() != null) {
            sql.append(" AND started_at < :to");
            values.put("to", Timestamp.from(filter.to()));
        }
        return sql.toString();
    }

    private static void equal(StringBuilder sql, Map<String, Object> values, String column, @Nullable String value) {
        if (value != null && !value.isBlank()) {
            sql.append(" AND ").append(column).append(" = :").append(column);
            values.put(column, value);
        }
    }

    static Line map(ResultSet row, int number) throws SQLException {
        Timestamp ended = row.getTimestamp("ended_at");
        return new Line(
                row.getLong("id"),
                row.getString("job"),
                row.getString("target"),
                row.getString("command"),
                row.getBoolean("dry_run"),
                row.getString("started_through"),
                row.getString("asked_by"),
                row.getString("status"),
                row.getString("message"),
                row.getTimestamp("started_at").toInstant(),
                ended == null ? null : ended.toInstant(),
                row.getObject("took_ms", Long.class),
                row.getObject("found", Long.class),
                row.getObject("repaired", Long.class),
                row.getObject("remaining", Long.class),
                row.getObject("came", Long.class),
                row.getObject("persisted", Long.class),
                row.getObject("resolved", Long.class),
                row.getObject("compared_with", Long.class),
                row.getObject("undo_of", Long.class));
    }
}
