package org.orphancleanup.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.orphancleanup.OrphanCleanup;
import org.orphancleanup.cli.CommandLineRuns.Result;

/** A cleanup in a process of its own that ends while it writes. */
class InterruptedRunTest {

    private static final Set<String> METHODS = Set.of("res.partner.write", "res.partner.web_save");

    @TempDir
    Path directory;

    private CommandLineRuns runs;

    @BeforeEach
    void start() throws IOException {
        runs = new CommandLineRuns(directory);
        runs.job("nightly", """
                target: sandbox
                references: { include: ["res.partner.user_id"] }
                rules:
                  - when: { field: res.partner.user_id }
                    policy: null-out
                approval: none
                limits: { share-of-table: 1, ids-per-call: 2, parallel-calls: 1 }
                backup: { require: false }
                """);
    }

    @AfterEach
    void stop() {
        runs.close();
    }

    @Test
    void a_run_whose_process_was_killed_is_taken_up_and_finished_and_nothing_is_written_twice() throws Exception {
        long damaged = dangling();
        CompletableFuture<Process> process = atWrite(3, Process::destroyForcibly);

        assertThat(process.get().waitFor(120, TimeUnit.SECONDS)).isTrue();
        runs.sandbox.beforeCall(null);
        assertThat(dangling()).isPositive().isLessThan(damaged);
        assertThat(status()).isEqualTo("running");

        finishes(damaged);
    }

    @Test
    void a_process_that_is_asked_to_end_stops_between_calls_and_its_run_is_taken_up() throws Exception {
        long damaged = dangling();
        CompletableFuture<Process> process = atWrite(3, Process::destroy);

        assertThat(process.get().waitFor(120, TimeUnit.SECONDS)).isTrue();
        runs.sandbox.beforeCall(null);
        assertThat(dangling()).isPositive().isLessThan(damaged);
        assertThat(status()).isEqualTo("stopped");
        assertThat(runs.ours()
                        .sql("SELECT count(*) FROM journal_call WHERE outcome IS NULL")
                        .query(Long.class)
                        .single())
                .isZero();

        finishes(damaged);
    }

    @Test
    void a_process_that_is_asked_to_end_while_odoo_hangs_ends_within_half_a_minute_and_its_run_is_taken_up()
            throws Exception {
        long damaged = dangling();
        AtomicLong took = new AtomicLong();
        CompletableFuture<Process> process = atWrite(3, blown -> {
            long asked = System.nanoTime();
            blown.destroy();
            // Odoo carries the call out when nobody waits for its answer any more
            assertThat(blown.onExit().orTimeout(60, TimeUnit.SECONDS).join()).isNotNull();
            took.set(System.nanoTime() - asked);
        });

        assertThat(process.get().waitFor(120, TimeUnit.SECONDS)).isTrue();
        await().untilAsserted(() -> assertThat(took.get()).isPositive().isLessThan(TimeUnit.SECONDS.toNanos(30)));
        runs.sandbox.beforeCall(null);

        finishes(damaged);
    }

    private void finishes(long damaged) {
        Result result = runs.run("cleanup", "--job", "nightly");

        assertThat(result.err()).isEmpty();
        assertThat(result.exitCode()).isZero();
        assertThat(result.out()).contains(damaged + " of " + damaged);
        assertThat(dangling()).isZero();
        assertThat(runs.ours().sql("SELECT count(*) FROM run").query(Long.class).single())
                .isEqualTo(1);
        assertThat(status()).isEqualTo("completed");
    }

    private interface Blow {
        void to(Process process);
    }

    /** Starts the cleanup; at its so-many-th write, before that is carried out, the process is dealt the blow. */
    private CompletableFuture<Process> atWrite(int number, Blow blow) throws IOException {
        CompletableFuture<Process> started = new CompletableFuture<>();
        AtomicInteger writes = new AtomicInteger();
        runs.sandbox.beforeCall((method, ids) -> {
            if (METHODS.contains(method) && writes.incrementAndGet() == number) {
                blow.to(started.join());
            }
        });
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                OrphanCleanup.class.getName()));
        runs.settings().forEach((key, value) -> command.add("--" + key + "=" + value));
        command.addAll(List.of("cleanup", "--job", "nightly"));
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("output.txt").toFile())
                .start();
        started.complete(process);
        return started;
    }

    private long dangling() {
        return runs.odoo().sql("""
                        SELECT count(*) FROM res_partner p WHERE user_id IS NOT NULL
                            AND NOT EXISTS (SELECT FROM res_users u WHERE u.id = p.user_id)""").query(Long.class).single();
    }

    private String status() {
        return runs.ours()
                .sql("SELECT status FROM run ORDER BY id DESC LIMIT 1")
                .query(String.class)
                .single();
    }
}
