package org.orphancleanup.run;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.orphancleanup.UserError;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * One run at a time on each target, however it was started and on whichever node: advisory locks in our database, all those of
 * this process on one connection, so that they end with the process however that ends.
 */
@Component
class TargetLocks {

    private static final Logger LOG = LoggerFactory.getLogger(TargetLocks.class);

    /** Any constant will do; it keeps these locks apart from those of others. */
    private static final int FAMILY = 0x0D00;

    /** PostgreSQL notices within moments that a process which held a lock is gone. */
    private static final Duration FOR_THE_DEAD = Duration.ofSeconds(10);

    private static final int VALID_SECONDS = 5;

    private final DataSource ours;
    private final RunStore store;
    private final Set<String> held = new HashSet<>();
    private @Nullable Connection connection;

    TargetLocks(DataSource ours, RunStore store) {
        this.ours = ours;
        this.store = store;
    }

    interface Held extends AutoCloseable {

        @Override
        void close();
    }

    /** @throws TargetBusy when another run works on this target now */
    synchronized Held take(String fingerprint, String target) {
        try {
            Connection open = connection();
            if (held.contains(fingerprint) || !lock(open, fingerprint)) {
                leave();
                throw new TargetBusy(words(fingerprint, target));
            }
            held.add(fingerprint);
        } catch (SQLException e) {
            throw UserError.service("The program's own database does not answer: " + e.getMessage(), e);
        }
        Held lock = () -> giveBack(fingerprint);
        try {
            // its process may have lost its connection and with it the lock, and write all the same
            if (store.workedOn(fingerprint).isPresent()) {
                throw new TargetBusy(words(fingerprint, target));
            }
            return lock;
        } catch (RuntimeException e) {
            lock.close();
            throw e;
        }
    }

    private boolean lock(Connection open, String fingerprint) throws SQLException {
        long until = System.nanoTime() + FOR_THE_DEAD.toNanos();
        while (!ask(open, "SELECT pg_try_advisory_lock(?, hashtext(?))", fingerprint)) {
            if (System.nanoTime() > until || store.workedOn(fingerprint).isPresent()) {
                return false;
            }
            try {
                TimeUnit.MILLISECONDS.sleep(200);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            }
        }
        return true;
    }

    private String words(String fingerprint, String target) {
        Optional<Run> run = store.workedOn(fingerprint);
        return "Another run works on target \"" + target + "\" now"
                + run.map(r -> ": run " + r.id() + " (" + r.command() + " of " + r.job() + "), asked for by "
                                + r.askedBy() + ", process " + r.pid() + " on " + r.host())
                        .orElse("")
                + ". Wait until it has ended, or stop it. One whose machine died is known to be dead "
                + RunStore.SILENCE.toMinutes() + " minutes after its last sign of life.";
    }

    /**
     * Whether the lock is still held; our database may have been started anew meanwhile, then it is taken again.
     *
     * @return false when somebody else has it
     */
    synchronized boolean holds(String fingerprint) {
        if (!held.contains(fingerprint)) {
            return true;
        }
        try {
            Connection before = connection;
            Connection open = connection();
            if (open == before) {
                return true;
            }
            boolean all = true;
            for (String lock : held) {
                all &= ask(open, "SELECT pg_try_advisory_lock(?, hashtext(?))", lock) || !lock.equals(fingerprint);
            }
            return all;
        } catch (SQLException e) {
            LOG.warn("Whether the lock on the target is held is not known: {}", e.getMessage());
            return true;
        }
    }

    private Connection connection() throws SQLException {
        if (connection != null && !connection.isValid(VALID_SECONDS)) {
            LOG.warn("The connection that held the locks on targets was lost");
            connection.close();
            connection = null;
        }
        if (connection == null) {
            connection = ours.getConnection();
        }
        return connection;
    }

    private synchronized void giveBack(String fingerprint) {
        held.remove(fingerprint);
        try {
            if (connection != null) {
                ask(connection, "SELECT pg_advisory_unlock(?, hashtext(?))", fingerprint);
            }
        } catch (SQLException e) {
            LOG.warn("The lock on the target ended with its connection: {}", e.getMessage());
        }
        leave();
    }

    private void leave() {
        if (held.isEmpty() && connection != null) {
            try {
                connection.close();
            } catch (SQLException e) {
                LOG.debug("a connection could not be closed", e);
            }
            connection = null;
        }
    }

    private static boolean ask(Connection connection, String sql, String fingerprint) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setInt(1, FAMILY);
            statement.setString(2, fingerprint);
            try (ResultSet answer = statement.executeQuery()) {
                return answer.next() && answer.getBoolean(1);
            }
        }
    }
}
