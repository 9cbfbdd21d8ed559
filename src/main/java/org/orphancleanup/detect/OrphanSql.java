package org.orphancleanup.detect;

import org.jspecify.annotations.Nullable;
import org.orphancleanup.catalog.Reference;
import org.orphancleanup.catalog.Sql;
import org.orphancleanup.catalog.Storage;

/**
 * The statement that finds the orphans of a reference: columns {@code child_id} and {@code missing_id}. Child rows are read
 * with {@code FROM ONLY}, parents are looked up with their descendants. What is no id (NULL, and 0 where Odoo itself means
 * none by it) dangles never.
 */
final class OrphanSql {

    private final String childId;
    private final String missingId;
    private final String table;
    private final String condition;
    private final @Nullable String parentTable;
    private final boolean distinct;

    private OrphanSql(
            String childId,
            String missingId,
            String table,
            String condition,
            @Nullable String parentTable,
            boolean distinct) {
        this.childId = childId;
        this.missingId = missingId;
        this.table = Sql.quote(table);
        this.condition = condition;
        this.parentTable = parentTable;
        this.distinct = distinct;
    }

    static OrphanSql of(Reference reference) {
        Long gone = reference.storage().gone();
        OrphanSql sql = of(reference.storage(), gone == null ? reference.parentTable() : null);
        return gone == null
                ? sql
                : new OrphanSql(
                        sql.childId,
                        sql.missingId,
                        reference.storage().table(),
                        sql.condition + " AND " + sql.missingId + " = " + gone,
                        null,
                        sql.distinct);
    }

    private static OrphanSql of(Storage storage, @Nullable String parent) {
        String table = storage.table();
        if (storage instanceof Storage.Column column) {
            String value = column(column.column());
            return new OrphanSql(column("id"), value, table, value + " IS NOT NULL", parent, false);
        }
        if (storage instanceof Storage.RelationRow row) {
            String value = column(row.column());
            String owner = column(row.ownerColumn());
            // the same pair twice is one orphan, where no key forbids it
            return new OrphanSql(
                    owner, value, table, value + " IS NOT NULL AND " + owner + " IS NOT NULL", parent, true);
        }
        if (storage instanceof Storage.ModelAndId pair) {
            String value = column(pair.idColumn());
            return new OrphanSql(
                    column("id"),
                    value,
                    table,
                    column(pair.modelColumn()) + " = " + Sql.literal(pair.model()) + " AND " + value + " <> 0",
                    parent,
                    false);
        }
        // From here on a CASE keeps what is no number from the cast: the conditions of a WHERE may run in any order.
        if (storage instanceof Storage.ModelCommaId pair) {
            String value = column(pair.column());
            String id = "CASE WHEN " + value + " ~ '^[^,]+,[0-9]{1,18}$' THEN split_part(" + value
                    + ", ',', 2)::bigint END";
            return new OrphanSql(
                    column("id"),
                    id,
                    table,
                    "split_part(" + value + ", ',', 1) = " + Sql.literal(pair.model()) + " AND " + id + " <> 0",
                    parent,
                    false);
        }
        if (storage instanceof Storage.CompanyValue company) {
            String text = "(" + column(company.column()) + " ->> '" + company.company() + "')";
            String id = "CASE WHEN " + text + " ~ '^[0-9]{1,18}$' THEN " + text + "::bigint END";
            return new OrphanSql(column("id"), id, table, id + " <> 0", parent, false);
        }
        if (storage instanceof Storage.CompanyKey company) {
            String key = company.company() + "::bigint";
            String present = "(" + column(company.column()) + " -> '" + company.company() + "') IS NOT NULL";
            return new OrphanSql(column("id"), key, table, present, parent, false);
        }
        throw new IllegalArgumentException("no way to read " + storage);
    }

    private static String column(String name) {
        return "c." + Sql.quote(name);
    }

    /** @param limit a condition on {@link #childId()}, or null for all rows */
    String select(@Nullable String limit) {
        return select(limit, true);
    }

    /** The same of every row that names an id, whether the parent exists or not. */
    String selectPointing(@Nullable String limit) {
        return select(limit, false);
    }

    private String select(@Nullable String limit, boolean dangling) {
        StringBuilder sql = new StringBuilder("SELECT ")
                .append(distinct ? "DISTINCT " : "")
                .append(childId)
                .append("::bigint AS child_id, ")
                .append("(" + missingId + ")::bigint AS missing_id FROM ONLY ")
                .append(table)
                .append(" c WHERE ")
                .append(condition);
        if (limit != null) {
            sql.append(" AND ").append(limit);
        }
        if (dangling && parentTable != null) {
            sql.append(" AND NOT EXISTS (SELECT FROM ")
                    .append(Sql.quote(parentTable))
                    .append(" p WHERE p.id = ")
                    .append(missingId)
                    .append(")");
        }
        return sql.toString();
    }

    /** The column that windows and second looks go by. */
    String childId() {
        return childId;
    }

    String missingId() {
        return missingId;
    }
}
