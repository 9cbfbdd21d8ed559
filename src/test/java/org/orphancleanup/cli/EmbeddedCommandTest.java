package org.orphancleanup.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.orphancleanup.OrphanCleanup;
import org.orphancleanup.database.EmbeddedDatabase;

/** Without any database of one's own, and with every log line there is. */
class EmbeddedCommandTest {

    @TempDir
    Path directory;

    @Test
    void a_command_joins_the_running_database_and_no_secret_is_in_log_report_or_database() throws Exception {
        Path data = directory.resolve("data");
        try (CommandLineRuns runs = new CommandLineRuns(directory);
                EmbeddedDatabase running = EmbeddedDatabase.start(data, Path.of("target", "postgres"))) {
            Map<String, Object> settings = new HashMap<>(runs.settings());
            settings.keySet().removeIf(name -> name.startsWith("spring.datasource"));
            settings.put("logging.level.root", "DEBUG");
            runs.job("nightly", """
                    target: sandbox
                    references: { include: ["res.partner.user_id"] }
                    rules:
                      - when: { field: res.partner.user_id }
                        policy: null-out
                    approval: none
                    limits: { share-of-table: 1 }
                    backup: { require: false }
                    """);
            ByteArrayOutputStream printed = new ByteArrayOutputStream();
            PrintStream stream = new PrintStream(printed, true, StandardCharsets.UTF_8);

            int exitCode = new Cli(OrphanCleanup.class, settings, stream, stream).run("cleanup", "--job", "nightly");

            assertThat(exitCode).as(printed.toString(StandardCharsets.UTF_8)).isZero();
            List<String> secrets = List.of(runs.sandbox.apiKey(), runs.sandbox.jdbcPassword(), running.password());
            String log = Files.readString(data.resolve("logs/odoo-orphan-cleanup.log"));
            assertThat(log).contains("DEBUG");
            List<String> places =
                    new ArrayList<>(List.of(log, content(running), printed.toString(StandardCharsets.UTF_8)));
            try (Stream<Path> reports = Files.walk(data.resolve("reports"))) {
                for (Path file : reports.filter(Files::isRegularFile).toList()) {
                    places.add(Files.readString(file));
                }
            }
            assertThat(places).hasSizeGreaterThanOrEqualTo(9);
            for (String secret : secrets) {
                assertThat(places).noneMatch(place -> place.contains(secret));
            }
        }
    }

    /** Every row of every table of ours. */
    private static String content(EmbeddedDatabase database) throws Exception {
        StringBuilder content = new StringBuilder();
        try (Connection connection =
                DriverManager.getConnection(database.jdbcUrl(), database.user(), database.password())) {
            List<String> tables = new ArrayList<>();
            try (ResultSet found = connection
                    .createStatement()
                    .executeQuery(
                            "SELECT oid::regclass::text FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace")) {
                while (found.next()) {
                    tables.add(found.getString(1));
                }
            }
            assertThat(tables).contains("run", "journal_call");
            for (String table : tables) {
                try (ResultSet rows =
                        connection.createStatement().executeQuery("SELECT t::text FROM " + table + " AS t")) {
                    while (rows.next()) {
                        content.append(rows.getString(1)).append('\n');
                    }
                }
            }
        }
        assertThat(content).contains("res.partner");
        return content.toString();
    }
}
