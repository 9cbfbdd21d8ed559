package org.orphancleanup.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.orphancleanup.TestPostgres;
import org.orphancleanup.cli.CommandLineRuns.Result;
import org.orphancleanup.report.ReportWriter;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class CommandLineTest {

    private static final String NULL_OUT = """
            target: sandbox
            references: { include: ["res.partner.user_id"] }
            rules:
              - when: { field: res.partner.user_id }
                policy: null-out
            limits: { share-of-table: 1 }
            """;

    @TempDir
    static Path directory;

    private static CommandLineRuns runs;

    @BeforeAll
    static void start() {
        runs = new CommandLineRuns(directory);
    }

    @AfterAll
    static void stop() {
        runs.close();
    }

    @Test
    void mistakes_on_the_command_line_end_in_2_before_anything_is_started() {
        assertThat(runs.run("scan").exitCode()).isEqualTo(2);
        assertThat(runs.run("scan", "--target", "sandbox", "--nonsense").err()).contains("--nonsense");
        assertThat(runs.run("nonsense").exitCode()).isEqualTo(2);
        assertThat(runs.run("apply", "--plan", "first").exitCode()).isEqualTo(2);
        assertThat(runs.run("serve", "nonsense").exitCode()).isEqualTo(2);
        assertThat(runs.run("scan", "--target", "a", "--job", "b").exitCode()).isEqualTo(2);
    }

    @Test
    void help_names_the_commands_there_are() {
        Result help = runs.run("--help");

        assertThat(help.exitCode()).isZero();
        assertThat(help.out()).contains("scan", "plan", "apply", "cleanup", "check", "serve", "demo");
    }

    @Test
    void an_unknown_target_is_told_with_the_ones_there_are() {
        Result result = runs.run("scan", "--target", "nowhere");

        assertThat(result.exitCode()).isEqualTo(2);
        assertThat(result.err()).contains("nowhere").contains("sandbox");
        assertNoTrace(result);
    }

    @Test
    void a_broken_job_file_is_told_with_file_and_line() throws IOException {
        runs.job(
                "broken",
                "target: sandbox\nrules:\n  - when: { feild: res.partner.parent_id }\n    policy: null-out\n");

        Result result = runs.run("scan", "--job", "broken");

        assertThat(result.exitCode()).isEqualTo(2);
        assertThat(result.err()).contains("broken.yaml:4").contains("feild");
        assertNoTrace(result);
    }

    @Test
    void a_job_that_names_a_model_the_target_lacks_ends_in_2() throws IOException {
        runs.job("stranger", "target: sandbox\nrules:\n  - when: { model: res.partnre }\n    policy: null-out\n");

        Result result = runs.run("scan", "--job", "stranger");

        assertThat(result.exitCode()).isEqualTo(2);
        assertThat(result.err()).contains("res.partnre").contains("stranger.yaml:4");
        assertNoTrace(result);
    }

    @Test
    void a_refused_key_an_unknown_database_and_a_server_that_is_down_are_told_apart() throws IOException {
        runs.target("wrong-key", Map.of("api-key", "not-the-key-of-anybody"));
        runs.target("wrong-database", Map.of("database", "nowhere"));
        runs.target("down", Map.of("url", "http://127.0.0.1:9"));
        runs.job("with-wrong-key", "target: wrong-key\n");
        runs.job("with-wrong-database", "target: wrong-database\n");
        runs.job("with-server-down", "target: down\n");

        Result key = runs.run("plan", "--job", "with-wrong-key");
        Result database = runs.run("plan", "--job", "with-wrong-database");
        Result down = runs.run("plan", "--job", "with-server-down");

        assertThat(key.exitCode()).isEqualTo(2);
        assertThat(database.exitCode()).isEqualTo(2);
        assertThat(database.err()).contains("nowhere");
        assertThat(down.exitCode()).isEqualTo(3);
        assertThat(down.err()).contains("127.0.0.1:9");
        for (Result result : List.of(key, database, down)) {
            assertNoTrace(result);
            assertThat(result.err()).doesNotContain("not-the-key-of-anybody");
        }
    }

    @Test
    void a_run_that_fails_leaves_a_report_of_what_it_found_until_then() throws IOException {
        runs.target("failing", Map.of("url", "http://127.0.0.1:9"));
        runs.job("failing", "target: failing\n");
        Path out = directory.resolve("failed-out");

        Result result = runs.run("plan", "--job", "failing", "--out", out.toString());

        assertThat(result.exitCode()).isEqualTo(3);
        assertThat(result.err()).contains("Report of what there is: ", "127.0.0.1:9");
        assertNoTrace(result);
        assertThat(out.toFile().list()).containsExactlyInAnyOrderElementsOf(ReportWriter.FILES);
        assertThat(Files.readAllLines(out.resolve("findings.csv"))).hasSizeGreaterThan(1);
        assertThat(Files.readString(out.resolve("report.json"))).contains("\"status\" : \"failed\"", "127.0.0.1:9");
        assertThat(Files.readString(out.resolve("report.html"))).contains("The run failed: ", "127.0.0.1:9");
    }

    @Test
    void a_database_that_is_down_or_unknown_is_told() {
        runs.target("database-down", Map.of("jdbc-url", "jdbc:postgresql://127.0.0.1:9/odoo"));
        runs.target(
                "database-unknown",
                Map.of("jdbc-url", runs.sandbox.jdbcUrl().replaceAll("/[^/]+$", "/nowhere?user=postgres")));

        Result down = runs.run("scan", "--target", "database-down");
        Result unknown = runs.run("scan", "--target", "database-unknown");

        assertThat(down.exitCode()).isEqualTo(3);
        assertThat(down.err()).contains("127.0.0.1:9");
        assertThat(unknown.exitCode()).isEqualTo(2);
        assertThat(unknown.err()).contains("nowhere");
        assertNoTrace(down);
        assertNoTrace(unknown);
    }

    @Test
    void our_own_database_that_is_down_is_told() {
        Result result =
                runs.run("scan", "--target", "sandbox", "--spring.datasource.url=jdbc:postgresql://127.0.0.1:9/ours");

        assertThat(result.exitCode()).isEqualTo(3);
        assertThat(result.err()).contains("spring.datasource.url");
        assertNoTrace(result);
    }

    @Test
    void our_own_database_made_by_a_newer_release_is_refused() {
        var newer = TestPostgres.ourDatabase();
        var jdbc = org.springframework.jdbc.core.simple.JdbcClient.create(newer);
        jdbc.sql("""
                        INSERT INTO flyway_schema_history (installed_rank, version, description, type, script, installed_by,
                            execution_time, success) VALUES (99, '99', 'later', 'SQL', 'V99__later.sql',
                            'odoo-orphan-cleanup 7.1', 1, true)""").update();

        Result result = runs.run("scan", "--target", "sandbox", "--spring.datasource.url=" + newer.getUrl());

        assertThat(result.exitCode()).isEqualTo(3);
        assertThat(result.err())
                .contains("newer release", "schema version 99", "odoo-orphan-cleanup 7.1", "up to " + newestVersion());
        assertThat(jdbc.sql("SELECT count(*) FROM run").query(Long.class).single())
                .isZero();
        assertNoTrace(result);
    }

    @Test
    void our_own_database_with_another_text_of_a_version_is_refused_and_stays_as_it_is() {
        var other = TestPostgres.ourDatabase();
        var jdbc = org.springframework.jdbc.core.simple.JdbcClient.create(other);
        jdbc.sql("UPDATE flyway_schema_history SET checksum = 1, installed_by = 'odoo-orphan-cleanup 0.0.9'"
                        + " WHERE version = '3'")
                .update();
        jdbc.sql("DELETE FROM flyway_schema_history WHERE version > '3'").update();

        Result result = runs.run("scan", "--target", "sandbox", "--spring.datasource.url=" + other.getUrl());

        assertThat(result.exitCode()).isEqualTo(3);
        assertThat(result.err())
                .contains(
                        "schema version 3 (of odoo-orphan-cleanup 0.0.9",
                        "up to " + newestVersion(),
                        "ORPHAN_DATA_DIR");
        assertThat(jdbc.sql("SELECT checksum FROM flyway_schema_history WHERE version = '3'")
                        .query(Integer.class)
                        .single())
                .isEqualTo(1);
        assertNoTrace(result);
    }

    @Test
    void an_empty_database_of_ours_is_filled_and_names_the_release_that_did_it() {
        var empty = TestPostgres.emptyDatabase();

        Result result = runs.run("scan", "--target", "sandbox", "--spring.datasource.url=" + empty.getUrl());

        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(org.springframework.jdbc.core.simple.JdbcClient.create(empty)
                        .sql("SELECT DISTINCT installed_by FROM flyway_schema_history")
                        .query(String.class)
                        .list())
                .singleElement()
                .asString()
                .startsWith("odoo-orphan-cleanup ");
    }

    private static String newestVersion() {
        return runs.ours()
                .sql("SELECT max(version::integer)::text FROM flyway_schema_history")
                .query(String.class)
                .single();
    }

    @Test
    void a_scan_needs_no_api_and_writes_every_file() throws IOException {
        runs.target("without-api", Map.of("url", "", "database", "", "login", "", "api-key", ""));
        Path out = directory.resolve("scan/of the day");

        Result result = runs.run("scan", "--target", "without-api", "--out", out.toString());

        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.err()).isEmpty();
        assertThat(result.out()).contains("dangling references were found").contains(out.toString());
        for (String file : ReportWriter.FILES) {
            assertThat(out.resolve(file)).exists();
        }
        assertThat(Files.readAllLines(out.resolve("findings.csv")).get(0))
                .isEqualTo(
                        "kind,child_model,child_table,child_id,field,parent_model,parent_table,missing_id,constraint_state");
    }

    @Test
    void the_filestore_is_compared_where_it_is_named_and_a_wrong_folder_ends_in_2() throws IOException {
        Path store = Files.createDirectories(directory.resolve("filestore"));
        Result wrong = runs.run("scan", "--target", "sandbox", "--filestore", store.toString());
        Files.createDirectories(store.resolve("ab"));
        Files.writeString(store.resolve("ab/abcdef"), "");
        Path out = directory.resolve("compared");

        Result right =
                runs.run("scan", "--target", "sandbox", "--filestore", store.toString(), "--out", out.toString());

        assertThat(wrong.exitCode()).isEqualTo(2);
        assertThat(wrong.err()).contains("two hexadecimal digits");
        assertThat(right.exitCode()).isEqualTo(1);
        assertThat(new JsonMapper()
                        .readTree(out.resolve("report.json").toFile())
                        .path("observed"))
                .filteredOn(place -> place.path("kind").asString().endsWith("-file"))
                .hasSize(2);
    }

    @Test
    void json_is_the_only_thing_on_standard_output() {
        Result result = runs.run("scan", "--target", "sandbox", "--json", "--trust");

        JsonNode report = new JsonMapper().readTree(result.out());
        assertThat(report.path("counts").path("found").asLong()).isPositive();
        assertThat(report.path("target").asString()).isEqualTo("sandbox");
        assertThat(result.exitCode()).isEqualTo(1);
    }

    @Test
    void what_the_role_may_not_read_is_left_out_and_said_so() throws IOException {
        runs.odoo().sql("DROP ROLE IF EXISTS narrow").update();
        runs.odoo().sql("CREATE ROLE narrow LOGIN").update();
        runs.odoo()
                .sql(
                        "GRANT SELECT ON ir_model, ir_model_fields, ir_config_parameter, ir_module_module, ir_model_relation,"
                                + " res_partner TO narrow")
                .update();
        runs.target("narrow", Map.of("jdbc-user", "narrow"));
        Path out = directory.resolve("narrow");

        Result result = runs.run("scan", "--target", "narrow", "--out", out.toString());
        runs.odoo().sql("DROP OWNED BY narrow").update();

        assertThat(result.exitCode()).isIn(0, 1);
        assertThat(Files.readString(out.resolve("report.html"))).contains("right to read");
    }

    @Test
    void check_looks_at_everything_and_starts_no_run() throws IOException {
        runs.job("sound", NULL_OUT);
        long before =
                runs.ours().sql("SELECT count(*) FROM run").query(Long.class).single();

        Result sound = runs.run("check", "--job", "sound");
        Result target = runs.run("check", "--target", "sandbox");
        runs.target("check-key", Map.of("api-key", "not-the-key-of-anybody"));
        Result wrong = runs.run("check", "--target", "check-key");

        assertThat(sound.exitCode()).as(sound.out()).isZero();
        assertThat(sound.out()).contains("PostgreSQL").contains("Odoo 18").contains("sound.yaml");
        assertThat(target.exitCode()).isZero();
        assertThat(wrong.exitCode()).isEqualTo(2);
        assertThat(wrong.out()).contains("problem").contains("PostgreSQL");
        JsonNode json = new JsonMapper()
                .readTree(runs.run("check", "--target", "check-key", "--json").out());
        assertThat(json.path("exitCode").asInt()).isEqualTo(2);
        assertThat(json.path("findings").findValuesAsString("level")).contains("ok", "problem");
        assertThat(runs.ours().sql("SELECT count(*) FROM run").query(Long.class).single())
                .isEqualTo(before);
    }

    @Test
    void nothing_is_written_without_approval_and_backup_and_then_everything_is() throws IOException {
        runs.job("careful", NULL_OUT);
        long damaged = danglingSalespersons();
        assertThat(damaged).isPositive();

        Result dry = runs.run("cleanup", "--job", "careful", "--dry-run");
        assertThat(dry.exitCode()).isEqualTo(1);
        assertThat(danglingSalespersons()).isEqualTo(damaged);

        Result waiting = runs.run("cleanup", "--job", "careful");
        assertThat(waiting.exitCode()).isEqualTo(4);
        String id = waiting.out().replaceAll("(?s).*apply --plan (\\d+).*", "$1");
        assertThat(waiting.out()).contains("apply --plan " + id + " --yes");
        assertThat(runs.run("apply", "--plan", id).exitCode()).isEqualTo(4);

        Result noBackup = runs.run("apply", "--plan", id, "--yes");
        assertThat(noBackup.exitCode()).isEqualTo(2);
        assertThat(noBackup.err()).contains("backup.newest").contains("careful.yaml");
        assertThat(danglingSalespersons()).isEqualTo(damaged);

        Result cleanup = runs.run("cleanup", "--job", "careful", "--yes", "--no-backup", "it is a sandbox");
        assertThat(cleanup.err()).isEmpty();
        assertThat(cleanup.exitCode()).isZero();
        assertThat(danglingSalespersons()).isZero();
        assertThat(runs.ours()
                        .sql("SELECT backup FROM run ORDER BY id DESC LIMIT 1")
                        .query(String.class)
                        .single())
                .contains("it is a sandbox");
    }

    @Test
    void a_plan_is_applied_once_and_only_as_it_was_made() throws IOException {
        runs.job("tags", """
                target: sandbox
                references: { include: ["res.partner.category_id"] }
                rules:
                  - when: { field: res.partner.category_id }
                    policy: delete
                limits: { share-of-table: 1 }
                backup: { require: false }
                """);
        Result plan = runs.run("plan", "--job", "tags");
        assertThat(plan.exitCode()).isEqualTo(1);
        String id = plan.out().replaceAll("(?s).*apply --plan (\\d+).*", "$1");
        runs.ours()
                .sql(
                        "UPDATE repair_part SET new_value = 'empty' WHERE run_id = ?; UPDATE plan SET hash = 'x' WHERE run_id = ?")
                .param(Long.valueOf(id))
                .param(Long.valueOf(id))
                .update();
        Result changed = runs.run("apply", "--plan", id, "--yes");
        assertThat(changed.exitCode()).isEqualTo(2);
        assertThat(changed.err()).contains("hash");

        String second = runs.run("plan", "--job", "tags").out().replaceAll("(?s).*apply --plan (\\d+).*", "$1");
        Result applied = runs.run("apply", "--plan", second, "--yes");
        assertThat(applied.err()).isEmpty();
        assertThat(applied.exitCode()).isIn(0, 1);
        Result again = runs.run("apply", "--plan", second, "--yes");
        assertThat(again.exitCode()).isEqualTo(2);
        assertThat(again.err()).contains("applied");
        assertThat(runs.run("apply", "--plan", "999999", "--yes").exitCode()).isEqualTo(2);
    }

    @Test
    void a_second_person_is_not_the_one_who_asked() throws IOException {
        runs.job("two-persons", """
                target: sandbox
                references: { include: ["crm.lead.user_id"] }
                rules:
                  - when: { field: crm.lead.user_id }
                    policy: null-out
                second-person: all
                limits: { share-of-table: 1 }
                backup: { require: false }
                """);

        Result result = runs.run("cleanup", "--job", "two-persons", "--yes");

        assertThat(result.exitCode()).isEqualTo(4);
        assertThat(result.out()).contains("second person");
    }

    @Test
    void a_plan_that_exceeds_a_limit_names_limit_and_numbers() throws IOException {
        runs.job("narrow-limit", """
                target: sandbox
                references: { include: ["crm.lead.team_id"] }
                rules:
                  - when: { field: crm.lead.team_id }
                    policy: null-out
                limits: { repairs-per-run: 1, share-of-table: 1 }
                backup: { require: false }
                """);

        Result result = runs.run("cleanup", "--job", "narrow-limit", "--yes");

        assertThat(result.exitCode()).isEqualTo(2);
        assertThat(result.err()).contains("repairs-per-run").contains("1");
    }

    @Test
    void api_and_database_that_are_not_the_same_odoo_are_found_out_before_anything_is_written() throws IOException {
        var copy = TestPostgres.copyOf(runs.sandbox.jdbcUrl());
        runs.target("crossed", Map.of("jdbc-url", copy.getUrl()));
        runs.job("crossed", """
                target: crossed
                references: { include: ["sale.order.user_id"] }
                rules:
                  - when: { field: sale.order.user_id }
                    policy: null-out
                limits: { share-of-table: 1 }
                backup: { require: false }
                """);
        runs.sandbox.calls().clear();

        Result result = runs.run("cleanup", "--job", "crossed", "--yes");

        assertThat(result.exitCode()).isEqualTo(2);
        assertThat(result.err()).contains("not the same Odoo");
        assertThat(runs.sandbox.calls().count("sale.order", "write")).isZero();
    }

    private static long danglingSalespersons() {
        return runs.odoo().sql("""
                        SELECT count(*) FROM res_partner p WHERE user_id IS NOT NULL
                            AND NOT EXISTS (SELECT FROM res_users u WHERE u.id = p.user_id)""").query(Long.class).single();
    }

    private static void assertNoTrace(Result result) {
        assertThat(result.err()).isNotBlank().doesNotContain("\tat ").doesNotContain("Exception");
        assertThat(result.out()).doesNotContain("\tat ");
    }
}
