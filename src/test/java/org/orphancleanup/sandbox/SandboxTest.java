package org.orphancleanup.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.orphancleanup.sandbox.Sandboxes.value;

import java.net.URI;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.orphancleanup.TestPostgres;
import org.orphancleanup.UserError;

class SandboxTest {

    private static final Path PROGRAMS = Path.of("target", "postgres");

    /** {@code child table, column, parent table} of every many2one column, as the sandbox's own metadata has it. */
    private static final String MANY2ONES =
            "SELECT c.relname || ' ' || a.attname || ' ' || p.relname FROM pg_constraint k"
                    + " JOIN pg_class c ON c.oid = k.conrelid JOIN pg_class p ON p.oid = k.confrelid"
                    + " JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1] WHERE k.contype = 'f' ORDER BY 1";

    @Test
    void it_is_damaged_once_used_again_and_made_anew_on_request(@TempDir Path directory) throws SQLException {
        SandboxOptions options = SandboxOptions.in(directory).programs(PROGRAMS);
        String key;
        try (Sandbox first = Sandbox.start(options)) {
            key = first.apiKey();
            new Rpc(first).write(Rpc.QUIET, "res.partner", 3, Map.of("ref", "kept"));
        }
        try (Sandbox second = Sandbox.start(options)) {
            assertThat(second.apiKey()).isEqualTo(key);
            assertThat(new Rpc(second).raw("res.partner", 3, "ref").asString()).isEqualTo("kept");
        }
        try (Sandbox anew = Sandbox.start(options.reset(true))) {
            assertThat(anew.apiKey()).isNotEqualTo(key);
            assertThat(new Rpc(anew).raw("res.partner", 3, "ref").asBoolean()).isFalse();
        }
    }

    @Test
    void another_version_needs_another_database() throws SQLException {
        try (Sandbox sandbox = Sandboxes.sound(18)) {
            assertThatThrownBy(() -> Sandbox.start(SandboxOptions.over(sandbox.jdbcUrl(), "postgres", "postgres")
                            .version(19)))
                    .isInstanceOf(UserError.class)
                    .hasMessageContaining("was made as Odoo 18, not 19");
        }
    }

    @Test
    void a_port_that_is_taken_is_said_to_be() throws SQLException {
        try (Sandbox sandbox = Sandboxes.sound(18)) {
            int taken = URI.create(sandbox.url()).getPort();

            assertThatThrownBy(() -> Sandbox.start(SandboxOptions.over(sandbox.jdbcUrl(), "postgres", "postgres")
                            .port(taken)))
                    .isInstanceOf(UserError.class)
                    .hasMessageContaining("Port " + taken + " is taken");
        }
    }

