package org.orphancleanup.plan;

import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.orphancleanup.catalog.Sql;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Which ids a row may be put back under. */
public final class OldIds {

    /** Odoo makes their rows from its modules, and tables and columns from their rows; {@code ir.model.*} besides. */
    private static final Set<String> NEVER = Set.of("ir.model", "ir.module.module");
    /** Rows of {@code ir.model.*} that make neither table nor column. */
    private static final Set<String> HARMLESS = Set.of("ir.model.access", "ir.model.data");

    private final JdbcClient jdbc;
    private final Map<String, OptionalLong> sequences = new HashMap<>();

    /** @param jdbc of the target */
    public OldIds(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** Why no record of this model may be put back; null where it may. */
    public static @Nullable String madeByModules(String model) {
        return NEVER.contains(model) || (model.startsWith("ir.model.") && !HARMLESS.contains(model))
                ? "Odoo makes the rows of " + model
                        + " from its modules, and a made-up one would alter the schema: update or reinstall the module"
                : null;
    }

    /** Why no record may be put back under this id; null where it may. */
    public @Nullable String refusal(String table, long missingId) {
        if (missingId <= 0 || missingId > Integer.MAX_VALUE) {
            return missingId + " is no id that Odoo gives";
        }
        OptionalLong last = lastGiven(table);
        if (last.isEmpty()) {
            return "nobody knows whether " + table + " ever had the id " + missingId
                    + ": grant the database role SELECT on the table's sequence";
        }
        if (missingId > last.getAsLong()) {
            return "the table " + table + " has given ids up to " + last.getAsLong()
                    + " so far, so that a new record would get the id " + missingId + " one day";
        }
        return null;
    }

    /** The last id that rows of this table got; empty where nobody may know. */
    public OptionalLong lastGiven(String table) {
        return sequences.computeIfAbsent(table, this::lastId);
    }

    /** The last id the table's sequence gave; where that may not be read, the largest id there is. */
    private OptionalLong lastId(String table) {
        String sequence = jdbc.sql("""
                        SELECT quote_ident(n.nspname) || '.' || quote_ident(s.relname)
                          FROM pg_attrdef d
                          JOIN pg_class c ON c.oid = d.adrelid
                          JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = d.adnum AND a.attname = 'id'
                          JOIN pg_depend p ON p.classid = 'pg_attrdef'::regclass AND p.objid = d.oid
                               AND p.refclassid = 'pg_class'::regclass
                          JOIN pg_class s ON s.oid = p.refobjid AND s.relkind = 'S'
                          JOIN pg_namespace n ON n.oid = s.relnamespace
                         WHERE c.relname = :table AND c.relnamespace = current_schema()::regnamespace
                           AND CASE WHEN s.relkind = 'S' THEN has_sequence_privilege(s.oid, 'SELECT') END""")
                .param("table", table)
                .query(String.class)
                .optional()
                .orElse(null);
        Long last = null;
        if (sequence != null) {
            last = jdbc.sql("SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM " + sequence)
                    .query(Long.class)
                    .single();
        }
        boolean hasId = jdbc.sql("""
                        SELECT EXISTS (SELECT FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
                         WHERE c.relname = :table AND c.relnamespace = current_schema()::regnamespace
                           AND a.attname = 'id' AND NOT a.attisdropped AND has_column_privilege(c.oid, a.attnum, 'SELECT'))""").param("table", table).query(Boolean.class).single();
        if (hasId) {
            Long largest = jdbc.sql("SELECT coalesce(max(id), 0) FROM " + Sql.quote(table))
                    .query(Long.class)
                    .single();
            last = last == null ? largest : Math.max(last, largest);
        }
        return last == null ? OptionalLong.empty() : OptionalLong.of(last);
    }
}
