package org.orphancleanup.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.orphancleanup.TestPostgres;
import org.orphancleanup.UserError;
import org.orphancleanup.catalog.Catalog.LeftOut;
import org.springframework.jdbc.core.simple.JdbcClient;

class CatalogReaderTest {

    private OdooShape odoo;

    @BeforeEach
    void odoo() {
        odoo = OdooShape.create();
    }

    private Reference reference(String table, String field) {
        return odoo.catalog().references().stream()
                .filter(reference -> reference.childTable().equals(table)
                        && reference.field().equals(field))
                .reduce((one, other) -> {
                    throw new AssertionError("listed twice: " + one + " and " + other);
                })
                .orElseThrow(() -> new AssertionError(table + "." + field + " is not listed"));
    }

    private String whyLeftOut(String model, String field) {
        return odoo.catalog().leftOut().stream()
                .filter(entry -> model.equals(entry.model()) && field.equals(entry.field()))
                .map(LeftOut::reason)
                .reduce((one, other) -> {
                    throw new AssertionError("left out twice: " + one + " and " + other);
                })
                .orElseThrow(() -> new AssertionError(model + "." + field + " is not left out"));
    }

    /** A table with a foreign key on its column partner_id. */
    private void orders(String foreignKey) {
        odoo.sql("CREATE TABLE sale_order (id integer PRIMARY KEY, partner_id integer " + foreignKey + ")")
                .many2one("sale.order", "partner_id", "res.partner");
    }

    @Test
    void a_many2one_says_what_database_and_odoo_know_of_it() {
        orders("NOT NULL REFERENCES res_partner ON DELETE CASCADE");
        odoo.sql("UPDATE ir_model_fields SET on_delete = 'restrict' WHERE name = 'partner_id'");

        Reference reference = reference("sale_order", "partner_id");

        assertThat(reference)
                .isEqualTo(new Reference(
                        reference.no(),
                        ReferenceKind.MANY2ONE,
                        "sale.order",
                        "sale_order",
                        "partner_id",
                        "partner_id",
                        List.of("sale.order.partner_id"),
                        "res.partner",
                        "res_partner",
                        false,
                        ConstraintState.ENFORCED,
                        "sale_order_partner_id_fkey",
                        "cascade",
                        "restrict",
                        true,
                        new Storage.Column("sale_order", "partner_id"),
                        null));
    }

    @ParameterizedTest
    @CsvSource({
        "ANALYZE sale_order, enforced",
        "ALTER TABLE sale_order DROP CONSTRAINT sale_order_partner_id_fkey, missing",
        "ALTER TABLE sale_order DROP CONSTRAINT sale_order_partner_id_fkey; ALTER TABLE sale_order ADD CONSTRAINT k FOREIGN KEY (partner_id) REFERENCES res_partner NOT VALID, not-valid",
        "ALTER TABLE sale_order DISABLE TRIGGER ALL, triggers-disabled",
        "ALTER TABLE res_partner DISABLE TRIGGER ALL, triggers-disabled",
        "UPDATE pg_trigger SET tgenabled = 'R' WHERE tgrelid = 'sale_order'::regclass, triggers-disabled",
        "UPDATE pg_constraint SET convalidated = false WHERE conname = 'sale_order_partner_id_fkey'; ALTER TABLE sale_order DISABLE TRIGGER ALL, triggers-disabled",
    })
    void the_state_of_a_constraint_is_what_it_proves(String change, String state) {
        orders("REFERENCES res_partner");

        odoo.sql(change);

        assertThat(reference("sale_order", "partner_id").state().code()).isEqualTo(state);
    }

    @Test
    void a_second_key_that_proves_more_counts() {
        orders("");
        odoo.sql("ALTER TABLE sale_order ADD CONSTRAINT a FOREIGN KEY (partner_id) REFERENCES res_partner NOT VALID;"
                + "ALTER TABLE sale_order ADD CONSTRAINT b FOREIGN KEY (partner_id) REFERENCES res_partner");

        assertThat(reference("sale_order", "partner_id").constraintName()).isEqualTo("b");
        assertThat(reference("sale_order", "partner_id").state()).isEqualTo(ConstraintState.ENFORCED);
    }

