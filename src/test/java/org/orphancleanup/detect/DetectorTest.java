package org.orphancleanup.detect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.orphancleanup.TestPostgres;
import org.orphancleanup.UserError;
import org.orphancleanup.catalog.OdooShape;
import org.orphancleanup.catalog.Reference;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

class DetectorTest {

    private static final int WINDOW = 10;

    private OdooShape odoo;
    private DataSource ours;
    private JdbcClient jdbc;
    private Detector detector;

    private record Finding(String field, long childId, long missingId) {}

    @BeforeEach
    void databases() {
        odoo = OdooShape.create();
        ours = OdooShape.single(TestPostgres.ourDatabase());
        jdbc = JdbcClient.create(ours);
        detector = new Detector(ours, WINDOW);
    }

    private List<Reference> references() {
        return odoo.catalog().references();
    }

    /** What a scan of everything finds; the second look at each must find it again, and nothing that is not there. */
    private Set<Finding> scan() {
        List<Reference> references = references();
        Set<Finding> found = new TreeSet<>(Comparator.comparing(Finding::field)
                .thenComparing(Finding::childId)
                .thenComparing(Finding::missingId));
        long counted = 0;
        for (Window window : detector.windows(odoo.source(), references)) {
            counted += detector.detect(odoo.source(), 1, 0, references.get(window.referenceNo() - 1), window);
        }
        List<Map<String, Object>> rows = jdbc.sql("SELECT reference_no, child_id, missing_id FROM orphan")
                .query()
                .listOfRows();
        assertThat(rows).hasSize((int) counted).doesNotHaveDuplicates();
        for (Map<String, Object> row : rows) {
            Reference reference = references.get((Integer) row.get("reference_no") - 1);
            Finding finding =
                    new Finding(reference.childTable() + "." + reference.field(), (Long) row.get("child_id"), (Long)
                            row.get("missing_id"));
            found.add(finding);
            OrphanLook.Key key = new OrphanLook.Key(finding.childId(), finding.missingId());
            assertThat(new OrphanLook()
                            .stillDangling(
                                    odoo.source(),
                                    reference,
                                    List.of(
                                            key,
                                            new OrphanLook.Key(key.childId(), key.missingId() + 100_000),
                                            new OrphanLook.Key(key.childId() + 1000, key.missingId()))))
                    .containsExactly(key);
        }
        return found;
    }

    private List<Window> windowsOf(String table, String field) {
        int no = references().stream()
                .filter(reference -> reference.childTable().equals(table)
                        && reference.field().equals(field))
                .findFirst()
                .orElseThrow()
                .no();
        return detector.windows(odoo.source(), references()).stream()
                .filter(window -> window.referenceNo() == no)
                .toList();
    }

    @Test
    void null_never_dangles_and_neither_does_what_is_there() {
        odoo.sql("CREATE TABLE task (id integer PRIMARY KEY, partner_id integer, parent_id integer);"
                        + "INSERT INTO task VALUES (1, 1, NULL), (2, NULL, 1), (3, 44, 3), (4, 2147483647, 99)")
                .many2one("task", "partner_id", "res.partner")
                .many2one("task", "parent_id", "task");

        assertThat(scan())
                .containsExactly(
                        new Finding("task.parent_id", 4, 99),
                        new Finding("task.partner_id", 3, 44),
                        new Finding("task.partner_id", 4, 2147483647));
    }

    @Test
    void windows_cover_every_row_once_and_count_the_table() {
        odoo.sql("CREATE TABLE task (id integer PRIMARY KEY, partner_id integer);"
                        + "INSERT INTO task SELECT i, 100 + i FROM generate_series(-5, 45) i WHERE i <> 7")
                .many2one("task", "partner_id", "res.partner");

        assertThat(windowsOf("task", "partner_id"))
                .extracting(Window::from, Window::to, Window::whole, Window::rowsInTable)
                .containsExactly(
                        tuple(-5L, 4L, false, 50L),
                        tuple(5L, 15L, false, 50L),
                        tuple(16L, 25L, false, 50L),
                        tuple(26L, 35L, false, 50L),
                        tuple(36L, 45L, false, 50L));
        assertThat(scan()).hasSize(50);
    }

