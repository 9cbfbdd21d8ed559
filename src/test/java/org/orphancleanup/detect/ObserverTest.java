package org.orphancleanup.detect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.orphancleanup.TestPostgres;
import org.orphancleanup.UserError;
import org.orphancleanup.catalog.ObservationKind;
import org.orphancleanup.catalog.ObservationReader;
import org.orphancleanup.catalog.OdooShape;
import org.springframework.jdbc.core.simple.JdbcClient;

class ObserverTest {

    private OdooShape odoo;
    private JdbcClient jdbc;
    private Observer observer;
    private long run;
    private int pauses;

    @BeforeEach
    void databases() {
        odoo = OdooShape.create();
        var ours = OdooShape.single(TestPostgres.ourDatabase());
        jdbc = JdbcClient.create(ours);
        observer = new Observer(ours, 2);
        run = jdbc.sql("""
                        INSERT INTO run (job, target, target_fingerprint, target_database, command, started_through, asked_by,
                            definition, status, started_at, heartbeat_at, host, pid, process_started_at)
                        VALUES ('j', 't', 'f', 'd', 'scan', 'command-line', 'me', '', 'running', now(), now(), 'h', 1, now())
                        RETURNING id""").query(Long.class).single();
    }

    private List<String> observe() {
        observer.begin(run);
        observer.observe(
                odoo.source(),
                run,
                new ObservationReader().read(odoo.source(), odoo.catalog().references(), () -> {}),
                () -> pauses++);
        return observations();
    }

    private List<String> observations() {
        return jdbc.sql("SELECT kind, table_name, record_id, field, message FROM observation ORDER BY 1, 2, 3, 5")
                .query((row, number) -> row.getString(1) + " " + row.getString(2) + " " + row.getString(3) + " "
                        + row.getString(4) + ": " + row.getString(5))
                .list();
    }

    private List<String> skipped() {
        return jdbc.sql("SELECT DISTINCT kind || ' ' || coalesce(model, table_name) || '.' || field || ': ' || skipped"
                        + " FROM observed WHERE skipped IS NOT NULL ORDER BY 1")
                .query(String.class)
                .list();
    }

    @Test
    void a_healthy_database_gives_no_observation() {
        assertThat(observe()).isEmpty();
    }

    private void projects() {
        odoo.sql("""
                        CREATE TABLE project (id integer PRIMARY KEY, definition jsonb);
                        CREATE TABLE task (id integer PRIMARY KEY, project_id integer, props jsonb);
                        INSERT INTO project VALUES
                          (1, '[{"name": "aa", "type": "many2one", "comodel": "res.partner", "string": "Customer", "default": 8},
                                {"name": "bb", "type": "many2many", "comodel": "res.users", "string": "Team"},
                                {"name": "cc", "type": "integer", "string": "Weight"},
                                {"name": "dd", "type": "many2one", "comodel": "gone.model", "string": "Old"}]'),
                          (2, '[{"name": "aa", "type": "char", "string": "Customer"}]'), (3, NULL), (4, '"text"');
                        INSERT INTO task VALUES
                          (1, 1, '{"aa": 1, "bb": [1], "cc": 99}'), (2, 1, '{"aa": 44, "bb": [1, 55, 56], "cc": 44}'),
                          (3, 2, '{"aa": 44}'), (4, NULL, '{"aa": 44}'), (5, 1, '{"aa": false, "dd": 3}'), (6, 1, '"x"'),
                          (7, 1, NULL), (8, 4, '{"aa": 44}'), (9, 3, '{"aa": 44}')""")
                .field("project", "definition", "properties_definition", null)
                .field("task", "props", "properties", null)
                .many2one("task", "project_id", "project");
    }

