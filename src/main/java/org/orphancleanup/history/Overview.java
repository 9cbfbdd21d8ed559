package org.orphancleanup.history;

import java.sql.Timestamp;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** What a person wants to know in the morning. */
@Component
public class Overview {

    private static final int TREND = 30;

    private final JdbcClient jdbc;
    private final RunLines runs;
    private final KeptCounts counts;
    private final Clock clock;

    Overview(JdbcClient jdbc, RunLines runs, KeptCounts counts, Clock clock) {
        this.jdbc = jdbc;
        this.runs = runs;
        this.counts = counts;
        this.clock = clock;
    }

    /**
     * @param latest run that read it to the end
     * @param counts of that run
     * @param trend what remained after each of the last runs, the oldest first
     * @param constraints references by the state of their constraint
     * @param quarantined records that are in quarantine now
     */
    public record TargetState(
            String name,
            RunLines.Line latest,
            Map<String, Long> counts,
            List<Point> trend,
            Map<String, Long> constraints,
            long quarantined) {}

    public record Point(long run, Instant at, long remaining) {}

    /** A plan that somebody has to decide on, or that is approved and not yet carried out. */
    public record Waiting(
            long run,
            String job,
            String target,
            String status,
            long repairs,
            long parts,
            String askedBy,
            Instant createdAt,
            Instant validUntil) {}

    public List<TargetState> targets() {
        List<TargetState> states = new ArrayList<>();
        for (String target : runs.distinct(RunLines.Column.TARGET)) {
            latest(target).ifPresent(states::add);
        }
        return states;
    }

    private Optional<TargetState> latest(String target) {
        List<Point> trend = new ArrayList<>(jdbc.sql("""
                        SELECT id, started_at, remaining FROM run
                         WHERE target = ? AND remaining IS NOT NULL AND command IN ('scan', 'plan', 'cleanup', 'demo')
                           AND status IN ('completed', 'waiting')
                         ORDER BY id DESC LIMIT %d""".formatted(TREND))
                .param(target)
                .query((row, number) ->
                        new Point(row.getLong(1), row.getTimestamp(2).toInstant(), row.getLong(3)))
                .list());
        if (trend.isEmpty()) {
            return Optional.empty();
        }
        long run = trend.get(0).run();
        Collections.reverse(trend);
        Map<String, Long> constraints = new LinkedHashMap<>();
        jdbc.sql("SELECT state, count(*) FROM reference WHERE run_id = ? GROUP BY state ORDER BY 2 DESC, 1")
                .param(run)
                .query(row -> {
                    constraints.put(row.getString(1), row.getLong(2));
                });
        return Optional.of(new TargetState(
                target,
                runs.find(run).orElseThrow(),
                counts.of(run),
                trend,
                constraints,
                jdbc.sql("SELECT count(*) FROM quarantine q JOIN run r ON r.id = q.run_id"
                                + " WHERE q.status = 'open' AND r.target = ?")
                        .param(target)
                        .query(Long.class)
                        .single()));
    }

    public List<Waiting> waiting() {
        Timestamp now = Timestamp.from(clock.instant());
        return jdbc.sql("""
                        SELECT p.*, r.job, r.target, r.asked_by
                          FROM plan p JOIN run r ON r.id = p.run_id
                         WHERE p.status IN ('waiting', 'approved') AND r.status IN ('waiting', 'failed', 'stopped') AND NOT r.dry_run
                           AND p.repairs > 0 AND p.valid_until > :now
                         ORDER BY p.run_id DESC LIMIT 50""")
                .param("now", now)
                .query((row, number) -> new Waiting(
                        row.getLong("run_id"),
                        row.getString("job"),
                        row.getString("target"),
                        row.getString("status"),
                        row.getLong("repairs"),
                        row.getLong("parts"),
                        row.getString("asked_by"),
                        row.getTimestamp("created_at").toInstant(),
                        row.getTimestamp("valid_until").toInstant()))
                .list();
    }
}
