package org.orphancleanup.catalog;

import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The rows of a table in the order of their ids, so many at a time: no statement on a large table takes longer than that. */
final class Pieces {

    private static final int ROWS = 200_000;

    private Pieces() {}

    /** @param read given a condition on the table {@code c} that ends a WHERE; false: that was enough */
    static void each(TargetFacts facts, Table table, Predicate<String> read) {
        String from = Sql.quote(table.name());
        Long after = null;
        boolean more = true;
        while (more) {
            Long upTo = bound(facts, from, after);
            more = read.test((after == null ? "" : " AND c.id > " + after)
                            + (upTo == null ? "" : " AND c.id <= " + upTo))
                    && upTo != null;
            after = upTo;
            if (more) {
                facts.pause().run();
            }
        }
    }

    /** The last id of the next piece; null: what is left is one. */
    private static @Nullable Long bound(TargetFacts facts, String from, @Nullable Long after) {
        return facts.jdbc()
                .sql("SELECT id FROM ONLY " + from + (after == null ? "" : " WHERE id > " + after)
                        + " ORDER BY id OFFSET " + (ROWS - 1) + " LIMIT 1")
                .query(Long.class)
                .optional()
                .orElse(null);
    }
}
