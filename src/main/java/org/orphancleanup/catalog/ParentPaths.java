package org.orphancleanup.catalog;

import java.util.List;

/** {@code parent_path}, {@code 1/5/9/}: each segment is a record of the same table. */
final class ParentPaths implements ObservationSource {

    private static final String NAME = "parent_path";

    @Override
    public void collect(TargetFacts facts, ObservationDraft draft) {
        for (Table table : facts.schema().tables()) {
            Column column = table.columns().get(NAME);
            if (column == null || !column.isText() || !table.isTable() || !table.hasId()) {
                continue;
            }
            String model = facts.models().modelOf(table.name());
            ObservationDraft.Place place = new ObservationDraft.Place(ObservationKind.PARENT_PATH, model, table, NAME);
            if (draft.canRead(place, List.of("id", NAME))) {
                draft.add(
                        place,
                        "id",
                        "SELECT c.id::bigint, 'the path ' || c.parent_path || ' names ' || named.id || "
                                + Sql.literal(", which is missing from " + table.name()) + " FROM ONLY "
                                + Sql.quote(table.name()) + " c"
                                + " CROSS JOIN LATERAL regexp_split_to_table(trim(BOTH '/' FROM c.parent_path), '/') s"
                                + " CROSS JOIN LATERAL (SELECT CASE WHEN s ~ '^[0-9]{1,18}$' THEN s::bigint END AS id) named"
                                + " WHERE named.id IS NOT NULL AND NOT EXISTS (SELECT FROM " + Sql.quote(table.name())
                                + " p WHERE p.id = named.id)");
            }
        }
    }
}