    @Test
    void create_uid_and_write_uid_are_audit_references() {
        odoo.sql(
                        "CREATE TABLE sale_order (id integer PRIMARY KEY, create_uid integer REFERENCES res_users, write_uid integer)")
                .many2one("sale.order", "create_uid", "res.users")
                .many2one("sale.order", "write_uid", "res.users");

        assertThat(reference("sale_order", "create_uid").kind()).isEqualTo(ReferenceKind.AUDIT);
        assertThat(reference("sale_order", "write_uid").kind()).isEqualTo(ReferenceKind.AUDIT);
        assertThat(reference("sale_order", "write_uid").state()).isEqualTo(ConstraintState.MISSING);
    }

    @Test
    void a_table_of_another_name_is_found_by_the_columns_of_the_models_fields_and_says_so() {
        odoo.sql("CREATE TABLE legacy_widget (id integer PRIMARY KEY, label varchar, partner_id integer)")
                .field("x.widget", "label", "char", null)
                .field("x.widget", "picture", "binary", null)
                .many2one("x.widget", "partner_id", "res.partner")
                .sql("CREATE TABLE x_part (id integer PRIMARY KEY, widget_id integer)")
                .many2one("x.part", "widget_id", "x.widget");

        assertThat(reference("legacy_widget", "partner_id").childModel()).isEqualTo("x.widget");
        assertThat(reference("legacy_widget", "partner_id").how()).contains("legacy_widget", "columns");
        assertThat(reference("x_part", "widget_id").parentTable()).isEqualTo("legacy_widget");
        assertThat(reference("x_part", "widget_id").how()).contains("legacy_widget");
    }

    @Test
    void a_table_with_more_columns_is_the_models_where_foreign_keys_of_its_pointers_say_so() {
        odoo.sql("CREATE TABLE legacy_widget (id integer PRIMARY KEY, label varchar, leftover integer);"
                        + "CREATE TABLE x_part (id integer PRIMARY KEY, widget_id integer REFERENCES legacy_widget)")
                .field("x.widget", "label", "char", null)
                .many2one("x.part", "widget_id", "x.widget");

        assertThat(reference("x_part", "widget_id").parentModel()).isEqualTo("x.widget");
        assertThat(reference("x_part", "widget_id").state()).isEqualTo(ConstraintState.ENFORCED);
    }

    @Test
    void the_name_alone_does_not_make_a_table_the_models() {
        odoo.sql("CREATE TABLE x_widget (id integer PRIMARY KEY, other varchar);"
                        + "CREATE TABLE widgets (id integer PRIMARY KEY, label varchar, partner_id integer)")
                .field("x.widget", "label", "char", null)
                .many2one("x.widget", "partner_id", "res.partner");

        assertThat(reference("widgets", "partner_id").childModel()).isEqualTo("x.widget");
    }

    @Test
    void two_tables_that_fit_alike_are_no_answer() {
        odoo.sql("CREATE TABLE widgets (id integer PRIMARY KEY, partner_id integer);"
                        + "CREATE TABLE gadgets (id integer PRIMARY KEY, partner_id integer)")
                .many2one("x.widget", "partner_id", "res.partner");

        assertThat(whyLeftOut("x.widget", "partner_id")).contains("widgets", "gadgets");
    }

    @Test
    void a_column_that_is_not_there_or_no_integer_is_left_out() {
        odoo.sql("CREATE TABLE sale_order (id integer PRIMARY KEY, name varchar, note text, day date, team_id varchar)")
                .field("sale.order", "name", "char", null)
                .field("sale.order", "note", "text", null)
                .field("sale.order", "day", "date", null)
                .many2one("sale.order", "partner_id", "res.partner")
                .many2one("sale.order", "team_id", "res.partner");

        assertThat(whyLeftOut("sale.order", "partner_id")).contains("no column partner_id");
        assertThat(whyLeftOut("sale.order", "team_id")).contains("character varying");
    }

    @Test
    void models_on_views_and_fields_that_point_at_them_are_left_out() {
        odoo.sql("CREATE VIEW sale_report AS SELECT id, id AS partner_id FROM res_partner;"
                        + "CREATE TABLE account (id integer PRIMARY KEY, root_id integer, gone_id integer)")
                .many2one("sale.report", "partner_id", "res.partner")
                .many2one("account", "root_id", "sale.report")
                .many2one("account", "gone_id", "gone.model")
                .many2one("some.mixin", "partner_id", "res.partner");

        assertThat(whyLeftOut("sale.report", "partner_id")).contains("sale_report is an SQL view");
        assertThat(whyLeftOut("account", "root_id")).contains("sale.report", "SQL view");
        assertThat(whyLeftOut("account", "gone_id")).contains("there is no model gone.model");
        assertThat(whyLeftOut("some.mixin", "partner_id")).contains("abstract");
        assertThat(odoo.catalog().references()).isEmpty();
    }

