package org.orphancleanup.catalog;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What Odoo's metadata promise of the tables, as far as an upgrade keeps or breaks such promises. Can be kept as a file and
 * compared with another database's.
 *
 * @param models every model's name
 * @param columns of stored fields that refer to a model or are required, in an ordinary table
 * @param withoutModel stored relational fields that refer to a model which is not there, as {@code model.field -> model}
 * @param withoutKey tables that references point to and whose ids no primary key or unique index guards
 */
public record UpgradeFacts(
        String odooVersion,
        Set<String> models,
        List<FieldColumn> columns,
        List<String> withoutModel,
        List<String> withoutKey) {

    public UpgradeFacts {
        models = Set.copyOf(models);
        columns = List.copyOf(columns);
        withoutModel = List.copyOf(withoutModel);
        withoutKey = List.copyOf(withoutKey);
    }

    /**
     * A stored field in a column of its own.
     *
     * @param parentTable of a many2one: the table of the model it refers to; null where it has none that a key could guard
     * @param ondelete as the field declares it; null where it declares none
     * @param notNull the column refuses NULL
     * @param readable the role may read it
     */
    public record FieldColumn(
            String model,
            String field,
            String table,
            boolean integer,
            @Nullable String parentModel,
            @Nullable String parentTable,
            @Nullable String ondelete,
            boolean required,
            boolean notNull,
            boolean readable) {

        /** {@code model.field}, as rules and includes name it. */
        public String rule() {
            return model + "." + field;
        }
    }

    static UpgradeFacts of(DatabaseSchema schema, Metadata metadata) {
        ModelTables tables = new ModelTables(schema, metadata);
        List<FieldColumn> columns = new ArrayList<>();
        List<String> withoutModel = new ArrayList<>();
        Set<String> withoutKey = new TreeSet<>();
        for (String model : metadata.models()) {
            ModelTables.Match match = tables.match(model);
            for (Field field : metadata.fields(model)) {
                String relation = field.relation();
                if (relation != null && !metadata.knows(relation)) {
                    withoutModel.add(field.rule() + " -> " + relation);
                }
                Column column = match == null || !field.hasColumn()
                        ? null
                        : match.table().columns().get(field.name());
                if (match == null
                        || column == null
                        || field.companyDependent()
                        || !field.isMany2one() && !field.required()) {
                    continue;
                }
                ModelTables.Match parent = field.isMany2one() ? tables.match(relation) : null;
                if (parent != null
                        && !parent.table().inherited()
                        && !schema.isUnique(parent.table().name(), List.of("id"))) {
                    withoutKey.add(parent.table().name());
                }
                columns.add(new FieldColumn(
                        model,
                        field.name(),
                        match.table().name(),
                        column.isInteger(),
                        field.isMany2one() ? relation : null,
                        parent == null || parent.table().inherited()
                                ? null
                                : parent.table().name(),
                        field.ondelete(),
                        field.required(),
                        column.notNull(),
                        column.readable()));
            }
        }
        return new UpgradeFacts(
                metadata.odooVersion(), metadata.models(), columns, withoutModel, List.copyOf(withoutKey));
    }
}
