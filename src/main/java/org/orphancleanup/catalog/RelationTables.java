package org.orphancleanup.catalog;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * many2many: relation tables that fields, ir_model_relation or a pair of foreign keys know. Each side that can be told is a
 * reference. A relation table with an {@code id} is a model's table, its columns are many2one.
 */
final class RelationTables implements ReferenceSource {

    /** Two columns of a relation table in the order of their names, however the fields call them. */
    private record Pair(String first, String second) {

        static Pair of(String one, String other) {
            return one.compareTo(other) <= 0 ? new Pair(one, other) : new Pair(other, one);
        }
    }

    @Override
    public void collect(TargetFacts facts, CatalogDraft draft) {
        Map<String, List<Field>> declared = new LinkedHashMap<>();
        for (Field field : facts.metadata().fieldsOfType("many2many")) {
            if (field.relationTable() == null || field.column1() == null || field.column2() == null) {
                draft.leaveOut(field, null, "no relation table is named in ir_model_fields");
            } else {
                declared.computeIfAbsent(field.relationTable(), table -> new ArrayList<>())
                        .add(field);
            }
        }
        Set<String> names = new TreeSet<>(declared.keySet());
        names.addAll(facts.metadata().relationTables());
        for (Table table : facts.schema().tables()) {
            if (table.isTable()
                    && !table.columns().containsKey("id")
                    && keyColumns(facts, table).size() == 2) {
                names.add(table.name());
            }
        }
        for (String name : names) {
            collect(facts, draft, name, declared.getOrDefault(name, List.of()));
        }
    }

    private static Set<String> keyColumns(TargetFacts facts, Table table) {
        return facts.schema().foreignKeys(table.name()).stream()
                .map(ForeignKey::column)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static void collect(TargetFacts facts, CatalogDraft draft, String name, List<Field> fields) {
        Table table = facts.schema().table(name);
        if (table == null || !table.isTable()) {
            String reason = table == null
                    ? "there is no relation table " + name
                    : "the relation table " + name + " is " + table.whatItIs();
            leaveOut(draft, name, fields, reason);
            return;
        }
        if (table.columns().containsKey("id")) {
            withId(facts, draft, table, fields);
            return;
        }
        Map<Pair, List<Field>> byPair = new LinkedHashMap<>();
        for (Field field : fields) {
            byPair.computeIfAbsent(Pair.of(column1(field), column2(field)), pair -> new ArrayList<>())
                    .add(field);
        }
        if (byPair.isEmpty()) {
            List<String> columns = List.copyOf(keyColumns(facts, table));
            if (columns.size() != 2) {
                draft.leaveOut(
                        name,
                        "a relation table of ir_model_relation that no field declares, and its "
                                + (columns.isEmpty() ? "foreign keys are gone" : "foreign keys do not tell two sides"));
                return;
            }
            byPair.put(Pair.of(columns.get(0), columns.get(1)), List.of());
        }
        byPair.forEach((pair, declaring) -> pair(facts, draft, table, pair, declaring));
    }

    private static void leaveOut(CatalogDraft draft, String table, List<Field> fields, String reason) {
        if (fields.isEmpty()) {
            draft.leaveOut(table, reason);
        }
        fields.forEach(field -> draft.leaveOut(field, table, reason));
    }

    private static String column1(Field field) {
        return String.valueOf(field.column1());
    }

    private static String column2(Field field) {
        return String.valueOf(field.column2());
    }

    /** A model's table: its own many2one fields tell more; what they do not cover is listed as many2one, too. */
    private static void withId(TargetFacts facts, CatalogDraft draft, Table table, List<Field> fields) {
        String model = facts.models().modelOf(table.name());
        for (Field field : fields) {
            for (String name : List.of(column1(field), column2(field))) {
                Column column = table.columns().get(name);
                Parent parent = side(facts, table, name, List.of(field));
                if (!draft.hasColumn(table.name(), name)
                        && table.hasId()
                        && column != null
                        && column.isInteger()
                        && parent.table() != null) {
                    draft.add(Many2OneFields.reference(
                            facts, table, column, null, parent, "declared by the many2many field " + field.rule()));
                }
            }
            draft.leaveOut(
                    field,
                    table.name(),
                    "its relation table has an id" + (model == null ? "" : " and holds the records of " + model)
                            + ": the columns are listed as many2one");
        }
    }

    private static void pair(TargetFacts facts, CatalogDraft draft, Table table, Pair pair, List<Field> fields) {
        for (String name : List.of(pair.first(), pair.second())) {
            Column column = table.columns().get(name);
            if (column == null || !column.isInteger()) {
                leaveOut(
                        draft,
                        table.name(),
                        fields,
                        "the relation table " + table.name() + " has no integer column " + name);
                return;
            }
        }
        Parent first = side(facts, table, pair.first(), fields);
        Parent second = side(facts, table, pair.second(), fields);
        if (first.table() == null && second.table() == null) {
            leaveOut(
                    draft,
                    table.name(),
                    fields,
                    "neither side can be told: " + first.reason() + "; " + second.reason());
            return;
        }
        side(draft, table, pair.first(), first, pair.second(), second, fields);
        side(draft, table, pair.second(), second, pair.first(), first, fields);
    }

    /** What one column of a relation table points at, by its foreign key or the fields that declare it. */
    private static Parent side(TargetFacts facts, Table table, String column, List<Field> fields) {
        Parent best = Parent.of(facts, table.name(), column, null);
        for (Field field : fields) {
            String model = null;
            if (column.equals(field.column1())) {
                model = field.model();
            } else if (column.equals(field.column2())) {
                model = field.relation();
            }
            if (model == null) {
                continue;
            }
            Parent parent = Parent.of(facts, table.name(), column, model);
            // a declaration that fits what the key says (or that leads to a table at all) needs no explanation
            if (parent.table() != null && model.equals(parent.model())) {
                return parent;
            }
            if (best.table() == null) {
                best = parent;
            }
        }
        return best;
    }

    private static void side(
            CatalogDraft draft,
            Table table,
            String column,
            Parent parent,
            String ownerColumn,
            Parent owner,
            List<Field> fields) {
        if (parent.table() == null) {
            draft.leaveOut(
                    table.name(),
                    "the side " + column + " of the relation table " + table.name() + " cannot be checked: "
                            + parent.reason());
            return;
        }
        Field field = fieldOf(owner.model(), ownerColumn, column, fields);
        ForeignKey key = parent.key();
        draft.add(new Reference(
                0,
                ReferenceKind.MANY2MANY,
                owner.model(),
                table.name(),
                column,
                field == null ? null : field.name(),
                fields.isEmpty()
                        ? List.of(table.name() + "." + column)
                        : fields.stream().map(Field::rule).sorted().toList(),
                parent.model(),
                parent.table().name(),
                parent.inherited(),
                parent.state(),
                key == null ? null : key.name(),
                key == null ? null : key.ondelete(),
                field == null ? null : field.ondelete(),
                field != null && field.required(),
                new Storage.RelationRow(table.name(), column, ownerColumn),
                Parent.join(owner.how(), parent.how())));
    }

    /** The field through which a record of the side that exists knows the row; a plain one before a related or readonly one. */
    private static @Nullable Field fieldOf(
            @Nullable String model, String ownerColumn, String column, List<Field> fields) {
        return fields.stream()
                .filter(field -> field.model().equals(model)
                        && ownerColumn.equals(field.column1())
                        && column.equals(field.column2()))
                .min(Comparator.comparing(Field::related)
                        .thenComparing(Field::readonly)
                        .thenComparing(Field::name))
                .orElse(null);
    }
}
