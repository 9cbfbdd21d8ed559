package org.orphancleanup.target;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Properties;
import java.util.Set;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.orphancleanup.UserError;
import org.orphancleanup.target.Target.Jdbc;
import org.postgresql.Driver;
import org.postgresql.PGProperty;
import org.springframework.jdbc.datasource.DelegatingDataSource;
import org.springframework.jdbc.datasource.SimpleDriverDataSource;

/** Opens a target's database for reading only, and says in plain words why it cannot. */
final class TargetDatabaseOpener {

    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);
    private static final Duration LOGIN_TIMEOUT = Duration.ofSeconds(20);
    private static final Duration LOCK_TIMEOUT = Duration.ofSeconds(30);
    /** Past the statement timeout, so that PostgreSQL's own error comes first and a dead network still ends. */
    private static final Duration SOCKET_GRACE = Duration.ofSeconds(60);

    private static final Duration POOL_TIMEOUT = Duration.ofSeconds(60);

    private static final String PERMISSION_DENIED = "42501";

    private final Target target;
    private final TargetSettings settings;

    TargetDatabaseOpener(Target target, TargetSettings settings) {
        this.target = target;
        this.settings = settings;
    }

    TargetDatabase open() {
        DataSource direct = direct();
        Facts facts;
        // one connection outside the pool first: its errors are the driver's own, and come at once
        try (Connection connection = direct.getConnection()) {
            facts = facts(connection);
        } catch (SQLException e) {
            throw explained(e);
        }
        HikariConfig config = new HikariConfig();
        config.setPoolName("target-" + target.name().replaceAll("[^A-Za-z0-9_.-]", "_"));
        config.setDataSource(direct);
        config.setMaximumPoolSize(settings.connections());
        config.setMinimumIdle(0);
        config.setReadOnly(true);
        config.setConnectionTimeout(POOL_TIMEOUT.toMillis());
        config.setInitializationFailTimeout(-1);
        return new Opened(new HikariDataSource(config), facts);
    }

    /** Connections of the driver, without a pool. */
    private DataSource direct() {
        Jdbc jdbc = target.jdbc();
        // The URL goes to the driver without its parameters: those that stand in a URL would beat ours, and the driver
        // logs the URL at DEBUG.
        return new SimpleDriverDataSource(new Driver(), jdbc.address(), properties(jdbc)) {
            @Override
            public void setLoginTimeout(int seconds) {
                // the pool offers its own; ours is among the properties
            }

            @Override
            public int getLoginTimeout() {
                // how long the pool waits at its end for a connection still being made
                return (int) LOGIN_TIMEOUT.toSeconds();
            }
        };
    }

    private Properties properties(Jdbc jdbc) {
        Properties properties = common(jdbc, settings);
        // From here on ours win. Not "always": in that mode a setReadOnly(false) turns the session's default off on the
        // server; so the driver begins each transaction read-only, and the server's default holds whatever is called.
        PGProperty.READ_ONLY.set(properties, true);
        PGProperty.READ_ONLY_MODE.set(properties, "transaction");
        addOptions(properties, settings, "-c default_transaction_read_only=on ");
        return properties;
    }

    /** What both connections of a target have: what its URL says, role, password and timeouts. */
    static Properties common(Jdbc jdbc, TargetSettings settings) {
        Properties properties = new Properties();
        Properties fromUrl = Driver.parseURL(jdbc.url(), null);
        if (fromUrl != null) {
            fromUrl.stringPropertyNames().forEach(name -> properties.setProperty(name, fromUrl.getProperty(name)));
            Set.of(PGProperty.PG_HOST, PGProperty.PG_PORT, PGProperty.PG_DBNAME)
                    .forEach(place -> properties.remove(place.getName()));
        }
        if (jdbc.user() != null) {
            PGProperty.USER.set(properties, jdbc.user());
        }
        if (jdbc.password() != null) {
            PGProperty.PASSWORD.set(properties, jdbc.password().reveal());
        }
        setUnlessGiven(properties, PGProperty.APPLICATION_NAME, "odoo-orphan-cleanup");
        setUnlessGiven(properties, PGProperty.CONNECT_TIMEOUT, String.valueOf(CONNECT_TIMEOUT.toSeconds()));
        setUnlessGiven(properties, PGProperty.LOGIN_TIMEOUT, String.valueOf(LOGIN_TIMEOUT.toSeconds()));
        setUnlessGiven(properties, PGProperty.TCP_KEEP_ALIVE, "true");
        setUnlessGiven(
                properties,
                PGProperty.SOCKET_TIMEOUT,
                String.valueOf(settings.statementTimeout().plus(SOCKET_GRACE).toSeconds()));
        return properties;
    }

    static void addOptions(Properties properties, TargetSettings settings, String more) {
        String given = PGProperty.OPTIONS.getOrDefault(properties);
        // the later of two options wins
        PGProperty.OPTIONS.set(
                properties,
                (given == null ? "" : given + " ")
                        + more
                        // a parallel worker is a process more than the connections we were given, and on the windows of
                        // a
                        // scan starting it (or compiling a plan) takes longer than it saves
                        + "-c max_parallel_workers_per_gather=0 -c jit=off"
                        + " -c statement_timeout=" + settings.statementTimeout().toMillis()
                        + " -c lock_timeout=" + LOCK_TIMEOUT.toMillis()
                        + " -c idle_in_transaction_session_timeout="
                        + settings.statementTimeout().toMillis());
    }

    private static void setUnlessGiven(Properties properties, PGProperty property, String value) {
        if (properties.getProperty(property.getName()) == null) {
            property.set(properties, value);
        }
    }

    private Facts facts(Connection connection) throws SQLException {
        String database;
        boolean canWrite;
        boolean standby;
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("""
                        SELECT current_database(), current_user,
                          to_regclass('ir_model_fields') IS NOT NULL AND to_regclass('ir_config_parameter') IS NOT NULL,
                          EXISTS (SELECT 1 FROM pg_class WHERE relname = 'ir_model_fields' AND relkind IN ('r', 'p')),
                          coalesce(has_any_column_privilege(to_regclass('ir_model_fields')::oid, 'SELECT'), false),
                          (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)
                            OR EXISTS (SELECT 1 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                              WHERE c.relkind IN ('r', 'p') AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
                                AND (has_table_privilege(c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE')
                                  OR has_any_column_privilege(c.oid, 'INSERT, UPDATE'))),
                          pg_is_in_recovery()""")) {
            row.next();
            database = row.getString(1);
            String role = row.getString(2);
            if (!row.getBoolean(3)) {
                throw UserError.setting(
                        row.getBoolean(4)
                                ? "Role \"" + role + "\" does not see Odoo's tables in database \"" + database
                                        + "\" of target \"" + target.name()
                                        + "\": grant it USAGE on their schema (GRANT USAGE ON SCHEMA public TO …), or name the schema in "
                                        + settings.name("jdbc-url") + " with ?currentSchema=…"
                                : "Database \"" + database + "\" of target \"" + target.name()
                                        + "\" is no Odoo database: it has no table ir_model_fields or ir_config_parameter. Check "
                                        + settings.name("jdbc-url") + ".");
            }
            if (!row.getBoolean(5)) {
                throw UserError.setting("Role \"" + role + "\" may not read table ir_model_fields in database \""
                        + database + "\" of target \"" + target.name()
                        + "\", without which nothing can be found: grant it SELECT there, or set another role in "
                        + settings.name("jdbc-user") + ".");
            }
            canWrite = row.getBoolean(6);
            standby = row.getBoolean(7);
        }
        String uuid = uuid(connection);
        return new Facts(
                uuid,
                sha256(target.jdbc().address() + "|" + database + "|" + uuid),
                canWrite,
                standby,
                settings.pause());
    }

    private static String uuid(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row =
                        statement.executeQuery("SELECT value FROM ir_config_parameter WHERE key = 'database.uuid'")) {
            String uuid = row.next() ? row.getString(1) : null;
            return uuid == null ? "" : uuid;
        } catch (SQLException e) {
            if (PERMISSION_DENIED.equals(e.getSQLState())) {
                // the table holds keys too, so a careful administrator grants less than that
                return "";
            }
            throw e;
        }
    }

    private static String sha256(String text) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private UserError explained(SQLException e) {
        String state = e.getSQLState() == null ? "" : e.getSQLState();
        String said = e.getMessage() == null ? "no answer" : e.getMessage().strip();
        String where = "The database of target \"" + target.name() + "\" at "
                + target.jdbc().address();
        String remedy = remedy(state, said);
        if (remedy != null) {
            return new UserError(UserError.Kind.SETTING, where + " " + remedy + " (" + said + ")", e);
        }
        return UserError.service(
                where + " is not reachable: see that PostgreSQL runs and takes connections from here, or correct "
                        + settings.name("jdbc-url") + ". (" + said + ")",
                e);
    }

    /** Null where the server, not a setting, is at fault. */
    private @Nullable String remedy(String state, String said) {
        if (said.toLowerCase(Locale.ROOT).contains("does not support ssl")) {
            return "does not offer SSL as asked for: check the ssl parameters of " + settings.name("jdbc-url") + ".";
        }
        return switch (state) {
            case "28P01", "08004" ->
                "refused the role or its password: check " + settings.name("jdbc-user") + " and "
                        + settings.name("jdbc-password") + ".";
            case "28000" ->
                "does not let this role in from here: add a line to the server's pg_hba.conf, or check "
                        + settings.name("jdbc-user") + " and the ssl parameters of " + settings.name("jdbc-url") + ".";
            case "3D000" -> "does not exist: check the name at the end of " + settings.name("jdbc-url") + ".";
            case PERMISSION_DENIED ->
                "refused the role a right it needs: grant it CONNECT on the database and USAGE on its schema, or check "
                        + settings.name("jdbc-user") + ".";
            case "08P01" ->
                "refused our session settings: connect to PostgreSQL itself, not through PgBouncer ("
                        + settings.name("jdbc-url") + ").";
            default -> null;
        };
    }

    private record Facts(String uuid, String fingerprint, boolean roleCanWrite, boolean isStandby, Duration pause) {}

    private static final class Opened implements TargetDatabase {

        private final HikariDataSource pool;
        private final DataSource guarded;
        private final Facts facts;

        Opened(HikariDataSource pool, Facts facts) {
            this.pool = pool;
            this.guarded = new ReadOnlyDataSource(pool);
            this.facts = facts;
        }

        @Override
        public DataSource dataSource() {
            return guarded;
        }

        @Override
        public String uuid() {
            return facts.uuid();
        }

        @Override
        public String fingerprint() {
            return facts.fingerprint();
        }

        @Override
        public boolean roleCanWrite() {
            return facts.roleCanWrite();
        }

        @Override
        public boolean isStandby() {
            return facts.isStandby();
        }

        @Override
        public Duration pause() {
            return facts.pause();
        }

        @Override
        public int connections() {
            return pool.getMaximumPoolSize();
        }

        @Override
        public void close() {
            pool.close();
        }
    }

    /** Says it again whenever a connection leaves the pool: whoever had it before may have lifted the session's default. */
    private static final class ReadOnlyDataSource extends DelegatingDataSource {

        ReadOnlyDataSource(DataSource pool) {
            super(pool);
        }

        @Override
        public Connection getConnection() throws SQLException {
            Connection connection = super.getConnection();
            try (Statement statement = connection.createStatement()) {
                statement.execute("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY");
                return connection;
            } catch (SQLException e) {
                connection.close();
                throw e;
            }
        }

        @Override
        public Connection getConnection(@Nullable String user, @Nullable String password) throws SQLException {
            return getConnection();
        }
    }
}
