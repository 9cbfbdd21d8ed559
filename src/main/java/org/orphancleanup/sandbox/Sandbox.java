package org.orphancleanup.sandbox;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.io.IOException;
import java.io.InputStream;
import java.net.BindException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Properties;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.orphancleanup.UserError;
import org.orphancleanup.database.EmbeddedDatabase;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.io.ClassPathResource;
import org.springframework.util.StreamUtils;

/**
 * A damaged Odoo to try things on: a database with Odoo's tables, some thousand records and the damage that real databases
 * have, and a small server that answers {@code /jsonrpc}, from 19 on {@code /json/2} too, as Odoo does, refusals included. It
 * is damaged once and used again, unless it is to be made anew. It listens on 127.0.0.1 only.
 */
public final class Sandbox implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Sandbox.class);
    private static final String LOGIN = "admin";

    private final @Nullable EmbeddedDatabase embedded;
    private final HikariDataSource pool;
    private final SandboxServer server;
    private final String jdbcUrl;
    private final String database;
    private final String readerPassword;
    private final String apiKey;
    private final int version;

    private Sandbox(
            @Nullable EmbeddedDatabase embedded,
            HikariDataSource pool,
            SandboxServer server,
            String jdbcUrl,
            String database,
            String readerPassword,
            String apiKey,
            int version) {
        this.embedded = embedded;
        this.pool = pool;
        this.server = server;
        this.jdbcUrl = jdbcUrl;
        this.database = database;
        this.readerPassword = readerPassword;
        this.apiKey = apiKey;
        this.version = version;
    }

    /** @throws UserError when its database or its port cannot be had */
    public static Sandbox start(SandboxOptions options) {
        EmbeddedDatabase embedded = null;
        HikariDataSource pool = null;
        try {
            String url;
            String user = options.jdbcUser();
            String password = options.jdbcPassword();
            if (options.directory() != null) {
                embedded = options.programs() == null
                        ? EmbeddedDatabase.start(options.directory())
                        : EmbeddedDatabase.start(options.directory(), options.programs());
                user = embedded.user();
                password = embedded.password();
                url = ownDatabase(embedded, "odoo" + options.version(), options.reset());
            } else {
                url = Objects.requireNonNull(options.jdbcUrl());
            }
            Registry registry = Registry.load(options.version());
            String database;
            String[] secrets;
            try (Connection connection = connect(url, user, password)) {
                database = single(connection, "SELECT current_database()");
                if (!prepared(connection, options.version())) {
                    build(connection, registry, options.damaged());
                }
                secrets = secrets(connection, database);
            }
            HikariConfig config = new HikariConfig();
            config.setPoolName("sandbox");
            config.setJdbcUrl(url);
            config.setUsername(user);
            config.setPassword(password);
            config.setMaximumPoolSize(SandboxServer.THREADS);
            config.setMinimumIdle(0);
            config.setAutoCommit(false);
            config.setTransactionIsolation("TRANSACTION_REPEATABLE_READ");
            pool = new HikariDataSource(config);
            SandboxServer server = SandboxServer.start(pool, registry, database, options.port());
            LOG.info("Sandbox posing as Odoo {} at {}", options.version(), server.url());
            return new Sandbox(embedded, pool, server, url, database, secrets[0], secrets[1], options.version());
        } catch (BindException e) {
            close(pool, embedded);
            throw UserError.setting(
                    "Port " + options.port() + " is taken: choose another one for the sandbox, or none.");
        } catch (SQLException | IOException e) {
            close(pool, embedded);
            throw UserError.service("The sandbox cannot be started: " + e.getMessage(), e);
        } catch (RuntimeException e) {
            close(pool, embedded);
            throw e;
        }
    }

    private static void close(@Nullable HikariDataSource pool, @Nullable EmbeddedDatabase embedded) {
        if (pool != null) {
            pool.close();
        }
        if (embedded != null) {
            embedded.close();
        }
    }

    private static String ownDatabase(EmbeddedDatabase embedded, String name, boolean reset) throws SQLException {
        try (Connection connection = connect(embedded.jdbcUrl("postgres"), embedded.user(), embedded.password());
                Statement statement = connection.createStatement()) {
            if (reset) {
                statement.execute("DROP DATABASE IF EXISTS " + name + " WITH (FORCE)");
            }
            try (ResultSet found = statement.executeQuery("SELECT 1 FROM pg_database WHERE datname = '" + name + "'")) {
                if (found.next()) {
                    return embedded.jdbcUrl(name);
                }
            }
            statement.execute("CREATE DATABASE " + name);
            return embedded.jdbcUrl(name);
        }
    }

    private static Connection connect(String url, @Nullable String user, @Nullable String password)
            throws SQLException {
        Properties properties = new Properties();
        if (user != null) {
            properties.setProperty("user", user);
        }
        if (password != null) {
            properties.setProperty("password", password);
        }
        return DriverManager.getConnection(url, properties);
    }

    private static String single(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            result.next();
            return String.valueOf(result.getString(1));
        }
    }

    /** What of its own the sandbox keeps lies in a schema of its own, out of the way of Odoo's tables. */
    private static boolean prepared(Connection connection, int version) throws SQLException {
        if (single(connection, "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'sandbox'")
                .equals("0")) {
            return false;
        }
        String made = single(connection, "SELECT value FROM sandbox.state WHERE name = 'version'");
        if (!made.equals(Integer.toString(version))) {
            throw UserError.setting(
                    "The sandbox was made as Odoo " + made + ", not " + version + ": make it anew with --reset.");
        }
        return true;
    }

    /** One transaction: a kill in between leaves an empty database. */
    private static void build(Connection connection, Registry registry, boolean damaged)
            throws SQLException, IOException {
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            for (String sql : new Schema(registry).statements()) {
                statement.execute(sql);
            }
            // rows come in any order
            statement.execute("SET LOCAL session_replication_role = replica");
            new SandboxData(registry).write(connection);
            statement.execute("UPDATE res_users SET password = encode(sha256(convert_to(login, 'UTF8')), 'hex')");
            statement.execute("SET LOCAL session_replication_role = origin");
            statement.execute("CREATE SCHEMA sandbox");
            statement.execute("CREATE TABLE sandbox.state (name text PRIMARY KEY, value text NOT NULL)");
            statement.execute("INSERT INTO sandbox.state VALUES ('version', '" + registry.version()
                    + "'), ('api-key', '" + secret() + "'), ('reader-password', '" + secret() + "')");
            if (damaged) {
                damage(statement, registry.version());
            }
            connection.commit();
            connection.setAutoCommit(true);
            statement.execute("ANALYZE");
        }
    }

    /** Blocks that begin with {@code -- only 17 18} are for these versions. */
    private static void damage(Statement statement, int version) throws SQLException, IOException {
        String script;
        try (InputStream in = new ClassPathResource("damage.sql", Sandbox.class).getInputStream()) {
            script = StreamUtils.copyToString(in, StandardCharsets.UTF_8);
        }
        for (String block : script.split("\n\n")) {
            boolean meant = block.lines()
                    .filter(line -> line.startsWith("-- only"))
                    .allMatch(line -> List.of(line.split(" ")).contains(Integer.toString(version)));
            if (meant) {
                statement.execute(block);
            }
        }
    }

    private static String secret() {
        byte[] random = new byte[20];
        new SecureRandom().nextBytes(random);
        return HexFormat.of().formatHex(random);
    }

    /** The reader's password and the API key; both belong to the database and outlive the process. */
    private static String[] secrets(Connection connection, String database) throws SQLException {
        String password = single(connection, "SELECT value FROM sandbox.state WHERE name = 'reader-password'");
        String key = single(connection, "SELECT value FROM sandbox.state WHERE name = 'api-key'");
        try (Statement statement = connection.createStatement()) {
            String reader = Environment.quote(reader(database));
            if (single(connection, "SELECT count(*) FROM pg_roles WHERE rolname = '" + reader(database) + "'")
                    .equals("0")) {
                statement.execute("CREATE ROLE " + reader + " LOGIN");
            }
            statement.execute("ALTER ROLE " + reader + " PASSWORD '" + password + "'");
            statement.execute("GRANT SELECT ON ALL TABLES IN SCHEMA public TO " + reader);
            for (String secret : List.of("res_users.password", "res_users_apikeys.key")) {
                String table = secret.substring(0, secret.indexOf('.'));
                String columns = single(
                        connection,
                        "SELECT string_agg(quote_ident(column_name), ', ') FROM information_schema.columns WHERE table_name = '"
                                + table + "' AND column_name <> '" + secret.substring(secret.indexOf('.') + 1) + "'");
                statement.execute("REVOKE SELECT ON " + table + " FROM " + reader);
                statement.execute("GRANT SELECT (" + columns + ") ON " + table + " TO " + reader);
            }
        }
        try (PreparedStatement statement = connection.prepareStatement(
                "UPDATE res_users_apikeys SET key = encode(sha256(convert_to(?, 'UTF8')), 'hex') WHERE id = 1")) {
            statement.setString(1, key);
            statement.executeUpdate();
        }
        return new String[] {password, key};
    }

    private static String reader(String database) {
        return "reader_of_" + database;
    }

    /** Of the database as Odoo sees it. */
    public String jdbcUrl() {
        return jdbcUrl;
    }

    /** A role that may read, and no passwords and keys. */
    public String jdbcUser() {
        return reader(database);
    }

    public String jdbcPassword() {
        return readerPassword;
    }

    /** Of the server, without a slash at its end. */
    public String url() {
        return server.url();
    }

    /** The database's name in Odoo. */
    public String database() {
        return database;
    }

    public String login() {
        return LOGIN;
    }

    public String apiKey() {
        return apiKey;
    }

    public int version() {
        return version;
    }

    public CallLog calls() {
        return server.calls();
    }

    /** For tests: called before each method call with {@code model.method} and the ids; it may throw, and it may wait. */
    public void beforeCall(@Nullable BiConsumer<String, List<Long>> hook) {
        server.beforeCall(hook);
    }

    /** For tests: so many next method calls are carried out, and the connection breaks before their answer. */
    public void loseAnswers(int calls) {
        server.loseAnswers(calls);
    }

    @Override
    public void close() {
        server.close();
        close(pool, embedded);
    }
}
