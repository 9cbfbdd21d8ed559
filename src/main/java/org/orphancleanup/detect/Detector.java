package org.orphancleanup.detect;

import java.io.ByteArrayOutputStream;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.orphancleanup.UserError;
import org.orphancleanup.catalog.Reference;
import org.orphancleanup.catalog.Sql;
import org.orphancleanup.catalog.Storage;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyIn;
import org.postgresql.copy.CopyOut;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.jdbc.core.ConnectionCallback;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * Stage 2: finds the orphans of references, window by window.
 *
 * <p>A window is one statement on the target, so one short transaction there. Its rows go from COPY to COPY, into our table
 * {@code orphan}: neither side holds more than a buffer of them, and PostgreSQL may use its parallel workers, which it does
 * not for a cursor.
 */
@Component
public class Detector {

    private static final long WINDOW = 200_000;
    private static final int BUFFER = 1 << 16;
    /** Below this share of ids in use, windows are cut by rows instead of ids. */
    private static final int SPARSE = 4;

    private final JdbcTemplate ours;
    private final long windowSize;

    @Autowired
    public Detector(DataSource ours) {
        this(ours, WINDOW);
    }

    Detector(DataSource ours, long windowSize) {
        this.ours = new JdbcTemplate(ours);
        this.windowSize = windowSize;
    }

    /**
     * Cuts references into windows, in the order of the references; counts each table once. A reference has one window at
     * least.
     *
     * @throws UserError where the target cannot be read
     */
    public List<Window> windows(DataSource target, List<Reference> references) {
        JdbcClient jdbc = JdbcClient.create(target);
        Map<String, Set<String>> columnsByTable = new LinkedHashMap<>();
        for (Reference reference : references) {
            columnsByTable
                    .computeIfAbsent(reference.storage().table(), table -> new TreeSet<>())
                    .add(windowColumn(reference.storage()));
        }
        Set<List<String>> indexed = indexedColumns(jdbc, columnsByTable.keySet());
        Map<List<String>, Cut> cuts = new HashMap<>();
        columnsByTable.forEach((table, columns) -> {
            try {
                cut(jdbc, table, List.copyOf(columns), indexed, cuts);
            } catch (org.springframework.dao.DataAccessException e) {
                throw unreadable(table, e.getMostSpecificCause());
            }
        });
        List<Window> windows = new ArrayList<>();
        for (Reference reference : references) {
            Cut cut = cuts.get(List.of(reference.storage().table(), windowColumn(reference.storage())));
            if (cut == null || cut.upTo().isEmpty()) {
                windows.add(new Window(reference.no(), 0, 0, true, cut == null ? 0 : cut.rows()));
                continue;
            }
            long from = cut.from();
            for (long to : cut.upTo()) {
                windows.add(new Window(reference.no(), from, to, false, cut.rows()));
                from = to + 1;
            }
        }
        return windows;
    }

    /** Where a table is cut; no upper bounds: it is read whole. */
    private record Cut(long rows, long from, List<Long> upTo) {}

    private static String windowColumn(Storage storage) {
        return storage instanceof Storage.RelationRow row ? row.ownerColumn() : "id";
    }

    /** Windows on a column without an index would read the table once for each window. */
    private static Set<List<String>> indexedColumns(JdbcClient jdbc, Set<String> tables) {
        Set<List<String>> indexed = new HashSet<>();
        jdbc.sql("""
                        SELECT c.relname, a.attname
                        FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
                          JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0]
                        WHERE i.indisvalid AND i.indpred IS NULL AND pg_table_is_visible(c.oid) AND c.relname = ANY (?)""").param(tables.toArray(String[]::new)).query(row -> {
            indexed.add(List.of(row.getString(1), row.getString(2)));
        });
        return indexed;
    }

    private void cut(
            JdbcClient jdbc,
            String table,
            List<String> columns,
            Set<List<String>> indexed,
            Map<List<String>, Cut> cuts) {
        StringBuilder sql = new StringBuilder("SELECT count(*)");
        for (String column : columns) {
            String name = Sql.quote(column);
            sql.append(", min(").append(name).append("), max(").append(name).append(")");
        }
        sql.append(" FROM ONLY ").append(Sql.quote(table));
        jdbc.sql(sql.toString()).query(row -> {
            long rows = row.getLong(1);
            for (int i = 0; i < columns.size(); i++) {
                List<String> key = List.of(table, columns.get(i));
                long min = row.getLong(2 + 2 * i);
                long max = row.getLong(3 + 2 * i);
                Cut cut = new Cut(rows, min, List.of());
                if (rows > windowSize && indexed.contains(key)) {
                    cut = new Cut(rows, min, upTo(jdbc, table, columns.get(i), rows, min, max));
                }
                cuts.put(key, cut);
            }
        });
    }

