package org.orphancleanup.target;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Objects;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import org.orphancleanup.UserError;
import org.orphancleanup.catalog.Sql;
import org.orphancleanup.target.Target.Jdbc;
import org.postgresql.Driver;
import org.springframework.jdbc.support.SQLErrorCodeSQLExceptionTranslator;
import org.springframework.jdbc.support.SQLExceptionTranslator;

/** One connection, opened late: a run whose missing parents all came back meanwhile needs none. */
final class WriteConnection implements TargetWriter {

    /** What tells one database of one running server from any other. */
    private static final String IDENTITY =
            "SELECT pg_postmaster_start_time()::text || ' ' || oid FROM pg_database WHERE datname = current_database()";

    private static final SQLExceptionTranslator TRANSLATOR = new SQLErrorCodeSQLExceptionTranslator("PostgreSQL");

    private final Target target;
    private final TargetSettings settings;
    private final TargetDatabase database;
    private @Nullable Connection connection;

    WriteConnection(Target target, TargetSettings settings, TargetDatabase database) {
        this.target = target;
        this.settings = settings;
        this.database = database;
    }

    @Override
    public synchronized boolean copyRow(String table, long source, String values) {
        String quoted = Sql.quote(table);
        String sql = "INSERT INTO " + quoted + " SELECT (jsonb_populate_record(s, CAST(? AS jsonb))).* FROM ONLY "
                + quoted + " s WHERE s.id = ?";
        try (PreparedStatement statement = open().prepareStatement(sql)) {
            statement.setString(1, values);
            statement.setLong(2, source);
            return statement.executeUpdate() == 1;
        } catch (SQLException e) {
            throw TRANSLATOR.translate("keep-id", sql, e);
        }
    }

    @Override
    public synchronized boolean removeRow(String table, long id, List<Key> unlessReferred) {
        StringBuilder sql = new StringBuilder("DELETE FROM ONLY " + Sql.quote(table) + " d WHERE d.id = ?");
        for (Key key : unlessReferred) {
            sql.append(" AND NOT EXISTS (SELECT FROM ")
                    .append(Sql.quote(key.table()))
                    .append(" c WHERE c.")
                    .append(Sql.quote(key.column()))
                    .append(" = d.id")
                    .append(key.table().equals(table) ? " AND c.id <> d.id)" : ")");
        }
        try {
            Connection connection = open();
            // a row that came to refer to it after the look makes the statement fail, not cascade
            connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            try (PreparedStatement statement = connection.prepareStatement(sql.toString())) {
                statement.setLong(1, id);
                return statement.executeUpdate() == 1;
            }
        } catch (SQLException e) {
            throw TRANSLATOR.translate("keep-id", sql.toString(), e);
        }
    }

    private Connection open() throws SQLException {
        if (connection != null && connection.isValid(5)) {
            return connection;
        }
        close();
        Jdbc jdbc = Objects.requireNonNull(target.write(), "a target without write connection");
        Properties properties = TargetDatabaseOpener.common(jdbc, settings);
        TargetDatabaseOpener.addOptions(properties, settings, "");
        Connection opened;
        try {
            opened = new Driver().connect(jdbc.address(), properties);
        } catch (SQLException e) {
            throw UserError.service(
                    "The write connection of target \"" + target.name() + "\" (" + settings.name("write-jdbc-url")
                            + ") cannot be opened: " + e.getMessage(),
                    e);
        }
        if (opened == null) {
            throw UserError.setting(settings.name("write-jdbc-url") + " is no JDBC URL of PostgreSQL.");
        }
        try {
            String here = identity(opened);
            String there;
            try (Connection reading = database.dataSource().getConnection()) {
                there = identity(reading);
            }
            if (!here.equals(there)) {
                throw UserError.setting(settings.name("write-jdbc-url") + " leads to another database than "
                        + settings.name("jdbc-url") + ": nothing is written; correct one of the two.");
            }
        } catch (SQLException | RuntimeException e) {
            opened.close();
            throw e;
        }
        connection = opened;
        return opened;
    }

    private static String identity(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(IDENTITY)) {
            row.next();
            return row.getString(1);
        }
    }

    @Override
    public synchronized void close() {
        if (connection != null) {
            try {
                connection.close();
            } catch (SQLException e) {
                // it was of no use any more either way
            }
            connection = null;
        }
    }
}
