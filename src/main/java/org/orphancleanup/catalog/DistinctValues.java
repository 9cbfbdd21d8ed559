package org.orphancleanup.catalog;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The values a column has, read in pieces: no statement on a large table takes longer than its piece. */
final class DistinctValues {

    private static final int PIECE = 200_000;

    private DistinctValues() {}

    /**
     * @param from the table, {@code c}, and what is joined to it
     * @return in their order, without null
     */
    static List<String> of(TargetFacts facts, Table table, String joins, String expression, String condition) {
        Set<String> values = new TreeSet<>();
        String from = Sql.quote(table.name());
        Long after = null;
        boolean more = true;
        while (more) {
            Long upTo = bound(facts, from, after);
            String piece = (after == null ? "" : " AND c.id > " + after) + (upTo == null ? "" : " AND c.id <= " + upTo);
            facts.jdbc()
                    .sql("SELECT DISTINCT " + expression + " FROM ONLY " + from + " c" + joins + " WHERE " + condition
                            + piece)
                    .query(row -> {
                        String value = row.getString(1);
                        if (value != null) {
                            values.add(value);
                        }
                    });
            after = upTo;
            more = upTo != null;
        }
        return List.copyOf(values);
    }

    /** The last id of the next piece; null: what is left is one. */
    private static @Nullable Long bound(TargetFacts facts, String from, @Nullable Long after) {
        return facts.jdbc()
                .sql("SELECT id FROM ONLY " + from + (after == null ? "" : " WHERE id > " + after)
                        + " ORDER BY id OFFSET " + (PIECE - 1) + " LIMIT 1")
                .query(Long.class)
                .optional()
                .orElse(null);
    }
}