    @Test
    void a_parent_with_child_tables_has_no_possible_key_and_child_tables_have_their_own_references() {
        odoo.sql("CREATE TABLE ir_actions (id integer PRIMARY KEY, name varchar, partner_id integer);"
                        + "CREATE TABLE ir_act_window (id integer PRIMARY KEY, view varchar) INHERITS (ir_actions);"
                        + "CREATE TABLE menu (id integer PRIMARY KEY, action_id integer REFERENCES ir_actions)")
                .field("ir.actions.actions", "name", "char", null)
                .many2one("ir.actions.actions", "partner_id", "res.partner")
                .field("ir.actions.act_window_close", "name", "char", null)
                .many2one("ir.actions.act_window_close", "partner_id", "res.partner")
                .field("ir.actions.act_window", "name", "char", null)
                .field("ir.actions.act_window", "view", "char", null)
                .many2one("ir.actions.act_window", "partner_id", "res.partner")
                .many2one("menu", "action_id", "ir.actions.actions");

        Reference action = reference("menu", "action_id");
        assertThat(action.kind()).isEqualTo(ReferenceKind.INHERITANCE);
        assertThat(action.state()).isEqualTo(ConstraintState.IMPOSSIBLE);
        assertThat(action.parentInherited()).isTrue();
        assertThat(reference("ir_act_window", "partner_id").childModel()).isEqualTo("ir.actions.act_window");
        // two models share the table: its name comes from the one that fields point to
        assertThat(reference("ir_actions", "partner_id").childModel()).isEqualTo("ir.actions.actions");
        assertThat(reference("ir_actions", "partner_id").ruleFields())
                .containsExactly("ir.actions.act_window_close.partner_id", "ir.actions.actions.partner_id");
    }

    @Test
    void the_foreign_key_wins_over_what_the_field_declares() {
        odoo.sql("CREATE TABLE task (id integer PRIMARY KEY, owner_id integer REFERENCES res_users)")
                .many2one("task", "owner_id", "res.partner");

        Reference owner = reference("task", "owner_id");
        assertThat(owner.parentModel()).isEqualTo("res.users");
        assertThat(owner.parentTable()).isEqualTo("res_users");
        assertThat(owner.how()).contains("task_owner_id_fkey", "res.partner");
    }

    @Test
    void keys_without_a_field_are_listed_under_their_table() {
        odoo.sql("CREATE TABLE leftover (id integer PRIMARY KEY, partner_id integer REFERENCES res_partner);"
                        + "CREATE TABLE sale_order (id integer PRIMARY KEY, x_old_id integer REFERENCES res_partner);"
                        + "CREATE TABLE lonely (partner_id integer REFERENCES res_partner)")
                .model("sale.order");

        assertThat(reference("leftover", "partner_id").childModel()).isNull();
        assertThat(reference("leftover", "partner_id").ruleFields()).containsExactly("leftover.partner_id");
        assertThat(reference("sale_order", "x_old_id").childModel()).isEqualTo("sale.order");
        assertThat(reference("sale_order", "x_old_id").fieldName()).isNull();
        assertThat(reference("sale_order", "x_old_id").ruleFields()).containsExactly("sale.order.x_old_id");
        assertThat(odoo.catalog().leftOut())
                .anySatisfy(entry -> assertThat(entry.reason()).contains("partner_id of lonely", "no id"));
    }