    @Test
    void sparse_ids_are_cut_by_rows() {
        odoo.sql("CREATE TABLE task (id bigint PRIMARY KEY, partner_id integer);"
                        + "INSERT INTO task SELECT i * 1000000000::bigint, 5 FROM generate_series(1, 25) i")
                .many2one("task", "partner_id", "res.partner");

        assertThat(windowsOf("task", "partner_id"))
                .extracting(Window::to)
                .containsExactly(10_000_000_000L, 20_000_000_000L, 25_000_000_000L);
        assertThat(scan()).hasSize(25);
    }

    @Test
    void no_statement_is_longer_than_its_window_and_between_two_there_is_a_pause() {
        odoo.sql("CREATE TABLE task (id integer PRIMARY KEY, partner_id integer);"
                        + "INSERT INTO task SELECT i, 1 FROM generate_series(1, 30) i;"
                        + "CREATE TABLE tags (task_id integer, tag_id integer);"
                        + "CREATE INDEX ON tags (task_id);"
                        + "INSERT INTO tags SELECT 1 + i / 7, i FROM generate_series(1, 30) i;"
                        + "INSERT INTO tags VALUES (NULL, 1)")
                .many2one("task", "partner_id", "res.partner")
                .many2many("task", "tag_ids", "res.partner", "tags", "task_id", "tag_id");
        List<String> pauses = new ArrayList<>();

        List<Window> windows = detector.windows(odoo.source(), references(), () -> pauses.add("pause"));

        assertThat(pauses)
                .as(
                        "30 rows and no more, 30 rows with one owner each window, and the block of the side without an index")
                .hasSize(4 + 5 + 1);
        assertThat(windows.stream().filter(window -> !window.whole())).hasSize(3 + 5 + 1);
        int tags = references().stream()
                .filter(reference -> reference.field().equals("tag_id"))
                .findFirst()
                .orElseThrow()
                .no();
        assertThat(windows)
                .filteredOn(window -> window.referenceNo() == tags)
                .extracting(Window::from, Window::to, Window::rowsInTable)
                .as("a row without owner is counted, and of an owner whose rows go on a window holds none or all")
                .containsExactly(
                        tuple(1L, 1L, 31L),
                        tuple(2L, 2L, 31L),
                        tuple(3L, 3L, 31L),
                        tuple(4L, 4L, 31L),
                        tuple(5L, 5L, 31L));
    }

    @Test
    void small_and_empty_tables_are_read_whole() {
        odoo.sql("CREATE TABLE small (id integer PRIMARY KEY, partner_id integer);"
                        + "INSERT INTO small VALUES (1, 8);"
                        + "CREATE TABLE nothing (id integer PRIMARY KEY, partner_id integer);"
                        + "CREATE TABLE heap (id integer, partner_id integer);"
                        + "INSERT INTO heap SELECT i, 7 FROM generate_series(1, 50) i")
                .many2one("small", "partner_id", "res.partner")
                .many2one("nothing", "partner_id", "res.partner")
                .many2one("heap", "partner_id", "res.partner");

        assertThat(windowsOf("small", "partner_id"))
                .singleElement()
                .satisfies(window -> assertThat(window.whole()).isTrue());
        assertThat(windowsOf("nothing", "partner_id"))
                .singleElement()
                .satisfies(window -> assertThat(window.rowsInTable()).isZero());
        assertThat(windowsOf("heap", "partner_id"))
                .singleElement()
                .satisfies(window -> assertThat(window.rowsInTable()).isEqualTo(50));
        assertThat(scan()).hasSize(51);
    }

    @Test
    void a_table_without_an_index_is_read_by_its_blocks() {
        odoo.sql("CREATE TABLE rel (partner_id integer, user_id integer);"
                        + "INSERT INTO rel SELECT 1, i FROM generate_series(1, 1000) i;"
                        + "CREATE TABLE heap (id integer, partner_id integer);"
                        + "INSERT INTO heap SELECT i, 7 FROM generate_series(1, 700) i")
                .many2many("res.partner", "user_ids", "res.users", "rel", "partner_id", "user_id")
                .many2one("heap", "partner_id", "res.partner");

        List<Window> windows = windowsOf("rel", "user_id");
        odoo.sql("INSERT INTO rel SELECT 1, i FROM generate_series(1001, 2000) i");

        assertThat(windows).hasSizeGreaterThan(3).allMatch(Window::blocks).allMatch(window -> window.rows() <= 1000);
        assertThat(windows).extracting(Window::rowsInTable).containsOnly(1000L);
        assertThat(windows.stream()
                        .mapToLong(window -> detector.detect(
                                odoo.source(), 2, 0, references().get(window.referenceNo() - 1), window))
                        .sum())
                .as("what came after the windows were cut is in the last of them")
                .isEqualTo(1999);
        assertThat(windowsOf("heap", "partner_id")).hasSizeGreaterThan(2).allMatch(Window::blocks);
        jdbc.sql("DELETE FROM orphan").update();
        assertThat(scan()).hasSize(1999 + 700);
    }

