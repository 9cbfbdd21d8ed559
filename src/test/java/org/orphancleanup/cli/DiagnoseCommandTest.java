package org.orphancleanup.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.orphancleanup.cli.CommandLineRuns.Result;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class DiagnoseCommandTest {

    private static final String TEXT = """
            insert or update on table "res_partner" violates foreign key constraint "res_partner_user_id_fkey"
            DETAIL:  Key (user_id)=(%d) is not present in table "res_users".
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

    private static long missingUser() {
        return runs.odoo().sql("""
                        SELECT min(user_id) FROM res_partner p
                         WHERE user_id IS NOT NULL AND NOT EXISTS (SELECT FROM res_users u WHERE u.id = p.user_id)""").query(Long.class).single();
    }

    @Test
    void a_text_alone_is_explained_and_nothing_is_started() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Path data = directory.resolve("untouched");
        Class<?> nothingToStart = Object.class;

        int exitCode = new Cli(
                        nothingToStart,
                        Map.of("orphan.data-dir", data.toString()),
                        new PrintStream(out, true, StandardCharsets.UTF_8),
                        new PrintStream(out, true, StandardCharsets.UTF_8))
                .run("diagnose", TEXT.formatted(45));

        assertThat(exitCode).isZero();
        assertThat(data).doesNotExist();
        assertThat(out.toString(StandardCharsets.UTF_8))
                .contains(
                        "res_partner_user_id_fkey", "res_users", "45", "What to do, in this order:", "models derived");
    }

    @Test
    void standard_input_is_read_and_json_is_nothing_but_json() {
        InputStream before = System.in;
        System.setIn(new ByteArrayInputStream(
                "FEHLER:  Einfügen oder Aktualisieren in Tabelle »a« verletzt Fremdschlüssel-Constraint »a_b_fkey«"
                        .getBytes(StandardCharsets.UTF_8)));
        try {
            Result result = runs.run("diagnose", "--json", "-");

            JsonNode violation = new JsonMapper()
                    .readTree(result.out())
                    .path("diagnoses")
                    .path(0)
                    .path("violation");
            assertThat(violation.path("kind").asString()).isEqualTo("missing-parent");
            assertThat(violation.path("constraint").asString()).isEqualTo("a_b_fkey");
        } finally {
            System.setIn(before);
        }
    }

    @Test
    void what_is_no_such_error_or_no_file_ends_in_2() {
        assertThat(runs.run("diagnose", "it does not work").exitCode()).isEqualTo(2);
        assertThat(runs.run("diagnose", "--file", directory.resolve("nowhere").toString())
                        .err())
                .contains("nowhere");
        assertThat(runs.run("diagnose", "--log", directory.resolve("nowhere").toString())
                        .exitCode())
                .isEqualTo(2);
        assertThat(runs.run("diagnose", "--target", "nowhere", TEXT.formatted(45))
                        .exitCode())
                .isEqualTo(2);
    }

    @Test
    void help_is_there_for_it_as_for_every_command() {
        assertThat(runs.run("--help").out()).contains("diagnose");
        assertThat(runs.run("diagnose", "--help").out()).contains("--log=FILE", "Exit codes:");
        assertThat(runs.run("cleanup", "--help").exitCode()).isZero();
    }

    @Test
    void a_log_is_counted() throws IOException {
        Path log = directory.resolve("odoo.log");
        Files.writeString(
                log,
                "2026-11-24 23:10:02,114 42 ERROR prod odoo.http: x\n" + TEXT.formatted(45)
                        + "2026-11-24 23:11:02,114 42 ERROR prod odoo.http: x\n" + TEXT.formatted(46));

        Result result = runs.run("diagnose", "--log", log.toString());

        assertThat(result.exitCode()).isZero();
        assertThat(result.out())
                .contains("2 violations in 6 lines, 1 different ones")
                .contains("2 x res_partner_user_id_fkey, 2 different ids or values, first 2026-11-24 23:10:02,114, last"
                        + " 2026-11-24 23:11:02,114");
    }

    @Test
    void a_target_tells_what_dangles_who_refers_and_a_job_that_can_be_run() throws IOException {
        long missing = missingUser();

        Result result = runs.run("diagnose", "--target", "sandbox", "--json", TEXT.formatted(missing));

        assertThat(result.exitCode()).as(result.err()).isEqualTo(1);
        JsonNode diagnosis =
                new JsonMapper().readTree(result.out()).path("diagnoses").path(0);
        JsonNode found = diagnosis.path("onTarget");
        assertThat(diagnosis.path("modelsFrom").asString()).isEqualTo("target");
        assertThat(diagnosis.path("childModel").asString()).isEqualTo("res.partner");
        assertThat(found.path("parentExists").asBoolean(true)).isFalse();
        assertThat(found.path("dangling").asLong()).isPositive();
        assertThat(found.path("referrers").toString()).contains("res.partner.user_id");
        assertThat(found.path("history").asString()).contains("res_users");
        String job = "";
        for (JsonNode remedy : diagnosis.path("remedies")) {
            job += remedy.path("job").asString("");
        }
        Path file = directory.resolve("repair.yaml");
        Files.writeString(file, job);
        Result plan = runs.run("cleanup", "--job", file.toString(), "--dry-run");
        assertThat(plan.exitCode()).as(plan.err()).isEqualTo(1);
    }

    @Test
    void a_record_that_is_there_is_said_to_be_there() {
        long user = runs.odoo()
                .sql("SELECT min(id) FROM res_users")
                .query(Long.class)
                .single();

        Result result = runs.run(
                "diagnose",
                "--target",
                "sandbox",
                "Record does not exist or has been deleted.\n(Record: res.users(" + user + ",), User: 2)");

        assertThat(result.exitCode()).isZero();
        assertThat(result.out()).contains("exists now").contains("res.users #" + user + " is there now");
    }
}