    @Test
    void both_sides_of_a_relation_table_are_references_under_every_field_that_declares_it() {
        odoo.sql(
                        "CREATE TABLE tag (id integer PRIMARY KEY);"
                                + "CREATE TABLE \"Products\" (partner_id integer REFERENCES res_partner ON DELETE CASCADE, tag_id integer)")
                .model("tag")
                .many2many("res.partner", "tag_ids", "tag", "Products", "partner_id", "tag_id")
                .many2many("tag", "partner_ids", "res.partner", "Products", "tag_id", "partner_id")
                .many2many("tag", "all_partner_ids", "res.partner", "Products", "tag_id", "partner_id")
                .sql("UPDATE ir_model_fields SET related = 'x.y' WHERE name = 'all_partner_ids'");

        Reference tag = reference("Products", "tag_id");
        assertThat(tag.kind()).isEqualTo(ReferenceKind.MANY2MANY);
        assertThat(tag.childModel()).isEqualTo("res.partner");
        assertThat(tag.fieldName()).isEqualTo("tag_ids");
        assertThat(tag.parentModel()).isEqualTo("tag");
        assertThat(tag.state()).isEqualTo(ConstraintState.MISSING);
        assertThat(tag.storage()).isEqualTo(new Storage.RelationRow("Products", "tag_id", "partner_id"));
        assertThat(tag.ruleFields()).containsExactly("res.partner.tag_ids", "tag.all_partner_ids", "tag.partner_ids");
        Reference partner = reference("Products", "partner_id");
        assertThat(partner.childModel()).isEqualTo("tag");
        assertThat(partner.fieldName()).isEqualTo("partner_ids");
        assertThat(partner.databaseOndelete()).isEqualTo("cascade");
        assertThat(partner.ruleFields()).isEqualTo(tag.ruleFields());
    }

    @Test
    void a_relation_of_a_model_with_itself_knows_its_direction() {
        odoo.sql("CREATE TABLE implied (gid integer, hid integer)")
                .many2many("res.users", "implied_ids", "res.users", "implied", "gid", "hid");

        assertThat(reference("implied", "hid").fieldName()).isEqualTo("implied_ids");
        assertThat(reference("implied", "gid").fieldName()).isNull();
        assertThat(reference("implied", "gid").parentTable()).isEqualTo("res_users");
    }

    @Test
    void relation_tables_without_a_field_are_known_by_their_keys() {
        odoo.sql(
                "CREATE TABLE by_keys (partner_id integer REFERENCES res_partner, user_id integer REFERENCES res_users);"
                        + "CREATE TABLE by_name (partner_id integer, user_id integer);"
                        + "INSERT INTO ir_model_relation (name) VALUES ('by_keys'), ('by_name'), ('not_there')");

        Reference user = reference("by_keys", "user_id");
        assertThat(user.kind()).isEqualTo(ReferenceKind.MANY2MANY);
        assertThat(user.childModel()).isEqualTo("res.partner");
        assertThat(user.fieldName()).isNull();
        assertThat(user.ruleFields()).containsExactly("by_keys.user_id");
        assertThat(reference("by_keys", "partner_id").childModel()).isEqualTo("res.users");
        assertThat(odoo.catalog().leftOut())
                .extracting(LeftOut::table)
                .containsExactlyInAnyOrder("by_name", "not_there");
    }

    @Test
    void a_relation_table_with_an_id_is_listed_once_as_a_models_table() {
        odoo.sql(
                        "CREATE TABLE member (id integer PRIMARY KEY, partner_id integer REFERENCES res_partner, user_id integer REFERENCES res_users);"
                                + "CREATE TABLE nobodys (id integer PRIMARY KEY, partner_id integer, user_id integer)")
                .many2one("member", "partner_id", "res.partner")
                .many2one("member", "user_id", "res.users")
                .many2many("res.partner", "user_ids", "res.users", "member", "partner_id", "user_id")
                .many2many("res.partner", "other_ids", "res.users", "nobodys", "partner_id", "user_id");

        assertThat(reference("member", "user_id").kind()).isEqualTo(ReferenceKind.MANY2ONE);
        assertThat(reference("member", "partner_id").ruleFields()).containsExactly("member.partner_id");
        assertThat(whyLeftOut("res.partner", "user_ids")).contains("has an id", "many2one");
        assertThat(reference("nobodys", "user_id").parentTable()).isEqualTo("res_users");
        assertThat(reference("nobodys", "user_id").how()).contains("res.partner.other_ids");
    }

    @Test
    void a_relation_of_a_model_on_a_view_follows_the_key_and_one_side_can_be_enough() {
        odoo.sql("CREATE VIEW employee_public AS SELECT id FROM res_partner;"
                        + "CREATE TABLE shared_rel (employee_id integer REFERENCES res_partner, user_id integer);"
                        + "CREATE TABLE half_rel (employee_id integer, user_id integer)")
                .model("employee.public")
                .many2many("employee.public", "user_ids", "res.users", "shared_rel", "employee_id", "user_id")
                .many2many("employee.public", "friend_ids", "res.users", "half_rel", "employee_id", "user_id");

        assertThat(reference("shared_rel", "user_id").childModel()).isEqualTo("res.partner");
        assertThat(reference("shared_rel", "employee_id").parentTable()).isEqualTo("res_partner");
        assertThat(reference("half_rel", "user_id").parentTable()).isEqualTo("res_users");
        assertThat(odoo.catalog().leftOut())
                .anySatisfy(entry -> assertThat(entry.reason()).contains("employee_id of the relation table half_rel"));
    }

