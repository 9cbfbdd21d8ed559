package org.orphancleanup.catalog;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import org.orphancleanup.TestPostgres;
import org.postgresql.PGConnection;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * The tables and metadata of a real Odoo, built from what was written down of it (in schema {@code csv}, for tests to
 * compare with). Every table with an id has one row, number 1, whose filled references point to number 1.
 */
public final class RealCatalog {

    private static final Map<Integer, DataSource> BUILT = new ConcurrentHashMap<>();
    private static final List<String> METADATA =
            List.of("ir_model", "ir_model_fields", "ir_model_relation", "ir_module_module", "ir_config_parameter");

    private RealCatalog() {}

    /** Built once; a test that changes it must roll back. The test is skipped where nothing was written down. */
    public static DataSource of(int odoo) {
        Path directory = Path.of("..", "shared", "odoo", String.valueOf(odoo), "catalog");
        assumeTrue(Files.isDirectory(directory), "no catalog of Odoo " + odoo + " in " + directory);
        return BUILT.computeIfAbsent(odoo, version -> build(directory));
    }

    private static DataSource build(Path directory) {
        DataSource source = OdooShape.single(TestPostgres.emptyDatabase());
        JdbcClient jdbc = JdbcClient.create(source);
        jdbc.sql("CREATE SCHEMA csv").update();
        load(source, directory);
        jdbc.sql("""
                UPDATE csv.columns SET table_name = trim(BOTH '"' FROM table_name);
                UPDATE csv.tables SET table_name = trim(BOTH '"' FROM table_name);
                UPDATE csv.constraints SET table_name = trim(BOTH '"' FROM table_name), parent_table = trim(BOTH '"' FROM parent_table);
                -- what a column that refuses NULL gets
                CREATE FUNCTION csv.dummy(type text) RETURNS text IMMUTABLE STRICT LANGUAGE sql AS $$
                  SELECT CASE
                    WHEN type ~ 'char|text' THEN format('%L::%s', 'res.partner', type)
                    WHEN type ~ 'int|numeric|double' THEN '1'
                    WHEN type = 'boolean' THEN 'false'
                    WHEN type ~ 'timestamp|date' THEN format('%L::%s', '2020-01-01', type)
                    WHEN type = 'jsonb' THEN format('%L::jsonb', '{}')
                    ELSE format('%L::%s', '', type) END $$;
                """).update();
        run(jdbc, """
                SELECT CASE t.relkind
                    WHEN 'v' THEN format('CREATE VIEW %I AS SELECT %s WHERE false', t.table_name,
                      string_agg(format('NULL::%s AS %I', c.type, c.column_name), ', '))
                    ELSE format('CREATE TABLE %I (%s)%s', t.table_name,
                      string_agg(format('%I %s%s', c.column_name, c.type, CASE WHEN c.not_null THEN ' NOT NULL' END), ', '),
                      CASE WHEN t.inherits <> '' THEN format(' INHERITS (%I)', t.inherits) END) END
                FROM csv.tables t JOIN csv.columns c USING (table_name)
                GROUP BY t.table_name, t.relkind, t.inherits ORDER BY coalesce(t.inherits, ''), t.table_name""");
        run(jdbc, """
                SELECT format('ALTER TABLE %I %s', table_name, string_agg(
                  format('ADD CONSTRAINT %I %s', conname, CASE contype
                    WHEN 'p' THEN format('PRIMARY KEY (%s)', replace(columns, ' ', ', '))
                    ELSE format('FOREIGN KEY (%I) REFERENCES %I (id) ON DELETE %s', columns, parent_table, CASE confdeltype
                      WHEN 'c' THEN 'CASCADE' WHEN 'n' THEN 'SET NULL' WHEN 'r' THEN 'RESTRICT' ELSE 'NO ACTION' END) END), ', '))
                FROM csv.constraints WHERE contype IN ('p', 'f')
                GROUP BY table_name, contype ORDER BY contype DESC, table_name""");
        String metadata = METADATA.stream().map(name -> "'" + name + "'").collect(Collectors.joining(", "));
        run(jdbc, """
                SELECT format('ALTER TABLE %%I %%s', table_name, string_agg(format('ALTER %%I DROP NOT NULL', column_name), ', '))
                FROM csv.columns WHERE not_null AND column_name <> 'id' AND table_name IN (%s)
                GROUP BY table_name""".formatted(metadata));
        jdbc.sql("""
                SET session_replication_role = replica;
                INSERT INTO ir_model (id, model, transient) SELECT row_number() OVER (), model, transient FROM csv.ir_model;
                INSERT INTO ir_module_module (id, name, state, latest_version)
                  SELECT row_number() OVER (), name, state, latest_version FROM csv.modules;
                INSERT INTO ir_model_relation (id, name)
                  SELECT row_number() OVER (), relation_table FROM csv.ir_model_fields WHERE relation_table <> '' GROUP BY 2;
                INSERT INTO ir_config_parameter (id, key, value) VALUES (1, 'database.uuid', 'of-a-real-catalog');
                """).update();
        boolean companyDependent = jdbc.sql(
                        "SELECT count(*) FROM csv.columns WHERE table_name = 'ir_model_fields' AND column_name = 'company_dependent'")
                .query(Boolean.class)
                .single();
        String columns =
                "model, name, ttype, relation, relation_field, relation_table, column1, column2, store, required, readonly, related, on_delete, state"
                        + (companyDependent ? ", company_dependent" : "");
        jdbc.sql("INSERT INTO ir_model_fields (id, " + columns + ") SELECT row_number() OVER (), " + columns
                        + " FROM csv.ir_model_fields")
                .update();
        run(jdbc, """
                SELECT format('INSERT INTO %%I (id%%s) VALUES (1%%s)', t.table_name,
                  string_agg(', ' || quote_ident(c.column_name), ''), string_agg(', ' || csv.dummy(c.type), ''))
                FROM csv.tables t LEFT JOIN csv.columns c ON c.table_name = t.table_name AND c.not_null AND c.column_name <> 'id'
                WHERE t.relkind = 'r' AND t.table_name NOT IN (%s) AND EXISTS
                  (SELECT FROM csv.columns i WHERE i.table_name = t.table_name AND i.column_name = 'id')
                GROUP BY t.table_name""".formatted(metadata));
        jdbc.sql("SET session_replication_role = origin").update();
        return source;
    }

