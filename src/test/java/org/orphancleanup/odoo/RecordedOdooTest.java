package org.orphancleanup.odoo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.orphancleanup.odoo.FakeServer.Answer;
import org.orphancleanup.odoo.FakeServer.Asked;
import org.orphancleanup.odoo.OdooException.Kind;
import org.orphancleanup.target.Secret;
import org.orphancleanup.target.Target.Api;
import org.orphancleanup.target.Target.Protocol;
import org.springframework.boot.http.client.HttpClientSettings;
import org.springframework.core.retry.RetryPolicy;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** What real Odoo 17, 18 and 19 were asked and answered: our requests have the same shape, its answers are understood. */
class RecordedOdooTest {

    private static final Map<String, Kind> ERRORS = Map.ofEntries(
            Map.entry("web_read_dangling", Kind.MISSING),
            Map.entry("exists_public", Kind.UNKNOWN),
            Map.entry("write_missing_record", Kind.MISSING),
            Map.entry("write_batch_with_one_missing_record", Kind.MISSING),
            Map.entry("write_dangling_missingerror", Kind.MISSING),
            Map.entry("write_fk_violation", Kind.REFUSED),
            Map.entry("write_fk_violation_lead", Kind.REFUSED),
            Map.entry("validation_error_recursion", Kind.REFUSED),
            Map.entry("validation_error_constraint", Kind.REFUSED),
            Map.entry("required_null", Kind.REFUSED),
            Map.entry("required_null_create", Kind.REFUSED),
            Map.entry("unique_violation", Kind.REFUSED),
            Map.entry("user_error", Kind.REFUSED),
            Map.entry("redirect_warning_archive_partner_of_user", Kind.REFUSED),
            Map.entry("invalid_field", Kind.UNKNOWN),
            Map.entry("invalid_field_read", Kind.UNKNOWN),
            Map.entry("invalid_field_domain", Kind.UNKNOWN),
            Map.entry("invalid_domain", Kind.UNKNOWN),
            Map.entry("wrong_selection_value", Kind.UNKNOWN),
            Map.entry("wrong_type_m2o", Kind.SERVER),
            Map.entry("wrong_type_date", Kind.SERVER),
            Map.entry("unknown_model", Kind.UNKNOWN),
            Map.entry("unknown_method", Kind.UNKNOWN),
            Map.entry("private_method", Kind.UNKNOWN),
            Map.entry("wrong_arguments", Kind.UNKNOWN),
            Map.entry("unlink_missing_record", Kind.MISSING),
            Map.entry("unlink_restricted_fk", Kind.REFUSED),
            Map.entry("unlink_restricted_partner", Kind.REFUSED),
            Map.entry("unlink_partner_with_user", Kind.REFUSED),
            Map.entry("access_error_acl", Kind.ACCESS),
            Map.entry("access_error_record_rule", Kind.ACCESS),
            Map.entry("access_error_field_group", Kind.ACCESS),
            Map.entry("wrong_password", Kind.LOGIN),
            Map.entry("wrong_uid", Kind.LOGIN),
            Map.entry("inactive_user", Kind.LOGIN),
            Map.entry("apikey_wrong", Kind.LOGIN),
            Map.entry("wrong_db", Kind.DATABASE),
            Map.entry("serialization_failure_exhausted", Kind.BUSY),
            Map.entry("lock_not_available", Kind.BUSY),
            Map.entry("apikey_remove", Kind.REFUSED),
            Map.entry("j2_missing_record_write", Kind.MISSING),
            Map.entry("j2_dangling_write_missingerror", Kind.MISSING),
            Map.entry("j2_fk_violation", Kind.MISSING),
            Map.entry("j2_validation_error", Kind.REFUSED),
            Map.entry("j2_user_error", Kind.REFUSED),
            Map.entry("j2_redirect_warning", Kind.REFUSED),
            Map.entry("j2_required_null", Kind.REFUSED),
            Map.entry("j2_unlink_restricted", Kind.REFUSED),
            Map.entry("j2_invalid_field", Kind.UNKNOWN),
            Map.entry("j2_unknown_model", Kind.UNKNOWN),
            Map.entry("j2_unknown_method", Kind.UNKNOWN),
            Map.entry("j2_private_method", Kind.UNKNOWN),
            Map.entry("j2_missing_argument", Kind.UNKNOWN),
            Map.entry("j2_unexpected_argument", Kind.UNKNOWN),
            Map.entry("j2_api_model_with_ids", Kind.UNKNOWN),
            Map.entry("j2_bad_key", Kind.LOGIN),
            Map.entry("j2_bad_db", Kind.DATABASE),
            Map.entry("j2_access_error", Kind.ACCESS));

    /** Requests that our client cannot be made to send. */
    private static final Set<String> MALFORMED = Set.of(
            "j2_no_auth",
            "j2_no_db_header",
            "j2_malformed_json",
            "j2_wrong_content_type",
            "j2_get_method",
            "j2_positional_array_body");