    @Test
    void ids_inside_properties_are_known_by_the_definition_of_the_records_container() {
        projects();

        assertThat(observe())
                .containsExactly(
                        "property project 1 definition: the default of property Customer names res.partner 8, which is missing",
                        "property task 2 props: property Customer names res.partner 44, which is missing",
                        "property task 2 props: property Team names res.users 55, which is missing",
                        "property task 2 props: property Team names res.users 56, which is missing",
                        "property task 5 props: property Old names gone.model 3, a model that does not exist");
        assertThat(jdbc.sql("SELECT rows_read FROM observed WHERE field = 'props' AND skipped IS NULL")
                        .query(Long.class)
                        .list())
                .isNotEmpty()
                .containsOnly(9L);
    }

    @Test
    void the_base_definition_of_odoo_19_is_found_by_the_field() {
        odoo.sql("""
                        CREATE TABLE properties_base_definition (id integer PRIMARY KEY, properties_field_id integer, properties_definition jsonb);
                        ALTER TABLE res_partner ADD properties jsonb;
                        UPDATE res_partner SET properties = '{"aa": 44}'""")
                .field("properties.base.definition", "properties_definition", "properties_definition", null)
                .many2one("properties.base.definition", "properties_field_id", "ir.model.fields")
                .field("res.partner", "properties", "properties", null)
                .sql("""
                        INSERT INTO properties_base_definition SELECT 1, id, '[{"name": "aa", "type": "many2one", "comodel": "res.users"}]'
                        FROM ir_model_fields WHERE name = 'properties'""");

        assertThat(observe())
                .containsExactly("property res_partner 1 properties: property aa names res.users 44, which is missing");
    }

    @Test
    void properties_without_a_way_to_their_definition_are_said_to_be_skipped() {
        odoo.sql("ALTER TABLE res_partner ADD properties jsonb").field("res.partner", "properties", "properties", null);

        assertThat(observe()).isEmpty();
        assertThat(skipped())
                .containsExactly(
                        "property res.partner.properties: no stored field leads to a record that defines its properties");
    }

    @Test
    void keys_of_analytic_distributions_are_one_account_or_several() {
        odoo.sql("""
                        CREATE TABLE account_analytic_account (id integer PRIMARY KEY);
                        INSERT INTO account_analytic_account VALUES (1), (2);
                        CREATE TABLE line (id integer PRIMARY KEY, analytic_distribution jsonb, salary_distribution jsonb);
                        INSERT INTO line VALUES (1, '{"1": 100}', '{"77": 1}'), (2, '{"1,5": 60, "2": 40}', NULL), (3, '{"6": 100}', NULL),
                          (4, NULL, NULL), (5, '{"__update__": []}', NULL), (6, '[1]', NULL)""")
                .field("account.analytic.account", "id", "integer", null)
                .field("analytic.mixin", "analytic_distribution", "json", null)
                .field("line", "analytic_distribution", "json", null)
                .field("line", "salary_distribution", "json", null);

        assertThat(observe())
                .containsExactly(
                        "analytic-distribution line 2 analytic_distribution: the key 1,5 names account.analytic.account 5, which is missing",
                        "analytic-distribution line 3 analytic_distribution: the key 6 names account.analytic.account 6, which is missing");
    }

