package org.orphancleanup.database;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.orphancleanup.UserError;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A PostgreSQL server in a directory, shared by every process that uses that directory: the first starts it, others join,
 * the last one out stops it. It outlives a killed process and is joined by the next. Under the directory lie
 * {@code database/} (programs, cluster, log, locks) and {@code keys/database-password}. It listens on 127.0.0.1 only.
 */
public final class EmbeddedDatabase implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(EmbeddedDatabase.class);

    /** File locks belong to the process, not to the one who took them, so one JVM keeps one {@link Use} per directory. */
    private static final Map<Path, Use> USES = new ConcurrentHashMap<>();

    private final Use use;
    private final int port;
    private final String password;
    private final AtomicBoolean closed = new AtomicBoolean();

    private EmbeddedDatabase(Use use, PostgresServer.Running running) {
        this.use = use;
        this.port = running.port();
        this.password = running.password();
    }

    /**
     * Starts or joins the server of a directory, which is made when missing.
     *
     * @throws UserError when it cannot start, with what to do
     */
    public static EmbeddedDatabase start(Path directory) {
        return start(directory, directory.resolve("database"));
    }

    /**
     * The same, with the PostgreSQL programs in {@code cache}, so that several directories can share them.
     *
     * @throws UserError when it cannot start, with what to do
     */
    public static EmbeddedDatabase start(Path directory, Path cache) {
        Path folder = directory.resolve("database").toAbsolutePath().normalize();
        try {
            Files.createDirectories(folder);
            Path real = folder.toRealPath();
            Files.createDirectories(cache);
            Use use = USES.computeIfAbsent(real, Use::new);
            PostgresServer server =
                    new PostgresServer(real, directory.toRealPath().resolve("keys"), cache.toRealPath());
            return new EmbeddedDatabase(use, use.enter(server));
        } catch (AccessDeniedException e) {
            throw new UserError(
                    UserError.Kind.SETTING,
                    "The embedded database cannot use " + folder + ": no permission for " + e.getFile()
                            + ". Start the program as the owner of that directory, set ORPHAN_DATA_DIR to one of your own,"
                            + " or set spring.datasource.url to a PostgreSQL of your own.",
                    e);
        } catch (IOException e) {
            throw UserError.service(
                    "The embedded database cannot use " + folder + ": " + e.getMessage()
                            + ". Mend that (space, permissions), set ORPHAN_DATA_DIR to another directory, or set"
                            + " spring.datasource.url to a PostgreSQL of your own.",
                    e);
        }
    }

    public int port() {
        return port;
    }

    /** A superuser of this server. */
    public String user() {
        return PostgresServer.USER;
    }

    public String password() {
        return password;
    }

    /** The URL of the program's own database on this server. */
    public String jdbcUrl() {
        return jdbcUrl(PostgresServer.DATABASE);
    }

    /** The URL of another database on this server, which need not exist yet. */
    public String jdbcUrl(String database) {
        return PostgresServer.jdbcUrl(port, database);
    }

    /** Leaves the server; stops it when no other user of the directory is left. Further calls do nothing. */
    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            use.leave();
        }
    }

    /** What this process holds of one directory. */
    private static final class Use {

        private final Path folder;
        private int count;
        private @Nullable FileChannel using;
        private @Nullable FileLock shared;
        private @Nullable PostgresServer server;

        private Use(Path folder) {
            this.folder = folder;
        }

        private synchronized PostgresServer.Running enter(PostgresServer entered) throws IOException {
            try (FileChannel starting = open("starting.lock");
                    FileLock serialised = starting.lock()) {
                if (using == null) {
                    using = open("using.lock");
                    shared = using.lock(0, Long.MAX_VALUE, true);
                }
                server = entered;
                PostgresServer.Running running = entered.ensureRunning();
                count++;
                return running;
            } finally {
                if (count == 0) {
                    release();
                }
            }
        }

        private synchronized void leave() {
            if (--count > 0) {
                return;
            }
            try (FileChannel starting = open("starting.lock");
                    FileLock serialised = starting.lock()) {
                if (using == null || shared == null || server == null) {
                    return;
                }
                shared.release();
                // nobody can enter meanwhile: that needs the lock held here
                FileLock alone = using.tryLock();
                if (alone != null) {
                    server.stop();
                    alone.release();
                }
            } catch (IOException | UserError e) {
                LOG.warn("The embedded database in {} was left running: {}", folder, e.getMessage());
            } finally {
                release();
            }
        }

        private void release() {
            try {
                if (using != null) {
                    using.close();
                }
            } catch (IOException e) {
                LOG.debug("closing the lock file in {}", folder, e);
            }
            using = null;
            shared = null;
            server = null;
        }

        private FileChannel open(String name) throws IOException {
            return FileChannel.open(
                    folder.resolve(name), StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        }
    }
}
