package org.orphancleanup.catalog;

import java.util.Set;
import java.util.stream.Collectors;

/** Foreign keys that no field covers: tables without a model, columns of uninstalled modules. */
final class ForeignKeysWithoutField implements ReferenceSource {

    @Override
    public void collect(TargetFacts facts, CatalogDraft draft) {
        for (Table table : facts.schema().tables()) {
            Set<String> columns = facts.schema().foreignKeys(table.name()).stream()
                    .map(ForeignKey::column)
                    .collect(Collectors.toSet());
            columns.stream().sorted().forEach(column -> collect(facts, draft, table, column));
        }
    }

    private static void collect(TargetFacts facts, CatalogDraft draft, Table table, String name) {
        if (draft.hasColumn(table.name(), name)) {
            return;
        }
        String what = "the foreign key on " + name + " of " + table.name() + ", which no field declares, ";
        Column column = table.columns().get(name);
        Parent parent = Parent.of(facts, table.name(), name, null);
        if (parent.table() == null || column == null || !column.isInteger()) {
            draft.leaveOut(table.name(), what + "does not point to the id of one of Odoo's tables");
        } else if (!table.isTable()) {
            draft.leaveOut(table.name(), what + "stands on " + table.whatItIs());
        } else if (!table.hasId()) {
            draft.leaveOut(table.name(), what + "stands on a table that has no id and is no relation table");
        } else {
            draft.add(Many2OneFields.reference(facts, table, column, null, parent, null));
        }
    }
}
