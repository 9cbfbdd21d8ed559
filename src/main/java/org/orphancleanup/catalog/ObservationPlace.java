package org.orphancleanup.catalog;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A place where something is worth knowing that is no reference: an id inside a text, a number beside a model's name, a row
 * that stands there twice.
 *
 * @param model null where no model owns the table
 * @param field as rules' globs name it together with the model; the column
 * @param windowColumn the column of {@code c} by which the place is read in pieces, or {@link #BLOCKS}; null: it is read
 *     whole
 * @param select a statement up to the end of its condition, which gives a record's id (or null) and what is to be told of
 *     it; empty where there is nothing left to look at
 * @param groupBy what follows the condition
 * @param together the rows that the statement counts together; null: each row tells by itself
 * @param skipped why it cannot be read, with the remedy; null: it can
 */
public record ObservationPlace(
        ObservationKind kind,
        @Nullable String model,
        String table,
        String field,
        @Nullable String windowColumn,
        String select,
        String groupBy,
        @Nullable Together together,
        @Nullable String skipped) {

    /** The place of a row in its table: no index is on it, so a large table is read by the blocks it is stored in. */
    public static final String BLOCKS = "ctid";

    /** @param limit a condition on {@code c}, or null for all rows */
    public String sql(@Nullable String limit) {
        return select + (limit == null ? "" : " AND " + limit) + groupBy;
    }

    /**
     * Rows that are counted together and may lie in different blocks of their table.
     *
     * @param columns whole numbers; what the statement reads of them
     * @param from FROM, with the table as {@code c}, and WHERE
     */
    public record Together(List<String> columns, String from) {

        /** The rows before they are counted. */
        public String sql(String limit) {
            return "SELECT "
                    + String.join(
                            ", ",
                            columns.stream()
                                    .map(column -> "c." + Sql.quote(column))
                                    .toList())
                    + from + " AND " + limit;
        }
    }

    public ObservationPlace skippedBecause(String reason) {
        return new ObservationPlace(kind, model, table, field, windowColumn, select, groupBy, together, reason);
    }

    /** {@code model.field}, which a job's include and exclude match. */
    public String ruleName() {
        return (model == null ? table : model) + "." + field;
    }
}
