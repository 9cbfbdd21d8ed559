package org.orphancleanup.catalog;

import org.jspecify.annotations.Nullable;

/**
 * A place where something is worth knowing that is no reference: an id inside a text, a number beside a model's name, a row
 * that stands there twice.
 *
 * @param model null where no model owns the table
 * @param field as rules' globs name it together with the model; the column
 * @param windowColumn the column of {@code c} by which the place is read in pieces; null: it is read whole
 * @param select a statement up to the end of its condition, which gives a record's id (or null) and what is to be told of
 *     it; empty where there is nothing left to look at
 * @param groupBy what follows the condition
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
        @Nullable String skipped) {

    /** @param windowed take only rows whose window column lies between two parameters */
    public String sql(boolean windowed) {
        return select
                + (windowed ? " AND c." + Sql.quote(String.valueOf(windowColumn)) + " BETWEEN ? AND ?" : "")
                + groupBy;
    }

    public ObservationPlace skippedBecause(String reason) {
        return new ObservationPlace(kind, model, table, field, windowColumn, select, groupBy, reason);
    }

    /** {@code model.field}, which a job's include and exclude match. */
    public String ruleName() {
        return (model == null ? table : model) + "." + field;
    }
}
