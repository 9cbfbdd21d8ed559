package org.orphancleanup.catalog;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The column that names the model of a many2one-reference. Odoo's own tables do not tell (only the API does, from 18 on), so
 * the rows have to: it is the text column whose values are names of models.
 *
 * @param how in what way it was found
 */
record ModelColumn(String name, String how) {

    private static final int SAMPLE = 1_000;

    /** One candidate and how many of the rows looked at name a model in it. */
    private record Candidate(String column, long models, boolean declared, int nearness) {}

    /** @return null where no row has an id yet, or no text column says of which model */
    static @Nullable ModelColumn find(TargetFacts facts, Table table, Field field) {
        List<String> columns = table.columns().values().stream()
                .filter(column -> column.isText() && column.readable())
                .map(Column::name)
                .sorted()
                .toList();
        List<List<String>> rows = sample(facts, table, field.name(), columns);
        if (rows.isEmpty()) {
            return null;
        }
        Set<String> declared = facts.metadata().fields(field.model()).stream()
                .filter(other -> other.type().equals("char") || other.type().equals("selection"))
                .map(Field::name)
                .collect(Collectors.toSet());
        List<Candidate> candidates = new ArrayList<>();
        for (int i = 0; i < columns.size(); i++) {
            int index = i;
            String column = columns.get(i);
            long models = rows.stream()
                    .filter(row -> facts.metadata().knows(row.get(index)))
                    .count();
            candidates.add(new Candidate(column, models, declared.contains(column), nearness(field.name(), column)));
        }
        return candidates.stream()
                // where every model is gone, the name alone is left to go by
                .filter(candidate -> candidate.models() > 0 || candidate.nearness() > 0)
                // models can be gone, so a name that fits counts more than how many rows do
                .max(Comparator.comparing((Candidate candidate) -> candidate.models() > 0)
                        .thenComparingInt(Candidate::nearness)
                        .thenComparingLong(Candidate::models)
                        .thenComparing(Candidate::declared)
                        .thenComparing(Candidate::column, Comparator.reverseOrder()))
                .map(candidate -> new ModelColumn(
                        candidate.column(),
                        "the model is in " + candidate.column() + ": "
                                + (candidate.models() > 0
                                        ? "it names one in " + candidate.models() + " of " + rows.size()
                                                + " rows looked at"
                                        : "by its name, as no row looked at names a model that is known")))
                .orElse(null);
    }

    /** Beginnings of rows that have an id: the text columns, shortened, in their order. */
    private static List<List<String>> sample(TargetFacts facts, Table table, String idColumn, List<String> columns) {
        String id = "c." + Sql.quote(idColumn);
        String list = columns.stream()
                .map(column -> ", left(c." + Sql.quote(column) + ", 200)")
                .collect(Collectors.joining());
        List<List<String>> rows = new ArrayList<>();
        Pieces.each(facts, table, piece -> {
            rows.addAll(facts.jdbc()
                    .sql("SELECT " + id + list + " FROM ONLY " + Sql.quote(table.name()) + " c WHERE " + id + " <> 0"
                            + piece + " LIMIT " + (SAMPLE - rows.size()))
                    .query((row, number) -> {
                        List<String> values = new ArrayList<>();
                        for (int i = 0; i < columns.size(); i++) {
                            String value = row.getString(i + 2);
                            values.add(value == null ? "" : value);
                        }
                        return values;
                    })
                    .list());
            return rows.size() < SAMPLE;
        });
        return rows;
    }

    /** {@code res_id} goes with {@code res_model} rather than {@code parent_res_model}, and with {@code model} at the least. */
    private static int nearness(String idColumn, String column) {
        String stem = idColumn.endsWith("_id") ? idColumn.substring(0, idColumn.length() - 3) : idColumn;
        if (column.equals(stem + "_model")) {
            return 2;
        }
        return column.equals("model") ? 1 : 0;
    }
}
