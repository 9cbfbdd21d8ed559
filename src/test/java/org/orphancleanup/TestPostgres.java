package org.orphancleanup;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.atomic.AtomicInteger;
import org.flywaydb.core.Flyway;
import org.postgresql.ds.PGSimpleDataSource;
import org.springframework.jdbc.core.simple.JdbcClient;

/** One embedded PostgreSQL for all tests of a JVM; each caller gets a database of its own. */
public final class TestPostgres {

    private static final AtomicInteger NUMBER = new AtomicInteger();
    private static EmbeddedPostgres server;
    private static boolean migrated;

    private TestPostgres() {}

    /** An empty database. */
    public static PGSimpleDataSource emptyDatabase() {
        return create("");
    }

    /** A database with our own schema. */
    public static synchronized PGSimpleDataSource ourDatabase() {
        if (!migrated) {
            JdbcClient.create(admin()).sql("CREATE DATABASE ours_template").update();
            Flyway.configure().dataSource(database("ours_template")).load().migrate();
            migrated = true;
        }
        return create(" TEMPLATE ours_template");
    }

    /** A database with the same content; nobody may be connected to the other one meanwhile, so its connections are ended. */
    public static PGSimpleDataSource copyOf(String url) {
        String name = url.replaceAll(".*/([^/?]+).*", "$1");
        JdbcClient.create(admin())
                .sql("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = ?")
                .param(name)
                .query(Long.class)
                .single();
        return create(" TEMPLATE " + name);
    }

    private static PGSimpleDataSource create(String options) {
        String name = "test" + NUMBER.incrementAndGet();
        JdbcClient.create(admin()).sql("CREATE DATABASE " + name + options).update();
        return database(name);
    }

    private static PGSimpleDataSource admin() {
        return database("postgres");
    }

    private static synchronized PGSimpleDataSource database(String name) {
        try {
            if (server == null) {
                server = EmbeddedPostgres.builder()
                        .setServerConfig("fsync", "off")
                        .setServerConfig("max_connections", "200")
                        .start();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setUrl(server.getJdbcUrl("postgres", name));
        return source;
    }
}
