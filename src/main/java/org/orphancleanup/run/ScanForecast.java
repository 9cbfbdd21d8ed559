package org.orphancleanup.run;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.orphancleanup.detect.Window;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Says before a large scan how much it is going to read, and about how long that takes. */
@Component
class ScanForecast {

    /** Below that a scan has ended before anybody has read the sentence. */
    private static final long LARGE = 5_000_000;

    /** Of an earlier scan that was too short its rate tells nothing. */
    private static final long ENOUGH_ROWS = 1_000_000;

    /** Rows a connection reads in a second where no scan of this target is known, and what a statement costs beside them. */
    private static final double ROWS_A_SECOND = 1_000_000;

    private static final double SECONDS_A_STATEMENT = 0.001;

    private final JdbcClient jdbc;

    ScanForecast(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** An earlier scan's rows and the seconds its statements took together. */
    private record Earlier(long run, long rows, double seconds) {}

    /**
     * @param threads that read at once
     * @param connections that there are for them
     * @param pause after each window
     * @return null where there is little to read
     */
    @Nullable
    String words(long run, List<Window> windows, int threads, int connections, Duration pause) {
        Map<Integer, Long> byReference = new TreeMap<>();
        windows.forEach(window -> byReference.put(window.referenceNo(), window.rowsInTable()));
        long rows = byReference.values().stream().mapToLong(Long::longValue).sum();
        if (rows < LARGE) {
            return null;
        }
        Earlier earlier = earlier(run);
        // what a thread waited for its connection is in the time that was measured
        double reading = earlier == null
                ? (rows / ROWS_A_SECOND + windows.size() * SECONDS_A_STATEMENT) / Math.min(threads, connections)
                : rows * earlier.seconds() / earlier.rows() / threads;
        double pausing = windows.size() * pause.toMillis() / 1000.0 / threads;
        long seconds = Math.max(1, Math.round(reading + pausing));
        return String.format(
                Locale.ENGLISH,
                "Going to read %,d rows of %,d references in %,d statements; about %s, %s.",
                rows,
                byReference.size(),
                windows.size(),
                duration(Duration.ofSeconds(seconds)),
                earlier == null
                        ? "at a million rows a second and connection, as no earlier scan of this database is known"
                        : "at the speed of run " + earlier.run());
    }

    private @Nullable Earlier earlier(long run) {
        return jdbc.sql("""
                        SELECT reference.run_id, sum(rows_read), sum(millis) / 1000.0 FROM reference
                          JOIN run ON run.id = reference.run_id
                        WHERE run.id <> :run AND run.status IN ('completed', 'waiting')
                          AND run.target_fingerprint = (SELECT target_fingerprint FROM run WHERE id = :run)
                        GROUP BY reference.run_id HAVING sum(rows_read) >= :enough AND sum(millis) > 0
                        ORDER BY reference.run_id DESC LIMIT 1""")
                .param("run", run)
                .param("enough", ENOUGH_ROWS)
                .query((row, number) -> new Earlier(row.getLong(1), row.getLong(2), row.getDouble(3)))
                .optional()
                .orElse(null);
    }

    private static String duration(Duration duration) {
        if (duration.toMinutes() == 0) {
            return duration.toSeconds() + " s";
        }
        return duration.toHours() == 0
                ? duration.toMinutes() + " min"
                : duration.toHours() + " h " + duration.toMinutesPart() + " min";
    }
}
