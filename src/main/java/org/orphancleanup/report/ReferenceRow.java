package org.orphancleanup.report;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.orphancleanup.catalog.ConstraintState;
import org.orphancleanup.catalog.ReferenceKind;
import org.springframework.jdbc.core.JdbcOperations;

/** One line of the coverage: a reference of this run's catalog, and how reading it went. */
record ReferenceRow(
        int no,
        ReferenceKind kind,
        @Nullable String childModel,
        String childTable,
        String field,
        @Nullable String fieldName,
        @Nullable String parentModel,
        @Nullable String parentTable,
        boolean parentInherited,
        ConstraintState state,
        @Nullable String constraintName,
        @Nullable String databaseOndelete,
        @Nullable String ondelete,
        @Nullable String how,
        @Nullable String skipped,
        @Nullable Long rowsRead,
        @Nullable Long orphans,
        @Nullable Long millis) {

    /** The order of findings.csv. */
    private static final Comparator<ReferenceRow> ORDER = Comparator.comparing(ReferenceRow::childTable)
            .thenComparing(ReferenceRow::field)
            .thenComparing(row -> row.kind().code())
            .thenComparing(row -> row.parentModel() == null ? "" : row.parentModel())
            .thenComparing(ReferenceRow::no);

    static List<ReferenceRow> read(JdbcOperations jdbc, long runId) {
        return jdbc.query("SELECT * FROM reference WHERE run_id = ?", (row, number) -> of(row), runId).stream()
                .sorted(ORDER)
                .toList();
    }

    /** The model, or the table where no model owns it. */
    public String model() {
        return childModel == null ? childTable : childModel;
    }

    public String parent() {
        return parentModel != null ? parentModel : parentTable != null ? parentTable : "unknown model";
    }

    private static ReferenceRow of(ResultSet row) throws SQLException {
        return new ReferenceRow(
                row.getInt("no"),
                ReferenceKind.of(row.getString("kind")),
                row.getString("child_model"),
                row.getString("child_table"),
                row.getString("field"),
                row.getString("field_name"),
                row.getString("parent_model"),
                row.getString("parent_table"),
                row.getBoolean("parent_inherited"),
                ConstraintState.of(row.getString("state")),
                row.getString("constraint_name"),
                row.getString("database_ondelete"),
                row.getString("ondelete"),
                row.getString("how"),
                row.getString("skipped"),
                row.getObject("rows_read", Long.class),
                row.getObject("orphans", Long.class),
                row.getObject("millis", Long.class));
    }
}
