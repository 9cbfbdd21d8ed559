package org.orphancleanup.catalog;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Tables and foreign keys of the schema that holds Odoo's tables, as pg_catalog knows them. */
final class DatabaseSchema {

    private static final String NAMESPACE =
            "(SELECT relnamespace FROM pg_class WHERE oid = to_regclass('ir_model_fields'))";

    private final String role;
    private final Map<String, Table> tables;
    private final Map<String, List<ForeignKey>> foreignKeys = new LinkedHashMap<>();

    /** Table and the columns that a valid unique index is made of. */
    private final Set<List<String>> uniqueKeys;

    private DatabaseSchema(
            String role, Map<String, Table> tables, List<ForeignKey> keys, Set<List<String>> uniqueKeys) {
        this.role = role;
        this.tables = tables;
        this.uniqueKeys = uniqueKeys;
        keys.forEach(key -> foreignKeys
                .computeIfAbsent(key.table(), table -> new ArrayList<>())
                .add(key));
    }

    static DatabaseSchema read(JdbcClient jdbc) {
        String role = jdbc.sql("SELECT current_user").query(String.class).single();
        return new DatabaseSchema(role, tables(jdbc), foreignKeys(jdbc), uniqueKeys(jdbc));
    }

    private static Map<String, Table> tables(JdbcClient jdbc) {
        Map<String, Table> tables = new LinkedHashMap<>();
        jdbc.sql("""
                        SELECT c.relname, c.relkind,
                          EXISTS (SELECT FROM pg_inherits i JOIN pg_class k ON k.oid = i.inhrelid
                            WHERE i.inhparent = c.oid AND NOT k.relispartition) AS inherited,
                          a.attname, format_type(a.atttypid, NULL) AS type, a.attnotnull,
                          has_column_privilege(c.oid, a.attnum, 'SELECT') AS readable
                        FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
                        WHERE c.relnamespace = %s AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
                          AND NOT c.relispartition AND a.attnum > 0 AND NOT a.attisdropped
                        ORDER BY c.relname, a.attnum""".formatted(NAMESPACE)).query((ResultSet row) -> {
            Table table = null;
            Map<String, Column> columns = new LinkedHashMap<>();
            while (row.next()) {
                String name = row.getString("relname");
                if (table == null || !table.name().equals(name)) {
                    add(tables, table, columns);
                    columns = new LinkedHashMap<>();
                    table = new Table(name, row.getString("relkind").charAt(0), row.getBoolean("inherited"), Map.of());
                }
                String column = row.getString("attname");
                columns.put(
                        column,
                        new Column(
                                column,
                                row.getString("type"),
                                row.getBoolean("attnotnull"),
                                row.getBoolean("readable")));
            }
            add(tables, table, columns);
            return tables;
        });
        return tables;
    }

    private static void add(Map<String, Table> tables, @Nullable Table table, Map<String, Column> columns) {
        if (table != null) {
            tables.put(table.name(), new Table(table.name(), table.relkind(), table.inherited(), columns));
        }
    }

    private static Set<List<String>> uniqueKeys(JdbcClient jdbc) {
        Set<List<String>> keys = new HashSet<>();
        jdbc.sql("""
                SELECT c.relname, array_agg(a.attname::text ORDER BY a.attname) AS columns
                FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
                  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY (i.indkey)
                WHERE i.indisunique AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL
                  AND c.relnamespace = %s
                GROUP BY c.relname, i.indexrelid""".formatted(NAMESPACE)).query(row -> {
            List<String> key = new ArrayList<>(List.of(row.getString(1)));
            key.addAll(List.of((String[]) row.getArray(2).getArray()));
            keys.add(List.copyOf(key));
        });
        return keys;
    }

    /** A valid unique index over exactly these columns forbids that a pair stands there twice. */
    boolean isUnique(String table, List<String> columns) {
        List<String> key = new ArrayList<>(List.of(table));
        columns.stream().sorted().forEach(key::add);
        return uniqueKeys.contains(key);
    }

