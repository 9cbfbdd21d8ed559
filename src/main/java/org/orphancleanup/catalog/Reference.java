package org.orphancleanup.catalog;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A place where rows of a child table point at rows of a parent table.
 *
 * @param no number within its catalog, from 1; short, so that step names and rows stay short
 * @param childModel the model of the record that holds the reference; null where no model owns the table. For a relation
 *     row the model of the side that exists
 * @param childTable the table of the row; for a relation row the relation table
 * @param field as findings.csv prints it: the column; for a relation row the column that dangles; {@code field@company}
 *     for a company-dependent value
 * @param fieldName the field's name in Odoo where {@code childModel} has one, through which the API writes it: the column,
 *     for a relation row the many2many field of {@code childModel}; null where Odoo knows none (relation rows without
 *     inverse field, leftovers of uninstalled modules)
 * @param ruleFields {@code model.field} names that rules and includes match against, never empty; for a relation row those
 *     of every field that declares the relation table, on both sides; where no field declares it, the model, else the table,
 *     with the column
 * @param parentModel null where no model owns the parent table
 * @param parentTable null for an unknown model
 * @param parentInherited the parent table has child tables, so a parent is looked up with its descendants
 * @param state what the database guarantees
 * @param constraintName the foreign key, null if there is none
 * @param databaseOndelete the foreign key's action: {@code set null}, {@code cascade}, {@code restrict}, {@code no action},
 *     {@code set default}; null if there is none
 * @param ondelete what Odoo's field declares: {@code set null}, {@code cascade}, {@code restrict}; null where it declares none
 * @param required Odoo's field or the column refuses NULL; for a relation row, which is removed rather than emptied, the
 *     field {@code fieldName} is required
 * @param how how model and table were found where it does not follow from their names; null where it does
 */
public record Reference(
        int no,
        ReferenceKind kind,
        @Nullable String childModel,
        String childTable,
        String field,
        @Nullable String fieldName,
        List<String> ruleFields,
        @Nullable String parentModel,
        @Nullable String parentTable,
        boolean parentInherited,
        ConstraintState state,
        @Nullable String constraintName,
        @Nullable String databaseOndelete,
        @Nullable String ondelete,
        boolean required,
        Storage storage,
        @Nullable String how) {

    public Reference {
        ruleFields = List.copyOf(ruleFields);
    }

    Reference withNo(int number) {
        return with(number, ruleFields, storage);
    }

    Reference withRuleFields(List<String> names) {
        return with(no, names, storage);
    }

    Reference withStorage(Storage other) {
        return with(no, ruleFields, other);
    }

    private Reference with(int number, List<String> names, Storage place) {
        return new Reference(
                number,
                kind,
                childModel,
                childTable,
                field,
                fieldName,
                names,
                parentModel,
                parentTable,
                parentInherited,
                state,
                constraintName,
                databaseOndelete,
                ondelete,
                required,
                place,
                how);
    }
}
