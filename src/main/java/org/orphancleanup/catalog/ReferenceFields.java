package org.orphancleanup.catalog;

import java.util.List;

/** Stored reference fields: one text column {@code model,id}. */
final class ReferenceFields implements ReferenceSource {

    @Override
    public void collect(TargetFacts facts, CatalogDraft draft) {
        for (Field field : facts.metadata().fieldsOfType("reference")) {
            ModelTables.Match child = facts.models().match(field.model());
            if (child == null) {
                draft.leaveOut(field, null, facts.models().reason(field.model()));
                continue;
            }
            Table table = child.table();
            Column column = table.columns().get(field.name());
            String unreadable = facts.schema().unreadable(table.name(), List.of("id", field.name()));
            if (column == null || !column.isText()) {
                draft.leaveOut(
                        field, table.name(), "the table " + table.name() + " has no text column " + field.name());
            } else if (unreadable != null) {
                draft.leaveOut(field, table.name(), unreadable);
            } else if (!collect(
                    facts,
                    draft,
                    new NamedModels.Place(
                            ReferenceKind.REFERENCE, table, field.name(), field.rule(), field, child.how()))) {
                draft.leaveOut(field, table.name(), "no row names a model whose records could be checked");
            }
        }
    }

    /** @return false where no row names a model that can be checked or is unknown */
    static boolean collect(TargetFacts facts, CatalogDraft draft, NamedModels.Place place) {
        String name = "c." + Sql.quote(place.column());
        String table = place.table().name();
        List<String> models = DistinctValues.of(
                facts, place.table(), "", "split_part(" + name + ", ',', 1)", name + " ~ '^[^,]+,[0-9]*[1-9][0-9]*$'");
        return new NamedModels(facts, draft)
                .add(place, models, model -> new Storage.ModelCommaId(table, place.column(), model));
    }
}
