package org.orphancleanup.detect;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import javax.sql.DataSource;
import org.orphancleanup.UserError;
import org.orphancleanup.catalog.Reference;
import org.orphancleanup.catalog.Storage;
import org.orphancleanup.target.TargetReads;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;

/**
 * Stage 2: finds the orphans of references, window by window.
 *
 * <p>A window is one statement on the target, so one short transaction there. Its rows go into our table {@code orphan}.
 */
@Component
public class Detector {

    static final long WINDOW = 500_000;

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
        return windows(target, references, () -> {});
    }

    /** @param pause called between two pieces of a table that is counted */
    public List<Window> windows(DataSource target, List<Reference> references, Runnable pause) {
        Map<String, Set<String>> columnsByTable = new LinkedHashMap<>();
        for (Reference reference : references) {
            columnsByTable
                    .computeIfAbsent(reference.storage().table(), table -> new TreeSet<>())
                    .add(windowColumn(reference.storage()));
        }
        TableCuts cutter = new TableCuts(TargetReads.client(target), windowSize, columnsByTable.keySet(), pause);
        Map<String, Map<String, TableCuts.Cut>> cuts = new HashMap<>();
        columnsByTable.forEach((table, columns) -> {
            try {
                cuts.put(table, cutter.cut(table, columns));
            } catch (DataAccessException e) {
                throw unreadable(table, e.getMostSpecificCause());
            }
        });
        List<Window> windows = new ArrayList<>();
        for (Reference reference : references) {
            TableCuts.Cut cut = cuts.getOrDefault(reference.storage().table(), Map.of())
                    .getOrDefault(windowColumn(reference.storage()), new TableCuts.Cut(0, List.of(), false));
            if (cut.pieces().isEmpty()) {
                windows.add(new Window(reference.no(), 0, 0, true, false, cut.rows()));
            }
            for (TableCuts.Piece piece : cut.pieces()) {
                windows.add(new Window(reference.no(), piece.from(), piece.to(), false, cut.blocks(), cut.rows()));
            }
        }
        return windows;
    }

    /** Of the rows of one record alone. */
    public static List<Window> windowsOf(List<Reference> references, long record) {
        return references.stream()
                .map(reference -> new Window(reference.no(), record, record, false, false, 1))
                .toList();
    }

    private static String windowColumn(Storage storage) {
        return storage instanceof Storage.RelationRow row ? row.ownerColumn() : "id";
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
        String limit = null;
        if (!window.whole()) {
            limit = Window.within(window.blocks(), orphans.childId(), window.from(), window.to());
        }
        try {
            return RowCopy.copy(
                    target,
                    "SELECT " + runId + ", " + look + ", " + reference.no() + ", child_id, missing_id FROM ("
                            + orphans.select(limit) + ") o",
                    ours,
                    "orphan (run_id, look, reference_no, child_id, missing_id)");
        } catch (RowCopy.TargetFailure e) {
            throw unreadable(reference.childTable() + ", " + reference.field(), e.getMostSpecificCause());
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
