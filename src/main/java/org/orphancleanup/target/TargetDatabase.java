package org.orphancleanup.target;

import java.time.Duration;
import javax.sql.DataSource;

/**
 * A target's database, open for reading only: the connection itself refuses to write (the driver's read-only mode, and
 * {@code default_transaction_read_only}), whatever the role may do.
 */
public interface TargetDatabase extends AutoCloseable {

    /** A pool of read-only connections; every statement has a timeout. */
    DataSource dataSource();

    /** {@code database.uuid}, or empty where the database has none or the role may not read it. */
    String uuid();

    /**
     * SHA-256, in hexadecimal, of JDBC URL without parameters, database name and {@code database.uuid} together: what makes
     * two targets the same.
     */
    String fingerprint();

    /** The role could write, were the session not read-only. */
    boolean roleCanWrite();

    /** The server is a hot standby: what is written on the primary shows here a while later. */
    default boolean isStandby() {
        return false;
    }

    /** How long to wait between two windows of a scan, so that Odoo's own work gets its turn. */
    default Duration pause() {
        return Duration.ZERO;
    }

    /** How many connections there are at most; who wants one more waits. */
    default int connections() {
        return Integer.MAX_VALUE;
    }

    @Override
    void close();
}