    @Test
    void numbers_beside_a_models_name_are_followed_by_name_by_model_id_and_by_odoos_own_exceptions() {
        odoo.sql("""
                        CREATE TABLE rating (id integer PRIMARY KEY, parent_res_model varchar, parent_res_id integer);
                        INSERT INTO rating VALUES (1, 'res.partner', 1), (2, 'res.partner', 44), (3, 'gone.model', 2), (4, 'res.partner', 0), (5, NULL, 44);
                        CREATE TABLE transaction (id integer PRIMARY KEY, callback_model_id integer, callback_res_id integer);
                        CREATE TABLE mail_alias (id integer PRIMARY KEY, alias_model_id integer, alias_parent_model_id integer,
                          alias_parent_thread_id integer, alias_force_thread_id integer)""")
                .field("rating", "parent_res_id", "integer", null)
                .field("rating", "parent_res_model", "char", null)
                .field("transaction", "callback_res_id", "integer", null)
                .many2one("transaction", "callback_model_id", "ir.model")
                .field("mail.alias", "alias_parent_thread_id", "integer", null)
                .field("mail.alias", "alias_force_thread_id", "integer", null)
                .many2one("mail.alias", "alias_model_id", "ir.model")
                .many2one("mail.alias", "alias_parent_model_id", "ir.model")
                .sql("""
                        INSERT INTO transaction SELECT 1, id, 45 FROM ir_model WHERE model = 'res.partner';
                        INSERT INTO mail_alias SELECT 1, u.id, p.id, 46, 47 FROM ir_model u, ir_model p
                        WHERE u.model = 'res.users' AND p.model = 'res.partner'""");

        assertThat(observe())
                .containsExactly(
                        "model-and-number mail_alias 1 alias_force_thread_id: alias_force_thread_id names res.users 47, which is missing",
                        "model-and-number mail_alias 1 alias_parent_thread_id: alias_parent_thread_id names res.partner 46, which is missing",
                        "model-and-number rating 2 parent_res_id: parent_res_id names res.partner 44, which is missing",
                        "model-and-number rating 3 parent_res_id: parent_res_id names gone.model 2, a model that does not exist",
                        "model-and-number transaction 1 callback_res_id: callback_res_id names res.partner 45, which is missing");
    }

    @Test
    void segments_of_a_parent_path_are_records_of_the_table() {
        odoo.sql(
                        "CREATE TABLE category (id integer PRIMARY KEY, parent_path varchar);"
                                + "INSERT INTO category VALUES (1, '1/'), (2, '1/2/'), (3, '9/3/'), (4, NULL), (5, ''), (6, '1/x/6/')")
                .field("category", "parent_path", "char", null);

        assertThat(observe())
                .containsExactly(
                        "parent-path category 3 parent_path: the path 9/3/ names 9, which is missing from category");
    }

    @Test
    void relation_rows_that_stand_there_twice_or_lack_a_side_are_told_and_a_key_spares_the_look() {
        odoo.sql("""
                        CREATE TABLE tags (partner_id integer, user_id integer);
                        INSERT INTO tags VALUES (1, 1), (1, 1), (1, 1), (NULL, 1), (1, NULL), (1, NULL), (NULL, NULL);
                        CREATE TABLE keyed (partner_id integer, user_id integer, PRIMARY KEY (user_id, partner_id));
                        INSERT INTO keyed VALUES (1, 1)""")
                .many2many("res.partner", "user_ids", "res.users", "tags", "partner_id", "user_id")
                .many2many("res.partner", "keyed_ids", "res.users", "keyed", "partner_id", "user_id");

        assertThat(observe())
                .containsExactly(
                        "duplicate-relation-row tags 1 partner_id, user_id: 3 rows pair partner_id 1 with user_id 1",
                        "null-relation-row tags 1 partner_id: 1 rows with user_id 1 have no partner_id",
                        "null-relation-row tags 1 user_id: 2 rows with partner_id 1 have no user_id",
                        "null-relation-row tags null partner_id, user_id: 1 rows have neither side");
        assertThat(jdbc.sql("SELECT count(*) FROM observed WHERE table_name = 'keyed'")
                        .query(Long.class)
                        .single())
                .isZero();
    }

