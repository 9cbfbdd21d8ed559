package org.orphancleanup.guide;

import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.springframework.dao.DataAccessResourceFailureException;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;

/**
 * What import files say, in temporary tables of our own database: however large they are, memory holds a buffer of each table.
 * {@code kind} is {@code x} for an external id, {@code i} for a database id, {@code n} for a name.
 */
final class ImportSpool {

    private static final int BUFFER = 1 << 16;

    private final Connection connection;
    private final JdbcTemplate jdbc;
    private final Map<String, StringBuilder> buffers = new LinkedHashMap<>();

    ImportSpool(Connection connection) {
        this.connection = connection;
        this.jdbc = new JdbcTemplate(new SingleConnectionDataSource(connection, true));
        jdbc.setFetchSize(5_000);
        jdbc.execute("""
                CREATE TEMP TABLE import_record (file int, row_no bigint, model text, kind "char", value text);
                CREATE TEMP TABLE import_ref (file int, col int, row_no bigint, model text, kind "char", value text);
                CREATE TEMP TABLE import_name (file int, row_no bigint, model text, value text);
                CREATE TEMP TABLE import_empty (file int, col int, row_no bigint);
                CREATE TEMP TABLE import_known (model text, kind "char", value text, problem text)""");
    }

    /** Temporary tables live as long as their connection, which goes back to a pool. */
    void drop() {
        jdbc.execute("DROP TABLE IF EXISTS import_record, import_ref, import_name, import_empty, import_known");
    }

    JdbcTemplate jdbc() {
        return jdbc;
    }

    void record(int file, long row, String model, char kind, String value) {
        add("import_record", file, row, model, String.valueOf(kind), value);
    }

    void reference(int file, int column, long row, String model, char kind, String value) {
        add("import_ref", file, column, row, model, String.valueOf(kind), value);
    }

    void name(int file, long row, String model, String value) {
        add("import_name", file, row, model, value);
    }

    void empty(int file, int column, long row) {
        add("import_empty", file, column, row);
    }

    /** @param problem why it will not do all the same; null: it will */
    void known(String model, char kind, String value, @Nullable String problem) {
        add("import_known", model, String.valueOf(kind), value, problem);
    }

    private void add(String table, @Nullable Object... values) {
        StringBuilder buffer = buffers.computeIfAbsent(table, name -> new StringBuilder(BUFFER + 1_024));
        for (int i = 0; i < values.length; i++) {
            buffer.append(i == 0 ? "" : "\t");
            Object value = values[i];
            if (value == null) {
                buffer.append("\\N");
            } else {
                escape(value.toString(), buffer);
            }
        }
        buffer.append('\n');
        if (buffer.length() >= BUFFER) {
            write(table, buffer);
        }
    }

    /** As COPY reads it; PostgreSQL's text holds no NUL. */
    private static void escape(String text, StringBuilder to) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '\\' -> to.append("\\\\");
                case '\t' -> to.append("\\t");
                case '\n' -> to.append("\\n");
                case '\r' -> to.append("\\r");
                case '\0' -> {}
                default -> to.append(c);
            }
        }
    }

    private void write(String table, StringBuilder buffer) {
        try {
            connection
                    .unwrap(PGConnection.class)
                    .getCopyAPI()
                    .copyIn("COPY " + table + " FROM STDIN", new StringReader(buffer.toString()));
        } catch (SQLException e) {
            throw new DataAccessResourceFailureException(String.valueOf(e.getMessage()), e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        buffer.setLength(0);
    }

    /** Everything added so far can be asked for. */
    void flush() {
        buffers.forEach((table, buffer) -> {
            if (buffer.length() > 0) {
                write(table, buffer);
            }
        });
    }

    void index() {
        flush();
        jdbc.execute("""
                CREATE INDEX ON import_record (model, kind, value);
                CREATE INDEX ON import_name (model, value);
                CREATE INDEX ON import_known (model, kind, value);
                ANALYZE import_record; ANALYZE import_ref; ANALYZE import_name; ANALYZE import_known; ANALYZE import_empty""");
    }
}
