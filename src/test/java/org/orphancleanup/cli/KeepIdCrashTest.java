package org.orphancleanup.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.orphancleanup.OrphanCleanup;
import org.orphancleanup.run.Asker;
import org.orphancleanup.run.FailedRun;
import org.orphancleanup.run.Progress;
import org.orphancleanup.run.Runs;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * Runs with keep-id that die at each point between two calls: before a call, and after it but before the journal says so. Every
 * call is written down before it is made, so that a journal that takes nothing more is a process that does nothing more. The
 * first such run dies at the first point, the next at the second, until one lives.
 */
class KeepIdCrashTest {

    private static final List<String> TABLES = List.of(
            "product_category",
            "product_template",
            "ir_model_data",
            "ir_act_server",
            "res_partner",
            "mail_message",
            "mail_followers");

    private static final int FEWEST_EVENTS = 8;
    private static final Asker ASKER = new Asker("somebody", "command-line");

    @TempDir
    Path directory;

    private CommandLineRuns runs;
    private ConfigurableApplicationContext context;
    private List<Long> missing;

    @BeforeEach
    void start() {
        runs = new CommandLineRuns(directory);
        runs.ours().sql("CREATE SEQUENCE events").update();
        runs.ours().sql("CREATE TABLE death (at bigint)").update();
        runs.ours().sql("""
                CREATE FUNCTION event() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                  IF nextval('events') >= (SELECT at FROM death) THEN
                    RAISE EXCEPTION 'this process is dead';
                  END IF;
                  RETURN new;
                END $$""").update();
        runs.ours().sql("""
                CREATE TRIGGER event BEFORE INSERT OR UPDATE ON journal_call
                FOR EACH ROW EXECUTE FUNCTION event()""").update();
    }

    private void withoutKeys(String sql, List<Long> ids) {
        runs.odoo()
                .sql("SET session_replication_role = replica; "
                        + sql.replace(
                                "?",
                                "'{"
                                        + String.join(
                                                ",",
                                                ids.stream()
                                                        .map(String::valueOf)
                                                        .toList()) + "}'")
                        + "; SET session_replication_role = origin")
                .update();
    }

    @AfterEach
    void stop() {
        if (context != null) {
            context.close();
        }
        runs.close();
    }

    private void writeConnection() {
        runs.target(
                "sandbox",
                Map.of(
                        "write-jdbc-url",
                        runs.sandbox.jdbcUrl(),
                        "write-jdbc-user",
                        "postgres",
                        "write-jdbc-password",
                        "x"));
    }

    private void serverAction() {
        runs.target("sandbox", Map.of("keep-id-through", "server-action"));
    }

    private void delete(int parents) {
        missing = runs.odoo()
                .sql("SELECT DISTINCT parent_id FROM product_category WHERE parent_id IS NOT NULL ORDER BY 1 LIMIT ?")
                .param(parents)
                .query(Long.class)
                .list();
        assertThat(missing).hasSize(parents);
        // nothing but their children is to refer to them
        runs.odoo()
                .sql("UPDATE product_template SET categ_id = (SELECT max(id) FROM product_category)")
                .update();
        withoutKeys("DELETE FROM product_category WHERE id = ANY(?)", missing);
        // as a failed restore leaves them: without the keys that the damage violates
        runs.odoo()
                .sql(
                        "SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname) FROM pg_constraint"
                                + " WHERE contype = 'f' AND confrelid = 'product_category'::regclass")
                .query(String.class)
                .list()
                .forEach(drop -> runs.odoo().sql(drop).update());
    }