    /** Runs the statements that a query makes. */
    private static void run(JdbcClient jdbc, String query) {
        jdbc.sql("DO $do$ DECLARE statement text; BEGIN FOR statement IN " + query
                        + " LOOP EXECUTE statement; END LOOP; END $do$")
                .update();
    }

    private static void load(DataSource source, Path directory) {
        Map<String, String> tables = Map.of(
                "columns", "table_name text, column_name text, type text, not_null boolean",
                "constraints",
                        "conname text, table_name text, columns text, contype text, parent_table text, confdeltype text, convalidated boolean",
                "ir_model", "model text, transient boolean, state text",
                "ir_model_fields",
                        "model text, name text, ttype text, relation text, relation_field text, relation_table text, column1 text, column2 text, store boolean, required boolean, readonly boolean, related text, on_delete text, company_dependent boolean, index boolean, state text",
                "modules", "name text, state text, latest_version text",
                "tables", "table_name text, relkind text, inherits text");
        try (Connection connection = source.getConnection()) {
            for (Map.Entry<String, String> table : tables.entrySet()) {
                JdbcClient.create(source)
                        .sql("CREATE TABLE csv." + table.getKey() + " (" + table.getValue() + ")")
                        .update();
                try (Reader file = Files.newBufferedReader(directory.resolve(table.getKey() + ".csv"))) {
                    connection
                            .unwrap(PGConnection.class)
                            .getCopyAPI()
                            .copyIn("COPY csv." + table.getKey() + " FROM STDIN (FORMAT csv, HEADER)", file);
                }
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
