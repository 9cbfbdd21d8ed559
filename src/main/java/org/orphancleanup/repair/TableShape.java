package org.orphancleanup.repair;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * What the database says of a table.
 *
 * @param checked columns that a check constraint of the table looks at
 * @param uniques columns of each unique index but the primary key's; those within expressions too
 */
record TableShape(Map<String, Column> columns, List<Set<String>> uniques, Set<String> checked) {

    /** @param length of a varchar; 0: unlimited, or no varchar */
    record Column(
            String name,
            String type,
            boolean notNull,
            int length,
            @Nullable String parentTable) {

        boolean isText() {
            return type.equals("varchar") || type.equals("text") || type.equals("bpchar");
        }

        boolean isNumber() {
            return type.equals("int4") || type.equals("int8") || type.equals("numeric") || type.equals("float8");
        }
    }

    static TableShape of(JdbcClient jdbc, String table) {
        Map<String, Column> columns = new LinkedHashMap<>();
        jdbc.sql("""
                SELECT a.attname, t.typname, a.attnotnull,
                       CASE WHEN t.typname = 'varchar' AND a.atttypmod > 4 THEN a.atttypmod - 4 ELSE 0 END,
                       (SELECT p.relname FROM pg_constraint k JOIN pg_class p ON p.oid = k.confrelid
                         WHERE k.contype = 'f' AND k.conrelid = c.oid AND k.conkey = ARRAY[a.attnum] LIMIT 1)
                  FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid JOIN pg_type t ON t.oid = a.atttypid
                 WHERE c.relname = :table AND c.relnamespace = current_schema()::regnamespace
                   AND a.attnum > 0 AND NOT a.attisdropped
                 ORDER BY a.attnum""").param("table", table).query(rs -> {
            columns.put(
                    rs.getString(1),
                    new Column(rs.getString(1), rs.getString(2), rs.getBoolean(3), rs.getInt(4), rs.getString(5)));
        });
        Map<Long, Set<String>> uniques = new LinkedHashMap<>();
        jdbc.sql("""
                SELECT i.indexrelid::bigint, a.attname
                  FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
                  JOIN pg_attribute a ON a.attrelid = c.oid
                 WHERE c.relname = :table AND c.relnamespace = current_schema()::regnamespace
                   AND i.indisunique AND NOT i.indisprimary
                   AND (a.attnum = ANY(i.indkey::int2[])
                        OR EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass
                                     AND d.objid = i.indexrelid AND d.refobjid = c.oid AND d.refobjsubid = a.attnum
                                     AND i.indexprs IS NOT NULL))
                 ORDER BY 1, a.attnum""").param("table", table).query(rs -> {
            uniques.computeIfAbsent(rs.getLong(1), k -> new LinkedHashSet<>()).add(rs.getString(2));
        });
        Set<String> checked = new LinkedHashSet<>(
                jdbc.sql("""
                        SELECT a.attname FROM pg_constraint k
                          JOIN pg_class c ON c.oid = k.conrelid
                          JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY(k.conkey)
                         WHERE k.contype = 'c' AND c.relname = :table AND c.relnamespace = current_schema()::regnamespace""").param("table", table).query(String.class).list());
        return new TableShape(columns, List.copyOf(uniques.values()), checked);
    }
}
