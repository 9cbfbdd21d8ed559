package org.orphancleanup.odoo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.orphancleanup.UserError;
import org.orphancleanup.odoo.OdooException.Kind;
import org.orphancleanup.target.Secret;
import org.orphancleanup.target.Target.Api;
import org.orphancleanup.target.Target.Protocol;
import org.springframework.boot.http.client.HttpClientSettings;
import tools.jackson.databind.JsonNode;

/**
 * Against a real Odoo, named by ODOO_URL, ODOO_DB, ODOO_LOGIN and ODOO_API_KEY. Leaves nothing behind.
 */
class RealOdooClientTest {

    private static final Map<String, Object> QUIET = Map.of("tracking_disable", true);

    private final HttpOdooClients clients = new HttpOdooClients(HttpClientSettings.defaults());
    private OdooClient odoo;
    private long made;

    @BeforeEach
    void needs_a_server() {
        assumeTrue(
                List.of("ODOO_URL", "ODOO_DB", "ODOO_LOGIN", "ODOO_API_KEY").stream()
                        .allMatch(name -> System.getenv(name) != null),
                "no real Odoo: set ODOO_URL, ODOO_DB, ODOO_LOGIN and ODOO_API_KEY");
    }

    @AfterEach
    void leaves_nothing_behind() {
        if (made != 0) {
            odoo.unlink("res.partner.category", List.of(made), QUIET);
        }
    }

    @ParameterizedTest
    @EnumSource(Protocol.class)
    void a_record_is_made_found_read_changed_and_removed(Protocol protocol) {
        openOrSkip(protocol);
        String name = "orphan-cleanup test " + Instant.now();

        made = odoo.create("res.partner.category", Map.of("name", name, "active", false), QUIET);

        assertThat(odoo.search("res.partner.category", List.of(List.of("name", "=", name)), 5, Map.of()))
                .containsExactly(made);
        assertThat(odoo.search(
                        "res.partner.category", List.of(List.of("name", "=", name)), null, Map.of("active_test", true)))
                .isEmpty();
        assertThat(odoo.write("res.partner.category", List.of(made), Map.of("color", 3, "parent_id", false), QUIET))
                .isTrue();
        Map<String, JsonNode> row = odoo.read(
                        "res.partner.category", List.of(made), List.of("color", "parent_id", "create_uid"), Map.of())
                .get(0);
        assertThat(row.get("color").asInt()).isEqualTo(3);
        assertThat(row.get("parent_id").isBoolean()).isTrue();
        assertThat(row.get("create_uid").asLong()).isEqualTo(odoo.uid());
        assertThat(odoo.allowedIds("res.partner.category", "write", List.of(made), Map.of()))
                .containsExactly(made);
        assertThat(odoo.unlink("res.partner.category", List.of(made), QUIET)).isTrue();
        made = 0;
    }

    @ParameterizedTest
    @EnumSource(Protocol.class)
    void load_makes_a_record_with_its_external_id_once(Protocol protocol) {
        openOrSkip(protocol);
        List<String> fields = List.of("id", "name");
        List<List<String>> rows = List.of(List.of("__orphan_cleanup_test__.category", "orphan-cleanup load test"));

        made = odoo.load("res.partner.category", fields, rows, QUIET).get(0);

        assertThat(odoo.load("res.partner.category", fields, rows, QUIET)).containsExactly(made);
        assertThatThrownBy(() -> odoo.load(
                        "res.partner.category",
                        List.of("id", "name", "parent_id/.id"),
                        List.of(List.of("__orphan_cleanup_test__.other", "x", "999999999")),
                        QUIET))
                .isInstanceOfSatisfying(OdooException.class, e -> {
                    assertThat(e.kind()).isEqualTo(Kind.REFUSED);
                    assertThat(e).hasMessageContaining("No matching record found for database id '999999999'");
                });
    }

    @ParameterizedTest
    @EnumSource(Protocol.class)
    void a_model_tells_its_fields_and_our_rights(Protocol protocol) {
        openOrSkip(protocol);

        Map<String, JsonNode> fields = odoo.fields("res.partner");

        assertThat(fields.get("parent_id").path("relation").asString()).isEqualTo("res.partner");
        assertThat(fields.get("commercial_partner_id").path("depends").size()).isPositive();
        assertThat(fields.get("commercial_partner_id").path("store").asBoolean())
                .isTrue();
        if (odoo.version() >= 18) {
            assertThat(odoo.fields("mail.message")
                            .get("res_id")
                            .path("model_field")
                            .asString())
                    .isEqualTo("model");
        }
        assertThat(odoo.mayAccess("res.partner", "write")).isTrue();
        assertThat(odoo.call(new OdooCall("res.users", "context_get", null, Map.of(), Map.of(), Map.of()))
                        .path("lang")
                        .asString())
                .isNotEmpty();
    }

    @ParameterizedTest
    @EnumSource(Protocol.class)
    void refusals_are_told_apart(Protocol protocol) {
        openOrSkip(protocol);

        assertThat(kindOf(() -> odoo.write("res.partner", List.of(999_999_999L), Map.of("name", "x"), Map.of())))
                .isEqualTo(Kind.MISSING);
        assertThat(kindOf(() -> odoo.create("res.partner.category", Map.of("name", false), QUIET)))
                .isEqualTo(Kind.REFUSED);
        assertThat(kindOf(() -> odoo.search("no.such.model", List.of(), 1, Map.of())))
                .isEqualTo(Kind.UNKNOWN);
        assertThat(kindOf(() -> odoo.search("res.partner", List.of(List.of("no_such_field", "=", 1)), 1, Map.of())))
                .isEqualTo(Kind.UNKNOWN);
        assertThat(kindOf(() ->
                        odoo.call(new OdooCall("res.partner", "no_such", List.of(1L), Map.of(), Map.of(), Map.of()))))
                .isEqualTo(Kind.UNKNOWN);
        assertThat(kindOf(() -> clients.open(api(protocol, "no_such_db", System.getenv("ODOO_API_KEY")))))
                .isEqualTo(Kind.DATABASE);
    }

    private static Kind kindOf(Runnable call) {
        try {
            call.run();
        } catch (OdooException e) {
            return e.kind();
        }
        throw new AssertionError("Odoo did as it was told");
    }

    private void openOrSkip(Protocol protocol) {
        Optional<OdooClient> open;
        try {
            open = Optional.of(clients.open(api(protocol, System.getenv("ODOO_DB"), System.getenv("ODOO_API_KEY"))));
        } catch (UserError e) {
            assertThat(e).hasMessageContaining("JSON-2 needs Odoo 19 or later");
            open = Optional.empty();
        }
        assumeTrue(open.isPresent(), "this server does not offer " + protocol);
        odoo = open.get();
    }

    private static Api api(Protocol protocol, String database, String key) {
        return new Api(System.getenv("ODOO_URL"), database, System.getenv("ODOO_LOGIN"), new Secret(key), protocol);
    }
}