    @Test
    void conditions_and_defaults_of_filters_are_read_where_they_are_plain() {
        odoo.sql("""
                        CREATE TABLE ir_filters (id integer PRIMARY KEY, model_id varchar, domain text, context text);
                        INSERT INTO ir_filters VALUES
                          (1, 'res.partner', $$[('user_id', '=', 1), ("user_id", "in", [1, 77]), ('name', '=', '5'), ('age', '>', 5)]$$, $${'group_by': []}$$),
                          (2, 'res.users', $$['|', ('partner_id.user_id', 'child_of', (78,)), ('id', '!=', 79), ('partner_id', '=', uid)]$$, $${'default_partner_id': 80, 'default_name': 5}$$),
                          (3, 'res.users', $$[('partner_id', '=', False), ('partner_id', '=', 1.5), ('gone_id', '=', 5)]$$, '{}')""")
                .many2one("res.partner", "user_id", "res.users")
                .many2one("res.users", "partner_id", "res.partner")
                .sql("ALTER TABLE res_partner ADD user_id integer; ALTER TABLE res_users ADD partner_id integer");

        assertThat(observe())
                .containsExactly(
                        "filter ir_filters 1 domain: the condition on user_id names res.users 77, which is missing",
                        "filter ir_filters 2 domain: the condition on id names res.users 79, which is missing",
                        "filter ir_filters 2 domain: the condition on partner_id.user_id names res.users 78, which is missing",
                        "filter ir_filters 2 context: the default of partner_id names res.partner 80, which is missing");
    }

    @Test
    void defaults_of_relational_fields_are_ids_or_lists_of_them() {
        odoo.many2one("res.partner", "user_id", "res.users")
                .field("res.partner", "thing", "reference", null)
                .many2many("res.partner", "user_ids", "res.users", "rel", "a", "b")
                .sql("""
                        CREATE TABLE ir_default (id integer PRIMARY KEY, field_id integer, json_value varchar);
                        ALTER TABLE res_partner ADD user_id integer, ADD thing varchar;
                        INSERT INTO ir_default SELECT 1, id, '77' FROM ir_model_fields WHERE name = 'user_id' AND relation IS NOT NULL;
                        INSERT INTO ir_default SELECT 2, id, '[1, 78]' FROM ir_model_fields WHERE name = 'user_ids';
                        INSERT INTO ir_default SELECT 3, id, '"res.users,79"' FROM ir_model_fields WHERE name = 'thing';
                        INSERT INTO ir_default SELECT 4, id, '80' FROM ir_model_fields WHERE name = 'login';
                        INSERT INTO ir_default SELECT 5, id, 'false' FROM ir_model_fields WHERE name = 'user_id'""");

        assertThat(observe())
                .containsExactly(
                        "default ir_default 1 json_value: the default of res.partner.user_id names res.users 77, which is missing",
                        "default ir_default 2 json_value: the default of res.partner.user_ids names res.users 78, which is missing",
                        "default ir_default 3 json_value: the default of res.partner.thing names res.users 79, which is missing");
    }

    @Test
    void defaults_of_mail_aliases_are_read_where_they_are_written_plainly() {
        odoo.many2one("res.partner", "user_id", "res.users")
                .many2many("res.partner", "user_ids", "res.users", "rel", "a", "b")
                .field("res.partner", "color", "integer", null)
                .sql("""
                        CREATE TABLE mail_alias (id integer PRIMARY KEY, alias_model_id integer, alias_defaults text);
                        INSERT INTO mail_alias SELECT i, m.id, d FROM ir_model m, (VALUES
                          (1, '{''user_id'': 77, ''color'': 5, "name": "see 66"}'), (2, '{''user_ids'': [(6, 0, [1, 78])]}'),
                          (3, '{''user_ids'': [(4, 79), [4, 80, 0], (3, 99)]}'), (4, '{''user_ids'': [(4, 81), [4, 82, 0]], "user_id": 1}'),
                          (5, '{''user_ids'': [83, 1]}'), (6, '{}'), (7, NULL), (8, 'user_id 84'), (9, '{''user_id'': 8.5}')) v (i, d)
                        WHERE m.model = 'res.partner'""");

        assertThat(observe())
                .containsExactly(
                        "alias-default mail_alias 1 alias_defaults: the default of res.partner.user_id names res.users 77, which is missing",
                        "alias-default mail_alias 2 alias_defaults: the default of res.partner.user_ids names res.users 78, which is missing",
                        "alias-default mail_alias 4 alias_defaults: the default of res.partner.user_ids names res.users 81, which is missing",
                        "alias-default mail_alias 4 alias_defaults: the default of res.partner.user_ids names res.users 82, which is missing",
                        "alias-default mail_alias 5 alias_defaults: the default of res.partner.user_ids names res.users 83, which is missing");
    }

