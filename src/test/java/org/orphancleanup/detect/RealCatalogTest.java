package org.orphancleanup.detect;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.orphancleanup.TestPostgres;
import org.orphancleanup.catalog.Catalog;
import org.orphancleanup.catalog.CatalogReader;
import org.orphancleanup.catalog.ConstraintState;
import org.orphancleanup.catalog.OdooShape;
import org.orphancleanup.catalog.RealCatalog;
import org.orphancleanup.catalog.Reference;
import org.orphancleanup.catalog.ReferenceKind;
import org.orphancleanup.catalog.Sql;
import org.orphancleanup.catalog.Storage;
import org.springframework.jdbc.core.simple.JdbcClient;

/** On the catalogs of real Odoo servers: nothing is overlooked, nothing is invented. */
class RealCatalogTest {

    private static final long MISSING = 900_000;
    private static final long ROW = 10_000;

    private record Finding(int no, long childId, long missingId) {}

    @ParameterizedTest(name = "Odoo {0}")
    @ValueSource(ints = {17, 18, 19})
    void every_stored_relational_field_is_listed_once_or_left_out_with_a_reason(int odoo) {
        DataSource target = RealCatalog.of(odoo);
        Catalog catalog = new CatalogReader().read(target);

        Map<String, Integer> places = new TreeMap<>();
        for (Reference reference : catalog.references()) {
            // both sides of a relation table are the same field; so are the models that rows of one column name
            new TreeSet<>(reference.ruleFields()).forEach(field -> places.merge(field, 1, Integer::sum));
        }
        Map<String, Integer> leftOut = new TreeMap<>();
        catalog.leftOut().stream()
                .filter(entry -> entry.field() != null)
                .forEach(entry -> leftOut.merge(entry.model() + "." + entry.field(), 1, Integer::sum));
        Map<String, String> stored = new TreeMap<>();
        JdbcClient.create(target).sql("""
                        SELECT model || '.' || name, ttype FROM csv.ir_model_fields
                        WHERE store AND ttype IN ('many2one', 'many2many', 'many2one_reference', 'reference')""").query(row -> {
            stored.put(row.getString(1), row.getString(2));
        });

        assertThat(stored).hasSizeGreaterThan(1_500);
        Set<String> wrong = new TreeSet<>();
        stored.forEach((field, type) -> {
            int listed = places.getOrDefault(field, 0);
            int most = type.equals("many2many") ? 2 : type.equals("many2one") ? 1 : Integer.MAX_VALUE;
            if ((listed > 0 ? 1 : 0) + leftOut.getOrDefault(field, 0) != 1 || listed > most) {
                wrong.add(field + " (" + type + ") listed " + listed + ", left out " + leftOut.get(field));
            }
        });
        assertThat(wrong).isEmpty();
        assertThat(catalog.leftOut())
                .allSatisfy(entry -> assertThat(entry.reason()).isNotBlank());
        assertThat(catalog.references()).extracting(Reference::storage).doesNotHaveDuplicates();
        assertThat(catalog.odooVersion()).isEqualTo(odoo + ".0");
        assertThat(catalog.unreadable()).isEmpty();
    }

    @ParameterizedTest(name = "Odoo {0}")
    @ValueSource(ints = {17, 18, 19})
    void every_foreign_key_is_a_reference_with_its_table_its_parent_and_its_action(int odoo) {
        DataSource target = RealCatalog.of(odoo);
        Catalog catalog = new CatalogReader().read(target);

        Map<String, String> actions = Map.of("c", "cascade", "n", "set null", "r", "restrict", "a", "no action");
        Set<String> keys = new HashSet<>();
        JdbcClient.create(target)
                .sql(
                        "SELECT conname, table_name, columns, parent_table, confdeltype FROM csv.constraints WHERE contype = 'f'")
                .query(row -> {
                    keys.add(String.join(
                            " ",
                            row.getString(1),
                            row.getString(2),
                            row.getString(3),
                            row.getString(4),
                            actions.get(row.getString(5)),
                            "enforced"));
                });

        assertThat(catalog.references().stream()
                        .filter(reference -> reference.constraintName() != null)
                        .map(reference -> String.join(
                                " ",
                                reference.constraintName(),
                                reference.childTable(),
                                reference.field(),
                                reference.parentTable(),
                                reference.databaseOndelete(),
                                reference.state().code())))
                .containsExactlyInAnyOrderElementsOf(keys);
        // the only other references of these kinds are those to the parent of inherited tables
        assertThat(catalog.references())
                .filteredOn(reference -> reference.constraintName() == null
                        && (reference.storage() instanceof Storage.Column
                                || reference.storage() instanceof Storage.RelationRow))
                .isNotEmpty()
                .allSatisfy(reference -> {
                    assertThat(reference.parentTable()).isEqualTo("ir_actions");
                    assertThat(reference.kind()).isEqualTo(ReferenceKind.INHERITANCE);
                    assertThat(reference.state()).isEqualTo(ConstraintState.IMPOSSIBLE);
                });
    }

