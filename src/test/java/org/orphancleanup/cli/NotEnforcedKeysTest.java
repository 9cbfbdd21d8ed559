package org.orphancleanup.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.jar.JarFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.orphancleanup.cli.CommandLineRuns.Result;
import org.postgresql.ds.PGSimpleDataSource;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Foreign keys of PostgreSQL 18 that are there and not enforced. Its programs are copied into {@code target} by the build. */
class NotEnforcedKeysTest {

    private static final Path PROGRAMS = Path.of("target", "postgresql-18", "programs.jar");

    @Test
    void a_key_that_is_not_enforced_is_seen_and_enforced_by_the_script_once_its_orphans_are_repaired(
            @TempDir Path directory) throws IOException {
        assumeTrue(Files.exists(PROGRAMS), "the build has copied no PostgreSQL 18 into " + PROGRAMS);
        assumeTrue(
                System.getProperty("os.name").equals("Linux")
                        && System.getProperty("os.arch").equals("amd64"),
                "the build copies PostgreSQL 18 for Linux on amd64 alone");
        byte[] programs = programs();
        try (EmbeddedPostgres server = EmbeddedPostgres.builder()
                        .setPgBinaryResolver((system, machine) -> new ByteArrayInputStream(programs))
                        .setOverrideWorkingDirectory(
                                directory.resolve("programs").toFile())
                        .start();
                CommandLineRuns runs = new CommandLineRuns(directory, database(server))) {
            JdbcClient odoo = runs.odoo();
            assertThat(odoo.sql("SHOW server_version").query(String.class).single())
                    .startsWith("18.");
            odoo.sql("""
                    ALTER TABLE res_partner DROP CONSTRAINT IF EXISTS res_partner_user_id_fkey;
                    ALTER TABLE res_partner ADD CONSTRAINT res_partner_user_id_fkey
                        FOREIGN KEY (user_id) REFERENCES res_users ON DELETE SET NULL NOT ENFORCED""").update();
            runs.job("mend", """
                    target: sandbox
                    references: { include: ["res.partner.user_id"] }
                    default: null-out
                    approval: none
                    limits: { share-of-table: 1 }
                    """);
            Path before = directory.resolve("before");
            Path after = directory.resolve("after");

            Result scan = runs.run("scan", "--job", "mend", "--trust", "--out", before.toString());
            Result cleanup =
                    runs.run("cleanup", "--job", "mend", "--yes", "--no-backup", "a test", "--out", after.toString());

            assertThat(scan.exitCode()).as(scan.err()).isEqualTo(1);
            assertThat(Files.readAllLines(before.resolve("findings.csv")))
                    .hasSizeGreaterThan(1)
                    .last()
                    .asString()
                    .endsWith(",not-enforced");
            assertThat(Files.readString(before.resolve("constraints.sql")))
                    .contains("stand in the way of \"res_partner_user_id_fkey\"", "--   " + ENFORCE);
            assertThat(cleanup.exitCode()).as(cleanup.err()).isZero();
            assertThat(isEnforced(odoo)).isFalse();
            String script = Files.readString(after.resolve("constraints.sql"));
            assertThat(script).contains("\n" + ENFORCE);
            odoo.sql(script).update();
            assertThat(isEnforced(odoo)).isTrue();
        }
    }

    private static final String ENFORCE =
            "ALTER TABLE \"res_partner\" ALTER CONSTRAINT \"res_partner_user_id_fkey\" ENFORCED;";

    private static byte[] programs() throws IOException {
        try (JarFile jar = new JarFile(PROGRAMS.toFile())) {
            return jar.getInputStream(jar.getEntry("postgres-linux-x86_64.txz")).readAllBytes();
        }
    }

    private static PGSimpleDataSource database(EmbeddedPostgres server) {
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setUrl(server.getJdbcUrl("postgres", "postgres"));
        source.setPassword("x");
        return source;
    }

    private static boolean isEnforced(JdbcClient odoo) {
        return odoo.sql(
                        "SELECT conenforced AND convalidated FROM pg_constraint WHERE conname = 'res_partner_user_id_fkey'")
                .query(Boolean.class)
                .single();
    }
}