    private List<Long> upTo(JdbcClient jdbc, String table, String column, long rows, long min, long max) {
        boolean unique = column.equals("id");
        if (unique && max - min < rows * SPARSE) {
            List<Long> bounds = new ArrayList<>();
            for (long to = min + windowSize - 1; to < max; to += windowSize) {
                bounds.add(to);
            }
            bounds.add(max);
            return bounds;
        }
        String name = Sql.quote(column);
        return jdbc.sql("SELECT DISTINCT max(v) FROM (SELECT " + name + "::bigint AS v, (row_number() OVER (ORDER BY "
                        + name
                        + ") - 1) / ? AS bucket FROM ONLY " + Sql.quote(table) + " WHERE " + name
                        + " IS NOT NULL) b GROUP BY bucket ORDER BY 1")
                .param(windowSize)
                .query(Long.class)
                .list();
    }

    /**
     * Copies a window's orphans into our table {@code orphan}, within the caller's transaction there.
     *
     * @param look 0 before anything is written, 1 after
     * @return how many there are
     * @throws UserError where the target cannot be read
     */
    public long detect(DataSource target, long runId, int look, Reference reference, Window window) {
        OrphanSql orphans = OrphanSql.of(reference);
        String limit = window.whole() ? null : orphans.childId() + " BETWEEN " + window.from() + " AND " + window.to();
        String sql = "COPY (SELECT " + runId + ", " + look + ", " + reference.no() + ", child_id, missing_id FROM ("
                + orphans.select(limit) + ") o) TO STDOUT";
        try (Connection connection = target.getConnection()) {
            CopyOut rows = connection.unwrap(PGConnection.class).getCopyAPI().copyOut(sql);
            try {
                byte[] first = rows.readFromCopy();
                return first == null ? 0 : take(rows, first);
            } finally {
                if (rows.isActive()) {
                    rows.cancelCopy();
                }
            }
        } catch (SQLException e) {
            throw unreadable(reference.childTable() + ", " + reference.field(), e);
        }
    }

    private long take(CopyOut rows, byte[] first) {
        Long taken = ours.execute((ConnectionCallback<Long>) connection -> {
            CopyIn into = connection
                    .unwrap(PGConnection.class)
                    .getCopyAPI()
                    .copyIn("COPY orphan (run_id, look, reference_no, child_id, missing_id) FROM STDIN");
            try {
                ByteArrayOutputStream buffer = new ByteArrayOutputStream(BUFFER + 256);
                for (byte[] row = first; row != null; row = next(rows)) {
                    buffer.writeBytes(row);
                    if (buffer.size() >= BUFFER) {
                        into.writeToCopy(buffer.toByteArray(), 0, buffer.size());
                        buffer.reset();
                    }
                }
                into.writeToCopy(buffer.toByteArray(), 0, buffer.size());
                return into.endCopy();
            } finally {
                if (into.isActive()) {
                    into.cancelCopy();
                }
            }
        });
        return taken == null ? 0 : taken;
    }

    /** An error of the target must not be taken for one of our own database. */
    private static byte @Nullable [] next(CopyOut rows) {
        try {
            return rows.readFromCopy();
        } catch (SQLException e) {
            throw unreadable("a table", e);
        }
    }

    private static UserError unreadable(String what, Throwable cause) {
        return UserError.service(
                "Odoo's database could not be read (" + what + "): " + cause.getMessage()
                        + ". Mend that, or exclude the reference in the job definition, and run again.",
                cause);
    }

    /**
     * Notes what a scan of a reference came to.
     *
     * @param rowsRead rows of the table looked at
     */
    public void finish(long runId, Reference reference, long rowsRead, long orphans, long millis) {
        ours.update(
                "UPDATE reference SET rows_read = ?, orphans = ?, millis = ? WHERE run_id = ? AND no = ?",
                rowsRead,
                orphans,
                millis,
                runId,
                reference.no());
    }
}