    @Test
    void its_database_role_reads_records_but_no_secrets_and_writes_nothing() throws SQLException {
        try (Sandbox sandbox = Sandboxes.sound(18);
                Connection connection =
                        DriverManager.getConnection(sandbox.jdbcUrl(), sandbox.jdbcUser(), sandbox.jdbcPassword());
                Statement statement = connection.createStatement()) {
            assertThat(statement.execute("SELECT count(*) FROM res_users")).isTrue();
            assertThat(statement.execute("SELECT id, login FROM res_users")).isTrue();
            assertThatThrownBy(() -> statement.execute("SELECT password FROM res_users"))
                    .hasMessageContaining("permission denied");
            assertThatThrownBy(() -> statement.execute("SELECT key FROM res_users_apikeys"))
                    .hasMessageContaining("permission denied");
            assertThatThrownBy(() -> statement.execute("UPDATE res_partner SET ref = 'x'"))
                    .hasMessageContaining("permission denied");
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {17, 18, 19})
    void before_the_damage_every_reference_is_sound(int version) throws SQLException {
        try (Sandbox sandbox = Sandboxes.sound(version)) {
            assertThat(dangling(sandbox)).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {17, 18, 19})
    void the_damage_is_of_every_kind(int version) throws SQLException {
        try (Sandbox sandbox = Sandboxes.damaged(version)) {
            assertThat(dangling(sandbox))
                    .as("what foreign keys still declare")
                    .contains(
                            "res_partner parent_id res_partner",
                            "sale_order partner_id res_partner",
                            "sale_order user_id res_users",
                            "sale_order create_uid res_users",
                            "sale_order_line order_id sale_order",
                            "account_move partner_id res_partner",
                            "stock_move product_id product_product",
                            "product_template categ_id product_category",
                            "product_product product_tmpl_id product_template",
                            "res_partner_res_partner_category_rel category_id res_partner_category",
                            "crm_tag_rel tag_id crm_tag");
            assertThat(
                            value(
                                    sandbox,
                                    "SELECT count(*) > 5 FROM crm_lead l WHERE team_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM crm_team t WHERE t.id = l.team_id)"))
                    .as("a dropped foreign key")
                    .isEqualTo("t");
            assertThat(value(
                            sandbox,
                            "SELECT convalidated FROM pg_constraint WHERE conname = 'sale_order_payment_term_id_fkey'"))
                    .isEqualTo("f");
            assertThat(
                            value(
                                    sandbox,
                                    "SELECT tgenabled FROM pg_trigger WHERE tgrelid = 'res_partner_category'::regclass LIMIT 1"))
                    .isEqualTo("D");
            for (String chatter : List.of("mail_message model", "mail_followers res_model", "ir_model_data model")) {
                String[] words = chatter.split(" ");
                assertThat(
                                value(
                                        sandbox,
                                        "SELECT count(*) > 0 FROM " + words[0] + " t WHERE " + words[1]
                                                + " = 'res.partner' AND NOT EXISTS (SELECT 1 FROM res_partner p WHERE p.id = t.res_id)"))
                        .as(chatter)
                        .isEqualTo("t");
            }
            assertThat(
                            value(
                                    sandbox,
                                    version == 17
                                            ? "SELECT count(*) > 0 FROM ir_property WHERE value_reference = 'account.payment.term,4'"
                                            : "SELECT count(*) > 0 FROM res_partner WHERE property_payment_term_id ->> '1' = '4'"))
                    .isEqualTo("t");
            assertThat(
                            value(
                                    sandbox,
                                    "SELECT count(*) > 0 FROM account_move m WHERE inalterable_hash IS NOT NULL AND NOT EXISTS (SELECT 1 FROM res_partner p WHERE p.id = m.partner_id)"))
                    .as("what nobody may repair")
                    .isEqualTo("t");
            assertThat(
                            value(
                                    sandbox,
                                    "SELECT count(*) > 0 FROM crm_lead l WHERE company_id = 3 AND partner_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM res_partner p WHERE p.id = l.partner_id)"))
                    .as("in a company the API user lacks")
                    .isEqualTo("t");
        }
    }

    @Test
    void two_sandboxes_are_alike_to_the_last_value() throws SQLException {
        var source = TestPostgres.emptyDatabase();
        String url = "jdbc:postgresql://" + source.getServerNames()[0] + ":" + source.getPortNumbers()[0] + "/"
                + source.getDatabaseName();
        try (Sandbox one = Sandboxes.damaged(18);
                Sandbox other = Sandbox.start(SandboxOptions.over(url, "postgres", "postgres"))) {
            for (String table : List.of(
                    "res_partner",
                    "sale_order",
                    "sale_order_line",
                    "account_move_line",
                    "crm_lead",
                    "mail_message",
                    "ir_model_fields")) {
                String sum = "SELECT md5(string_agg(t::text, '|' ORDER BY id)) FROM " + table + " t";
                assertThat(value(other, sum)).as(table).isEqualTo(value(one, sum));
            }
        }
    }

    private static List<String> dangling(Sandbox sandbox) throws SQLException {
        List<String> found = new ArrayList<>();
        try (Connection connection = Sandboxes.connect(sandbox);
                Statement statement = connection.createStatement()) {
            List<String> all = new ArrayList<>();
            try (var result = statement.executeQuery(MANY2ONES)) {
                while (result.next()) {
                    all.add(result.getString(1));
                }
            }
            assertThat(all).hasSizeGreaterThan(200);
            for (String reference : all) {
                String[] words = reference.split(" ");
                try (var result = statement.executeQuery("SELECT EXISTS (SELECT 1 FROM " + words[0] + " c WHERE c."
                        + words[1] + " IS NOT NULL AND NOT EXISTS (SELECT 1 FROM " + words[2] + " p WHERE p.id = c."
                        + words[1] + "))")) {
                    result.next();
                    if (result.getBoolean(1)) {
                        found.add(reference);
                    }
                }
            }
        }
        return found;
    }
}