    @ParameterizedTest(name = "Odoo {0}")
    @ValueSource(ints = {17, 18, 19})
    void a_scan_finds_one_dangling_row_of_each_reference_and_nothing_else(int odoo) throws SQLException {
        DataSource target = RealCatalog.of(odoo);
        DataSource ours = OdooShape.single(TestPostgres.ourDatabase());
        Set<Finding> expected = new HashSet<>();
        Set<Finding> found = new HashSet<>();
        Catalog catalog;
        // whatever is written here is rolled back: the next test wants the same catalog
        try (Connection connection = target.getConnection()) {
            connection.setAutoCommit(false);
            try {
                JdbcClient jdbc = JdbcClient.create(target);
                jdbc.sql("SET LOCAL session_replication_role = replica").update();
                nameModelsAndCompanies(jdbc);
                catalog = new CatalogReader().read(target);
                inject(jdbc, catalog, expected);
                Detector detector = new Detector(ours);
                Map<Integer, Reference> references =
                        catalog.references().stream().collect(Collectors.toMap(Reference::no, reference -> reference));
                for (Window window : detector.windows(target, catalog.references())) {
                    detector.detect(target, 1, 0, references.get(window.referenceNo()), window);
                }
            } finally {
                connection.rollback();
                connection.setAutoCommit(true);
            }
        }
        JdbcClient.create(ours)
                .sql("SELECT reference_no, child_id, missing_id FROM orphan WHERE run_id = 1 AND look = 0")
                .query(row -> {
                    found.add(new Finding(row.getInt(1), row.getLong(2), row.getLong(3)));
                });

        assertThat(catalog.references()).hasSizeGreaterThan(1_500);
        assertThat(catalog.references()).extracting(Reference::kind).contains(ReferenceKind.values());
        assertThat(minus(expected, found)).as("not found").isEmpty();
        assertThat(minus(found, expected)).as("found, but not injected").isEmpty();
        assertThat(expected.stream().map(Finding::no).distinct()).hasSameSizeAs(catalog.references());
    }

    private static Set<Finding> minus(Set<Finding> some, Set<Finding> others) {
        Set<Finding> rest = new HashSet<>(some);
        rest.removeAll(others);
        return rest;
    }

    /** References that exist only where rows name a model or a company: a healthy row, and one that names what is not there. */
    private static void nameModelsAndCompanies(JdbcClient jdbc) {
        List<String> statements = jdbc.sql("""
                        WITH place AS (
                          SELECT c.table_name, c.column_name, f.ttype, (SELECT m.column_name FROM csv.columns m
                            WHERE m.table_name = c.table_name AND m.column_name IN ('res_model', 'model')) AS model_column
                          FROM csv.ir_model_fields f JOIN csv.columns c
                            ON c.column_name = f.name AND c.table_name = CASE f.model
                              WHEN 'ir.actions.server' THEN 'ir_act_server' ELSE replace(f.model, '.', '_') END
                          JOIN csv.tables t ON t.table_name = c.table_name AND t.relkind = 'r'
                          WHERE f.store AND (f.ttype IN ('many2one_reference', 'reference')
                            OR f.ttype = 'many2one' AND f.company_dependent)
                          UNION ALL
                          SELECT table_name, column_name, 'reference', NULL FROM csv.columns
                          WHERE table_name = 'ir_property' AND column_name IN ('value_reference', 'res_id')),
                        named AS (
                          SELECT table_name, 'Healthy' AS what, 2 AS id, CASE ttype
                            WHEN 'many2one_reference' THEN format('%I = 1, %I = %L', column_name, model_column, 'res.partner')
                            WHEN 'reference' THEN format('%I = %L', column_name, 'res.partner,1')
                            ELSE format('%I = %L', column_name, '{"1": 1}') END AS assignment FROM place
                          UNION ALL
                          SELECT table_name, 'Gone', 3, CASE ttype
                            WHEN 'many2one_reference' THEN format('%I = 5, %I = %L', column_name, model_column, 'gone.model')
                            WHEN 'reference' THEN format('%I = %L', column_name, 'gone.model,5')
                            ELSE format('%I = %L', column_name, '{"1": null, "77": 1}') END FROM place)
                        SELECT format('INSERT INTO %I (id%s) VALUES (%s%s)', n.table_name,
                          (SELECT string_agg(format(', %I', column_name), '') FROM csv.columns c
                            WHERE c.table_name = n.table_name AND not_null AND column_name <> 'id'), n.id,
                          (SELECT string_agg(', ' || csv.dummy(type), '') FROM csv.columns c
                            WHERE c.table_name = n.table_name AND not_null AND column_name <> 'id'))
                        FROM named n GROUP BY n.table_name, n.id
                        UNION ALL
                        SELECT format('UPDATE %I SET %s WHERE id = %s', table_name, string_agg(assignment, ', '), id)
                        FROM named GROUP BY table_name, id
                        ORDER BY 1""").query(String.class).list();
        jdbc.sql(String.join(";\n", statements)).update();
    }

