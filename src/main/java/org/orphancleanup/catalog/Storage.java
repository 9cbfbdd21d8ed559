package org.orphancleanup.catalog;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.util.List;

/**
 * Where a reference's value lies in a table. The one place to add a kind of storage: catalog makes it, detect and verify
 * read it with {@code switch}.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
    @JsonSubTypes.Type(value = Storage.Column.class, name = "column"),
    @JsonSubTypes.Type(value = Storage.RelationRow.class, name = "relation-row"),
    @JsonSubTypes.Type(value = Storage.ModelAndId.class, name = "model-and-id"),
    @JsonSubTypes.Type(value = Storage.ModelCommaId.class, name = "model-comma-id"),
    @JsonSubTypes.Type(value = Storage.CompanyValue.class, name = "company-value"),
    @JsonSubTypes.Type(value = Storage.CompanyKey.class, name = "company-key")
})
public sealed interface Storage {

    String table();

    /** Every column that has to be read. */
    @JsonIgnore
    List<String> columns();

    /** An integer column of a table with an {@code id}; read with {@code FROM ONLY}. */
    record Column(String table, String column) implements Storage {
        @Override
        public List<String> columns() {
            return List.of("id", column);
        }
    }

    /** A row of a relation table without {@code id}: {@code column} dangles, {@code ownerColumn} holds the other side's id. */
    record RelationRow(String table, String column, String ownerColumn) implements Storage {
        @Override
        public List<String> columns() {
            return List.of(ownerColumn, column);
        }
    }

    /** Two columns, model and id; this reference is the rows that name {@code model}. */
    record ModelAndId(String table, String modelColumn, String idColumn, String model) implements Storage {
        @Override
        public List<String> columns() {
            return List.of("id", modelColumn, idColumn);
        }
    }

    /** One text column {@code model,id}; this reference is the rows that name {@code model}. */
    record ModelCommaId(String table, String column, String model) implements Storage {
        @Override
        public List<String> columns() {
            return List.of("id", column);
        }
    }

    /** jsonb {@code {company id: record id}} (Odoo 18 and later); this reference is the values of one company key. */
    record CompanyValue(String table, String column, long company) implements Storage {
        @Override
        public List<String> columns() {
            return List.of("id", column);
        }
    }

    /**
     * The company keys themselves of such a column, where {@code company} is the id of a company that does not exist; the
     * missing id is the company's.
     */
    record CompanyKey(String table, String column, long company) implements Storage {
        @Override
        public List<String> columns() {
            return List.of("id", column);
        }
    }
}
