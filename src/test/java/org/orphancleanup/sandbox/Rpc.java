package org.orphancleanup.sandbox;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The barest JSON-RPC client, so that the sandbox is tested and not our client. */
final class Rpc {

    static final Map<String, Object> QUIET = Map.of(
            "tracking_disable", true, "mail_notrack", true, "mail_create_nolog", true, "mail_create_nosubscribe", true);
    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final Sandbox sandbox;
    private final long uid;
    private final String secret;

    Rpc(Sandbox sandbox) {
        this(sandbox, 2, sandbox.apiKey());
    }

    private Rpc(Sandbox sandbox, long uid, String secret) {
        this.sandbox = sandbox;
        this.uid = uid;
        this.secret = secret;
    }

    /** Another user, whose password is his login. */
    Rpc as(String login) {
        long id = post("common", "login", List.of(sandbox.database(), login, login))
                .path("result")
                .asLong();
        return new Rpc(sandbox, id, login);
    }

    JsonNode call(String model, String method, Object... positional) {
        return call(Map.of(), model, method, positional);
    }

    /** @throws Refused with what the server raised */
    JsonNode call(Map<String, ?> context, String model, String method, Object... positional) {
        return named(context.isEmpty() ? Map.of() : Map.of("context", context), model, method, positional);
    }

    JsonNode named(Map<String, ?> named, String model, String method, Object... positional) {
        JsonNode answer = post(
                "object",
                "execute_kw",
                List.of(sandbox.database(), uid, secret, model, method, List.of(positional), named));
        if (answer.has("error")) {
            throw new Refused(answer.path("error").path("data"));
        }
        return answer.path("result");
    }

    long create(String model, Map<String, ?> values) {
        return call(QUIET, model, "create", values).asLong();
    }

    boolean write(Map<String, ?> context, String model, long id, Map<String, ?> values) {
        return call(context, model, "write", List.of(id), values).asBoolean();
    }

    /** The raw value of one field. */
    JsonNode raw(String model, long id, String field) {
        return named(
                        Map.of("load", "", "context", Map.of("active_test", false)),
                        model,
                        "read",
                        List.of(id),
                        List.of(field))
                .path(0)
                .path(field);
    }

    private JsonNode post(String service, String method, List<?> args) {
        Map<String, Object> body = Map.of(
                "jsonrpc",
                "2.0",
                "method",
                "call",
                "id",
                1,
                "params",
                Map.of("service", service, "method", method, "args", args));
        HttpRequest request = HttpRequest.newBuilder(URI.create(sandbox.url() + "/jsonrpc"))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofByteArray(JSON.writeValueAsBytes(body)))
                .build();
        try {
            return JSON.readTree(
                    HTTP.send(request, HttpResponse.BodyHandlers.ofString()).body());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    static List<Object> command(Object... parts) {
        return new ArrayList<>(List.of(parts));
    }

    static final class Refused extends RuntimeException {
        private static final long serialVersionUID = 1L;
        private final String name;

        Refused(JsonNode data) {
            super(data.path("name").asString() + ": " + data.path("message").asString());
            this.name = data.path("name").asString();
        }

        String name() {
            return name;
        }
    }
}
