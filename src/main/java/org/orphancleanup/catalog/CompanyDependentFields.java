package org.orphancleanup.catalog;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Company-dependent many2one fields of Odoo 18 and later: jsonb {@code {company id: record id}}. Each company key is a
 * reference, and a key whose company is gone is another one, to the company.
 */
final class CompanyDependentFields implements ReferenceSource {

    private static final String COMPANY = "res.company";

    @Override
    public void collect(TargetFacts facts, CatalogDraft draft) {
        List<Field> fields = facts.metadata().fieldsOfType("many2one").stream()
                .filter(Field::companyDependent)
                .toList();
        for (Field field : fields) {
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
        Column column = table.columns().get(field.name());
        if (column == null || !column.type().equals("jsonb")) {
            draft.leaveOut(field, table.name(), "the table " + table.name() + " has no jsonb column " + field.name());
            return;
        }
        String unreadable = facts.schema().unreadable(table.name(), List.of("id", field.name()));
        if (unreadable != null) {
            draft.leaveOut(field, table.name(), unreadable);
            return;
        }
        ModelTables.Match parent = facts.models().match(field.relation());
        List<Long> keys = keys(facts, table, field);
        if (keys.isEmpty()) {
            draft.leaveOut(field, table.name(), "no row has a value for any company");
            return;
        }
        if (parent == null) {
            draft.leaveOut(
                    field,
                    table.name(),
                    "points to " + field.relation() + ": " + facts.models().reason(field.relation()));
            return;
        }
        Table companyTable = facts.schema().table("res_company");
        Set<Long> missing = missing(facts, keys);
        for (long company : keys) {
            draft.add(reference(
                    field,
                    table,
                    company,
                    String.valueOf(field.relation()),
                    parent.table(),
                    new Storage.CompanyValue(table.name(), field.name(), company),
                    Parent.join(child.how(), parent.how())));
            if (companyTable != null && missing.contains(company)) {
                draft.add(reference(
                        field,
                        table,
                        company,
                        COMPANY,
                        companyTable,
                        new Storage.CompanyKey(table.name(), field.name(), company),
                        Parent.join(child.how(), "the company of the key is missing")));
            }
        }
    }

    private static Reference reference(
            Field field,
            Table table,
            long company,
            String parentModel,
            Table parentTable,
            Storage storage,
            @Nullable String how) {
        return new Reference(
                0,
                ReferenceKind.COMPANY_DEPENDENT,
                field.model(),
                table.name(),
                field.name() + "@" + company,
                field.name(),
                List.of(field.rule()),
                parentModel,
                parentTable.name(),
                parentTable.inherited(),
                ConstraintState.IMPOSSIBLE,
                null,
                null,
                field.ondelete(),
                field.required(),
                storage,
                how);
    }

    private static List<Long> keys(TargetFacts facts, Table table, Field field) {
        String name = "c." + Sql.quote(field.name());
        return DistinctValues.of(
                        facts,
                        table,
                        " CROSS JOIN LATERAL jsonb_object_keys(CASE jsonb_typeof(" + name + ") WHEN 'object' THEN "
                                + name + " END) k",
                        "k",
                        name + " IS NOT NULL AND k ~ '^[0-9]{1,18}$'")
                .stream()
                .map(Long::valueOf)
                .sorted()
                .toList();
    }

    /** Empty where companies may not be read: then nothing can be said of them. */
    private static Set<Long> missing(TargetFacts facts, List<Long> companies) {
        if (facts.schema().table("res_company") == null
                || facts.schema().unreadable("res_company", List.of("id")) != null) {
            return Set.of();
        }
        Set<Long> missing = new HashSet<>(companies);
        facts.jdbc().sql("SELECT id FROM res_company").query(Long.class).list().forEach(missing::remove);
        return missing;
    }
}
