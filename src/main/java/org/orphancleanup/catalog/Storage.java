package org.orphancleanup.catalog;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.util.List;
import org.jspecify.annotations.Nullable;

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

    /**
     * The id of a record that is about to go: rows that name it count as dangling although it is there, and no others do. Null
     * where what dangles is what names a missing record.
     */
    default @Nullable Long gone() {
        return null;
    }

    /** The same for a record that is about to go. */
    default Storage without(long id) {
        return this;
    }

    /** An integer column of a table with an {@code id}; read with {@code FROM ONLY}. */
    record Column(
            String table,
            String column,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
            Long gone) implements Storage {
        public Column(String table, String column) {
            this(table, column, null);
        }

        @Override
        public Storage without(long id) {
            return new Column(table, column, id);
        }

        @Override
        public List<String> columns() {
            return List.of("id", column);
        }
    }

    /** A row of a relation table without {@code id}: {@code column} dangles, {@code ownerColumn} holds the other side's id. */
    record RelationRow(
            String table,
            String column,
            String ownerColumn,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
            Long gone)
            implements Storage {
        public RelationRow(String table, String column, String ownerColumn) {
            this(table, column, ownerColumn, null);
        }

        @Override
        public Storage without(long id) {
            return new RelationRow(table, column, ownerColumn, id);
        }

        @Override
        public List<String> columns() {
            return List.of(ownerColumn, column);
        }
    }

    /** Two columns, model and id; this reference is the rows that name {@code model}. */
    record ModelAndId(
            String table,
            String modelColumn,
            String idColumn,
            String model,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
            Long gone)
            implements Storage {
        public ModelAndId(String table, String modelColumn, String idColumn, String model) {
            this(table, modelColumn, idColumn, model, null);
        }

        @Override
        public Storage without(long id) {
            return new ModelAndId(table, modelColumn, idColumn, model, id);
        }

        @Override
        public List<String> columns() {
            return List.of("id", modelColumn, idColumn);
        }
    }

    /** One text column {@code model,id}; this reference is the rows that name {@code model}. */
    record ModelCommaId(
            String table,
            String column,
            String model,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
            Long gone) implements Storage {
        public ModelCommaId(String table, String column, String model) {
            this(table, column, model, null);
        }

        @Override
        public Storage without(long id) {
            return new ModelCommaId(table, column, model, id);
        }

        @Override
        public List<String> columns() {
            return List.of("id", column);
        }
    }

    /** jsonb {@code {company id: record id}} (Odoo 18 and later); this reference is the values of one company key. */
    record CompanyValue(
            String table,
            String column,
            long company,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
            Long gone) implements Storage {
        public CompanyValue(String table, String column, long company) {
            this(table, column, company, null);
        }

        @Override
        public Storage without(long id) {
            return new CompanyValue(table, column, company, id);
        }

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
