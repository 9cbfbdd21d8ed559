package org.orphancleanup.catalog;

import java.sql.Array;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/** The catalog of each run, in our own database. */
@Component
public class CatalogStore {

    private static final int BATCH = 500;
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final JdbcTemplate jdbc;

    public CatalogStore(DataSource ours) {
        this.jdbc = new JdbcTemplate(ours);
    }

    /**
     * Saves a run's catalog in place of one saved before.
     *
     * @param skippedReasonByNo why a reference is not read, by its number
     */
    public void save(long runId, Catalog catalog, Map<Integer, String> skippedReasonByNo) {
        jdbc.update("DELETE FROM reference WHERE run_id = ?", runId);
        jdbc.update("DELETE FROM left_out WHERE run_id = ?", runId);
        jdbc.batchUpdate(
                """
                INSERT INTO reference (run_id, no, kind, child_model, child_table, field, field_name, rule_fields, parent_model,
                  parent_table, parent_inherited, state, constraint_name, database_ondelete, ondelete, required, storage, how,
                  skipped)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?::jsonb, ?, ?)""",
                catalog.references(),
                BATCH,
                (statement, reference) -> bind(statement, runId, reference, skippedReasonByNo));
        jdbc.batchUpdate(
                "INSERT INTO left_out (run_id, model, field, table_name, reason) VALUES (?, ?, ?, ?, ?)",
                catalog.leftOut(),
                BATCH,
                (statement, entry) -> {
                    statement.setLong(1, runId);
                    statement.setString(2, entry.model());
                    statement.setString(3, entry.field());
                    statement.setString(4, entry.table());
                    statement.setString(5, entry.reason());
                });
    }

    private static void bind(
            PreparedStatement statement, long runId, Reference reference, Map<Integer, String> skippedReasonByNo)
            throws SQLException {
        Array ruleFields = statement
                .getConnection()
                .createArrayOf("text", reference.ruleFields().toArray());
        statement.setLong(1, runId);
        statement.setInt(2, reference.no());
        statement.setString(3, reference.kind().code());
        statement.setString(4, reference.childModel());
        statement.setString(5, reference.childTable());
        statement.setString(6, reference.field());
        statement.setString(7, reference.fieldName());
        statement.setArray(8, ruleFields);
        statement.setString(9, reference.parentModel());
        statement.setString(10, reference.parentTable());
        statement.setBoolean(11, reference.parentInherited());
        statement.setString(12, reference.state().code());
        statement.setString(13, reference.constraintName());
        statement.setString(14, reference.databaseOndelete());
        statement.setString(15, reference.ondelete());
        statement.setBoolean(16, reference.required());
        statement.setString(17, JSON.writerFor(Storage.class).writeValueAsString(reference.storage()));
        statement.setString(18, reference.how());
        statement.setString(19, skippedReasonByNo.get(reference.no()));
    }

    /** The references that a run reads, by their number. */
    public List<Reference> references(long runId) {
        return jdbc.query(
                "SELECT * FROM reference WHERE run_id = ? AND skipped IS NULL ORDER BY no", CatalogStore::map, runId);
    }

    /** All of them, skipped ones too. */
    public List<Reference> all(long runId) {
        return jdbc.query("SELECT * FROM reference WHERE run_id = ? ORDER BY no", CatalogStore::map, runId);
    }

    private static Reference map(ResultSet row, int number) throws SQLException {
        return new Reference(
                row.getInt("no"),
                ReferenceKind.of(row.getString("kind")),
                row.getString("child_model"),
                row.getString("child_table"),
                row.getString("field"),
                row.getString("field_name"),
                List.of((String[]) row.getArray("rule_fields").getArray()),
                row.getString("parent_model"),
                row.getString("parent_table"),
                row.getBoolean("parent_inherited"),
                ConstraintState.of(row.getString("state")),
                row.getString("constraint_name"),
                row.getString("database_ondelete"),
                row.getString("ondelete"),
                row.getBoolean("required"),
                JSON.readValue(row.getString("storage"), Storage.class),
                row.getString("how"));
    }
}