    @Test
    void rows_name_the_model_of_a_many2one_reference() {
        odoo.sql(
                        "CREATE TABLE attachment (id integer PRIMARY KEY, title varchar, parent_res_model varchar, res_model varchar, res_id integer);"
                                + "INSERT INTO attachment VALUES (1, 'res.users', 'res.users', 'res.partner', 1), (2, 'b', 'res.users', 'gone.model', 7),"
                                + " (3, 'c', NULL, 'other.gone', 0), (4, 'd', NULL, 'other.gone', NULL), (5, 'e', 'res.users', 'a.view', 3)")
                .sql("CREATE VIEW a_view AS SELECT 1 AS id")
                .model("a.view")
                .field("attachment", "res_id", "many2one_reference", null)
                .field("attachment", "res_model", "char", null)
                .field("attachment", "parent_res_model", "char", null)
                .field("attachment", "title", "char", null);

        Catalog catalog = odoo.catalog();

        assertThat(catalog.references())
                .extracting(Reference::storage)
                .containsExactly(
                        new Storage.ModelAndId("attachment", "res_model", "res_id", "gone.model"),
                        new Storage.ModelAndId("attachment", "res_model", "res_id", "res.partner"));
        assertThat(catalog.references()).extracting(Reference::parentTable).containsExactly(null, "res_partner");
        assertThat(catalog.references())
                .extracting(Reference::parentModel)
                .containsExactly("gone.model", "res.partner");
        assertThat(catalog.references())
                .allSatisfy(reference -> assertThat(reference.how()).contains("res_model"));
        assertThat(catalog.leftOut())
                .singleElement()
                .satisfies(entry -> assertThat(entry.reason()).contains("a.view", "SQL view"));
    }

    @Test
    void a_many2one_reference_without_rows_is_left_out() {
        odoo.sql("CREATE TABLE attachment (id integer PRIMARY KEY, res_model varchar, res_id integer);"
                        + "INSERT INTO attachment VALUES (1, 'res.partner', 0)")
                .field("attachment", "res_id", "many2one_reference", null);

        assertThat(whyLeftOut("attachment", "res_id")).contains("no row");
        assertThat(odoo.catalog().references()).isEmpty();
    }

    @Test
    void where_all_models_are_gone_the_model_column_goes_by_its_name() {
        odoo.sql("CREATE TABLE attachment (id integer PRIMARY KEY, a varchar, res_model varchar, res_id integer);"
                        + "INSERT INTO attachment VALUES (1, 'x', 'gone.model', 8)")
                .field("attachment", "res_id", "many2one_reference", null);

        assertThat(reference("attachment", "res_id").parentModel()).isEqualTo("gone.model");
        assertThat(reference("attachment", "res_id").how()).contains("by its name");
    }

    @Test
    void reference_columns_are_one_reference_for_each_model_they_name() {
        odoo.sql(
                        "CREATE TABLE menu (id integer PRIMARY KEY, action varchar);"
                                + "INSERT INTO menu VALUES (1, 'res.partner,1'), (2, 'gone.model,4'), (3, 'res.users,0'), (4, 'nonsense'), (5, 'a,b'), (6, NULL)")
                .field("menu", "action", "reference", null);

        assertThat(odoo.catalog().references())
                .extracting(Reference::storage)
                .containsExactly(
                        new Storage.ModelCommaId("menu", "action", "gone.model"),
                        new Storage.ModelCommaId("menu", "action", "res.partner"));
    }