    private static void inject(JdbcClient jdbc, Catalog catalog, Set<Finding> expected) {
        Map<String, String> columns = new HashMap<>();
        Map<String, String> dummies = new HashMap<>();
        jdbc.sql("""
                        SELECT table_name, string_agg(format(', %I', column_name), '' ORDER BY column_name) AS names,
                          string_agg(', ' || csv.dummy(type), '' ORDER BY column_name) AS dummies
                        FROM csv.columns WHERE not_null AND column_name <> 'id' AND table_name NOT IN
                          ('ir_model', 'ir_model_fields', 'ir_model_relation', 'ir_module_module', 'ir_config_parameter')
                        GROUP BY table_name""").query(row -> {
            columns.put(row.getString(1), row.getString(2));
            dummies.put(row.getString(1), row.getString(3));
        });
        StringBuilder statements = new StringBuilder();
        for (Reference reference : catalog.references()) {
            Storage storage = reference.storage();
            String table = Sql.quote(storage.table());
            long id = ROW + reference.no();
            long missing = MISSING + reference.no();
            if (storage instanceof Storage.RelationRow row) {
                // the owner is there: every table has number 1
                statements.append("INSERT INTO %s (%s, %s) VALUES (1, %d);\n"
                        .formatted(table, Sql.quote(row.ownerColumn()), Sql.quote(row.column()), missing));
                expected.add(new Finding(reference.no(), 1, missing));
                continue;
            }
            if (storage instanceof Storage.CompanyKey key) {
                expected.add(new Finding(reference.no(), 3, key.company()));
                continue;
            }
            if (reference.parentTable() == null) {
                expected.add(new Finding(reference.no(), 3, 5));
                continue;
            }
            statements.append("INSERT INTO %s (id%s) VALUES (%d%s);\n"
                    .formatted(
                            table,
                            columns.getOrDefault(storage.table(), ""),
                            id,
                            dummies.getOrDefault(storage.table(), "")));
            statements.append("UPDATE %s SET %s WHERE id = %d;\n".formatted(table, assignment(storage, missing), id));
            expected.add(new Finding(reference.no(), id, missing));
            if (storage instanceof Storage.CompanyValue value) {
                // the key names a company, too, and one of the two that are used is missing
                catalog.references().stream()
                        .filter(other -> other.storage()
                                .equals(new Storage.CompanyKey(value.table(), value.column(), value.company())))
                        .forEach(other -> expected.add(new Finding(other.no(), id, value.company())));
            }
        }
        jdbc.sql(statements.toString()).update();
    }

    private static String assignment(Storage storage, long missing) {
        if (storage instanceof Storage.Column column) {
            return Sql.quote(column.column()) + " = " + missing;
        }
        if (storage instanceof Storage.ModelAndId pair) {
            return Sql.quote(pair.idColumn()) + " = " + missing + ", " + Sql.quote(pair.modelColumn()) + " = '"
                    + pair.model() + "'";
        }
        if (storage instanceof Storage.ModelCommaId pair) {
            return Sql.quote(pair.column()) + " = '" + pair.model() + "," + missing + "'";
        }
        if (storage instanceof Storage.CompanyValue value) {
            return Sql.quote(value.column()) + " = '{\"" + value.company() + "\": " + missing + "}'";
        }
        throw new IllegalArgumentException(String.valueOf(storage));
    }
}