    /** One program for all runs: to start it takes longer than a run. */
    private void job(String policy) throws IOException {
        runs.job("keep", """
                target: sandbox
                references: { include: ["product.category.parent_id"] }
                rules:
                  - { when: {}, policy: %s, keep-id: true }
                approval: none
                limits: { share-of-table: 1 }
                """.formatted(policy));
        PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream());
        context = new Program(OrphanCleanup.class, runs.settings(), List.of(), new Console(nowhere, nowhere)).start();
    }

    /** A run that fails throws, and what became of it is asked of our database. */
    private void command(Consumer<Runs> command) {
        try {
            command.accept(context.getBean(Runs.class));
        } catch (FailedRun e) {
            assertThat(e).rootCause().hasMessageContaining("this process is dead");
        }
    }

    private void cleanup() {
        command(program -> program.cleanup("keep", false, true, "a test", null, ASKER, Progress.NONE));
    }

    private Map<String, List<String>> rows() {
        Map<String, List<String>> rows = new TreeMap<>();
        TABLES.forEach(table -> rows.put(
                table,
                runs.odoo()
                        .sql("SELECT (to_jsonb(t) - 'write_uid' - 'write_date' - 'create_date')::text FROM " + table
                                + " t ORDER BY 1")
                        .query(String.class)
                        .list()));
        return rows;
    }

    private long ours(String sql) {
        return runs.ours().sql(sql).query(Long.class).single();
    }

    private void dieAt(long event) {
        runs.ours().sql("ALTER SEQUENCE events RESTART").update();
        runs.ours().sql("DELETE FROM death").update();
        runs.ours().sql("INSERT INTO death VALUES (?)").param(event).update();
    }

    /** Its process, whose number nobody has, is gone. */
    private void killed() {
        runs.ours()
                .sql("UPDATE run SET status = 'running', pid = 2147483646, ended_at = NULL"
                        + " WHERE id = (SELECT max(id) FROM run)")
                .update();
    }

    /**
     * @param prepare what is there before each death
     * @param command what dies, and is then given again
     * @param finished what has to hold afterwards
     */
    private void dieEverywhere(Runnable prepare, Runnable command, Runnable finished) {
        for (int event = 1; ; event++) {
            prepare.run();
            long before = ours("SELECT count(*) FROM run");
            dieAt(event);
            command.run();
            boolean died = ours("SELECT last_value FROM events") >= event;
            runs.ours().sql("DELETE FROM death").update();
            if (died) {
                assertThat(status()).isEqualTo("failed");
                if (event % 2 == 0) {
                    killed();
                }
                command.run();
                assertThat(ours("SELECT count(*) FROM run") - before)
                        .as("what died at event %s is taken up", event)
                        .isEqualTo(1);
            }
            assertThat(status()).as("after event %s", event).isEqualTo("completed");
            finished.run();
            assertThat(ours("SELECT count(*) FROM run WHERE keep_id_open")).isZero();
            if (!died) {
                assertThat(event).isGreaterThan(FEWEST_EVENTS);
                return;
            }
        }
    }

    private String status() {
        return runs.ours()
                .sql("SELECT status FROM run ORDER BY id DESC LIMIT 1")
                .query(String.class)
                .single();
    }

    private void archiveParent() throws IOException {
        job("archive-parent");
        Map<String, List<String>> damaged = rows();
        cleanup();
        Map<String, List<String>> whole = withoutGivenIds(rows());
        assertThat(whole).isNotEqualTo(withoutGivenIds(damaged));

        dieEverywhere(() -> damageAgain(damaged), this::cleanup, () -> {
            assertThat(withoutGivenIds(rows())).isEqualTo(whole);
            assertThat(runs.ours()
                            .sql(
                                    "SELECT new_id FROM stand_in WHERE run_id = (SELECT max(id) FROM run) AND made ORDER BY 1")
                            .query(Long.class)
                            .list())
                    .isEqualTo(missing);
            assertThat(runs.ours()
                            .sql("SELECT record_ids[1] FROM journal_call WHERE run_id = (SELECT max(id) FROM run)"
                                    + " AND method = 'keep-id' AND outcome = 'done' ORDER BY 1")
                            .query(Long.class)
                            .list())
                    .isEqualTo(missing);
        });
    }

    /** Of external ids, which Odoo numbers as they come. */
    private static Map<String, List<String>> withoutGivenIds(Map<String, List<String>> rows) {
        Map<String, List<String>> alike = new TreeMap<>(rows);
        alike.computeIfPresent(
                "ir_model_data",
                (table, names) -> names.stream()
                        .map(row -> row.replaceFirst("\"id\": \\d+, ", ""))
                        .sorted()
                        .toList());
        return alike;
    }

    private void damageAgain(Map<String, List<String>> damaged) {
        withoutKeys("DELETE FROM product_category WHERE id = ANY(?)", missing);
        runs.odoo()
                .sql("DELETE FROM ir_model_data WHERE module = '__orphan_cleanup__'")
                .update();
        assertThat(rows()).isEqualTo(damaged);
    }

    @Test
    void through_the_write_connection_the_next_run_finishes_it_wherever_it_died() throws IOException {
        delete(2);
        writeConnection();
        archiveParent();
    }

    @Test
    void through_a_server_action_the_next_run_finishes_it_wherever_it_died_and_no_action_is_left() throws IOException {
        delete(1);
        serverAction();
        archiveParent();
    }

    /** What came back for another policy's sake hides what dangles: a run that ended there has to be finished. */
    @Test
    void beside_another_policy_the_next_run_empties_what_dangled_and_takes_the_parents_away_again() throws IOException {
        delete(1);
        serverAction();
        job("null-out");
        List<String> dangling = dangling();
        Map<String, List<String>> others = rows();
        others.remove("product_category");

        dieEverywhere(() -> dangling.forEach(update -> runs.odoo().sql(update).update()), this::cleanup, () -> {
            Map<String, List<String>> now = rows();
            now.remove("product_category");
            assertThat(now).isEqualTo(others);
            assertThat(runs.odoo()
                            .sql("SELECT count(*) FROM product_category"
                                    + " WHERE id = ANY(:ids) OR parent_id = ANY(:ids)")
                            .param("ids", missing.toArray(Long[]::new))
                            .query(Long.class)
                            .single())
                    .isZero();
            assertThat(ours("SELECT count(*) FROM stand_in WHERE made AND run_id = (SELECT max(id) FROM run)"))
                    .isZero();
        });
    }

    private List<String> dangling() {
        return runs.odoo()
                .sql("SELECT format('UPDATE product_category SET parent_id = %s, parent_path = %L, complete_name = %L"
                        + " WHERE id = %s', parent_id, parent_path, complete_name, id) FROM product_category"
                        + " WHERE parent_id = ANY(:ids)")
                .param("ids", missing.toArray(Long[]::new))
                .query(String.class)
                .list();
    }

    @Test
    void an_undo_is_finished_wherever_it_died_and_leaves_nothing_of_what_came_back() throws IOException {
        delete(1);
        serverAction();
        job("archive-parent");
        Map<String, List<String>> damaged = rows();

        dieEverywhere(
                this::cleanup,
                () -> command(program -> program.undo(
                        ours("SELECT max(id) FROM run WHERE command = 'cleanup'"), null, null, ASKER, Progress.NONE)),
                () -> assertThat(rows()).isEqualTo(damaged));
    }
}
