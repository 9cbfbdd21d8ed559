package org.orphancleanup.plan;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.orphancleanup.catalog.Sql;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Reads from the target's database what rules and guards ask of a record; columns that are not there read as nothing. */
final class TargetRows {

    private static final String COMPANY = "res_company";

    private final JdbcClient jdbc;
    private final TargetSchema schema;
    private @Nullable Set<Long> companies;

    TargetRows(JdbcClient jdbc, TargetSchema schema) {
        this.jdbc = jdbc;
        this.schema = schema;
    }

    /** @param attachedTo of an attachment, the model it is attached to */
    record Row(
            @Nullable Long company,
            @Nullable Instant created,
            @Nullable String attachedTo) {

        /** Of a record whose table may not be read: nothing is known of it, so nothing speaks against it either. */
        static final Row UNKNOWN = new Row(null, null, null);
    }

    /** Rows by id; ids without a row are missing. */
    Map<Long, Row> read(String table, Collection<Long> ids) {
        Map<Long, Row> rows = new HashMap<>();
        if (!schema.has(table, "id")) {
            ids.forEach(id -> rows.put(id, Row.UNKNOWN));
            return rows;
        }
        List<String> columns = new ArrayList<>(List.of("id"));
        columns.add(table.equals(COMPANY) ? "id" : column(table, "company_id", "integer"));
        columns.add(column(table, "create_date", "timestamp"));
        columns.add(table.equals("ir_attachment") ? column(table, "res_model", "text") : "NULL::text");
        jdbc.sql("SELECT " + String.join(", ", columns) + " FROM ONLY " + Sql.quote(table) + " WHERE id = ANY(:ids)")
                .param("ids", ids.toArray(Long[]::new))
                .query(row -> {
                    long company = row.getLong(2);
                    rows.put(
                            row.getLong(1),
                            new Row(
                                    row.wasNull() ? null : company,
                                    utc(row.getObject(3, LocalDateTime.class)),
                                    row.getString(4)));
                });
        return rows;
    }

    private String column(String table, String name, String type) {
        return schema.has(table, name) ? Sql.quote(name) : "NULL::" + type;
    }

    /** Odoo keeps UTC in columns without a time zone. */
    private static @Nullable Instant utc(@Nullable LocalDateTime time) {
        return time == null ? null : time.toInstant(ZoneOffset.UTC);
    }

    /** Whether a company exists; one that is gone is nobody's. */
    boolean companyExists(long id) {
        if (companies == null) {
            companies = schema.has(COMPANY, "id")
                    ? new HashSet<>(jdbc.sql("SELECT id FROM res_company")
                            .query(Long.class)
                            .list())
                    : Set.of();
        }
        return companies.contains(id);
    }

    /** Whether a record exists, parents' descendants included. Null: the table may not be read. */
    @Nullable
    Boolean exists(String table, long id) {
        if (!schema.has(table, "id")) {
            return null;
        }
        return jdbc.sql("SELECT EXISTS (SELECT FROM " + Sql.quote(table) + " WHERE id = :id)")
                .param("id", id)
                .query(Boolean.class)
                .single();
    }

    /** The company of a record; null where it has none. */
    @Nullable
    Long company(String table, long id) {
        if (table.equals(COMPANY) || !schema.has(table, "id", "company_id")) {
            return null;
        }
        return jdbc.sql("SELECT company_id FROM " + Sql.quote(table) + " WHERE id = :id AND company_id IS NOT NULL")
                .param("id", id)
                .query(Long.class)
                .optional()
                .orElse(null);
    }

    /** What an external id names. */
    record Named(String model, long id) {}

    @Nullable
    Named named(String xmlId) {
        int dot = xmlId.indexOf('.');
        if (dot < 0 || !schema.has("ir_model_data", "module", "name", "model", "res_id")) {
            return null;
        }
        return jdbc.sql(
                        "SELECT model, res_id FROM ir_model_data WHERE module = :module AND name = :name AND res_id <> 0")
                .param("module", xmlId.substring(0, dot))
                .param("name", xmlId.substring(dot + 1))
                .query((row, n) -> new Named(row.getString(1), row.getLong(2)))
                .optional()
                .orElse(null);
    }
}
