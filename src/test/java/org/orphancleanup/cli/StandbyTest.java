package org.orphancleanup.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.orphancleanup.cli.CommandLineRuns.Result;
import org.springframework.jdbc.core.simple.JdbcClient;

/** A target whose database is a hot standby: fit to be read, not to see what was just written. */
class StandbyTest {

    private static final String ODOO = """
            CREATE TABLE ir_model (id serial PRIMARY KEY, model varchar);
            CREATE TABLE ir_model_fields (id serial PRIMARY KEY, model varchar, name varchar, ttype varchar,
              relation varchar, store boolean DEFAULT true);
            CREATE TABLE ir_module_module (id serial PRIMARY KEY, name varchar, state varchar, latest_version varchar);
            CREATE TABLE ir_config_parameter (id serial PRIMARY KEY, key varchar, value text);
            CREATE TABLE res_partner (id serial PRIMARY KEY, parent_id integer, parent_path varchar);
            INSERT INTO ir_model (model) VALUES ('res.partner');
            INSERT INTO ir_model_fields (model, name, ttype, relation) VALUES ('res.partner', 'parent_id', 'many2one', 'res.partner');
            INSERT INTO res_partner (parent_id, parent_path) VALUES (77, '77/1/')""";

    @Test
    void a_standby_is_scanned_and_a_cleanup_asks_for_the_primary(@TempDir Path directory) throws IOException {
        Path data = directory.resolve("server");
        try (EmbeddedPostgres primary = server(data)) {
            JdbcClient.create(primary.getPostgresDatabase()).sql(ODOO).update();
        }
        Files.createFile(data.resolve("standby.signal"));
        try (EmbeddedPostgres standby = server(data);
                CommandLineRuns runs = new CommandLineRuns(directory)) {
            runs.target(
                    "standby",
                    Map.of(
                            "jdbc-url",
                            standby.getJdbcUrl("postgres", "postgres"),
                            "jdbc-user",
                            "postgres",
                            "pause",
                            "1ms"));
            runs.job("mend", "target: standby\ndefault: null-out\n");
            Path out = directory.resolve("out");

            Result scan = runs.run("scan", "--target", "standby", "--out", out.toString());
            Result cleanup = runs.run("cleanup", "--job", "mend", "--yes");

            assertThat(scan.exitCode()).as(scan.err()).isEqualTo(1);
            assertThat(Files.readAllLines(out.resolve("findings.csv"))).hasSize(2);
            assertThat(Files.readAllLines(out.resolve("observations.csv")))
                    .hasSize(2)
                    .last()
                    .asString()
                    .startsWith("parent-path,res.partner,res_partner,1,parent_path,");
            assertThat(cleanup.exitCode()).isEqualTo(2);
            assertThat(cleanup.err())
                    .contains("hot standby", "orphan.targets.standby.jdbc-url to the primary", "nothing was written");
        }
    }

    @Test
    void a_standby_that_follows_its_primary_shows_a_scan_what_it_has_replayed(@TempDir Path directory)
            throws IOException {
        Path data = directory.resolve("primary");
        try (EmbeddedPostgres primary = server(data)) {
            JdbcClient.create(primary.getPostgresDatabase()).sql(ODOO).update();
        }
        Path copy = directory.resolve("standby");
        copy(data, copy);
        Files.createFile(copy.resolve("standby.signal"));
        try (EmbeddedPostgres primary = server(data)) {
            Files.writeString(
                    copy.resolve("postgresql.auto.conf"),
                    "primary_conninfo = 'host=127.0.0.1 port=" + primary.getPort() + " user=postgres'\n");
            try (EmbeddedPostgres standby = server(copy);
                    CommandLineRuns runs = new CommandLineRuns(directory)) {
                // the commit returns when the standby has replayed it
                JdbcClient.create(primary.getPostgresDatabase())
                        .sql(
                                "SET synchronous_commit = remote_apply; INSERT INTO res_partner (parent_id) VALUES (88), (89)")
                        .update();
                runs.target(
                        "standby",
                        Map.of("jdbc-url", standby.getJdbcUrl("postgres", "postgres"), "jdbc-user", "postgres"));
                runs.job("mend", "target: standby\ndefault: null-out\n");
                Path out = directory.resolve("out");

                Result scan = runs.run("scan", "--target", "standby", "--out", out.toString());
                Result cleanup = runs.run("cleanup", "--job", "mend", "--yes", "--out", out.toString());

                assertThat(scan.exitCode()).as(scan.err()).isEqualTo(1);
                assertThat(Files.readString(out.resolve("findings.csv"))).contains(",77,", ",88,", ",89,");
                assertThat(cleanup.exitCode()).isEqualTo(2);
                assertThat(cleanup.err()).contains("hot standby", "to the primary", "nothing was written");
            }
        }
    }

