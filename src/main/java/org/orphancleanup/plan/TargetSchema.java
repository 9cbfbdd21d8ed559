package org.orphancleanup.plan;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.orphancleanup.catalog.Reference;
import org.orphancleanup.catalog.Storage;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Tables and columns of the target that exist and may be read, and which model has which table. Remembers what it looked up. */
final class TargetSchema {

    private final JdbcClient jdbc;
    private final Map<String, Columns> columns = new HashMap<>();
    private final Map<String, String> tableByModel = new HashMap<>();
    private final Map<String, String> modelByTable = new HashMap<>();
    private final Map<String, List<Check>> checks = new HashMap<>();
    private @Nullable Map<String, List<Cascade>> cascades;

    TargetSchema(JdbcClient jdbc, List<Reference> references) {
        this.jdbc = jdbc;
        for (Reference reference : references) {
            if (reference.childModel() != null && !(reference.storage() instanceof Storage.RelationRow)) {
                know(reference.childModel(), reference.childTable());
            }
        }
        for (Reference reference : references) {
            if (reference.parentModel() != null && reference.parentTable() != null) {
                know(reference.parentModel(), reference.parentTable());
            }
        }
    }

    private void know(String model, String table) {
        tableByModel.putIfAbsent(model, table);
        modelByTable.putIfAbsent(table, model);
    }

    /** As the catalog knows it, else as Odoo names tables by itself. */
    String table(String model) {
        return tableByModel.getOrDefault(model, model.replace('.', '_'));
    }

    String model(String table) {
        return modelByTable.getOrDefault(table, table.replace('_', '.'));
    }

    private record Columns(Set<String> readable, Set<String> unreadable) {}

    private Columns of(String table) {
        return columns.computeIfAbsent(table, name -> {
            Columns found = new Columns(new TreeSet<>(), new TreeSet<>());
            jdbc.sql("""
                    SELECT a.attname, has_column_privilege(c.oid, a.attnum, 'SELECT')
                      FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
                     WHERE c.relname = :table AND c.relnamespace = current_schema()::regnamespace
                       AND c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped""").param("table", name).query(row -> {
                (row.getBoolean(2) ? found.readable() : found.unreadable()).add(row.getString(1));
            });
            return found;
        });
    }

    /** Columns that exist and may be read; empty where the table does not exist. */
    Set<String> columns(String table) {
        return of(table).readable();
    }

    /** The column exists, but the role may not read it. */
    boolean hides(String table, String column) {
        return of(table).unreadable().contains(column);
    }

    boolean has(String table, String... names) {
        return columns(table).containsAll(List.of(names));
    }

    /** A foreign key that deletes rows of {@code table} with the row they point at. */
    record Cascade(String table, String column) {}

    List<Cascade> cascades(String parentTable) {
        if (cascades == null) {
            Map<String, List<Cascade>> all = new HashMap<>();
            jdbc.sql("""
                    SELECT parent.relname, child.relname, a.attname
                      FROM pg_constraint k
                      JOIN pg_class child ON child.oid = k.conrelid
                      JOIN pg_class parent ON parent.oid = k.confrelid
                      JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1]
                     WHERE k.contype = 'f' AND k.confdeltype = 'c' AND cardinality(k.conkey) = 1
                       AND child.relnamespace = current_schema()::regnamespace
                     ORDER BY 1, 2, 3""").query(row -> {
                all.computeIfAbsent(row.getString(1), k -> new ArrayList<>())
                        .add(new Cascade(row.getString(2), row.getString(3)));
            });
            cascades = all;
        }
        return Objects.requireNonNull(cascades).getOrDefault(parentTable, List.of());
    }

    /** A check constraint of a table: an SQL expression over these columns. */
    record Check(String name, String expression, Set<String> columns) {}

    /** Checks that have this column and can be worked out with what may be read. */
    List<Check> checks(String table, String column) {
        return checks
                .computeIfAbsent(
                        table,
                        name -> jdbc.sql("""
                                SELECT k.conname, pg_get_expr(k.conbin, k.conrelid),
                                       array(SELECT a.attname::text FROM pg_attribute a
                                              WHERE a.attrelid = k.conrelid AND a.attnum = ANY(k.conkey))
                                  FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
                                 WHERE k.contype = 'c' AND c.relname = :table
                                   AND c.relnamespace = current_schema()::regnamespace
                                 ORDER BY 1""")
                                .param("table", name)
                                .query((row, n) -> new Check(row.getString(1), row.getString(2), Set.of((String[])
                                        row.getArray(3).getArray())))
                                .list())
                .stream()
                .filter(check -> check.columns().contains(column)
                        && check.expression().indexOf('?') < 0
                        && columns(table).containsAll(check.columns()))
                .toList();
    }
}
