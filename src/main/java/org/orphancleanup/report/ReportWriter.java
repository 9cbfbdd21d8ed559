package org.orphancleanup.report;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.SQLException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.orphancleanup.UserError;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionTemplate;

/** Writes the report of a run: the same data as HTML, JSON and CSV, and a script for the DBA. */
@Component
public class ReportWriter {

    /** What is in the directory afterwards, always all of it. */
    public static final List<String> FILES =
            List.of("report.html", "report.json", "findings.csv", "observations.csv", "repairs.csv", "constraints.sql");

    /** Rows that the driver holds at a time. */
    private static final int FETCH_SIZE = 1000;

    private final JdbcTemplate jdbc;
    private final TransactionTemplate snapshot;
    private final Clock clock;
    private final ReportPage page = new ReportPage();

    public ReportWriter(DataSource ours, Clock clock) {
        this.clock = clock;
        this.jdbc = new JdbcTemplate(ours);
        jdbc.setFetchSize(FETCH_SIZE);
        // All files show one moment; and the driver uses a cursor in a transaction only.
        this.snapshot = new TransactionTemplate(new JdbcTransactionManager(ours));
        snapshot.setReadOnly(true);
        snapshot.setIsolationLevel(TransactionDefinition.ISOLATION_REPEATABLE_READ);
        snapshot.setPropagationBehavior(TransactionDefinition.PROPAGATION_REQUIRES_NEW);
    }

    /**
     * Reads our database only, as the run stands there now: call it in or after the step that has committed what it is to
     * show. Each file appears complete or not at all, and replaces an older one.
     *
     * @throws IllegalArgumentException when there is no such run
     * @throws UserError when the directory cannot be written
     */
    public void write(long runId, Path directory) {
        try {
            Files.createDirectories(directory);
            snapshot.executeWithoutResult(status -> writeAll(runId, directory));
        } catch (IOException e) {
            throw unwritable(directory, e);
        } catch (RuntimeException e) {
            IOException cause = fileTrouble(e);
            throw cause == null ? e : unwritable(directory, cause);
        }
    }

    /**
     * Puts the files of a report that was written before into another directory as well.
     *
     * @throws UserError when the directory cannot be written
     */
    public void copy(Path report, Path directory) {
        List<Path> written = new ArrayList<>();
        try {
            Files.createDirectories(directory);
            for (String name : FILES) {
                Path temporary = temporary(directory, name);
                written.add(temporary);
                Files.copy(report.resolve(name), temporary, StandardCopyOption.REPLACE_EXISTING);
            }
            putInPlace(written, directory);
        } catch (IOException e) {
            throw unwritable(directory, e);
        } finally {
            written.forEach(ReportWriter::deleteQuietly);
        }
    }

    private void writeAll(long runId, Path directory) {
        Report report = Report.read(jdbc, runId, clock);
        List<Path> written = new ArrayList<>();
        try {
            for (String name : FILES) {
                Path temporary = temporary(directory, name);
                written.add(temporary);
                try (BufferedWriter out = Files.newBufferedWriter(temporary, StandardCharsets.UTF_8)) {
                    content(name, report, out);
                }
            }
            putInPlace(written, directory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            written.forEach(ReportWriter::deleteQuietly);
        }
    }

    private static Path temporary(Path directory, String name) {
        return directory.resolve("." + name + "." + ProcessHandle.current().pid() + ".part");
    }

    /** @param written one for each of {@link #FILES}, in their order */
    private static void putInPlace(List<Path> written, Path directory) throws IOException {
        for (int i = 0; i < written.size(); i++) {
            Files.move(written.get(i), directory.resolve(FILES.get(i)), StandardCopyOption.ATOMIC_MOVE);
        }
    }

    private void content(String name, Report report, Writer out) throws IOException {
        long runId = report.run().id();
        switch (name) {
            case "report.html" -> page.write(report, out);
            case "report.json" -> JsonFile.write(jdbc, report, out);
            case "findings.csv" -> CsvFiles.findings(jdbc, report, out);
            case "observations.csv" -> CsvFiles.observations(jdbc, runId, out);
            case "repairs.csv" -> CsvFiles.repairs(jdbc, runId, out);
            case "constraints.sql" -> ConstraintScript.write(report, out);
            default -> throw new IllegalStateException(name);
        }
    }

    private static void deleteQuietly(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            // A leftover hides nothing: the names of the report's files are others.
        }
    }

    private static UserError unwritable(Path directory, IOException e) {
        return new UserError(
                UserError.Kind.SETTING,
                "The report cannot be written to " + directory + " ("
                        + e.getClass().getSimpleName() + ": " + e.getMessage()
                        + "). Name a directory that can be written with --out, or make room there.",
                e);
    }

    /** Jackson and Thymeleaf wrap a full disk each in its own way; a lost database connection is none. */
    private static @Nullable IOException fileTrouble(Throwable e) {
        for (Throwable cause = e; cause != null && !(cause instanceof SQLException); cause = cause.getCause()) {
            if (cause instanceof IOException io) {
                return io;
            }
        }
        return null;
    }
}