    @Test
    void an_owner_with_more_rows_than_a_window_and_many_rows_without_one_make_the_table_be_read_by_blocks() {
        odoo.sql(
                        "CREATE TABLE owned (partner_id integer, user_id integer);"
                                + "CREATE INDEX ON owned (partner_id);"
                                + "INSERT INTO owned SELECT i, 1 FROM generate_series(1, 100) i;"
                                + "INSERT INTO owned SELECT 50, i FROM generate_series(1, 900) i;"
                                + "CREATE TABLE lost (partner_id integer, user_id integer);"
                                + "CREATE INDEX ON lost (partner_id);"
                                + "INSERT INTO lost SELECT NULL, i FROM generate_series(1, 900) i; INSERT INTO lost VALUES (1, 2)")
                .many2many("res.partner", "user_ids", "res.users", "owned", "partner_id", "user_id")
                .many2many("res.partner", "lost_ids", "res.users", "lost", "partner_id", "user_id");

        for (String table : List.of("owned", "lost")) {
            assertThat(windowsOf(table, "user_id"))
                    .as(table)
                    .hasSizeGreaterThan(2)
                    .allMatch(Window::blocks);
        }
        assertThat(windowsOf("owned", "user_id"))
                .extracting(Window::rowsInTable)
                .containsOnly(1000L);
        assertThat(windowsOf("lost", "user_id")).extracting(Window::rowsInTable).containsOnly(901L);
        assertThat(scan())
                .contains(new Finding("owned.user_id", 50, 900), new Finding("lost.user_id", 1, 2))
                .hasSize(99 + 2 * 899 + 1);
    }

    @Test
    void a_window_that_is_broken_off_by_a_standbys_recovery_is_read_again_and_counts_once() {
        odoo.sql("CREATE TABLE task (id integer PRIMARY KEY, partner_id integer);"
                        + "INSERT INTO task SELECT i, 8 FROM generate_series(1, 20000) i")
                .many2one("task", "partner_id", "res.partner");
        Reference reference = references().get(0);
        odoo.sql("""
                ALTER TABLE task RENAME TO task_rows;
                CREATE SEQUENCE tries;
                CREATE FUNCTION late(i integer) RETURNS integer LANGUAGE plpgsql AS $$
                BEGIN
                  IF i = 19000 AND nextval('tries') = 1 THEN
                    RAISE EXCEPTION 'canceling statement due to conflict with recovery' USING ERRCODE = '40001';
                  END IF;
                  RETURN 8;
                END $$;
                CREATE VIEW task AS SELECT id, late(id) AS partner_id FROM task_rows""");

        new TransactionTemplate(new DataSourceTransactionManager(ours)).executeWithoutResult(status -> {
            detector.detect(odoo.source(), 1, 0, reference, new Window(reference.no(), 1, 5, false, false, 20_000));
            assertThat(detector.detect(
                            odoo.source(),
                            1,
                            0,
                            reference,
                            new Window(reference.no(), 6, 20_000, false, false, 20_000)))
                    .isEqualTo(19_995);
        });

        assertThat(jdbc.sql("SELECT count(*) AS rows, count(DISTINCT child_id) AS children FROM orphan")
                        .query()
                        .singleRow()
                        .values())
                .as("with the window before, in the same transaction")
                .containsExactly(20_000L, 20_000L);
    }

    @Test
    void relation_rows_count_once_however_often_they_stand_there_and_both_sides_can_dangle() {
        odoo.sql("CREATE TABLE \"Products\" (partner_id integer, user_id integer);"
                        + "CREATE INDEX ON \"Products\" (partner_id);"
                        + "INSERT INTO \"Products\" VALUES (1, 1), (1, 50), (1, 50), (60, 1), (70, 80), (NULL, 9), (9, NULL), (NULL, NULL);"
                        + "INSERT INTO \"Products\" SELECT 1, 50 FROM generate_series(1, 30);"
                        + "INSERT INTO \"Products\" SELECT 100 + i, 1 FROM generate_series(1, 30) i")
                .many2many("res.partner", "user_ids", "res.users", "Products", "partner_id", "user_id");

        assertThat(scan())
                .hasSize(2 + 2 + 30)
                .contains(
                        new Finding("Products.user_id", 1, 50),
                        new Finding("Products.user_id", 70, 80),
                        new Finding("Products.partner_id", 1, 60),
                        new Finding("Products.partner_id", 80, 70),
                        new Finding("Products.partner_id", 1, 130));
    }

