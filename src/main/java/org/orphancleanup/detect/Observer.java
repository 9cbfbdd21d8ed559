package org.orphancleanup.detect;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.orphancleanup.UserError;
import org.orphancleanup.catalog.ObservationKind;
import org.orphancleanup.catalog.ObservationPlace;
import org.orphancleanup.catalog.Sql;
import org.orphancleanup.target.TargetReads;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.ConnectionCallback;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;
import org.springframework.stereotype.Component;

/** Looks for what is worth knowing and no dangling reference, in windows like the {@link Detector}, one place after another. */
@Component
public class Observer {

    private static final int BATCH = 1_000;

    private final JdbcTemplate ours;
    private final long windowSize;

    @Autowired
    public Observer(DataSource ours) {
        this(ours, Detector.WINDOW);
    }

    Observer(DataSource ours, long windowSize) {
        this.ours = new JdbcTemplate(ours);
        this.windowSize = windowSize;
    }

    /** One thing worth knowing. */
    public record Observation(
            ObservationKind kind,
            @Nullable String model,
            String table,
            @Nullable Long recordId,
            @Nullable String field,
            String message) {}

    /** Forgets what an interrupted look at the same target noted for this run. */
    public void begin(long runId) {
        ours.update("DELETE FROM observation WHERE run_id = ?", runId);
        ours.update("DELETE FROM observed WHERE run_id = ?", runId);
    }

    /**
     * Looks at the places and notes what was seen, and of each place what it came to.
     *
     * @param pause called between two windows
     * @throws UserError where the target cannot be read
     */
    public void observe(DataSource target, long runId, List<ObservationPlace> places, Runnable pause) {
        Map<String, Set<String>> columnsByTable = new LinkedHashMap<>();
        for (ObservationPlace place : places) {
            if (place.skipped() == null && place.windowColumn() != null) {
                columnsByTable
                        .computeIfAbsent(place.table(), table -> new TreeSet<>())
                        .add(place.windowColumn());
            }
        }
        JdbcClient jdbc = TargetReads.client(target);
        TableCuts cutter = new TableCuts(jdbc, windowSize, columnsByTable.keySet(), pause);
        Map<String, Map<String, TableCuts.Cut>> cuts = new LinkedHashMap<>();
        for (ObservationPlace place : places) {
            try {
                TableCuts.Cut cut = null;
                if (place.skipped() == null && place.windowColumn() != null) {
                    cut = cuts.computeIfAbsent(
                                    place.table(),
                                    table -> cutter.cut(table, columnsByTable.getOrDefault(table, Set.of())))
                            .get(place.windowColumn());
                }
                observe(target, jdbc, runId, place, cut, pause);
            } catch (DataAccessException e) {
                throw UserError.service(
                        "Odoo's database could not be read (" + place.table() + ", " + place.field() + "): "
                                + e.getMostSpecificCause().getMessage() + ". Mend that, or exclude "
                                + place.ruleName() + " in the job definition, and run again.",
                        e);
            }
        }
    }

    private void observe(
            DataSource target,
            JdbcClient jdbc,
            long runId,
            ObservationPlace place,
            TableCuts.@Nullable Cut cut,
            Runnable pause) {
        if (place.skipped() != null) {
            noted(runId, place.kind(), place.model(), place.table(), place.field(), place.skipped(), null, 0, 0);
            return;
        }
        long began = System.nanoTime();
        long found = 0;
        if (place.select().isEmpty()) {
            noted(runId, place.kind(), place.model(), place.table(), place.field(), null, null, 0, 0);
            return;
        }
        ObservationPlace.Together together = place.together();
        if (cut == null || cut.pieces().isEmpty()) {
            found += note(runId, read(jdbc, place, null));
            pause.run();
        } else if (cut.blocks() && together != null) {
            found += note(runId, count(target, place, together, cut.pieces(), pause));
        } else {
            String column = "c." + Sql.quote(String.valueOf(place.windowColumn()));
            for (TableCuts.Piece piece : cut.pieces()) {
                String limit = Window.within(cut.blocks(), column, piece.from(), piece.to());
                found += note(runId, read(jdbc, place, limit));
                pause.run();
            }
        }
        noted(
                runId,
                place.kind(),
                place.model(),
                place.table(),
                place.field(),
                null,
                cut == null ? null : cut.rows(),
                found,
                TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began));
    }

    private static List<Observation> read(JdbcClient jdbc, ObservationPlace place, @Nullable String limit) {
        return jdbc.sql(place.sql(limit))
                .query((row, number) -> seen(place, row))
                .list();
    }

    private static Observation seen(ObservationPlace place, ResultSet row) throws SQLException {
        return new Observation(
                place.kind(),
                place.model(),
                place.table(),
                row.getObject(1, Long.class),
                place.field(),
                String.valueOf(row.getString(2)));
    }

    /**
     * Counts rows that lie anywhere in their table: no statement that sees them all together would be as short as its window,
     * so they come here block by block, and the place's own statement reads a temporary table of the same name.
     */
    private List<Observation> count(
            DataSource target,
            ObservationPlace place,
            ObservationPlace.Together together,
            List<TableCuts.Piece> pieces,
            Runnable pause) {
        String table = "pg_temp." + Sql.quote(place.table());
        List<Observation> found = ours.execute((ConnectionCallback<List<Observation>>) connection -> {
            JdbcTemplate here = new JdbcTemplate(new SingleConnectionDataSource(connection, true));
            here.execute("CREATE TEMP TABLE " + Sql.quote(place.table()) + " ("
                    + String.join(
                            ", ",
                            together.columns().stream()
                                    .map(column -> Sql.quote(column) + " bigint")
                                    .toList())
                    + ")");
            try {
                for (TableCuts.Piece piece : pieces) {
                    RowCopy.copy(target, together.sql(Window.inBlocks(piece.from(), piece.to())), here, table);
                    pause.run();
                }
                return here.query(place.sql(null), (row, number) -> seen(place, row));
            } finally {
                here.execute("DROP TABLE " + table);
            }
        });
        return found == null ? List.of() : found;
    }

    /** @return how many */
    public long note(long runId, List<Observation> observations) {
        for (int from = 0; from < observations.size(); from += BATCH) {
            List<Object[]> rows = new ArrayList<>();
            for (Observation seen : observations.subList(from, Math.min(from + BATCH, observations.size()))) {
                rows.add(new Object[] {
                    runId,
                    seen.kind().code(),
                    seen.model(),
                    seen.table(),
                    seen.recordId(),
                    seen.field(),
                    seen.message(),
                    seen.kind().advice()
                });
            }
            ours.batchUpdate(
                    "INSERT INTO observation (run_id, kind, model, table_name, record_id, field, message, advice)"
                            + " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                    rows);
        }
        return observations.size();
    }

    /**
     * What a look at one place came to.
     *
     * @param rows of the table; null where they were not counted
     */
    public void noted(
            long runId,
            ObservationKind kind,
            @Nullable String model,
            String table,
            @Nullable String field,
            @Nullable String skipped,
            @Nullable Long rows,
            long found,
            long millis) {
        ours.update(
                "INSERT INTO observed (run_id, kind, model, table_name, field, skipped, rows_read, found, millis)"
                        + " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                runId,
                kind.code(),
                model,
                table,
                field,
                skipped,
                rows,
                found,
                millis);
    }
}
