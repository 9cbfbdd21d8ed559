package org.orphancleanup.detect;

import java.io.ByteArrayOutputStream;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.orphancleanup.target.TargetReads;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;
import org.postgresql.copy.CopyOut;
import org.springframework.dao.DataAccessException;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.jdbc.core.ConnectionCallback;
import org.springframework.jdbc.core.JdbcTemplate;

/** Rows of the target into a table of ours, from COPY to COPY: neither side holds more than a buffer of them. */
final class RowCopy {

    private static final int BUFFER = 1 << 16;

    private RowCopy() {}

    /** An error of the target, which must not be taken for one of our own database. */
    static final class TargetFailure extends DataAccessResourceFailureException {

        private static final long serialVersionUID = 1L;

        private TargetFailure(SQLException cause) {
            super(String.valueOf(cause.getMessage()), cause);
        }
    }

    /**
     * Copies within the caller's transaction in our database, of which it is left as it was where the target fails.
     *
     * @param into a table of ours with its columns
     * @return how many rows
     * @throws TargetFailure where the target cannot be read
     */
    static long copy(DataSource target, String select, JdbcTemplate ours, String into) {
        return TargetReads.again(() -> {
            try (Connection connection = target.getConnection()) {
                CopyOut rows =
                        connection.unwrap(PGConnection.class).getCopyAPI().copyOut("COPY (" + select + ") TO STDOUT");
                try {
                    byte[] first = next(rows);
                    return first == null ? 0L : take(rows, first, ours, into);
                } finally {
                    if (rows.isActive()) {
                        rows.cancelCopy();
                    }
                }
            } catch (SQLException e) {
                throw new TargetFailure(e);
            }
        });
    }

    private static long take(CopyOut rows, byte[] first, JdbcTemplate ours, String into) {
        Long taken = ours.execute((ConnectionCallback<Long>) connection -> {
            // what the target breaks off is read again, and a failed COPY would have ended the transaction
            Savepoint before = connection.getAutoCommit() ? null : connection.setSavepoint();
            try {
                long count = take(rows, first, connection, into);
                if (before != null) {
                    connection.releaseSavepoint(before);
                }
                return count;
            } catch (SQLException | DataAccessException e) {
                if (before != null) {
                    connection.rollback(before);
                }
                throw e;
            }
        });
        return taken == null ? 0 : taken;
    }

    private static long take(CopyOut rows, byte[] first, Connection connection, String into) throws SQLException {
        CopyIn copy = connection.unwrap(PGConnection.class).getCopyAPI().copyIn("COPY " + into + " FROM STDIN");
        try {
            ByteArrayOutputStream buffer = new ByteArrayOutputStream(BUFFER + 256);
            for (byte[] row = first; row != null; row = next(rows)) {
                buffer.writeBytes(row);
                if (buffer.size() >= BUFFER) {
                    copy.writeToCopy(buffer.toByteArray(), 0, buffer.size());
                    buffer.reset();
                }
            }
            copy.writeToCopy(buffer.toByteArray(), 0, buffer.size());
            return copy.endCopy();
        } finally {
            if (copy.isActive()) {
                copy.cancelCopy();
            }
        }
    }

    private static byte @Nullable [] next(CopyOut rows) {
        try {
            return rows.readFromCopy();
        } catch (SQLException e) {
            throw new TargetFailure(e);
        }
    }
}
