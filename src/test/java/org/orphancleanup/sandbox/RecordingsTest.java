package org.orphancleanup.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What real Odoo 17, 18 and 19 answered, the sandbox answers: same request, same status, same shape, same exception with the
 * same words but for numbers. The recordings lie beside the repository, not in it.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RecordingsTest {

    private static final Path RECORDINGS = Path.of("..", "shared", "odoo");
    private static final JsonMapper JSON = JsonMapper.builder().build();

    /** Not the API that is used here. */
    private static final Map<String, String> OUT_OF_SCOPE = Map.of(
            "web_session_authenticate_ok", "a browser's session",
            "web_session_authenticate_denied", "a browser's session",
            "web_call_kw_ok", "a browser's session",
            "web_call_kw_no_session", "a browser's session",
            "web_call_kw_bogus_session", "a browser's session",
            "xmlrpc2_version", "XML-RPC",
            "xmlrpc2_missing_error", "XML-RPC");

    /** The ids that the recordings of a version use. */
    private record Ids(
            int version,
            long partner,
            long child,
            long missing,
            long dangling,
            long goner,
            long order,
            long lead,
            long country,
            long limited,
            long salesman,
            long inactive,
            long sequence) {}

    private static final List<Ids> IDS = List.of(
            new Ids(17, 63, 64, 65, 66, 68, 35, 45, 251, 8, 9, 10, 22),
            new Ids(18, 82, 83, 84, 85, 87, 37, 45, 251, 8, 9, 10, 30),
            new Ids(19, 27, 28, 29, 30, 32, 11, 1, 252, 6, 7, 8, 20));

    private final HttpClient http = HttpClient.newHttpClient();
    private final List<Sandbox> sandboxes = new ArrayList<>();

    @AfterAll
    void stop() {
        sandboxes.forEach(Sandbox::close);
    }

    @TestFactory
    Stream<DynamicTest> every_recording_gets_the_same_kind_of_answer() throws Exception {
        Assumptions.assumeTrue(Files.isDirectory(RECORDINGS), "the recordings of real Odoo servers are not here");
        List<DynamicTest> tests = new ArrayList<>();
        for (Ids ids : IDS) {
            Sandbox sandbox = Sandboxes.sound(ids.version);
            sandboxes.add(sandbox);
            prepare(sandbox, ids);
            for (Path file : recordings(ids.version)) {
                JsonNode recording = JSON.readTree(Files.readString(file));
                String name = recording.path("name").asString();
                if (!OUT_OF_SCOPE.containsKey(name)) {
                    tests.add(dynamicTest(ids.version + " " + name, () -> replay(sandbox, ids, name, recording)));
                }
            }
        }
        return tests.stream();
    }

    private static List<Path> recordings(int version) throws IOException {
        try (Stream<Path> files = Files.list(RECORDINGS.resolve(version + "/recordings"))) {
            return files.sorted(Comparator.comparingInt(file ->
                            Integer.parseInt(file.getFileName().toString().split("_")[0])))
                    .toList();
        }
    }

    /** The records that the recordings were made with, under their ids. */
    private static void prepare(Sandbox sandbox, Ids ids) throws SQLException {
        List<String> sql = new ArrayList<>();
        dangling(ids, sql);
        sql.add(
                "UPDATE res_partner SET name = 'Rec A', complete_name = 'Rec A', is_company = true, parent_id = NULL, company_id = NULL,"
                        + " commercial_partner_id = id, active = true WHERE id = " + ids.partner);
        sql.add("UPDATE res_partner SET name = 'Rec B', complete_name = 'Rec B', is_company = true, parent_id = "
                + ids.partner + ", company_id = NULL, commercial_partner_id = id, active = true WHERE id = "
                + ids.child);
        // nothing refers to the one that is to be unlinked
        sql.add("DELETE FROM res_partner WHERE id = " + ids.goner);
        sql.add("INSERT INTO res_partner (id, name, active, commercial_partner_id) VALUES (" + ids.goner
                + ", 'Rec C', true, " + ids.goner + ")");
        for (String reference : List.of(
                "sale_order partner_id",
                "account_move partner_id",
                "account_move commercial_partner_id",
                "account_move_line partner_id",
                "purchase_order partner_id",
                "res_partner parent_id",
                "crm_lead partner_id",
                "sale_order partner_invoice_id",
                "sale_order partner_shipping_id",
                "sale_order_line order_partner_id",
                "res_users partner_id",
                "stock_picking partner_id")) {
            String[] words = reference.split(" ");
            sql.add("UPDATE " + words[0] + " SET " + words[1] + " = " + ids.partner + " WHERE " + words[1] + " = "
                    + ids.goner);
        }
        sql.add("UPDATE sale_order SET state = 'sent', company_id = 1, partner_id = " + ids.partner + " WHERE id = "
                + ids.order);
        sql.add("UPDATE crm_lead SET user_id = 2, company_id = 1, active = true WHERE id = " + ids.lead);
        sql.add("INSERT INTO res_country (id, code, name) VALUES (" + ids.country
                + ", 'XX', '{\"en_US\": \"Nowhere\"}')");
        sql.add("UPDATE res_partner SET country_id = " + ids.country + " WHERE id = " + ids.partner);
        sql.add("INSERT INTO ir_sequence (id, name, implementation, number_next, number_increment, padding) VALUES ("
                + ids.sequence + ", 'Rec', 'no_gap', 1, 1, 0)");
        user(ids, ids.limited, "reclim", "limited", sql);
        user(ids, ids.salesman, "recsal", "salesman", sql);
        user(ids, ids.inactive, "recina", "inactive", sql);
        Sandboxes.unchecked(sandbox, sql.toArray(String[]::new));
    }

    private static void dangling(Ids ids, List<String> sql) {
        sql.add("DELETE FROM res_partner WHERE id = " + ids.missing);
        sql.add("UPDATE res_partner SET name = 'Rec D', is_company = false, company_id = NULL, parent_id = "
                + ids.missing + ", commercial_partner_id = " + ids.missing + ", active = true WHERE id = "
                + ids.dangling);
        sql.add("UPDATE res_partner SET parent_id = NULL, commercial_partner_id = id WHERE id <> " + ids.dangling
                + " AND (parent_id = " + ids.missing + " OR commercial_partner_id = " + ids.missing + ")");
    }

    /** Gives an id to one of the sandbox's users. */
    private static void user(Ids ids, long id, String login, String from, List<String> sql) {
        sql.add("UPDATE res_users SET login = 'was-" + login + "' WHERE id = " + id);
        sql.add("UPDATE res_users u SET login = '" + login + "', password = encode(sha256('" + login
                + "'), 'hex'), active = f.active,"
                + " partner_id = f.partner_id, company_id = 1 FROM res_users f WHERE f.login = '" + from
                + "' AND u.id = " + id);
        sql.add("DELETE FROM res_groups_users_rel WHERE uid = " + id);
        sql.add("INSERT INTO res_groups_users_rel (gid, uid) SELECT gid, " + id
                + " FROM res_groups_users_rel r JOIN res_users f ON f.id = r.uid WHERE f.login = '" + from + "'");
        sql.add("INSERT INTO res_users_apikeys (name, user_id, scope, key) SELECT 'rec', " + id
                + ", 'rpc', encode(sha256('key of " + login + "'), 'hex')");
    }

    private void replay(Sandbox sandbox, Ids ids, String name, JsonNode recording) throws Exception {
        JsonNode expected = recording.path("response");
        HttpResponse<String> actual;
        switch (name) {
            case "serialization_failure_retried_ok", "j2_serialization_retried_ok" -> {
                AtomicInteger times = new AtomicInteger();
                actual = disturbed(sandbox, ids, times, 1, recording);
                assertThat(times).as("the call was tried again").hasValue(2);
            }
            case "serialization_failure_exhausted" -> {
                AtomicInteger times = new AtomicInteger();
                actual = disturbed(sandbox, ids, times, 100, recording);
                assertThat(times).as("tries of the call").hasValue(5);
            }
            case "lock_not_available" -> {
                try (Connection other = Sandboxes.connect(sandbox);
                        Statement statement = other.createStatement()) {
                    other.setAutoCommit(false);
                    if (ids.version > 17) {
                        statement.execute("SELECT 1 FROM ir_sequence WHERE id = " + ids.sequence + " FOR UPDATE");
                    }
                    actual = send(sandbox, ids, recording);
                }
            }
            default -> actual = send(sandbox, ids, recording);
        }
        if (name.startsWith("write_dangling_with_codependent")) {
            List<String> again = new ArrayList<>();
            dangling(ids, again);
            Sandboxes.unchecked(sandbox, again.toArray(String[]::new));
        }
        assertThat(actual.statusCode())
                .as("status")
                .isEqualTo(expected.path("status").asInt());
        assertThat(contentType(actual.headers().firstValue("Content-Type").orElse("")))
                .as("content type")
                .isEqualTo(contentType(
                        expected.path("headers").path("Content-Type").asString()));
        if (expected.has("body")) {
            sameShape("", expected.path("body"), JSON.readTree(actual.body()));
        } else {
            assertThat(actual.body()).isNotBlank();
        }
    }

    private static String contentType(String header) {
        return header.replace(" ", "").toLowerCase(Locale.ROOT);
    }

    /** The call meets somebody who changes the same record while it is under way, so many times. */
    private HttpResponse<String> disturbed(Sandbox sandbox, Ids ids, AtomicInteger times, int upTo, JsonNode recording)
            throws Exception {
        sandbox.beforeCall((call, records) -> {
            if (times.incrementAndGet() <= upTo) {
                try {
                    Sandboxes.unchecked(sandbox, "UPDATE res_partner SET color = color + 1 WHERE id = " + ids.partner);
                } catch (SQLException e) {
                    throw new IllegalStateException(e);
                }
            }
        });
        try {
            return send(sandbox, ids, recording);
        } finally {
            sandbox.beforeCall(null);
        }
    }

    private HttpResponse<String> send(Sandbox sandbox, Ids ids, JsonNode recording) throws Exception {
        JsonNode request = recording.path("request");
        JsonNode body = request.path("body");
        String text = body.isString() ? body.asString() : body.toString();
        text = here(sandbox, ids, text);
        HttpRequest.Builder builder = HttpRequest.newBuilder(
                        URI.create(sandbox.url() + request.path("url").asString()))
                .method(
                        request.path("method").asString(),
                        text.isEmpty()
                                ? HttpRequest.BodyPublishers.noBody()
                                : HttpRequest.BodyPublishers.ofString(text));
        boolean limited = recording.path("name").asString().equals("j2_access_error");
        request.path("headers")
                .properties()
                .forEach(header -> builder.header(
                        header.getKey(),
                        limited && header.getKey().equals("Authorization")
                                ? "bearer key of reclim"
                                : here(sandbox, ids, header.getValue().asString())));
        return http.send(builder.build(), HttpResponse.BodyHandlers.ofString());
    }

    private static String here(Sandbox sandbox, Ids ids, String text) {
        return text.replace("***APIKEY***", sandbox.apiKey())
                .replace("\"o" + ids.version + "\"", "\"" + sandbox.database() + "\"")
                .replaceAll("^o" + ids.version + "$", sandbox.database());
    }

    private static void sameShape(String path, JsonNode expected, JsonNode actual) {
        assertThat(actual.getNodeType()).as("type of " + path).isEqualTo(expected.getNodeType());
        if (expected.isObject()) {
            TreeSet<String> wanted = new TreeSet<>(expected.propertyNames());
            // tooltips say nothing
            wanted.remove("help");
            assertThat(new TreeSet<>(actual.propertyNames()))
                    .as("keys of " + path)
                    .isEqualTo(wanted);
            for (String key : wanted) {
                if (key.equals("message") || key.equals("name") && path.endsWith("data")) {
                    assertThat(words(actual.path(key))).as(path + "." + key).isEqualTo(words(expected.path(key)));
                } else if (key.equals("code")) {
                    assertThat(actual.path(key)).as("error code").isEqualTo(expected.path(key));
                } else if (!key.equals("domain")
                        && !key.equals("id")
                        && !(key.equals("context") && path.startsWith(".result"))) {
                    sameShape(path + "." + key, expected.path(key), actual.path(key));
                }
            }
        } else if (expected.isArray()) {
            assertThat(actual.isEmpty()).as("emptiness of " + path).isEqualTo(expected.isEmpty());
            for (int i = 0; i < expected.size() && i < actual.size(); i++) {
                sameShape(path + "[" + i + "]", expected.get(i), actual.get(i));
            }
        }
    }

    /** Without numbers, and without what the records of that server were called. */
    private static String words(JsonNode message) {
        return message.asString()
                .replaceAll("\\d+", "#")
                .replaceAll("Linked active users : .*", "Linked active users")
                .replaceAll("(?s)(could not parse the body as json).*", "$1");
    }
}
