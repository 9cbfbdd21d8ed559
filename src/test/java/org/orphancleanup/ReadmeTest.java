package org.orphancleanup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;

/** What people copy from the README. */
class ReadmeTest {

    private static final Pattern FENCED = Pattern.compile("(?ms)^```(\\w*)\\n(.*?)^```$");

    private PGSimpleDataSource database;

    private static String readme() throws IOException {
        return Files.readString(Path.of("README.md"));
    }

    private static List<String> fenced(String language) throws IOException {
        return FENCED.matcher(readme())
                .results()
                .filter(block -> block.group(1).equals(language))
                .map(block -> block.group(2))
                .toList();
    }

    @AfterEach
    void remove_the_role() throws SQLException {
        if (database != null) {
            execute("DROP OWNED BY orphan_reader; DROP ROLE orphan_reader");
        }
    }

    private void execute(String sql) throws SQLException {
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private void asReader(String sql) throws SQLException {
        execute("SET ROLE orphan_reader; " + sql);
    }

    @Test
    void the_first_two_commands_build_and_show_it_and_run_its_tests() throws IOException {
        assertThat(fenced("sh"))
                .startsWith(
                        "./mvnw -q -B -DskipTests package && java -jar target/odoo-orphan-cleanup.jar demo --exit\n",
                        "./mvnw -B verify\n");
        assertThat(readme().indexOf("```")).isEqualTo(readme().indexOf("```sh\n./mvnw -q -B -DskipTests package"));
    }

    @Test
    void every_file_it_links_to_exists() throws IOException {
        Matcher links = Pattern.compile("[^!]\\[[^]]+]\\(([^):]+)\\)").matcher(readme());

        assertThat(links.results().map(link -> link.group(1)))
                .contains("jobs", "LICENSE")
                .allSatisfy(place -> {
                    if (place.startsWith("#")) {
                        assertThat(headings()).contains(place);
                    } else {
                        assertThat(Path.of(place)).exists();
                    }
                });
    }

    /** As GitHub makes their anchors. */
    private static List<String> headings() throws IOException {
        return readme().lines()
                .filter(line -> line.startsWith("#"))
                .map(line -> "#"
                        + line.replaceFirst("^#+ ", "")
                                .toLowerCase(Locale.ROOT)
                                .replaceAll("[^a-z0-9 -]", "")
                                .replace(' ', '-'))
                .toList();
    }

    @Test
    void the_role_to_copy_reads_everything_but_secrets() throws Exception {
        database = TestPostgres.emptyDatabase();
        execute("""
                CREATE TABLE res_users (id integer, login text, password text, totp_secret text, partner_id integer);
                CREATE TABLE res_users_apikeys (id integer, user_id integer, key text, index text);
                CREATE TABLE ir_config_parameter (id integer, key text, value text);
                CREATE TABLE ir_mail_server (id integer, smtp_host text, smtp_pass text, smtp_ssl_private_key bytea);
                CREATE TABLE payment_provider (id integer, code text, stripe_secret_key text, adyen_hmac_key text);
                CREATE TABLE sale_order (id integer, name text, access_token text, payment_token_id integer, amount numeric);
                CREATE TABLE "Products" (product_id integer, tag_id integer);
                CREATE TABLE only_secret (password text);
                CREATE VIEW leak AS SELECT password FROM res_users;
                INSERT INTO "Products" VALUES (1, 2);
                """);

        execute(fenced("sql").get(0));

        asReader("SELECT id, login, partner_id FROM res_users");
        asReader("SELECT ctid, product_id, tag_id FROM \"Products\"");
        asReader("SELECT id, name, payment_token_id, amount FROM sale_order");
        asReader("SELECT user_id FROM res_users_apikeys");
        asReader("SELECT smtp_host FROM ir_mail_server");
        for (String secret : List.of(
                "password FROM res_users",
                "totp_secret FROM res_users",
                "key FROM res_users_apikeys",
                "index FROM res_users_apikeys",
                "value FROM ir_config_parameter",
                "smtp_pass FROM ir_mail_server",
                "smtp_ssl_private_key FROM ir_mail_server",
                "stripe_secret_key FROM payment_provider",
                "adyen_hmac_key FROM payment_provider",
                "access_token FROM sale_order",
                "password FROM only_secret",
                "password FROM leak",
                "* FROM res_users")) {
            assertThatThrownBy(() -> asReader("SELECT " + secret)).as(secret).hasMessageContaining("permission denied");
        }
        assertThatThrownBy(() -> asReader("UPDATE sale_order SET name = 'x'"))
                .hasMessageContaining("permission denied");
    }

    @Test
    void run_again_it_takes_back_what_became_a_secret() throws Exception {
        database = TestPostgres.emptyDatabase();
        String sql = fenced("sql").get(0);
        execute("CREATE TABLE crm_lead (id integer, name text)");
        execute(sql);
        asReader("SELECT * FROM crm_lead");

        execute("ALTER TABLE crm_lead ADD access_token text; CREATE TABLE crm_new (id integer)");
        execute(sql.substring(sql.indexOf("DO $$")));

        asReader("SELECT id, name FROM crm_lead");
        asReader("SELECT * FROM crm_new");
        assertThatThrownBy(() -> asReader("SELECT access_token FROM crm_lead"))
                .hasMessageContaining("permission denied");
    }
}
