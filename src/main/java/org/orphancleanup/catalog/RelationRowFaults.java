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
        ObservationDraft.Place twice =
                new ObservationDraft.Place(ObservationKind.DUPLICATE_RELATION_ROW, null, table, both);
        if (!draft.canRead(twice, List.of(first, second))) {
            return;
        }
        if (!facts.schema().isUnique(name, List.of(first, second))) {
            draft.count(
                    twice,
                    first,
                    "SELECT c." + one + "::bigint, count(*) || " + Sql.literal(" rows pair " + first + " ") + " || c."
                            + one + " || " + Sql.literal(" with " + second + " ") + " || c." + other,
                    rows(table, first, second, "c." + one + " IS NOT NULL AND c." + other + " IS NOT NULL"),
                    " GROUP BY c." + one + ", c." + other + " HAVING count(*) > 1");
        }
        for (String column : List.of(first, second)) {
            Column known = table.columns().get(column);
            if (known != null && !known.notNull()) {
                ObservationDraft.Place place =
                        new ObservationDraft.Place(ObservationKind.NULL_RELATION_ROW, null, table, column);
                String rest = column.equals(first) ? second : first;
                String kept = "c." + Sql.quote(rest);
                draft.count(
                        place,
                        rest,
                        "SELECT " + kept + "::bigint, count(*) || " + Sql.literal(" rows with " + rest + " ") + " || "
                                + kept + " || " + Sql.literal(" have no " + column),
                        rows(table, first, second, "c." + Sql.quote(column) + " IS NULL AND " + kept + " IS NOT NULL"),
                        " GROUP BY " + kept);
            }
        }
        if (List.of(first, second).stream()
                .map(column -> table.columns().get(column))
                .allMatch(column -> column != null && !column.notNull())) {
            draft.count(
                    new ObservationDraft.Place(ObservationKind.NULL_RELATION_ROW, null, table, both),
                    ObservationPlace.BLOCKS,
                    "SELECT NULL::bigint, count(*) || ' rows have neither side'",
                    rows(table, first, second, "c." + one + " IS NULL AND c." + other + " IS NULL"),
                    " HAVING count(*) > 0");
        }
    }

    private static ObservationPlace.Together rows(Table table, String first, String second, String condition) {
        return new ObservationPlace.Together(
                List.of(first, second), " FROM ONLY " + Sql.quote(table.name()) + " c WHERE " + condition);
    }
}