    private final HttpOdooClients clients = new HttpOdooClients(
            HttpClientSettings.defaults(), RetryPolicy.builder().maxRetries(0).build());

    @TestFactory
    Stream<DynamicTest> a_recorded_call_is_sent_as_recorded_and_its_answer_understood() {
        return IntStream.of(17, 18, 19)
                .boxed()
                .flatMap(odoo -> Recording.all(odoo).stream()
                        .filter(RecordedOdooTest::isCall)
                        .map(recording -> dynamicTest(recording.toString(), () -> replay(recording))));
    }

    private static boolean isCall(Recording recording) {
        return recording.path().startsWith("/json/2/") && !MALFORMED.contains(recording.name())
                || recording.path().equals("/jsonrpc")
                        && recording
                                .requestBody()
                                .path("params")
                                .path("service")
                                .asString("")
                                .equals("object");
    }

    private void replay(Recording recording) {
        boolean json2 = recording.path().startsWith("/json/2/");
        try (FakeServer server = server(recording)) {
            OdooClient odoo = clients.open(api(server, recording, json2));
            int before = server.asked().size();
            Kind expected = ERRORS.get(recording.name());
            OdooCall call = json2 ? json2Call(recording) : rpcCall(recording);

            if (isError(recording)) {
                assertThat(expected).as("kind of " + recording.name()).isNotNull();
                // 19 reads the record before the database can refuse
                Kind kind = recording.odoo() == 19 && recording.name().equals("write_fk_violation")
                        ? Kind.MISSING
                        : expected;
                assertThatThrownBy(() -> odoo.call(call)).isInstanceOfSatisfying(OdooException.class, e -> {
                    assertThat(e.kind()).isEqualTo(kind);
                    assertThat(e.getMessage()).isNotBlank().doesNotContain("Traceback", "File \"", "ir.actions");
                });
            } else {
                JsonNode result = json2
                        ? recording.content().path("response").path("body")
                        : recording.content().path("response").path("body").path("result");
                JsonNode answer = odoo.call(call);
                assertThat(answer.isNull()).isEqualTo(result.isMissingNode() || result.isNull());
                if (!answer.isNull()) {
                    assertThat(answer).isEqualTo(result);
                }
            }

            assertThat(server.asked()).hasSize(before + 1);
            Asked asked = server.asked().get(before);
            assertThat(asked.path()).isEqualTo(recording.path());
            assertThat(asked.body()).isEqualTo(recording.requestBody());
            if (json2) {
                assertThat(asked.authorization()).isEqualTo(recording.header("Authorization"));
                assertThat(asked.database()).isEqualTo(recording.header("X-Odoo-Database"));
            }
        }
    }

    private static boolean isError(Recording recording) {
        return recording.status() != 200
                || recording.content().path("response").path("body").has("error");
    }