    @Test
    void rows_of_child_tables_are_read_under_their_own_table_and_parents_with_their_descendants() {
        odoo.sql("CREATE TABLE ir_actions (id integer PRIMARY KEY, partner_id integer);"
                        + "CREATE TABLE ir_act_window (id integer PRIMARY KEY, view varchar) INHERITS (ir_actions);"
                        + "CREATE TABLE menu (id integer PRIMARY KEY, action_id integer);"
                        + "INSERT INTO ir_actions VALUES (1, 70); INSERT INTO ir_act_window VALUES (2, 80, '');"
                        + "INSERT INTO menu VALUES (1, 1), (2, 2), (3, 3)")
                .many2one("ir.actions.actions", "partner_id", "res.partner")
                .field("ir.actions.act_window", "view", "char", null)
                .many2one("ir.actions.act_window", "partner_id", "res.partner")
                .many2one("menu", "action_id", "ir.actions.actions");

        assertThat(scan())
                .containsExactly(
                        new Finding("ir_act_window.partner_id", 2, 80),
                        new Finding("ir_actions.partner_id", 1, 70),
                        new Finding("menu.action_id", 3, 3));
    }

    @Test
    void a_named_model_has_its_own_rows_and_zero_means_none() {
        odoo.sql("CREATE TABLE attachment (id integer PRIMARY KEY, res_model varchar, res_id integer);"
                        + "INSERT INTO attachment VALUES (1, 'res.partner', 1), (2, 'res.partner', 55), (3, 'res.partner', 0), (4, 'res.partner', NULL),"
                        + " (5, 'res.users', 55), (6, 'it''s.gone\\', 1), (7, NULL, 3)")
                .field("attachment", "res_id", "many2one_reference", null);

        assertThat(scan())
                .containsExactly(
                        new Finding("attachment.res_id", 2, 55),
                        new Finding("attachment.res_id", 5, 55),
                        new Finding("attachment.res_id", 6, 1));
    }

    @Test
    void texts_that_are_no_reference_do_not_stop_a_scan() {
        odoo.sql(
                        "CREATE TABLE menu (id integer PRIMARY KEY, action varchar);"
                                + "INSERT INTO menu VALUES (1, 'res.partner,1'), (2, 'res.partner,66'), (3, 'res.partner,'), (4, 'res.partner,x'),"
                                + " (5, 'res.partner,0'), (6, 'res.partner,9,9'), (7, 'gone.model,5'), (8, NULL), (9, 'res.partner,99999999999999999999999')")
                .field("menu", "action", "reference", null);

        assertThat(scan()).containsExactly(new Finding("menu.action", 2, 66), new Finding("menu.action", 7, 5));
    }

    @Test
    void company_values_and_companies_that_are_gone_are_found() {
        odoo.sql("CREATE TABLE product (id integer PRIMARY KEY, seller jsonb);"
                        + "INSERT INTO product VALUES (1, '{\"1\": 1, \"9\": 1}'), (2, '{\"1\": 77}'), (3, '{\"1\": null, \"9\": false}'),"
                        + " (4, '{\"1\": \"x\"}'), (5, '[]'), (6, '5'), (7, NULL), (8, '{\"9\": 78}')")
                .many2one("product", "seller", "res.partner")
                .sql("UPDATE ir_model_fields SET company_dependent = true WHERE model = 'product'");

        assertThat(scan())
                .containsExactly(
                        new Finding("product.seller@1", 2, 77),
                        new Finding("product.seller@9", 1, 9),
                        new Finding("product.seller@9", 3, 9),
                        new Finding("product.seller@9", 8, 9),
                        new Finding("product.seller@9", 8, 78));
    }

