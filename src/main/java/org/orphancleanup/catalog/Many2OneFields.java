package org.orphancleanup.catalog;

import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Stored many2one fields with an integer column: kinds many2one, inheritance and audit. */
final class Many2OneFields implements ReferenceSource {

    @Override
    public void collect(TargetFacts facts, CatalogDraft draft) {
        // of models that share a table, the one that gives it its name to others comes first
        Comparator<Field> order = Comparator.comparing(field -> {
            ModelTables.Match match = facts.models().match(field.model());
            return match == null
                    || !field.model()
                            .equals(facts.models().modelOf(match.table().name()));
        });
        facts.metadata().fieldsOfType("many2one").stream()
                .filter(field -> !field.companyDependent())
                .sorted(order)
                .forEach(field -> collect(facts, draft, field));
    }

    private static void collect(TargetFacts facts, CatalogDraft draft, Field field) {
        ModelTables.Match child = facts.models().match(field.model());
        if (child == null) {
            draft.leaveOut(field, null, facts.models().reason(field.model()));
            return;
        }
        Table table = child.table();
        Column column = table.columns().get(field.name());
        if (column == null) {
            draft.leaveOut(field, table.name(), "the table " + table.name() + " has no column " + field.name());
            return;
        }
        if (!column.isInteger()) {
            draft.leaveOut(
                    field,
                    table.name(),
                    "the column " + field.name() + " of " + table.name() + " is " + column.type() + ", not an integer");
            return;
        }
        Parent parent = Parent.of(facts, table.name(), column.name(), field.relation());
        if (parent.table() == null) {
            draft.leaveOut(field, table.name(), "points to " + field.relation() + ": " + parent.reason());
            return;
        }
        draft.add(reference(facts, table, column, field, parent, child.how()));
    }

    /** A reference in an integer column; field null where none declares it. */
    static Reference reference(
            TargetFacts facts,
            Table table,
            Column column,
            @Nullable Field field,
            Parent parent,
            @Nullable String tableHow) {
        String model = facts.models().modelOf(table.name());
        ForeignKey key = parent.key();
        return new Reference(
                0,
                kind(column.name(), parent),
                model,
                table.name(),
                column.name(),
                field != null && field.model().equals(model) ? field.name() : null,
                List.of(rule(table, column, field, model)),
                parent.model(),
                parent.table() == null ? null : parent.table().name(),
                parent.inherited(),
                parent.state(),
                key == null ? null : key.name(),
                key == null ? null : key.ondelete(),
                field == null ? null : field.ondelete(),
                column.notNull() || (field != null && field.required()),
                new Storage.Column(table.name(), column.name()),
                Parent.join(tableHow, parent.how()));
    }

    private static String rule(Table table, Column column, @Nullable Field field, @Nullable String model) {
        if (field != null) {
            return field.rule();
        }
        return (model == null ? table.name() : model) + "." + column.name();
    }

    private static ReferenceKind kind(String column, Parent parent) {
        if (column.equals("create_uid") || column.equals("write_uid")) {
            return ReferenceKind.AUDIT;
        }
        return parent.inherited() ? ReferenceKind.INHERITANCE : ReferenceKind.MANY2ONE;
    }
}
