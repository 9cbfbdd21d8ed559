package org.orphancleanup.catalog;

/**
 * Where a reference's value lies in a table. The one place to add a kind of storage: catalog makes it, detect and verify
 * read it with {@code switch}.
 */
public sealed interface Storage {

    String table();

    /** An integer column of a table with an {@code id}; read with {@code FROM ONLY}. */
    record Column(String table, String column) implements Storage {}

    /** A row of a relation table without {@code id}: {@code column} dangles, {@code ownerColumn} holds the other side's id. */
    record RelationRow(String table, String column, String ownerColumn) implements Storage {}

    /** Two columns, model and id; this reference is the rows that name {@code model}. */
    record ModelAndId(String table, String modelColumn, String idColumn, String model) implements Storage {}

    /** One text column {@code model,id}; this reference is the rows that name {@code model}. */
    record ModelCommaId(String table, String column, String model) implements Storage {}

    /** jsonb {@code {company id: record id}} (Odoo 18 and later); this reference is the values of one company key. */
    record CompanyValue(String table, String column, long company) implements Storage {}

    /**
     * The company keys themselves of such a column, where {@code company} is the id of a company that does not exist; the
     * missing id is the company's.
     */
    record CompanyKey(String table, String column, long company) implements Storage {}
}
