package org.orphancleanup.database;

import io.zonky.test.db.postgres.util.LinuxUtils;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.orphancleanup.UserError;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.util.FileSystemUtils;

/**
 * The server of one directory: made, found, started and stopped. The caller holds the lock that keeps others out.
 */
final class PostgresServer {

    static final String USER = "orphan_cleanup";
    static final String DATABASE = "orphan_cleanup";

    private static final Logger LOG = LoggerFactory.getLogger(PostgresServer.class);
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final long LARGEST_LOG = 10_000_000;
    private static final String OR_ANOTHER_DATABASE =
            " Or set spring.datasource.url, .username and .password to a PostgreSQL of your own.";

    private final Path folder;
    private final Path keys;
    private final Path cache;
    private final Path cluster;
    private final Path log;

    PostgresServer(Path folder, Path keys, Path cache) {
        this.folder = folder;
        this.keys = keys;
        this.cache = cache;
        this.cluster = folder.resolve("cluster");
        this.log = folder.resolve("server.log");
    }

    record Running(int port, String password) {}

    static String jdbcUrl(int port, String database) {
        return "jdbc:postgresql://127.0.0.1:" + port + "/" + database;
    }

    /** Joins the server that runs, starts it when none does, makes it when there is none yet. */
    Running ensureRunning() throws IOException {
        checkOwner();
        if (!Files.exists(cluster.resolve("PG_VERSION"))) {
            initialise();
        }
        String password = password();
        Optional<ProcessHandle> alive = postmaster();
        Running running = alive.isPresent() ? join(alive.get(), password) : null;
        if (running == null) {
            running = start(password);
        }
        makeDatabase(running);
        return running;
    }

    /** Stops the server with what it has; open connections are broken off, nothing committed is lost. */
    void stop() throws IOException {
        if (postmaster().isEmpty()) {
            return;
        }
        Result result = run("pg_ctl", "stop", "-D", cluster.toString(), "-m", "fast", "-w", "-t", "60");
        if (result.exitCode != 0) {
            throw UserError.service("PostgreSQL did not stop: " + result.lastLines(), null);
        }
    }

    /** The server's main process; empty where the last one ended, whatever files it left behind. */
    private Optional<ProcessHandle> postmaster() throws IOException {
        Path file = cluster.resolve("postmaster.pid");
        List<String> lines = pidFile(file);
        if (lines.isEmpty()) {
            return Optional.empty();
        }
        Optional<ProcessHandle> process =
                ProcessHandle.of(Long.parseLong(lines.get(0).strip())).filter(ProcessHandle::isAlive);
        if (process.isPresent() && !worksHere(process.get())) {
            // Another process got the number since, as happens in containers, and PostgreSQL would take it for itself
            // and
            // refuse to start. Should a server run here after all, its shared memory still keeps a second one out.
            LOG.info("Removing the process file of a PostgreSQL that vanished from {}", cluster);
            Files.deleteIfExists(file);
            return Optional.empty();
        }
        return process;
    }

    private static List<String> pidFile(Path file) throws IOException {
        if (!Files.exists(file)) {
            return List.of();
        }
        List<String> lines = Files.readAllLines(file, StandardCharsets.ISO_8859_1);
        return lines.isEmpty() || !lines.get(0).strip().matches("\\d+") ? List.of() : lines;
    }

    /** A server's working directory is its cluster. Where the system does not tell, the process is believed. */
    private boolean worksHere(ProcessHandle process) {
        Path where = Path.of("/proc", Long.toString(process.pid()), "cwd");
        try {
            return !Files.isSymbolicLink(where) || Files.readSymbolicLink(where).equals(cluster.toRealPath());
        } catch (IOException e) {
            LOG.debug("where process {} works is not told", process.pid(), e);
            return ProcessHandle.current().info().user().equals(process.info().user());
        }
    }

