package org.orphancleanup.sandbox;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.orphancleanup.TestPostgres;
import org.postgresql.ds.PGSimpleDataSource;

/** Sandboxes for tests: each version's database is built once, and copied for everyone who wants one. */
final class Sandboxes {

    private static final Map<String, PGSimpleDataSource> TEMPLATES = new LinkedHashMap<>();
    private static final AtomicInteger NUMBER = new AtomicInteger();

    private Sandboxes() {}

    static Sandbox sound(int version) throws SQLException {
        return start(version, false);
    }

    static Sandbox damaged(int version) throws SQLException {
        return start(version, true);
    }

    private static synchronized Sandbox start(int version, boolean damaged) throws SQLException {
        PGSimpleDataSource template = TEMPLATES.get(version + " " + damaged);
        if (template == null) {
            template = TestPostgres.emptyDatabase();
            Sandbox.start(options(template, version, damaged)).close();
            TEMPLATES.put(version + " " + damaged, template);
        }
        PGSimpleDataSource copy = TestPostgres.emptyDatabase();
        String name = "sandbox" + NUMBER.incrementAndGet();
        try (Connection connection = copy.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE DATABASE " + name + " TEMPLATE " + template.getDatabaseName());
        }
        copy.setDatabaseName(name);
        return Sandbox.start(options(copy, version, damaged));
    }

    private static SandboxOptions options(PGSimpleDataSource source, int version, boolean damaged) {
        String url = "jdbc:postgresql://" + source.getServerNames()[0] + ":" + source.getPortNumbers()[0] + "/"
                + source.getDatabaseName();
        SandboxOptions options =
                SandboxOptions.over(url, source.getUser(), source.getPassword()).version(version);
        return damaged ? options : options.undamaged();
    }

    /** A connection that may do anything, as a database administrator's. */
    static Connection connect(Sandbox sandbox) throws SQLException {
        return DriverManager.getConnection(sandbox.jdbcUrl(), "postgres", "postgres");
    }

    /** Runs statements as a replica does: no foreign key is looked at. */
    static void unchecked(Sandbox sandbox, String... statements) throws SQLException {
        try (Connection connection = connect(sandbox);
                Statement statement = connection.createStatement()) {
            statement.execute("SET session_replication_role = replica");
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    static String value(Sandbox sandbox, String sql) throws SQLException {
        try (Connection connection = connect(sandbox);
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            return result.next() ? result.getString(1) : null;
        }
    }
}
