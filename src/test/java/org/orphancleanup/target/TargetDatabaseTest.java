package org.orphancleanup.target;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.read.ListAppender;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.orphancleanup.TestPostgres;
import org.orphancleanup.UserError;
import org.orphancleanup.target.Target.Jdbc;
import org.postgresql.ds.PGSimpleDataSource;
import org.slf4j.LoggerFactory;
import org.slf4j.bridge.SLF4JBridgeHandler;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

class TargetDatabaseTest {

    private static final String READ_ONLY = "25006";
    private static final String SECRET = "s3cret-w0rd";

    private static PGSimpleDataSource odoo;
    private static String url;

    private final Targets targets = new ConfiguredTargets(new TargetProperties(null, Map.of()));

    @BeforeAll
    static void an_odoo_database_and_roles() throws IOException {
        odoo = TestPostgres.emptyDatabase();
        url = odoo.getUrl().replaceFirst("\\?.*", "");
        JdbcClient jdbc = JdbcClient.create(odoo);
        jdbc.sql("CREATE TABLE ir_model_fields (id serial PRIMARY KEY)").update();
        jdbc.sql("CREATE TABLE ir_config_parameter (key text, value text)").update();
        jdbc.sql("INSERT INTO ir_config_parameter VALUES ('database.uuid', 'the-uuid')")
                .update();
        jdbc.sql("CREATE ROLE target_reader LOGIN").update();
        jdbc.sql("GRANT SELECT ON ir_model_fields TO target_reader").update();
        jdbc.sql("CREATE ROLE target_stranger LOGIN").update();
        jdbc.sql("CREATE ROLE target_locked LOGIN PASSWORD 'right'").update();
        jdbc.sql("CREATE ROLE target_outsider LOGIN").update();
        Path rules = Path.of(jdbc.sql("SHOW hba_file").query(String.class).single());
        Files.writeString(
                rules,
                "host all target_locked all scram-sha-256\nhost all target_outsider all reject\n"
                        + Files.readString(rules));
        jdbc.sql("SELECT pg_reload_conf()").query(Boolean.class).single();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "?readOnly=false",
                "?readOnly=false&readOnlyMode=always",
                "?readOnlyMode=ignore",
                "?options=-c%20default_transaction_read_only=off",
                "?options=-c%20default_transaction_read_only=off&readOnly=false&readOnlyMode=always&ApplicationName=x",
            })
    void a_superuser_cannot_write_whatever_the_url_says(String parameters) throws SQLException {
        try (TargetDatabase database = open(url + parameters, "postgres", null);
                Connection connection = database.dataSource().getConnection()) {
            assertThat(database.roleCanWrite()).isTrue();
            assertRefusesToWrite(connection);
            connection.setAutoCommit(false);
            assertRefusesToWrite(connection);
            connection.rollback();
        }
    }

    @Test
    void lifting_read_only_on_a_connection_lets_nobody_write() throws SQLException {
        try (TargetDatabase database = open(url + "?readOnlyMode=always", "postgres", null)) {
            try (Connection connection = database.dataSource().getConnection()) {
                connection.setReadOnly(false);
                assertRefusesToWrite(connection);
                connection.setAutoCommit(false);
                assertRefusesToWrite(connection);
                connection.rollback();
                connection.setReadOnly(false);
                assertRefusesToWrite(connection);
                connection.rollback();
            }
            TransactionTemplate transaction =
                    new TransactionTemplate(new DataSourceTransactionManager(database.dataSource()));
            assertThatThrownBy(() -> transaction.executeWithoutResult(status -> JdbcClient.create(database.dataSource())
                            .sql("DELETE FROM ir_model_fields")
                            .update()))
                    .hasStackTraceContaining("read-only transaction");
        }
    }

    @Test
    void what_one_borrower_lifted_by_sql_is_back_for_the_next() throws SQLException {
        try (TargetDatabase database = open(url, "postgres", null)) {
            try (Connection connection = database.dataSource().getConnection();
                    Statement statement = connection.createStatement()) {
                statement.execute("SET default_transaction_read_only = off");
            }
            try (Connection connection = database.dataSource().getConnection()) {
                assertRefusesToWrite(connection);
            }
        }
    }

    @Test
    void a_session_has_its_timeouts_and_its_name_and_keeps_the_urls_own_parameters() {
        try (TargetDatabase database =
                open(url + "?options=-c%20work_mem=8MB&currentSchema=public", "postgres", null)) {
            JdbcClient jdbc = JdbcClient.create(database.dataSource());
            assertThat(List.of(
                            show(jdbc, "statement_timeout"),
                            show(jdbc, "lock_timeout"),
                            show(jdbc, "idle_in_transaction_session_timeout"),
                            show(jdbc, "work_mem"),
                            show(jdbc, "search_path"),
                            show(jdbc, "application_name")))
                    .containsExactly("10min", "30s", "10min", "8MB", "public", "odoo-orphan-cleanup");
        }
    }

    @Test
    void the_pause_between_windows_is_none_unless_set_and_a_wrong_one_is_told() {
        assertThat(pauseOf(null)).isZero();
        assertThat(pauseOf("250ms")).isEqualTo(Duration.ofMillis(250));
        for (String wrong : List.of("soon", "-1s", "2h")) {
            assertThatThrownBy(() -> pauseOf(wrong))
                    .isInstanceOfSatisfying(
                            UserError.class, e -> assertThat(e.kind()).isEqualTo(UserError.Kind.SETTING))
                    .hasMessageContaining("ORPHAN_TARGET_PAUSE")
                    .hasMessageContaining(wrong);
        }
    }

    private static Duration pauseOf(String pause) {
        TargetProperties.Settings settings = new TargetProperties.Settings(
                url, "postgres", null, null, null, null, null, null, null, null, null, null, null, null, pause);
        Targets configured = new ConfiguredTargets(new TargetProperties(settings, Map.of()));
        try (TargetDatabase database = configured.open(configured.get("default"))) {
            return database.pause();
        }
    }

    @Test
    void a_hot_standby_is_recognised(@TempDir Path directory) throws IOException {
        Path data = directory.resolve("standby");
        try (EmbeddedPostgres primary = EmbeddedPostgres.builder()
                .setDataDirectory(data)
                .setCleanDataDirectory(false)
                .start()) {
            JdbcClient jdbc = JdbcClient.create(primary.getPostgresDatabase());
            jdbc.sql("CREATE TABLE ir_model_fields (id serial PRIMARY KEY)").update();
            jdbc.sql("CREATE TABLE ir_config_parameter (key text, value text)").update();
            try (TargetDatabase database = open(primary.getJdbcUrl("postgres", "postgres"), "postgres", null)) {
                assertThat(database.isStandby()).isFalse();
            }
        }
        // without a primary to follow it waits for the log of one, and may be read meanwhile
        Files.createFile(data.resolve("standby.signal"));
        try (EmbeddedPostgres standby = EmbeddedPostgres.builder()
                        .setDataDirectory(data)
                        .setCleanDataDirectory(false)
                        .start();
                TargetDatabase database = open(standby.getJdbcUrl("postgres", "postgres"), "postgres", null)) {
            assertThat(database.isStandby()).isTrue();
            assertThat(JdbcClient.create(database.dataSource())
                            .sql("SELECT count(*) FROM ir_model_fields")
                            .query(Long.class)
                            .single())
                    .isZero();
        }
    }

    @Test
    void a_reader_is_known_as_one_and_the_uuid_stays_unknown_where_it_may_not_be_read() {
        JdbcClient jdbc = JdbcClient.create(odoo);
        jdbc.sql("REVOKE ALL ON ir_config_parameter FROM target_reader").update();
        try (TargetDatabase database = open(url, "target_reader", null)) {
            assertThat(database.roleCanWrite()).isFalse();
            assertThat(database.uuid()).isEmpty();
        }
        jdbc.sql("GRANT SELECT (key, value) ON ir_config_parameter TO target_reader")
                .update();
        try (TargetDatabase database = open(url, "target_reader", null)) {
            assertThat(database.roleCanWrite()).isFalse();
            assertThat(database.uuid()).isEqualTo("the-uuid");
        }
        jdbc.sql("GRANT UPDATE (value) ON ir_config_parameter TO target_reader").update();
        try (TargetDatabase database = open(url, "target_reader", null)) {
            assertThat(database.roleCanWrite()).isTrue();
        } finally {
            jdbc.sql("REVOKE UPDATE (value) ON ir_config_parameter FROM target_reader")
                    .update();
        }
    }

    @Test
    void the_fingerprint_tells_databases_apart_and_not_urls_parameters_or_names() {
        String here = fingerprint(new Target("a", new Jdbc(url, "postgres", null), null, null, null));

        assertThat(here).matches("[0-9a-f]{64}");
        assertThat(fingerprint(
                        new Target("b", new Jdbc(url + "?tcpKeepAlive=false", "postgres", null), null, null, null)))
                .isEqualTo(here);
        PGSimpleDataSource copy = TestPostgres.emptyDatabase();
        JdbcClient jdbc = JdbcClient.create(copy);
        jdbc.sql("CREATE TABLE ir_model_fields (id serial PRIMARY KEY)").update();
        jdbc.sql("CREATE TABLE ir_config_parameter (key text, value text)").update();
        assertThat(fingerprint(new Target("a", new Jdbc(copy.getUrl(), "postgres", null), null, null, null)))
                .isNotEqualTo(here);
    }

    @Test
    void each_refusal_is_told_with_its_setting_and_remedy() {
        assertRefused(url, "target_locked", "wrong", UserError.Kind.SETTING, "orphan.targets.test.jdbc-password");
        assertRefused(url, "target_locked", null, UserError.Kind.SETTING, "orphan.targets.test.jdbc-password");
        assertRefused(url, "target_outsider", null, UserError.Kind.SETTING, "pg_hba.conf");
        assertRefused(url, "target_nobody", null, UserError.Kind.SETTING, "orphan.targets.test.jdbc-user");
        assertRefused(url + "_not", "postgres", null, UserError.Kind.SETTING, "does not exist");
        assertRefused(
                "jdbc:postgresql://127.0.0.1:1/odoo?password=" + SECRET,
                "postgres",
                null,
                UserError.Kind.SERVICE,
                "not reachable");
        assertRefused("jdbc:postgresql://odoo.invalid/odoo", "postgres", null, UserError.Kind.SERVICE, "not reachable");
        assertRefused(url + "?sslmode=require", "postgres", null, UserError.Kind.SETTING, "SSL");
        assertRefused(url, "target_stranger", null, UserError.Kind.SETTING, "ir_model_fields");
        assertRefused(
                TestPostgres.emptyDatabase().getUrl(), "postgres", null, UserError.Kind.SETTING, "no Odoo database");
    }

    private void assertRefused(String url, String user, String password, UserError.Kind kind, String words) {
        assertThatThrownBy(() -> open(url, user, password))
                .isInstanceOfSatisfying(
                        UserError.class, e -> assertThat(e.kind()).isEqualTo(kind))
                .hasMessageContaining("\"test\"")
                .hasMessageContaining(words)
                .satisfies(e -> assertThat(stackTrace(e)).doesNotContain(SECRET));
    }

    @Test
    void a_password_is_in_no_log_at_trace_and_in_no_to_string() {
        SLF4JBridgeHandler.removeHandlersForRootLogger();
        SLF4JBridgeHandler.install();
        java.util.logging.Logger driver = java.util.logging.Logger.getLogger("org.postgresql");
        java.util.logging.Level driverLevel = driver.getLevel();
        driver.setLevel(java.util.logging.Level.ALL);
        Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        Level level = root.getLevel();
        List<Appender<ILoggingEvent>> appenders = new ArrayList<>();
        root.iteratorForAppenders().forEachRemaining(appenders::add);
        appenders.forEach(root::detachAppender);
        ListAppender<ILoggingEvent> log = new ListAppender<>();
        log.start();
        root.addAppender(log);
        root.setLevel(Level.TRACE);
        String secretUrl = url + "?password=" + SECRET + "&sslpassword=" + SECRET;
        Target target = new Target("t", new Jdbc(secretUrl, "postgres", new Secret(SECRET)), null, null, null);
        try (TargetDatabase database = targets.open(target)) {
            JdbcClient.create(database.dataSource())
                    .sql("SELECT 1")
                    .query(Integer.class)
                    .single();
            assertThat(target + " " + database + " " + database.dataSource()).doesNotContain(SECRET);
        } finally {
            root.detachAppender(log);
            root.setLevel(level);
            appenders.forEach(root::addAppender);
            driver.setLevel(driverLevel);
            SLF4JBridgeHandler.uninstall();
        }
        assertThat(log.list)
                .as("the driver's log was caught")
                .anyMatch(event -> event.getFormattedMessage().contains("Connecting with URL"));
        assertThat(log.list).noneMatch(event -> event.getFormattedMessage().contains(SECRET));
    }

    private TargetDatabase open(String url, String user, String password) {
        return targets.open(new Target(
                "test", new Jdbc(url, user, password == null ? null : new Secret(password)), null, null, null));
    }

    private String fingerprint(Target target) {
        try (TargetDatabase database = targets.open(target)) {
            return database.fingerprint();
        }
    }

    private static String show(JdbcClient jdbc, String setting) {
        return jdbc.sql("SHOW " + setting).query(String.class).single();
    }

    private static void assertRefusesToWrite(Connection connection) {
        assertThatThrownBy(() -> {
                    try (Statement statement = connection.createStatement()) {
                        statement.execute("INSERT INTO ir_config_parameter VALUES ('a', 'b')");
                    }
                })
                .isInstanceOfSatisfying(
                        SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo(READ_ONLY));
    }

    private static String stackTrace(Throwable e) {
        StringWriter text = new StringWriter();
        e.printStackTrace(new PrintWriter(text));
        return text.toString();
    }
}