    /** Waits until the server answers; null when it ends instead. */
    private @Nullable Running join(ProcessHandle process, String password) throws IOException {
        CompletableFuture<ProcessHandle> end = process.onExit();
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        SQLException last = null;
        while (System.nanoTime() < deadline) {
            List<String> lines = pidFile(cluster.resolve("postmaster.pid"));
            if (lines.size() > 3) {
                int port = Integer.parseInt(lines.get(3).strip());
                try (Connection connection = connect(port, "postgres", password)) {
                    LOG.debug("Joined the PostgreSQL on port {}", port);
                    return new Running(port, password);
                } catch (SQLException e) {
                    last = e;
                    if ("28P01".equals(e.getSQLState())) {
                        throw new UserError(
                                UserError.Kind.SETTING,
                                "The embedded database in " + folder + " does not take the password in "
                                        + passwordFile() + ". Put the file that belongs to it back."
                                        + OR_ANOTHER_DATABASE,
                                e);
                    }
                }
            }
            try {
                end.get(100, TimeUnit.MILLISECONDS);
                return null;
            } catch (TimeoutException e) {
                LOG.trace("not ready yet", e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new InterruptedIOException("interrupted while the database started");
            } catch (ExecutionException e) {
                throw new IOException(e);
            }
        }
        throw UserError.service(
                "The embedded database in " + folder + " (process " + process.pid() + ") does not answer. See " + log
                        + "; stop that process and try again." + OR_ANOTHER_DATABASE,
                last);
    }

    private Running start(String password) throws IOException {
        checkVersion();
        if (Files.exists(log) && Files.size(log) > LARGEST_LOG) {
            Files.move(log, folder.resolve("server.log.1"), StandardCopyOption.REPLACE_EXISTING);
        }
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            int port = port();
            long logged = Files.exists(log) ? Files.size(log) : 0;
            Result result = run(
                    "pg_ctl",
                    "start",
                    "-D",
                    cluster.toString(),
                    "-l",
                    log.toString(),
                    "-w",
                    "-t",
                    Long.toString(PATIENCE.toSeconds()),
                    "-o",
                    "-p " + port);
            Optional<ProcessHandle> process = postmaster();
            if (result.exitCode == 0 && process.isPresent()) {
                Running running = join(process.get(), password);
                if (running != null) {
                    Files.writeString(folder.resolve("port"), Integer.toString(port));
                    return running;
                }
            }
            String said = result.lastLines() + "\n" + newLines(logged);
            // a port taken since it was found free; processes of a killed server that are still on their way out
            boolean passes = said.contains("Address already in use") || said.contains("shared memory block");
            if (!passes || System.nanoTime() > deadline) {
                throw cannotStart(said);
            }
        }
    }

    /** The port of last time when it is free, so that a process that lost the server finds the next one. */
    private int port() throws IOException {
        Path remembered = folder.resolve("port");
        if (Files.exists(remembered)) {
            String text = Files.readString(remembered).strip();
            if (text.matches("\\d{1,5}") && Integer.parseInt(text) <= 65535) {
                try (ServerSocket socket = new ServerSocket(Integer.parseInt(text), 1, loopback())) {
                    return socket.getLocalPort();
                } catch (IOException e) {
                    LOG.debug("port {} is taken, another one is used", text, e);
                }
            }
        }
        try (ServerSocket socket = new ServerSocket(0, 1, loopback())) {
            return socket.getLocalPort();
        }
    }

    private static InetAddress loopback() throws IOException {
        return InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
    }

    private void initialise() throws IOException {
        Path password = passwordFile();
        if (!Files.exists(password)) {
            Files.createDirectories(keys);
            Files.setPosixFilePermissions(keys, PosixFilePermissions.fromString("rwx------"));
            byte[] random = new byte[24];
            new SecureRandom().nextBytes(random);
            // renamed into place, so that a kill in between leaves no empty password behind
            Path fresh = Files.createTempFile(keys, "database-password", ".new");
            Files.writeString(fresh, HexFormat.of().formatHex(random));
            Files.move(fresh, password, StandardCopyOption.ATOMIC_MOVE);
        }
        // made beside its place and renamed: a kill in between leaves nothing half made in it
        Path fresh = folder.resolve("cluster.new");
        FileSystemUtils.deleteRecursively(fresh);
        LOG.info("Making the embedded database in {}", folder);
        Result result = run(
                "initdb",
                "-D",
                fresh.toString(),
                "-U",
                USER,
                "--auth=scram-sha-256",
                "--pwfile=" + password,
                "--encoding=UTF8",
                "--locale=C",
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8");
        if (result.exitCode != 0) {
            FileSystemUtils.deleteRecursively(fresh);
            throw cannotStart(result.lastLines());
        }
        Files.writeString(fresh.resolve("postgresql.conf"), """

                # odoo-orphan-cleanup
                listen_addresses = '127.0.0.1'
                unix_socket_directories = ''
                timezone = 'UTC'
                log_timezone = 'UTC'
                """, StandardOpenOption.APPEND);
        Files.move(fresh, cluster, StandardCopyOption.ATOMIC_MOVE);
    }

    private void makeDatabase(Running running) {
        try (Connection connection = connect(running.port, "postgres", running.password);
                Statement statement = connection.createStatement()) {
            try (ResultSet found =
                    statement.executeQuery("SELECT 1 FROM pg_database WHERE datname = '" + DATABASE + "'")) {
                if (found.next()) {
                    return;
                }
            }
            statement.execute("CREATE DATABASE " + DATABASE);
        } catch (SQLException e) {
            throw cannotStart(String.valueOf(e.getMessage()));
        }
    }

    private static Connection connect(int port, String database, String password) throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", USER);
        properties.setProperty("password", password);
        properties.setProperty("loginTimeout", "10");
        return DriverManager.getConnection(jdbcUrl(port, database), properties);
    }

