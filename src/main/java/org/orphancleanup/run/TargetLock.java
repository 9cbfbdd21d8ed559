package org.orphancleanup.run;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.orphancleanup.UserError;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps two runs from writing to one target at once: an advisory lock in our database, held by a connection of its own, so
 * that it ends with the process however that ends.
 */
final class TargetLock implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(TargetLock.class);

    /** Any constant will do; it keeps these locks apart from those of others. */
    private static final int FAMILY = 0x0D00;

    private final Connection connection;
    private final String fingerprint;

    private TargetLock(Connection connection, String fingerprint) {
        this.connection = connection;
        this.fingerprint = fingerprint;
    }

    /** @throws UserError when another run writes to this target now */
    static TargetLock take(DataSource ours, String fingerprint, String targetName) {
        try {
            Connection connection = ours.getConnection();
            try {
                if (ask(connection, "SELECT pg_try_advisory_lock(?, hashtext(?))", fingerprint)) {
                    return new TargetLock(connection, fingerprint);
                }
            } catch (SQLException e) {
                connection.close();
                throw e;
            }
            connection.close();
        } catch (SQLException e) {
            throw UserError.service("The program's own database does not answer: " + e.getMessage(), e);
        }
        throw UserError.service(
                "Another run is writing to target \"" + targetName + "\" now. Wait until it has ended, then try again.",
                null);
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

    @Override
    public void close() {
        // the connection goes back to a pool and lives on, so the lock is given back by name
        try (connection) {
            ask(connection, "SELECT pg_advisory_unlock(?, hashtext(?))", fingerprint);
        } catch (SQLException e) {
            LOG.warn("The lock on the target ended with its connection: {}", e.getMessage());
        }
    }
}
