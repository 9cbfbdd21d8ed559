package org.orphancleanup.catalog;

import java.util.List;

/** Stored many2one_reference fields: a number, and beside it a column that names the model. */
final class Many2OneReferenceFields implements ReferenceSource {

    @Override
    public void collect(TargetFacts facts, CatalogDraft draft) {
        for (Field field : facts.metadata().fieldsOfType("many2one_reference")) {
            ModelTables.Match child = facts.models().match(field.model());
            if (child == null) {
                draft.leaveOut(field, null, facts.models().reason(field.model()));
            } else {
                collect(facts, draft, field, child);
            }
        }
    }

    private static void collect(TargetFacts facts, CatalogDraft draft, Field field, ModelTables.Match child) {
        Table table = child.table();
        Column id = table.columns().get(field.name());
        if (id == null || !id.isInteger()) {
            draft.leaveOut(field, table.name(), "the table " + table.name() + " has no integer column " + field.name());
            return;
        }
        String unreadable = facts.schema().unreadable(table.name(), List.of("id", field.name()));
        if (unreadable != null) {
            draft.leaveOut(field, table.name(), unreadable);
            return;
        }
        ModelColumn column = ModelColumn.find(facts, table, field);
        if (column == null) {
            draft.leaveOut(
                    field,
                    table.name(),
                    facts.schema()
                                            .unreadable(
                                                    table.name(),
                                                    List.copyOf(table.columns().keySet()))
                                    == null
                            ? "no row holds an id of a model that could be told"
                            : "no readable column names the model: "
                                    + facts.schema()
                                            .unreadable(
                                                    table.name(),
                                                    List.copyOf(table.columns().keySet())));
            return;
        }
        String name = Sql.quote(column.name());
        List<String> models = DistinctValues.of(
                facts, table, "", "c." + name, "c." + Sql.quote(field.name()) + " <> 0 AND c." + name + " <> ''");
        NamedModels.Place place = new NamedModels.Place(
                ReferenceKind.MANY2ONE_REFERENCE,
                table,
                field.name(),
                field.rule(),
                field,
                Parent.join(child.how(), column.how()));
        boolean added = new NamedModels(facts, draft)
                .add(place, models, model -> new Storage.ModelAndId(table.name(), column.name(), field.name(), model));
        if (!added) {
            draft.leaveOut(field, table.name(), "no row names a model whose records could be checked");
        }
    }
}