    @ParameterizedTest
    @ValueSource(ints = {17, 18, 19})
    void logging_in_is_asked_as_recorded(int odoo) {
        Recording accepted = Recording.named(odoo, "authenticate_ok");
        try (FakeServer server = new FakeServer(asked ->
                answerOf(asked.what().equals("common.version") ? Recording.named(odoo, "version") : accepted))) {
            OdooClient client =
                    clients.open(new Api(server.url(), "o" + odoo, "admin", new Secret("admin"), Protocol.AUTO));

            assertThat(client.version()).isEqualTo(odoo);
            assertThat(client.uid()).isEqualTo(2);
            assertThat(client.protocol()).isEqualTo("JSON-RPC");
            assertThat(server.asked())
                    .extracting(Asked::body)
                    .containsExactly(Recording.named(odoo, "version").requestBody(), accepted.requestBody());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {17, 18, 19})
    void a_refused_login_and_an_unknown_database_are_told_apart(int odoo) {
        assertThat(refusal(odoo, "authenticate_denied")).isEqualTo(Kind.LOGIN);
        assertThat(refusal(odoo, "authenticate_unknown_db")).isEqualTo(Kind.DATABASE);
    }

    private Kind refusal(int odoo, String name) {
        // read before the server is asked: where they are absent the test is skipped, and not the server's answer
        Recording version = Recording.named(odoo, "version");
        Recording refused = Recording.named(odoo, name);
        try (FakeServer server =
                new FakeServer(asked -> answerOf(asked.what().equals("common.version") ? version : refused))) {
            clients.open(new Api(server.url(), "o", "admin", new Secret("wrong"), Protocol.AUTO));
            throw new AssertionError("let in");
        } catch (OdooException e) {
            return e.kind();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {17, 18, 19})
    void the_usual_calls_have_the_recorded_shape(int odoo) {
        Recording write = Recording.named(odoo, "write_dangling_with_codependent_ok");
        Recording unlink = Recording.named(odoo, "unlink_ok");
        try (FakeServer server = server(write)) {
            OdooClient client = clients.open(api(server, write, false));
            JsonNode written = rpcArgs(write).path(5);
            client.write(
                    "res.partner",
                    ids(written.path(0)),
                    map(written.path(1)),
                    map(rpcArgs(write).path(6).path("context")));
            client.unlink("res.partner", ids(rpcArgs(unlink).path(5).path(0)), Map.of());

            assertThat(last(server, 2)).isEqualTo(write.requestBody());
            assertThat(last(server, 1)).isEqualTo(unlink.requestBody());
        }
    }

    @ParameterizedTest
    @ValueSource(ints = 19)
    void the_usual_calls_of_json_2_have_the_recorded_shape(int odoo) {
        Recording write = Recording.named(odoo, "j2_write_ok");
        Recording create = Recording.named(odoo, "j2_create_ok");
        try (FakeServer server = server(create)) {
            OdooClient client = clients.open(api(server, create, true));
            client.write(
                    "res.partner",
                    ids(write.requestBody().path("ids")),
                    map(write.requestBody().path("vals")),
                    map(write.requestBody().path("context")));
            long id = client.create(
                    "res.partner", map(create.requestBody().path("vals_list").path(0)), Map.of());

            assertThat(last(server, 2)).isEqualTo(write.requestBody());
            assertThat(last(server, 1)).isEqualTo(create.requestBody());
            assertThat(id)
                    .isEqualTo(create.content()
                            .path("response")
                            .path("body")
                            .path(0)
                            .asLong());
        }
    }

    private static JsonNode last(FakeServer server, int fromTheEnd) {
        return server.asked().get(server.asked().size() - fromTheEnd).body();
    }

    /** Lets its user in, and answers everything else with the recording. */
    private static FakeServer server(Recording recording) {
        return new FakeServer(asked -> switch (asked.what()) {
            case "common.version" -> answerOf(Recording.named(recording.odoo(), "version"));
            case "common.authenticate" ->
                Answer.result(String.valueOf(rpcArgs(recording).path(1).asLong()));
            case ".web.version" -> answerOf(Recording.named(recording.odoo(), "j2_version"));
            case "res.users.context_get" -> Answer.json(200, "{\"lang\": \"en_US\", \"tz\": false, \"uid\": 2}");
            case "res.users.read" -> Answer.json(200, "[{\"id\": 2, \"login\": \"admin\"}]");
            default -> answerOf(recording);
        });
    }

    private static Answer answerOf(Recording recording) {
        return new Answer(recording.status(), recording.contentType(), recording.responseBody(), null);
    }

    private static Api api(FakeServer server, Recording recording, boolean json2) {
        return json2
                ? new Api(
                        server.url(),
                        recording.header("X-Odoo-Database"),
                        "admin",
                        new Secret(recording.header("Authorization").replaceFirst("bearer ", "")),
                        Protocol.JSON_2)
                : new Api(
                        server.url(),
                        rpcArgs(recording).path(0).asString(),
                        "admin",
                        new Secret(rpcArgs(recording).path(2).asString()),
                        Protocol.JSON_RPC);
    }

    private static JsonNode rpcArgs(Recording recording) {
        return recording.requestBody().path("params").path("args");
    }

    private static OdooCall rpcCall(Recording recording) {
        JsonNode args = rpcArgs(recording);
        ArrayNode positional = (ArrayNode) args.path(5);
        boolean onRecords = positional.path(0).isArray()
                && positional.path(0).valueStream().allMatch(JsonNode::isIntegralNumber)
                && !positional.path(0).isEmpty();
        Map<String, Object> arguments = new LinkedHashMap<>();
        for (int i = onRecords ? 1 : 0; i < positional.size(); i++) {
            arguments.put("argument" + i, plain(positional.path(i)));
        }
        Map<String, Object> options = map(args.path(6));
        Object context = options.remove("context");
        return new OdooCall(
                args.path(3).asString(),
                args.path(4).asString(),
                onRecords ? ids(positional.path(0)) : null,
                arguments,
                options,
                context == null ? Map.of() : map(args.path(6).path("context")));
    }

    private static OdooCall json2Call(Recording recording) {
        String[] path = recording.path().split("/");
        Map<String, Object> arguments = map(recording.requestBody());
        Object ids = arguments.remove("ids");
        Object context = arguments.remove("context");
        return new OdooCall(
                path[3],
                path[4],
                ids == null ? null : ids(recording.requestBody().path("ids")),
                arguments,
                Map.of(),
                context == null ? Map.of() : map(recording.requestBody().path("context")));
    }

    private static List<Long> ids(JsonNode array) {
        List<Long> ids = new ArrayList<>();
        array.forEach(id -> ids.add(id.asLong()));
        return ids;
    }

    private static Map<String, Object> map(JsonNode node) {
        Map<String, Object> map = new LinkedHashMap<>();
        if (node instanceof ObjectNode object) {
            object.properties().forEach(entry -> map.put(entry.getKey(), plain(entry.getValue())));
        }
        return map;
    }

    private static Object plain(JsonNode node) {
        return FakeServer.JSON.treeToValue(node, Object.class);
    }
}
