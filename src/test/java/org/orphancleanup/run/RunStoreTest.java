package org.orphancleanup.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.orphancleanup.TestPostgres;
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
    void a_run_that_its_own_living_process_no_longer_works_on_is_left_behind() {
        long id = run("cleanup");
        assertThat(store.workedOn("print")).map(Run::id).contains(id);

        store.leave(id);

        assertThat(store.workedOn("print")).isEmpty();
        assertThat(store.leftBehind("nightly", "print")).map(Run::id).contains(id);
    }

    @Test
    void two_runs_cannot_work_on_one_target_at_once() {
        TargetLocks here = new TargetLocks(ours, store);
        TargetLocks elsewhere = new TargetLocks(ours, store);

        try (TargetLocks.Held first = here.take("print", "production")) {
            long id = run("scan");
            for (TargetLocks locks : List.of(here, elsewhere)) {
                assertThatExceptionOfType(TargetBusy.class)
                        .isThrownBy(() -> locks.take("print", "production"))
                        .withMessageContainingAll("production", "run " + id + " (scan of nightly)", "ann");
            }
            elsewhere.take("another", "staging").close();
            store.end(id, Run.Status.COMPLETED, 0, null);
        }
        elsewhere.take("print", "production").close();
    }

    @Test
    void a_lock_that_went_with_our_database_is_taken_again_unless_somebody_else_has_it() {
        TargetLocks here = new TargetLocks(ours, store);
        TargetLocks elsewhere = new TargetLocks(ours, store);
        TargetLocks.Held lock = here.take("print", "production");

        endConnections();
        assertThat(here.holds("print")).isTrue();
        long id = run("scan");
        assertThatExceptionOfType(TargetBusy.class).isThrownBy(() -> elsewhere.take("print", "production"));
        store.end(id, Run.Status.COMPLETED, 0, null);

        endConnections();
        TargetLocks.Held others = elsewhere.take("print", "production");
        assertThat(here.holds("print")).isFalse();
        others.close();
        lock.close();
    }

    @Test
    void a_target_is_busy_while_a_run_that_lost_its_lock_still_lives() {
        run("cleanup");

        assertThatExceptionOfType(TargetBusy.class)
                .isThrownBy(() -> new TargetLocks(ours, store).take("print", "production"));
    }

    private void endConnections() {
        jdbc.sql("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                        + " WHERE datname = current_database() AND pid <> pg_backend_pid()")
                .query(Long.class)
                .single();
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