    @Test
    void relation_rows_that_no_index_keeps_together_are_counted_though_no_statement_sees_more_than_a_block() {
        // the same pairs at both ends of the table, each block of it a window
        odoo.sql("""
                        CREATE TABLE tags (partner_id integer, user_id integer);
                        INSERT INTO tags VALUES (1, 1), (NULL, 2), (NULL, NULL);
                        INSERT INTO tags SELECT i, 1 FROM generate_series(2, 1000) i;
                        INSERT INTO tags VALUES (1, 1), (1, 1), (NULL, 2), (NULL, NULL), (7, 1)""").many2many("res.partner", "user_ids", "res.users", "tags", "partner_id", "user_id");

        List<String> once = observe();

        assertThat(once)
                .containsExactly(
                        "duplicate-relation-row tags 1 partner_id, user_id: 3 rows pair partner_id 1 with user_id 1",
                        "duplicate-relation-row tags 7 partner_id, user_id: 2 rows pair partner_id 7 with user_id 1",
                        "null-relation-row tags 2 partner_id: 2 rows with user_id 2 have no partner_id",
                        "null-relation-row tags null partner_id, user_id: 2 rows have neither side");
        int blocks = odoo.count("SELECT pg_relation_size('tags') / current_setting('block_size')::int");
        assertThat(blocks).isGreaterThan(3);
        assertThat(pauses)
                .as("the blocks are counted, then read for each of the four places")
                .isEqualTo(5 * blocks);
        assertThat(jdbc.sql("SELECT DISTINCT rows_read FROM observed WHERE table_name = 'tags'")
                        .query(Long.class)
                        .list())
                .containsExactly(1007L);
        assertThat(observe()).as("nothing of it is left behind").isEqualTo(once);
    }

    @Test
    void parameters_name_a_record_where_it_can_be_told_and_nothing_else_of_them_is_repeated() {
        odoo.many2one("res.config.settings", "team_id", "res.partner").sql("""
                        INSERT INTO ir_config_parameter (key, value) VALUES ('base.template_portal_user_id', '77'), ('crm.team_id', '78'),
                          ('x.owner', 'res.users,79'), ('x.limit', '80'), ('x.secret', 'hunter2'), ('x.list', 'gone.model,5'),
                          ('crm.other', '1')""");

        assertThat(observe())
                .containsExactlyInAnyOrder(
                        "parameter ir_config_parameter 2 value: the parameter base.template_portal_user_id names res.users 77, which is missing",
                        "parameter ir_config_parameter 3 value: the parameter crm.team_id names res.partner 78, which is missing",
                        "parameter ir_config_parameter 4 value: the parameter x.owner names res.users 79, which is missing");
    }

    @Test
    void an_interrupted_look_is_forgotten_when_it_is_begun_again() {
        projects();

        List<String> once = observe();

        assertThat(observe()).isEqualTo(once).isNotEmpty();
    }

    @Test
    void each_observation_has_an_advice_and_each_kind_its_own() {
        projects();
        observe();

        assertThat(jdbc.sql("SELECT DISTINCT advice FROM observation")
                        .query(String.class)
                        .list())
                .containsExactly(ObservationKind.PROPERTY.advice());
        assertThat(List.of(ObservationKind.values()))
                .extracting(ObservationKind::advice)
                .doesNotHaveDuplicates();
    }

