package org.orphancleanup.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.orphancleanup.UserError;
import org.springframework.util.FileSystemUtils;

class EmbeddedDatabaseTest {

    private static final Path CACHE = Path.of("target", "postgres");

    /** Made once and copied: making one takes longer than everything else here. */
    @TempDir
    static Path made;

    @TempDir
    Path directory;

    @BeforeAll
    static void make() {
        EmbeddedDatabase.start(made, CACHE).close();
    }

    @BeforeEach
    void copy() throws IOException {
        try (Stream<Path> files = Files.walk(made)) {
            for (Path file : (Iterable<Path>) files.skip(1)::iterator) {
                Files.copy(file, directory.resolve(made.relativize(file)), StandardCopyOption.COPY_ATTRIBUTES);
            }
        }
    }

    @Test
    void data_and_port_survive_a_restart() throws Exception {
        int port;
        try (EmbeddedDatabase database = start()) {
            port = database.port();
            execute(database, "CREATE TABLE kept AS SELECT 42 AS answer");
        }
        assertThat(serverAnswers(port)).isFalse();

        try (EmbeddedDatabase database = start()) {
            assertThat(query(database, "SELECT answer FROM kept")).isEqualTo("42");
            assertThat(database.port()).isEqualTo(port);
        }
    }

    @Test
    void only_the_holder_of_the_password_file_gets_in_and_only_from_this_machine() throws Exception {
        try (EmbeddedDatabase database = start()) {
            assertThatExceptionOfType(SQLException.class)
                    .isThrownBy(() -> DriverManager.getConnection(database.jdbcUrl(), database.user(), "wrong"))
                    .matches(e -> "28P01".equals(e.getSQLState()));
            assertThat(query(database, "SHOW listen_addresses")).isEqualTo("127.0.0.1");
            assertThat(query(database, "SHOW unix_socket_directories")).isEmpty();
            assertThat(query(database, "SHOW password_encryption")).isEqualTo("scram-sha-256");
        }
        Path password = directory.resolve("keys/database-password");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(password)))
                .isEqualTo("rw-------");
    }

    @Test
    void the_last_user_within_one_process_stops_it() throws Exception {
        EmbeddedDatabase first = start();
        EmbeddedDatabase second = start();
        assertThat(second.port()).isEqualTo(first.port());

        first.close();
        first.close();
        assertThat(query(second, "SELECT 1")).isEqualTo("1");

        second.close();
        assertThat(serverAnswers(second.port())).isFalse();
    }

    @Test
    void a_second_process_joins_and_the_last_one_out_stops_it() throws Exception {
        EmbeddedDatabase ours = start();
        try (OtherProcess other = new OtherProcess()) {
            assertThat(other.port()).isEqualTo(ours.port());

            ours.close();
            assertThat(serverAnswers(ours.port())).isTrue();

            other.leave();
            assertThat(serverAnswers(ours.port())).isFalse();
        }
    }

    @Test
    void a_server_that_survived_the_kill_of_its_starter_is_joined_and_stopped_in_the_end() throws Exception {
        int port;
        try (OtherProcess other = new OtherProcess()) {
            port = other.port();
            other.kill();
        }
        assertThat(serverAnswers(port)).isTrue();

        try (EmbeddedDatabase ours = start()) {
            assertThat(ours.port()).isEqualTo(port);
        }
        assertThat(serverAnswers(port)).isFalse();
    }

    @Test
    void files_of_a_vanished_server_are_no_hindrance_even_when_another_process_has_its_number() throws Exception {
        Path pidFile = directory.resolve("database/cluster/postmaster.pid");
        String left;
        try (EmbeddedDatabase database = start()) {
            left = Files.readString(pidFile);
        }
        Files.writeString(
                pidFile,
                left.replaceFirst("^\\d+", Long.toString(ProcessHandle.current().pid())));
        Files.writeString(directory.resolve("database/port"), "nonsense");

        try (EmbeddedDatabase database = start()) {
            assertThat(query(database, "SELECT 1")).isEqualTo("1");
        }
    }

    @Test
    void a_server_that_was_killed_is_started_again() throws Exception {
        try (EmbeddedDatabase database = start()) {
            execute(database, "CREATE TABLE kept AS SELECT 42 AS answer");
            long pid = Long.parseLong(Files.readAllLines(directory.resolve("database/cluster/postmaster.pid"))
                    .get(0));
            ProcessHandle server = ProcessHandle.of(pid).orElseThrow();
            server.destroyForcibly();
            server.onExit().get(10, TimeUnit.SECONDS);

            try (EmbeddedDatabase again = start()) {
                assertThat(query(again, "SELECT answer FROM kept")).isEqualTo("42");
            }
        }
    }

    @Test
    void what_a_kill_during_the_making_left_behind_is_no_hindrance() throws Exception {
        FileSystemUtils.deleteRecursively(directory.resolve("database/cluster"));
        Files.createDirectories(directory.resolve("database/cluster.new/base"));

        try (EmbeddedDatabase database = start()) {
            assertThat(query(database, "SELECT 1")).isEqualTo("1");
        }
    }

    @Test
    void a_cluster_of_another_version_is_refused_with_a_remedy() throws Exception {
        Files.writeString(directory.resolve("database/cluster/PG_VERSION"), "16\n");

        assertThatThrownBy(this::start)
                .isInstanceOf(UserError.class)
                .hasMessageContaining("made by PostgreSQL 16")
                .hasMessageContaining("brings PostgreSQL 17")
                .hasMessageContaining("spring.datasource.url");
    }

    @Test
    void a_lost_password_file_is_named() throws Exception {
        Files.delete(directory.resolve("keys/database-password"));

        assertThatThrownBy(this::start).isInstanceOf(UserError.class).hasMessageContaining("keys/database-password");
    }

    @Test
    void a_broken_server_setting_ends_in_a_message_with_what_postgresql_said_and_leaves_no_lock() throws Exception {
        Path settings = directory.resolve("database/cluster/postgresql.conf");
        String sound = Files.readString(settings);
        Files.writeString(settings, sound + "\nmax_connections = none\n");

        assertThatThrownBy(this::start)
                .isInstanceOf(UserError.class)
                .hasMessageContaining("max_connections")
                .hasMessageContaining("spring.datasource.url");

        Files.writeString(settings, sound);
        try (OtherProcess other = new OtherProcess()) {
            assertThat(serverAnswers(other.port())).isTrue();
            other.leave();
            assertThat(serverAnswers(other.port())).isFalse();
        }
    }

    private EmbeddedDatabase start() {
        return EmbeddedDatabase.start(directory, CACHE);
    }

    private static void execute(EmbeddedDatabase database, String sql) throws SQLException {
        try (Connection connection =
                DriverManager.getConnection(database.jdbcUrl(), database.user(), database.password())) {
            connection.createStatement().execute(sql);
        }
    }

    private static String query(EmbeddedDatabase database, String sql) throws SQLException {
        try (Connection connection =
                DriverManager.getConnection(database.jdbcUrl(), database.user(), database.password())) {
            var result = connection.createStatement().executeQuery(sql);
            result.next();
            return result.getString(1);
        }
    }

    /** Refusing a password is an answer; a refused connection is none. */
    private static boolean serverAnswers(int port) throws SQLException {
        try {
            DriverManager.getConnection("jdbc:postgresql://127.0.0.1:" + port + "/postgres", "nobody", "wrong")
                    .close();
            return true;
        } catch (SQLException e) {
            return !"08001".equals(e.getSQLState());
        }
    }

    private final class OtherProcess implements AutoCloseable {

        private final Process process;
        private final int port;

        OtherProcess() throws IOException {
            ProcessBuilder builder = new ProcessBuilder(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-cp",
                    System.getProperty("java.class.path"),
                    EmbeddedDatabaseUser.class.getName(),
                    directory.toString(),
                    CACHE.toString());
            builder.redirectError(ProcessBuilder.Redirect.DISCARD);
            process = builder.start();
            BufferedReader output = process.inputReader(StandardCharsets.UTF_8);
            String line = output.readLine();
            while (line != null && !line.startsWith("port ")) {
                line = output.readLine();
            }
            assertThat(line).as("what the other process printed").isNotNull();
            port = Integer.parseInt(line.substring("port ".length()));
        }

        int port() {
            return port;
        }

        void leave() throws Exception {
            process.getOutputStream().close();
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        }

        void kill() throws Exception {
            process.destroyForcibly().waitFor(60, TimeUnit.SECONDS);
        }

        @Override
        public void close() {
            process.destroyForcibly();
        }
    }
}
