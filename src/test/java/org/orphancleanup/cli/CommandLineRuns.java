package org.orphancleanup.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import javax.sql.DataSource;
import org.orphancleanup.OrphanCleanup;
import org.orphancleanup.TestPostgres;
import org.orphancleanup.sandbox.Sandbox;
import org.orphancleanup.sandbox.SandboxOptions;
import org.postgresql.ds.PGSimpleDataSource;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Runs commands in this process, with our database and a sandbox Odoo of their own. */
final class CommandLineRuns implements AutoCloseable {

    /** What a command printed, and its exit code. */
    record Result(int exitCode, String out, String err) {}

    final Path directory;
    final Sandbox sandbox;
    final PGSimpleDataSource ours = TestPostgres.ourDatabase();
    private final DataSource odoo;
    private final Map<String, Object> settings = new HashMap<>();

    CommandLineRuns(Path directory) {
        this(directory, TestPostgres.emptyDatabase());
    }

    /** @param odoo the database that the sandbox fills */
    CommandLineRuns(Path directory, PGSimpleDataSource odoo) {
        this.directory = directory;
        this.odoo = odoo;
        this.sandbox = Sandbox.start(SandboxOptions.over(odoo.getUrl(), odoo.getUser(), odoo.getPassword()));
        settings.put("spring.datasource.url", ours.getUrl());
        settings.put("spring.datasource.username", String.valueOf(ours.getUser()));
        settings.put("orphan.data-dir", directory.resolve("data").toString());
        settings.put("orphan.jobs-dir", directory.resolve("jobs").toString());
        target("sandbox", Map.of());
    }

    /** Settings for a command in a process of its own. */
    Map<String, Object> settings() {
        return Map.copyOf(settings);
    }

    JdbcClient ours() {
        return JdbcClient.create(ours);
    }

    /** Odoo's database as a superuser. */
    JdbcClient odoo() {
        return JdbcClient.create(odoo);
    }

    /** A target that leads to the sandbox but for what is given. */
    void target(String name, Map<String, String> instead) {
        Map<String, String> target = new HashMap<>(Map.of(
                "jdbc-url", sandbox.jdbcUrl(),
                "jdbc-user", sandbox.jdbcUser(),
                "jdbc-password", sandbox.jdbcPassword(),
                "url", sandbox.url(),
                "database", sandbox.database(),
                "login", sandbox.login(),
                "api-key", sandbox.apiKey()));
        target.putAll(instead);
        target.forEach((key, value) -> settings.put("orphan.targets." + name + "." + key, value));
    }

    void job(String name, String yaml) throws IOException {
        Files.createDirectories(directory.resolve("jobs"));
        Files.writeString(directory.resolve("jobs/" + name + ".yaml"), "name: " + name + "\n" + yaml);
    }

    Result run(String... arguments) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int exitCode = new Cli(
                        OrphanCleanup.class,
                        settings,
                        new PrintStream(out, true, StandardCharsets.UTF_8),
                        new PrintStream(err, true, StandardCharsets.UTF_8))
                .run(arguments);
        return new Result(exitCode, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    @Override
    public void close() {
        sandbox.close();
    }
}
