package org.orphancleanup.odoo;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** An HTTP server that keeps what it was asked and answers what the test says. */
final class FakeServer implements AutoCloseable {

    static final JsonMapper JSON = JsonMapper.builder().build();

    record Asked(String method, String path, String authorization, String database, JsonNode body) {

        /** {@code common.version}, or {@code res.partner.write} in both protocols. */
        String what() {
            JsonNode params = body.path("params");
            if (params.path("service").asString("").equals("object")) {
                return params.path("args").path(3).asString() + "."
                        + params.path("args").path(4).asString();
            }
            return params.has("service")
                    ? params.path("service").asString() + "."
                            + params.path("method").asString()
                    : path.replaceFirst("^/json/2/", "").replace('/', '.');
        }
    }

    record Answer(int status, String contentType, String body, String location) {

        static Answer json(int status, String body) {
            return new Answer(status, "application/json; charset=utf-8", body, null);
        }

        static Answer html(int status, String body) {
            return new Answer(status, "text/html; charset=utf-8", body, null);
        }

        static Answer result(String json) {
            return json(200, "{\"jsonrpc\": \"2.0\", \"id\": 1, \"result\": " + json + "}");
        }

        static Answer error(String name, String message) {
            return json(
                    200,
                    "{\"jsonrpc\": \"2.0\", \"id\": 1, \"error\": {\"code\": 200, \"data\": " + errorData(name, message)
                            + "}}");
        }

        static String errorData(String name, String message) {
            return JSON.writeValueAsString(java.util.Map.of(
                    "name", name, "message", message, "arguments", List.of(message), "debug", "Traceback: " + message));
        }
    }

    static {
        // else each answer waits 40 ms for an acknowledgement between its head and its body
        System.setProperty("sun.net.httpserver.nodelay", "true");
    }

    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final List<Asked> asked = new CopyOnWriteArrayList<>();

    FakeServer(Function<Asked, Answer> answers) {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.setExecutor(threads);
        server.createContext("/", exchange -> handle(exchange, answers));
        server.start();
    }

    private void handle(HttpExchange exchange, Function<Asked, Answer> answers) throws IOException {
        try (exchange) {
            byte[] body = exchange.getRequestBody().readAllBytes();
            Asked question = new Asked(
                    exchange.getRequestMethod(),
                    exchange.getRequestURI().getPath(),
                    exchange.getRequestHeaders().getFirst("Authorization"),
                    exchange.getRequestHeaders().getFirst("X-Odoo-Database"),
                    body.length == 0 ? JSON.nullNode() : JSON.readTree(body));
            asked.add(question);
            Answer answer = answers.apply(question);
            byte[] bytes = answer.body().getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", answer.contentType());
            if (answer.location() != null) {
                exchange.getResponseHeaders().set("Location", answer.location());
            }
            exchange.sendResponseHeaders(answer.status(), bytes.length == 0 ? -1 : bytes.length);
            exchange.getResponseBody().write(bytes);
        }
    }

    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    List<Asked> asked() {
        return asked;
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