    private Path passwordFile() {
        return keys.resolve("database-password");
    }

    private String password() throws IOException {
        if (!Files.exists(passwordFile())) {
            throw UserError.setting("The password of the embedded database is missing: " + passwordFile()
                    + ". Put that file back." + OR_ANOTHER_DATABASE);
        }
        return Files.readString(passwordFile()).strip();
    }

    /** PostgreSQL serves a cluster of its own user alone, and says so in words that name no remedy of ours. */
    private void checkOwner() throws IOException {
        Path self = Path.of("/proc/self");
        if (Files.exists(cluster)
                && Files.exists(self)
                && !Files.getAttribute(cluster, "unix:uid").equals(Files.getAttribute(self, "unix:uid"))) {
            throw UserError.setting("The embedded database in " + cluster + " belongs to user "
                    + Files.getOwner(cluster) + ", this program runs as "
                    + Files.getOwner(self)
                    + ". Start it as that user, or set ORPHAN_DATA_DIR to a directory of your own."
                    + OR_ANOTHER_DATABASE);
        }
    }

    private void checkVersion() throws IOException {
        String made = Files.readString(cluster.resolve("PG_VERSION")).strip();
        Result result = run("postgres", "--version");
        String brought =
                result.output.replaceAll("(?s).*PostgreSQL\\)? (\\d+).*", "$1").strip();
        if (result.exitCode == 0 && !brought.equals(made)) {
            throw UserError.setting("The embedded database in " + cluster + " was made by PostgreSQL " + made
                    + ", this program brings PostgreSQL " + brought
                    + ". Use the release of this program that made it, or move the directory away to begin with an empty"
                    + " one." + OR_ANOTHER_DATABASE);
        }
    }

    private UserError cannotStart(String said) {
        if (said.contains("No space left on device")) {
            return UserError.service(
                    "The embedded database cannot start: the disk of " + folder
                            + " is full. Free some space, or set ORPHAN_DATA_DIR to a directory on another disk."
                            + OR_ANOTHER_DATABASE,
                    null);
        }
        return UserError.service(
                "The embedded database in " + folder + " cannot start. PostgreSQL says: " + said.strip() + " See also "
                        + log + "." + OR_ANOTHER_DATABASE,
                null);
    }

    private String newLines(long from) throws IOException {
        if (!Files.exists(log)) {
            return "";
        }
        byte[] all = Files.readAllBytes(log);
        int start = (int) Math.min(from, all.length);
        return tail(new String(all, start, all.length - start, StandardCharsets.UTF_8));
    }

    private static String tail(String text) {
        List<String> lines = text.lines().filter(line -> !line.isBlank()).toList();
        return String.join("\n", lines.subList(Math.max(0, lines.size() - 6), lines.size()));
    }

    private record Result(int exitCode, String output) {

        String lastLines() {
            return tail(output);
        }
    }

    /**
     * Runs one of PostgreSQL's programs. Its output goes to a file and its input comes from nowhere: the server is its child
     * and would keep ours open.
     */
    private Result run(String program, String... arguments) throws IOException {
        Path output = folder.resolve(program + ".out");
        List<String> command = new ArrayList<>();
        if (runsAsRoot()) {
            boolean unshare = LinuxUtils.isUnshareAvailable();
            if (Thread.currentThread().isInterrupted()) {
                throw new InterruptedIOException("interrupted while the database started");
            }
            if (!unshare) {
                throw UserError.setting(
                        "PostgreSQL refuses to run as root, and this system lets nobody make user namespaces (unshare -U)."
                                + " Start the program as an ordinary user that owns " + folder + "."
                                + OR_ANOTHER_DATABASE);
            }
            command.addAll(List.of("unshare", "-U"));
        }
        command.add(PostgresBinaries.unpackedIn(cache).resolve("bin/" + program).toString());
        command.addAll(Arrays.asList(arguments));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.redirectInput(Path.of("/dev/null").toFile());
        builder.redirectErrorStream(true);
        builder.redirectOutput(output.toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("PG"));
        builder.environment().put("LC_ALL", "C");
        try {
            Process process = builder.start();
            int exitCode = process.waitFor();
            return new Result(exitCode, Files.readString(output, StandardCharsets.ISO_8859_1));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while PostgreSQL's " + program + " ran");
        }
    }

    private static boolean runsAsRoot() throws IOException {
        Path self = Path.of("/proc/self");
        return Files.exists(self) && Integer.valueOf(0).equals(Files.getAttribute(self, "unix:uid"));
    }
}
