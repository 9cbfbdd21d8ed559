package org.orphancleanup.detect;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.orphancleanup.UserError;
import org.orphancleanup.catalog.ObservationKind;
import org.orphancleanup.detect.Observer.Observation;
import org.orphancleanup.target.TargetReads;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * Compares ir_attachment with the folder that holds its files, both ways: attachments whose file is missing, files that no
 * attachment names. Reads names only; nothing here opens, writes or deletes a file.
 */
@Component
public class Filestore {

    private static final String TABLE = "ir_attachment";
    private static final String MODEL = "ir.attachment";
    private static final String FIELD = "store_fname";
    private static final int FILES_AT_ONCE = 5_000;

    private final Observer observer;

    Filestore(Observer observer) {
        this.observer = observer;
    }

    /**
     * The folder as it has to be given: that of the database, whose own folders have names of two hexadecimal digits.
     *
     * @throws UserError where it is none
     */
    public static Path checked(Path given) {
        Path folder = given.toAbsolutePath().normalize();
        if (!Files.isDirectory(folder) || !Files.isReadable(folder)) {
            throw UserError.setting(
                    "--filestore " + given + " is no folder that can be read: give the folder that holds"
                            + " the files of this database, such as /var/lib/odoo/filestore/DATABASE.");
        }
        if (parts(folder).isEmpty()) {
            throw UserError.setting(
                    "--filestore " + given + " holds no folder named by two hexadecimal digits, so it is"
                            + " not the filestore of a database: give the folder of the database itself, such as"
                            + " /var/lib/odoo/filestore/DATABASE.");
        }
        return folder;
    }

    private static List<Path> parts(Path folder) {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.filter(
                            entry -> entry.getFileName().toString().matches("[0-9a-f]{2}") && Files.isDirectory(entry))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw unreadable(folder, e);
        }
    }

    private static UserError unreadable(Path path, IOException e) {
        return UserError.setting("The filestore cannot be read at " + path + " ("
                + e.getClass().getSimpleName() + "): let this user read it, or leave --filestore out.");
    }

    /**
     * Looks and notes what was seen.
     *
     * @param pause called between two windows
     * @throws UserError where the folder or the target cannot be read
     */
    public void observe(DataSource target, long runId, Path folder, Runnable pause) {
        JdbcClient jdbc = TargetReads.client(target);
        try {
            String reason = unreadable(jdbc);
            if (reason != null) {
                observer.noted(runId, ObservationKind.LOST_FILE, MODEL, TABLE, FIELD, reason, null, 0, 0);
                observer.noted(runId, ObservationKind.UNNAMED_FILE, MODEL, TABLE, FIELD, reason, null, 0, 0);
                return;
            }
            lost(jdbc, runId, folder, pause);
            unnamed(jdbc, runId, folder, pause);
        } catch (DataAccessException e) {
            throw UserError.service(
                    "Odoo's database could not be read (" + TABLE + "): "
                            + e.getMostSpecificCause().getMessage(),
                    e);
        }
    }

    private static @Nullable String unreadable(JdbcClient jdbc) {
        boolean readable = jdbc.sql(
                        "SELECT count(*) = 2 FROM pg_attribute WHERE attrelid = to_regclass('ir_attachment')"
                                + " AND attname IN ('id', 'store_fname') AND NOT attisdropped"
                                + " AND has_column_privilege(attrelid, attnum, 'SELECT')")
                .query(Boolean.class)
                .single();
        return readable ? null : "the columns id and store_fname of ir_attachment are not there or may not be read";
    }

    private void lost(JdbcClient jdbc, long runId, Path folder, Runnable pause) {
        long began = System.nanoTime();
        TableCuts.Cut cut = new TableCuts(jdbc, Detector.WINDOW, Set.of(TABLE), pause)
                .cut(TABLE, Set.of("id"))
                .getOrDefault("id", new TableCuts.Cut(0, List.of(), false));
        List<TableCuts.Piece> pieces =
                cut.pieces().isEmpty() ? List.of(new TableCuts.Piece(Long.MIN_VALUE, Long.MAX_VALUE)) : cut.pieces();
        long found = 0;
        for (TableCuts.Piece piece : pieces) {
            List<Observation> lost = new ArrayList<>();
            String limit = Window.within(cut.blocks(), "c.id", piece.from(), piece.to());
            jdbc.sql("SELECT c.id, c.store_fname FROM ONLY ir_attachment c WHERE c.store_fname <> '' AND " + limit
                            + " ORDER BY c.id")
                    .query(row -> {
                        String name = row.getString(2);
                        if (!isThere(folder, name)) {
                            lost.add(new Observation(
                                    ObservationKind.LOST_FILE,
                                    MODEL,
                                    TABLE,
                                    row.getLong(1),
                                    FIELD,
                                    "the file " + name + " is not in the filestore"));
                        }
                    });
            found += observer.note(runId, lost);
            pause.run();
        }
        observer.noted(
                runId, ObservationKind.LOST_FILE, MODEL, TABLE, FIELD, null, cut.rows(), found, millisSince(began));
    }

    private static boolean isThere(Path folder, String name) {
        try {
            Path file = folder.resolve(name).normalize();
            return file.startsWith(folder) && Files.isRegularFile(file);
        } catch (InvalidPathException e) {
            return false;
        }
    }

    private void unnamed(JdbcClient jdbc, long runId, Path folder, Runnable pause) {
        long began = System.nanoTime();
        long found = 0;
        long files = 0;
        for (Path part : parts(folder)) {
            List<String> names = new ArrayList<>();
            try (DirectoryStream<Path> entries = Files.newDirectoryStream(part)) {
                for (Path file : entries) {
                    if (Files.isRegularFile(file)) {
                        names.add(part.getFileName() + "/" + file.getFileName());
                        files++;
                    }
                    if (names.size() == FILES_AT_ONCE) {
                        found += unnamed(jdbc, runId, names);
                        names.clear();
                        pause.run();
                    }
                }
            } catch (IOException e) {
                throw unreadable(part, e);
            }
            found += unnamed(jdbc, runId, names);
        }
        observer.noted(
                runId, ObservationKind.UNNAMED_FILE, MODEL, TABLE, FIELD, null, files, found, millisSince(began));
    }

    private long unnamed(JdbcClient jdbc, long runId, List<String> names) {
        if (names.isEmpty()) {
            return 0;
        }
        Set<String> known =
                new HashSet<>(jdbc.sql("SELECT store_fname FROM ONLY ir_attachment WHERE store_fname = ANY (?)")
                        .param(names.toArray(String[]::new))
                        .query(String.class)
                        .list());
        return observer.note(
                runId,
                names.stream()
                        .filter(name -> !known.contains(name))
                        .sorted()
                        .map(name -> new Observation(
                                ObservationKind.UNNAMED_FILE,
                                MODEL,
                                TABLE,
                                null,
                                FIELD,
                                "no attachment names the file " + name))
                        .toList());
    }

    private static long millisSince(long began) {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began);
    }
}