    @Test
    void company_dependent_values_are_one_reference_for_each_company_and_one_for_a_missing_company() {
        odoo.sql(
                        "CREATE TABLE product (id integer PRIMARY KEY, seller jsonb, unused jsonb);"
                                + "INSERT INTO product VALUES (1, '{\"1\": 1, \"9\": 1}', NULL), (2, '{\"1\": null}', '{}'), (3, '[1]', 'null')")
                .many2one("product", "seller", "res.partner")
                .many2one("product", "unused", "res.partner")
                .sql("UPDATE ir_model_fields SET company_dependent = true WHERE model = 'product'");

        Catalog catalog = odoo.catalog();

        assertThat(catalog.references())
                .extracting(Reference::field)
                .containsExactly("seller@1", "seller@9", "seller@9");
        assertThat(catalog.references())
                .extracting(Reference::storage)
                .containsExactly(
                        new Storage.CompanyValue("product", "seller", 1),
                        new Storage.CompanyKey("product", "seller", 9),
                        new Storage.CompanyValue("product", "seller", 9));
        assertThat(catalog.references())
                .extracting(Reference::parentModel)
                .containsExactly("res.partner", "res.company", "res.partner");
        assertThat(whyLeftOut("product", "unused")).contains("no row has a value");
    }

    @Test
    void properties_of_odoo_17_name_a_record_and_a_value() {
        odoo.sql("CREATE TABLE ir_property (id integer PRIMARY KEY, res_id varchar, value_reference varchar);"
                        + "INSERT INTO ir_property VALUES (1, 'res.partner,1', 'res.users,1'), (2, NULL, NULL)")
                .field("ir.property", "res_id", "char", null);

        Reference value = reference("ir_property", "value_reference");
        assertThat(value.kind()).isEqualTo(ReferenceKind.COMPANY_DEPENDENT);
        assertThat(value.childModel()).isEqualTo("ir.property");
        assertThat(value.parentModel()).isEqualTo("res.users");
        assertThat(reference("ir_property", "res_id").parentModel()).isEqualTo("res.partner");
    }

    @Test
    void a_role_that_may_only_select_is_enough_and_what_it_may_not_read_says_which_grant_is_lacking() {
        orders("REFERENCES res_partner");
        odoo.sql("CREATE TABLE secret (id integer PRIMARY KEY, partner_id integer REFERENCES res_partner);"
                        + "CREATE TABLE pointer (id integer PRIMARY KEY, user_id integer REFERENCES res_users, secret_id integer);"
                        + "CREATE TABLE attachment (id integer PRIMARY KEY, res_model varchar, res_id integer)")
                .many2one("secret", "partner_id", "res.partner")
                .many2one("pointer", "user_id", "res.users")
                .many2one("pointer", "secret_id", "secret")
                .field("attachment", "res_id", "many2one_reference", null);
        String role = "reader_" + System.nanoTime();
        odoo.sql("CREATE ROLE " + role + ";"
                + "GRANT SELECT ON ir_model, ir_model_relation, ir_module_module, res_partner, sale_order, pointer TO "
                + role
                + ";GRANT SELECT (id, model, name, ttype, relation, store, relation_table, column1, column2) ON ir_model_fields TO "
                + role
                + ";GRANT SELECT (id) ON res_users TO " + role);
        try {
            odoo.sql("SET ROLE " + role);

            Catalog catalog = odoo.catalog();

            assertThat(catalog.databaseUuid()).isEmpty();
            assertThat(catalog.references()).hasSize(4);
            assertThat(catalog.unreadable().values())
                    .containsExactlyInAnyOrder(
                            "no right to read the table secret: GRANT SELECT ON \"secret\" TO \"" + role + "\"",
                            "no right to read the table secret: GRANT SELECT ON \"secret\" TO \"" + role + "\"");
            assertThat(catalog.references())
                    .filteredOn(reference -> catalog.unreadable().containsKey(reference.no()))
                    .extracting(Reference::field)
                    .containsExactlyInAnyOrder("partner_id", "secret_id");
            assertThat(catalog.leftOut())
                    .anySatisfy(entry -> assertThat(entry.reason()).contains("no right to read the table attachment"));
        } finally {
            odoo.sql("RESET ROLE; DROP OWNED BY " + role + "; DROP ROLE " + role);
        }
    }

    @Test
    void metadata_of_another_version_may_lack_columns_and_tables() {
        orders("REFERENCES res_partner");
        odoo.sql(
                "ALTER TABLE ir_model_fields DROP company_dependent, DROP on_delete, DROP related, DROP readonly, DROP required;"
                        + "DROP TABLE ir_model_relation; DROP TABLE ir_config_parameter");

        assertThat(reference("sale_order", "partner_id").ondelete()).isNull();
        assertThat(odoo.catalog().databaseUuid()).isEmpty();
    }

