package org.orphancleanup.catalog;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Rows of relation tables that stand there twice, or with NULL on a side. Where a key forbids it there is nothing to read. */
final class RelationRowFaults implements ObservationSource {

    @Override
    public void collect(TargetFacts facts, ObservationDraft draft) {
        Map<List<String>, Reference> pairs = new LinkedHashMap<>();
        for (Reference reference : draft.references()) {
            if (reference.storage() instanceof Storage.RelationRow row) {
                List<String> columns = new ArrayList<>(List.of(row.column(), row.ownerColumn()));
                columns.sort(null);
                pairs.putIfAbsent(List.of(row.table(), columns.get(0), columns.get(1)), reference);
            }
        }
        pairs.keySet().forEach(pair -> collect(facts, draft, pair.get(0), pair.get(1), pair.get(2)));
    }

    private static void collect(TargetFacts facts, ObservationDraft draft, String name, String first, String second) {
        Table table = facts.schema().table(name);
        if (table == null) {
            return;
        }
        String both = first + ", " + second;
        String one = Sql.quote(first);
        String other = Sql.quote(second);
        String from = " FROM ONLY " + Sql.quote(name) + " c WHERE ";
        ObservationDraft.Place twice =
                new ObservationDraft.Place(ObservationKind.DUPLICATE_RELATION_ROW, null, table, both);
        if (!draft.canRead(twice, List.of(first, second))) {
            return;
        }
        if (!facts.schema().isUnique(name, List.of(first, second))) {
            draft.add(
                    twice,
                    first,
                    "SELECT c." + one + "::bigint, count(*) || " + Sql.literal(" rows pair " + first + " ") + " || c."
                            + one + " || " + Sql.literal(" with " + second + " ") + " || c." + other + from + "c." + one
                            + " IS NOT NULL AND c." + other + " IS NOT NULL",
                    " GROUP BY c." + one + ", c." + other + " HAVING count(*) > 1");
        }
        for (String column : List.of(first, second)) {
            Column known = table.columns().get(column);
            if (known != null && !known.notNull()) {
                ObservationDraft.Place place =
                        new ObservationDraft.Place(ObservationKind.NULL_RELATION_ROW, null, table, column);
                String rest = column.equals(first) ? second : first;
                draft.add(
                        place,
                        rest,
                        "SELECT c." + Sql.quote(rest) + "::bigint, count(*) || "
                                + Sql.literal(" rows with " + rest + " ") + " || c." + Sql.quote(rest) + " || "
                                + Sql.literal(" have no " + column) + from + "c." + Sql.quote(column)
                                + " IS NULL AND c."
                                + Sql.quote(rest) + " IS NOT NULL",
                        " GROUP BY c." + Sql.quote(rest));
            }
        }
        if (List.of(first, second).stream()
                .map(column -> table.columns().get(column))
                .allMatch(column -> column != null && !column.notNull())) {
            draft.add(
                    new ObservationDraft.Place(ObservationKind.NULL_RELATION_ROW, null, table, both),
                    null,
                    "SELECT NULL::bigint, count(*) || ' rows have neither side'" + from + "c." + one + " IS NULL AND c."
                            + other + " IS NULL",
                    " HAVING count(*) > 0");
        }
    }
}