    @Test
    void a_repaired_row_dangles_no_more_in_the_second_look() {
        odoo.sql(
                        "CREATE TABLE task (id integer PRIMARY KEY, partner_id integer); INSERT INTO task VALUES (1, 8), (2, 8), (3, 8), (4, 9)")
                .many2one("task", "partner_id", "res.partner");
        Reference reference = references().get(0);
        List<OrphanLook.Key> keys = List.of(
                new OrphanLook.Key(1, 8), new OrphanLook.Key(2, 8), new OrphanLook.Key(3, 8), new OrphanLook.Key(4, 9));
        OrphanLook look = new OrphanLook();
        assertThat(look.stillDangling(odoo.source(), reference, keys)).hasSize(4);

        odoo.sql("UPDATE task SET partner_id = NULL WHERE id = 1; UPDATE task SET partner_id = 5 WHERE id = 2;"
                + "DELETE FROM task WHERE id = 3");

        assertThat(look.stillDangling(odoo.source(), reference, keys)).containsExactly(new OrphanLook.Key(4, 9));
        odoo.sql("INSERT INTO res_partner VALUES (9, 'back')");
        assertThat(look.stillDangling(odoo.source(), reference, keys)).isEmpty();
        assertThat(look.stillDangling(odoo.source(), reference, List.of())).isEmpty();
    }

    @Test
    void findings_belong_to_the_callers_transaction() {
        odoo.sql("CREATE TABLE task (id integer PRIMARY KEY, partner_id integer); INSERT INTO task VALUES (1, 8)")
                .many2one("task", "partner_id", "res.partner");
        Reference reference = references().get(0);
        Window window = detector.windows(odoo.source(), references()).get(0);

        new TransactionTemplate(new DataSourceTransactionManager(ours)).executeWithoutResult(status -> {
            assertThat(detector.detect(odoo.source(), 1, 0, reference, window)).isEqualTo(1);
            status.setRollbackOnly();
        });

        assertThat(jdbc.sql("SELECT count(*) FROM orphan").query(Long.class).single())
                .isZero();
    }

    @Test
    void a_target_that_cannot_be_read_is_said_and_leaves_nothing_half_written() {
        // the division fails at a late row, when earlier ones are under way
        odoo.sql("CREATE TABLE task (id integer PRIMARY KEY, partner_id integer);"
                        + "INSERT INTO task SELECT i, 8 FROM generate_series(1, 20000) i")
                .many2one("task", "partner_id", "res.partner");
        Reference reference = references().get(0);
        odoo.sql("ALTER TABLE task RENAME TO task_rows;"
                + "CREATE FUNCTION late(i integer) RETURNS integer LANGUAGE sql AS 'SELECT 8 / (CASE WHEN i < 19000 THEN 1 ELSE 0 END)';"
                + "CREATE VIEW task AS SELECT id, late(id) AS partner_id FROM task_rows");

        assertThatThrownBy(() -> detector.detect(
                        odoo.source(), 1, 0, reference, new Window(reference.no(), 0, 0, true, false, 1)))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("Odoo's database could not be read")
                .hasMessageContaining("division by zero");

        assertThat(jdbc.sql("SELECT count(*) FROM orphan").query(Long.class).single())
                .isZero();
        odoo.sql("DROP VIEW task");
        assertThatThrownBy(() -> detector.windows(odoo.source(), List.of(reference)))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("task");
    }

    @Test
    void a_scan_only_reads() {
        odoo.sql("CREATE TABLE task (id integer PRIMARY KEY, partner_id integer); INSERT INTO task VALUES (1, 8)")
                .many2one("task", "partner_id", "res.partner")
                .sql("SET default_transaction_read_only = on");

        assertThat(scan()).hasSize(1);
    }

    @Test
    void what_a_scan_came_to_is_noted() {
        odoo.sql("CREATE TABLE task (id integer PRIMARY KEY, partner_id integer)")
                .many2one("task", "partner_id", "res.partner");
        jdbc.sql("SET session_replication_role = replica").update();
        jdbc.sql("""
                        INSERT INTO reference (run_id, no, kind, child_table, field, rule_fields, parent_inherited, state, required, storage)
                        VALUES (1, 1, 'many2one', 'task', 'partner_id', '{}', false, 'missing', false, '{}')""").update();

        detector.finish(1, references().get(0), 120, 3, 45);

        assertThat(jdbc.sql("SELECT rows_read, orphans, millis FROM reference")
                        .query()
                        .singleRow()
                        .values())
                .containsExactly(120L, 3L, 45L);
    }
}
