package org.orphancleanup.catalog;

import java.util.List;

/** Company-dependent values up to Odoo 17: rows of ir_property, which name a record ({@code res_id}) and a value. */
final class CompanyProperties implements ReferenceSource {

    private static final String TABLE = "ir_property";

    @Override
    public void collect(TargetFacts facts, CatalogDraft draft) {
        Table table = facts.schema().table(TABLE);
        if (table == null || !table.isTable() || !table.hasId()) {
            return;
        }
        for (String name : List.of("value_reference", "res_id")) {
            Column column = table.columns().get(name);
            if (column == null || !column.isText()) {
                continue;
            }
            String unreadable = facts.schema().unreadable(TABLE, List.of("id", name));
            if (unreadable != null) {
                draft.leaveOut(TABLE, unreadable);
                continue;
            }
            ReferenceFields.collect(
                    facts,
                    draft,
                    new NamedModels.Place(
                            ReferenceKind.COMPANY_DEPENDENT, table, name, "ir.property." + name, null, null));
        }
    }
}
