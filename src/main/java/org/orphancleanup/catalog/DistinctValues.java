package org.orphancleanup.catalog;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** The values a column has, read in pieces. */
final class DistinctValues {

    private DistinctValues() {}

    /**
     * @param joins what follows the table, {@code c}, in FROM
     * @return in their order, without null
     */
    static List<String> of(TargetFacts facts, Table table, String joins, String expression, String condition) {
        Set<String> values = new TreeSet<>();
        Pieces.each(facts, table, piece -> {
            facts.jdbc()
                    .sql("SELECT DISTINCT " + expression + " FROM ONLY " + Sql.quote(table.name()) + " c" + joins
                            + " WHERE " + condition + piece)
                    .query(row -> {
                        String value = row.getString(1);
                        if (value != null) {
                            values.add(value);
                        }
                    });
            return true;
        });
        return List.copyOf(values);
    }
}
