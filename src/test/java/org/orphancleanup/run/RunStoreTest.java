package org.orphancleanup.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;
import org.orphancleanup.TestPostgres;
import org.orphancleanup.UserError;
import org.postgresql.ds.PGSimpleDataSource;
import org.springframework.jdbc.core.simple.JdbcClient;

class RunStoreTest {

    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

    private final PGSimpleDataSource ours = TestPostgres.ourDatabase();
    private final JdbcClient jdbc = JdbcClient.create(ours);
    private final RunStore store = new RunStore(jdbc, Clock.fixed(NOW, ZoneOffset.UTC), new ThisProcess());

    @Test
    void a_run_of_a_living_process_is_not_left_behind() {
        run("cleanup");

        assertThat(store.leftBehind("nightly", "print")).isEmpty();
    }

    @Test
    void a_run_of_a_dead_process_of_this_machine_is_left_behind_at_once() {
        long id = run("cleanup");
        jdbc.sql("UPDATE run SET process_started_at = process_started_at - interval '1 hour'")
                .update();

        assertThat(store.leftBehind("nightly", "print")).map(Run::id).contains(id);
        assertThat(store.leftBehind("nightly", "another target")).isEmpty();
        assertThat(store.leftBehind("weekly", "print")).isEmpty();
    }

    @Test
    void a_run_of_another_machine_is_left_behind_when_it_has_been_silent() {
        long id = run("cleanup");
        jdbc.sql("UPDATE run SET host = 'elsewhere', pid = 1").update();
        assertThat(store.leftBehind("nightly", "print")).isEmpty();

        RunStore later =
                new RunStore(jdbc, Clock.fixed(NOW.plus(Duration.ofMinutes(3)), ZoneOffset.UTC), new ThisProcess());
        assertThat(later.leftBehind("nightly", "print")).map(Run::id).contains(id);
    }

    @Test
    void a_stopped_run_is_left_behind_and_only_one_takes_it_up() {
        long id = run("cleanup");
        store.end(id, Run.Status.STOPPED, 3, "asked to end");
        Run run = store.leftBehind("nightly", "print").orElseThrow();

        assertThat(store.takeUp(run, "cleanup")).isTrue();
        assertThat(store.takeUp(run, "cleanup")).isFalse();
        assertThat(store.find(id))
                .get()
                .extracting(Run::status, Run::message)
                .containsExactly(Run.Status.RUNNING, null);
    }

    @Test
    void a_scan_is_never_taken_up() {
        store.end(run("scan"), Run.Status.STOPPED, 3, "asked to end");

        assertThat(store.leftBehind("nightly", "print")).isEmpty();
    }

    @Test
    void two_runs_cannot_hold_one_target_at_once() {
        try (TargetLock first = TargetLock.take(ours, "print", "production")) {
            assertThat(org.assertj.core.api.Assertions.catchThrowableOfType(
                            UserError.class, () -> TargetLock.take(ours, "print", "production")))
                    .hasMessageContaining("production");
            TargetLock.take(ours, "another", "staging").close();
        }
        TargetLock.take(ours, "print", "production").close();
    }

    private long run(String command) {
        return store.create(new RunStore.NewRun(
                "nightly",
                "production",
                "print",
                null,
                "odoo",
                command,
                new Asker("ann", "command-line"),
                "name: nightly",
                null,
                false,
                ZoneId.of("Europe/Brussels")));
    }
}