    @Test
    void a_read_that_the_standby_cancels_for_its_recovery_is_made_again(@TempDir Path directory) throws Exception {
        Path data = directory.resolve("primary");
        try (EmbeddedPostgres primary = server(data)) {
            // reading a partner takes a minute as long as the gate is shut
            JdbcClient.create(primary.getPostgresDatabase()).sql(ODOO + """
                    ;
                    CREATE TABLE gate (shut boolean);
                    INSERT INTO gate VALUES (true);
                    CREATE FUNCTION passed() RETURNS boolean LANGUAGE sql
                      AS 'SELECT CASE WHEN (SELECT shut FROM gate) THEN pg_sleep(60) IS NOT NULL ELSE true END';
                    CREATE ROLE reader LOGIN;
                    GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader;
                    ALTER TABLE res_partner ENABLE ROW LEVEL SECURITY;
                    CREATE POLICY gate ON res_partner USING (passed())""").update();
        }
        Path copy = directory.resolve("standby");
        copy(data, copy);
        Files.createFile(copy.resolve("standby.signal"));
        try (EmbeddedPostgres primary = server(data)) {
            Files.writeString(
                    copy.resolve("postgresql.auto.conf"),
                    "max_standby_streaming_delay = 0\nprimary_conninfo = 'host=127.0.0.1 port=" + primary.getPort()
                            + " user=postgres'\n");
            try (EmbeddedPostgres standby = server(copy);
                    CommandLineRuns runs = new CommandLineRuns(directory)) {
                runs.target(
                        "standby", Map.of("jdbc-url", standby.getJdbcUrl("reader", "postgres"), "jdbc-user", "reader"));
                Path out = directory.resolve("out");
                JdbcClient watcher = JdbcClient.create(standby.getPostgresDatabase());

                CompletableFuture<Result> scan = CompletableFuture.supplyAsync(
                        () -> runs.run("scan", "--target", "standby", "--out", out.toString()));
                await().atMost(Duration.ofMinutes(2))
                        .until(() -> scan.isDone()
                                || watcher.sql("SELECT EXISTS (SELECT FROM pg_stat_activity"
                                                + " WHERE usename = 'reader' AND wait_event = 'PgSleep')")
                                        .query(Boolean.class)
                                        .single());
                JdbcClient writer = JdbcClient.create(primary.getPostgresDatabase());
                writer.sql("UPDATE gate SET shut = false; UPDATE res_partner SET parent_path = '78/1/'")
                        .update();
                // removes the row that the standby's reader still has to see
                writer.sql("VACUUM res_partner").update();

                Result result = scan.get(2, TimeUnit.MINUTES);
                assertThat(result.exitCode()).as(result.err()).isEqualTo(1);
                assertThat(watcher.sql("SELECT sum(confl_snapshot) FROM pg_stat_database_conflicts")
                                .query(Long.class)
                                .single())
                        .as("reads that the standby cancelled")
                        .isPositive();
                assertThat(Files.readString(out.resolve("findings.csv"))).contains(",77,");
                assertThat(Files.readString(out.resolve("observations.csv"))).contains("78/1/");
            }
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(from.relativize(file).toString()), StandardCopyOption.COPY_ATTRIBUTES);
            }
        }
    }

    private static EmbeddedPostgres server(Path data) throws IOException {
        return EmbeddedPostgres.builder()
                .setServerConfig("synchronous_standby_names", "*")
                .setDataDirectory(data)
                .setCleanDataDirectory(false)
                .start();
    }
}
