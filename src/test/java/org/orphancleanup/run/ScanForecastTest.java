package org.orphancleanup.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.orphancleanup.TestPostgres;
import org.orphancleanup.detect.Window;
import org.springframework.jdbc.core.simple.JdbcClient;

class ScanForecastTest {

    private static final List<Window> WINDOWS = List.of(
            new Window(1, 1, 200_000, false, false, 4_000_000),
            new Window(1, 200_001, 400_000, false, false, 4_000_000),
            new Window(2, 0, 0, true, false, 2_000_000));

    private final JdbcClient jdbc = JdbcClient.create(TestPostgres.ourDatabase());
    private final ScanForecast forecast = new ScanForecast(jdbc);

    private long run(String fingerprint, String status) {
        return jdbc.sql("""
                        INSERT INTO run (job, target, target_fingerprint, target_database, command, started_through, asked_by,
                            definition, status, started_at, heartbeat_at, host, pid, process_started_at)
                        VALUES ('j', 't', ?, 'd', 'scan', 'command-line', 'me', '', ?, now(), now(), 'h', 1, now())
                        RETURNING id""").param(fingerprint).param(status).query(Long.class).single();
    }

    private void read(long run, long rows, long millis) {
        jdbc.sql("""
                        INSERT INTO reference (run_id, no, kind, child_table, field, rule_fields, parent_inherited, state, required,
                            storage, rows_read, millis)
                        VALUES (?, 1, 'many2one', 'task', 'partner_id', '{}', false, 'missing', false, '{}', ?, ?)""").param(run).param(rows).param(millis).update();
    }

    @Test
    void a_small_scan_needs_no_forecast() {
        assertThat(forecast.words(
                        run("f", "running"), List.of(new Window(1, 0, 0, true, false, 4_999_999)), 2, 2, Duration.ZERO))
                .isNull();
    }

    @Test
    void each_references_rows_count_once_and_without_a_scan_to_go_by_the_guess_says_so() {
        read(run("another target", "completed"), 2_000_000, 1);

        assertThat(forecast.words(run("f", "running"), WINDOWS, 2, 2, Duration.ZERO))
                .isEqualTo(
                        "Going to read 6,000,000 rows of 2 references in 3 statements; about 3 s, at a million rows a"
                                + " second and connection, as no earlier scan of this database is known.");
        assertThat(forecast.words(run("f", "running"), WINDOWS, 2, 1, Duration.ZERO))
                .as("one connection for two")
                .contains("about 6 s");
    }

    @Test
    void an_earlier_scan_of_the_same_database_is_the_measure_and_pauses_are_added() {
        long earlier = run("f", "completed");
        read(earlier, 2_000_000, 60_000);
        read(run("f", "completed"), 999_999, 1);
        read(run("f", "failed"), 2_000_000, 1);

        assertThat(forecast.words(run("f", "running"), WINDOWS, 2, 2, Duration.ofSeconds(20)))
                .as("6 million rows at 30 s a million, 3 pauses of 20 s, two at once")
                .isEqualTo(
                        "Going to read 6,000,000 rows of 2 references in 3 statements; about 2 min, at the speed of run "
                                + earlier + ".");
    }
}