    @Test
    void what_the_role_may_not_read_is_skipped_with_the_grant_that_is_lacking() {
        projects();
        odoo.sql("""
                CREATE ROLE observer_reader;
                GRANT SELECT ON ALL TABLES IN SCHEMA public TO observer_reader;
                REVOKE ALL ON res_users, ir_config_parameter FROM observer_reader;
                SET ROLE observer_reader""");
        try {
            assertThat(observe())
                    .anyMatch(line -> line.contains("names res.partner 44"))
                    .noneMatch(line -> line.contains("res.users"));
            assertThat(skipped())
                    .contains(
                            "parameter ir.config_parameter.value: no right to read the table ir_config_parameter: GRANT SELECT ON \"ir_config_parameter\" TO \"observer_reader\"",
                            "property task.props: no right to read the table res_users: GRANT SELECT ON \"res_users\" TO \"observer_reader\"");
        } finally {
            odoo.sql("RESET ROLE; DROP OWNED BY observer_reader; DROP ROLE observer_reader");
        }
    }

    @Test
    void a_look_only_reads() {
        projects();
        odoo.sql("SET default_transaction_read_only = on");

        assertThat(observe()).isNotEmpty();
    }

    @TempDir
    Path folder;

    private void filestore() throws IOException {
        odoo.sql("""
                CREATE TABLE ir_attachment (id integer PRIMARY KEY, store_fname varchar);
                INSERT INTO ir_attachment VALUES (1, 'ab/abc1'), (2, 'ab/abc1'), (3, 'cd/cde2'), (4, NULL), (5, '../outside'), (6, '')""");
        Files.writeString(folder.resolveSibling("outside"), "");
        Files.writeString(Files.createDirectory(folder.resolve("ab")).resolve("abc1"), "kept");
        Files.writeString(folder.resolve("ab").resolve("abcf"), "lost");
        Files.createDirectories(folder.resolve("checklist").resolve("ab"));
    }

    @Test
    void attachments_without_their_file_and_files_without_an_attachment_are_told_and_nothing_is_touched()
            throws IOException {
        filestore();
        List<String> pauses = new ArrayList<>();

        new Filestore(observer).observe(odoo.source(), run, Filestore.checked(folder), () -> pauses.add("pause"));

        assertThat(observations())
                .containsExactly(
                        "lost-file ir_attachment 3 store_fname: the file cd/cde2 is not in the filestore",
                        "lost-file ir_attachment 5 store_fname: the file ../outside is not in the filestore",
                        "unnamed-file ir_attachment null store_fname: no attachment names the file ab/abcf");
        assertThat(jdbc.sql("SELECT kind, rows_read FROM observed ORDER BY kind")
                        .query()
                        .listOfRows())
                .containsExactly(
                        Map.of("kind", "lost-file", "rows_read", 6L), Map.of("kind", "unnamed-file", "rows_read", 2L));
        assertThat(folder.resolve("ab/abc1")).hasContent("kept");
        assertThat(folder.resolve("ab/abcf")).hasContent("lost");
    }

    @Test
    void attachments_that_may_not_be_read_are_skipped() throws IOException {
        filestore();
        odoo.sql("ALTER TABLE ir_attachment DROP COLUMN store_fname");

        new Filestore(observer).observe(odoo.source(), run, Filestore.checked(folder), () -> {});

        assertThat(observations()).isEmpty();
        assertThat(skipped()).hasSize(2).allMatch(line -> line.contains("store_fname of ir_attachment"));
    }

    @Test
    void a_folder_that_is_no_filestore_is_refused_with_the_remedy() {
        assertThatThrownBy(() -> Filestore.checked(folder.resolve("not")))
                .isInstanceOfSatisfying(
                        UserError.class, e -> assertThat(e.kind()).isEqualTo(UserError.Kind.SETTING))
                .hasMessageContaining("--filestore");
        assertThatThrownBy(() -> Filestore.checked(folder))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("two hexadecimal digits");
    }
}