    @Test
    void without_metadata_there_is_no_catalog() {
        odoo.sql("ALTER TABLE ir_module_module DROP state");

        assertThatThrownBy(() -> odoo.catalog())
                .isInstanceOf(UserError.class)
                .hasMessageContaining("ir_module_module")
                .hasMessageContaining("state");
    }

    @Test
    void version_identity_and_modules_are_read() {
        Catalog before = odoo.catalog();
        odoo.sql(
                "INSERT INTO ir_module_module (name, state, latest_version) VALUES ('sale', 'uninstalled', NULL), ('crm', 'to upgrade', '1'), ('hr', 'to install', NULL)");
        Catalog pending = odoo.catalog();
        odoo.sql("UPDATE ir_module_module SET state = 'installed', latest_version = '18.0.1.0' WHERE name = 'crm'");

        assertThat(before.odooVersion()).isEqualTo("18.0");
        assertThat(before.databaseUuid()).isEqualTo("u-u-i-d");
        assertThat(before.pendingModules()).isEmpty();
        assertThat(pending.pendingModules()).containsExactly("crm", "hr");
        assertThat(pending.modulesHash()).isEqualTo(before.modulesHash()).hasSize(64);
        assertThat(odoo.catalog().modulesHash()).isNotEqualTo(before.modulesHash());
    }

    @Test
    void tables_of_other_schemas_are_not_taken_for_odoos() {
        odoo.sql("CREATE SCHEMA other; CREATE TABLE other.res_country (id integer PRIMARY KEY);"
                        + "CREATE TABLE other.sale_order (id integer PRIMARY KEY, partner_id integer REFERENCES res_partner);"
                        + "CREATE TABLE city (id integer PRIMARY KEY, country_id integer REFERENCES other.res_country)")
                .many2one("city", "country_id", "res.country");

        assertThat(odoo.catalog().references()).isEmpty();
        assertThat(odoo.catalog().leftOut()).isNotEmpty();
    }

    @Test
    void what_is_saved_is_what_is_loaded() {
        DataSource ours = OdooShape.single(TestPostgres.ourDatabase());
        JdbcClient jdbc = JdbcClient.create(ours);
        jdbc.sql("""
                        INSERT INTO run (job, target, target_fingerprint, target_database, command, started_through, asked_by,
                          definition, status, started_at, heartbeat_at, host, pid, process_started_at)
                        VALUES ('j', 't', 'f', 'd', 'scan', 'command-line', 'me', '', 'running', now(), now(), 'h', 1, now())""").update();
        orders("REFERENCES res_partner");
        odoo.sql("CREATE TABLE implied (gid integer, hid integer);"
                        + "CREATE TABLE attachment (id integer PRIMARY KEY, res_model varchar, res_id integer, ref varchar, value jsonb);"
                        + "INSERT INTO attachment VALUES (1, 'gone.model', 4, 'res.users,1', '{\"7\": 1}')")
                .many2many("res.users", "implied_ids", "res.users", "implied", "gid", "hid")
                .field("attachment", "res_id", "many2one_reference", null)
                .field("attachment", "ref", "reference", null)
                .many2one("attachment", "value", "res.partner")
                .sql("UPDATE ir_model_fields SET company_dependent = true WHERE name = 'value'")
                .many2one("some.mixin", "partner_id", "res.partner");
        Catalog catalog = odoo.catalog();
        CatalogStore store = new CatalogStore(ours);

        store.save(1, catalog, Map.of());
        store.save(1, catalog, Map.of(2, "excluded by the job"));

        assertThat(catalog.references())
                .extracting(reference -> reference.storage().getClass().getSimpleName())
                .hasSize(7)
                .contains("Column", "RelationRow", "ModelAndId", "ModelCommaId", "CompanyValue", "CompanyKey");
        assertThat(store.all(1)).isEqualTo(catalog.references());
        assertThat(store.references(1)).hasSize(6).noneMatch(reference -> reference.no() == 2);
        assertThat(jdbc.sql("SELECT model, field, reason FROM left_out").query().listOfRows())
                .hasSameSizeAs(catalog.leftOut());
        assertThat(jdbc.sql("SELECT skipped FROM reference WHERE no = 2")
                        .query(String.class)
                        .single())
                .isEqualTo("excluded by the job");
    }
}