    private static List<ForeignKey> foreignKeys(JdbcClient jdbc) {
        // PostgreSQL 18 and later
        boolean knowsNotEnforced = jdbc.sql(
                        "SELECT count(*) FROM pg_attribute WHERE attrelid = 'pg_constraint'::regclass AND attname = 'conenforced'")
                .query(Boolean.class)
                .single();
        return jdbc.sql("""
                        SELECT con.conname, t.relname AS table_name, a.attname AS column_name,
                          CASE WHEN p.relnamespace = t.relnamespace THEN p.relname END AS parent_table,
                          pa.attname AS parent_column, con.convalidated, con.confdeltype, %s AS enforced,
                          (SELECT bool_and(tgenabled IN ('O', 'A')) FROM pg_trigger WHERE tgconstraint = con.oid) AS triggers
                        FROM pg_constraint con
                          JOIN pg_class t ON t.oid = con.conrelid
                          JOIN pg_attribute a ON a.attrelid = con.conrelid AND a.attnum = con.conkey[1]
                          JOIN pg_class p ON p.oid = con.confrelid
                          JOIN pg_attribute pa ON pa.attrelid = con.confrelid AND pa.attnum = con.confkey[1]
                        WHERE con.contype = 'f' AND cardinality(con.conkey) = 1 AND con.conparentid = 0
                          AND t.relnamespace = %s
                        ORDER BY t.relname, a.attname, con.conname""".formatted(knowsNotEnforced ? "con.conenforced" : "true", NAMESPACE))
                .query((row, number) -> new ForeignKey(
                        row.getString("conname"),
                        row.getString("table_name"),
                        row.getString("column_name"),
                        row.getString("parent_table"),
                        row.getString("parent_column"),
                        state(row),
                        ondelete(row.getString("confdeltype"))))
                .list();
    }

    private static ConstraintState state(ResultSet row) throws SQLException {
        if (!row.getBoolean("enforced")) {
            return ConstraintState.NOT_ENFORCED;
        }
        if (!row.getBoolean("triggers")) {
            return ConstraintState.TRIGGERS_DISABLED;
        }
        return row.getBoolean("convalidated") ? ConstraintState.ENFORCED : ConstraintState.NOT_VALID;
    }

    private static String ondelete(String code) {
        return switch (code) {
            case "c" -> "cascade";
            case "n" -> "set null";
            case "d" -> "set default";
            case "r" -> "restrict";
            default -> "no action";
        };
    }

    Collection<Table> tables() {
        return tables.values();
    }

    @Nullable
    Table table(@Nullable String name) {
        return name == null ? null : tables.get(name);
    }

    List<ForeignKey> foreignKeys(String table) {
        return foreignKeys.getOrDefault(table, List.of());
    }

    /**
     * The foreign key of a column to some table's id. Of several, that to the declared parent, then the one that proves
     * most.
     */
    @Nullable
    ForeignKey foreignKey(String table, String column, @Nullable String declaredParent) {
        return foreignKeys(table).stream()
                .filter(key ->
                        key.column().equals(column) && key.parentColumn().equals("id") && key.parentTable() != null)
                .min(Comparator.comparing((ForeignKey key) -> !Objects.equals(key.parentTable(), declaredParent))
                        .thenComparing(ForeignKey::state))
                .orElse(null);
    }

    /** Why these columns cannot be read, with the remedy; null where they can. */
    @Nullable
    String unreadable(String name, List<String> columns) {
        Table table = tables.get(name);
        if (table == null) {
            return null;
        }
        List<String> lacking = columns.stream()
                .filter(column -> {
                    Column known = table.columns().get(column);
                    return known != null && !known.readable();
                })
                .distinct()
                .toList();
        if (lacking.isEmpty()) {
            return null;
        }
        boolean wholeTable = table.columns().values().stream().noneMatch(Column::readable);
        String to = " ON " + Sql.quote(name) + " TO " + Sql.quote(role);
        return wholeTable
                ? "no right to read the table " + name + ": GRANT SELECT" + to
                : "no right to read " + String.join(", ", lacking) + " of the table " + name + ": GRANT SELECT ("
                        + String.join(", ", lacking.stream().map(Sql::quote).toList())
                        + ")" + to;
    }
}
