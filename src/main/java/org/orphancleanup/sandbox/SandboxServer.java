package org.orphancleanup.sandbox;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.zaxxer.hikari.HikariDataSource;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/** Odoo's HTTP face: {@code /jsonrpc}, {@code /json/2} and {@code /web/version}, with Odoo's own words for what goes wrong. */
final class SandboxServer implements AutoCloseable {

    static final int THREADS = 8;
    private static final int TRIES = 5;
    private static final Logger LOG = LoggerFactory.getLogger(SandboxServer.class);
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final String HTML = "text/html; charset=utf-8";
    private static final String JSON_TYPE = "application/json; charset=utf-8";

    static {
        // Read once, when the first server starts. Without it every answer waits 40 ms for the client's delayed
        // acknowledgement, as headers and body leave in two packets.
        System.setProperty("sun.net.httpserver.nodelay", "true");
    }

    private final HikariDataSource pool;
    private final Registry registry;
    private final String database;
    private final HttpServer http;
    private final ExecutorService threads;
    private final CallLog calls = new CallLog();
    private final AtomicInteger lostAnswers = new AtomicInteger();
    private volatile @Nullable BiConsumer<String, List<Long>> beforeCall;

    private SandboxServer(
            HikariDataSource pool, Registry registry, String database, HttpServer http, ExecutorService threads) {
        this.pool = pool;
        this.registry = registry;
        this.database = database;
        this.http = http;
        this.threads = threads;
    }

    static SandboxServer start(HikariDataSource pool, Registry registry, String database, int port) throws IOException {
        InetAddress loopback = InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
        HttpServer http = HttpServer.create(new InetSocketAddress(loopback, port), 0);
        ExecutorService threads = Executors.newFixedThreadPool(THREADS, work -> {
            Thread thread = new Thread(work, "sandbox");
            thread.setDaemon(true);
            return thread;
        });
        SandboxServer server = new SandboxServer(pool, registry, database, http, threads);
        http.setExecutor(threads);
        http.createContext("/", server::handle);
        http.start();
        return server;
    }

    String url() {
        return "http://127.0.0.1:" + http.getAddress().getPort();
    }

    CallLog calls() {
        return calls;
    }

    void beforeCall(@Nullable BiConsumer<String, List<Long>> hook) {
        beforeCall = hook;
    }

    void loseAnswers(int count) {
        lostAnswers.set(count);
    }

    @Override
    public void close() {
        http.stop(0);
        threads.shutdownNow();
    }

    private record Reply(int status, String type, byte[] body) {}

    private static final class LostAnswer extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            byte[] body = exchange.getRequestBody().readAllBytes();
            Reply reply = route(exchange, new String(body, StandardCharsets.UTF_8));
            exchange.getResponseHeaders().set("Content-Type", reply.type);
            if (reply.status == 401) {
                exchange.getResponseHeaders().set("WWW-Authenticate", "Bearer ");
            }
            exchange.sendResponseHeaders(reply.status, reply.body.length == 0 ? -1 : reply.body.length);
            exchange.getResponseBody().write(reply.body);
        } catch (LostAnswer e) {
            LOG.debug("the connection is broken off, as a test asked for");
        } catch (RuntimeException e) {
            LOG.warn("the sandbox could not answer {}", exchange.getRequestURI(), e);
            throw e;
        }
    }

    private Reply route(HttpExchange exchange, String body) {
        String path = exchange.getRequestURI().getPath();
        if (path.equals("/jsonrpc")) {
            return jsonRpc(exchange, body);
        }
        if (registry.version() >= 19 && path.equals("/web/version")) {
            Map<String, Object> version = new LinkedHashMap<>();
            version.put("version_info", versionInfo());
            version.put("version", serverVersion());
            return json(200, version);
        }
        if (registry.version() >= 19 && path.startsWith("/json/2/")) {
            return json2(exchange, path, body);
        }
        return html(404, "Not Found", "The requested URL was not found on the server.");
    }

    private static Reply json(int status, @Nullable Object body) {
        return new Reply(status, JSON_TYPE, JSON.writeValueAsBytes(body));
    }

    private static Reply html(int status, String title, String text) {
        return new Reply(
                status,
                HTML,
                ("<!doctype html>\n<html lang=en>\n<title>" + status + " " + title + "</title>\n<h1>" + title
                                + "</h1>\n<p>" + text + "</p>\n")
                        .getBytes(StandardCharsets.UTF_8));
    }

    private static Reply text(int status, String text) {
        return new Reply(status, HTML, text.getBytes(StandardCharsets.UTF_8));
    }

    private String serverVersion() {
        return registry.version() + ".0-20260101";
    }

    private List<Object> versionInfo() {
        return List.of(registry.version(), 0, 0, "final", 0, "");
    }

    private static boolean isJson(HttpExchange exchange) {
        String type = exchange.getRequestHeaders().getFirst("Content-Type");
        return type != null && type.startsWith("application/json");
    }

    private @Nullable Reply wrongType(HttpExchange exchange, String route, String kind) {
        if (exchange.getRequestMethod().equals("GET") || isJson(exchange)) {
            return null;
        }
        boolean later = registry.version() >= 19;
        return html(
                later ? 415 : 400,
                later ? "Unsupported Media Type" : "Bad Request",
                "Request inferred type is compatible with [&#39;http&#39;] but &#39;" + route + "&#39; is type=&#39;"
                        + kind + "&#39;."
                        + (later ? "<br><br>Please verify the Content-Type request header and try again." : ""));
    }

    // ---- JSON-RPC

    private Reply jsonRpc(HttpExchange exchange, String body) {
        Reply wrong = wrongType(exchange, "/jsonrpc", registry.version() >= 19 ? "jsonrpc" : "json");
        if (wrong != null) {
            return wrong;
        }
        Object parsed;
        try {
            parsed = JSON.readValue(body, Object.class);
        } catch (JacksonException e) {
            return text(400, "Invalid JSON data");
        }
        if (!(parsed instanceof Map<?, ?> request)) {
            return text(400, parsed == null ? "Invalid JSON data" : "Invalid JSON-RPC data");
        }
        Map<String, @Nullable Object> answer = new LinkedHashMap<>();
        answer.put("jsonrpc", "2.0");
        answer.put("id", request.get("id"));
        try {
            Object result = service(Values.values(request.get("params")));
            if (result != Methods.NONE) {
                answer.put("result", result);
            }
        } catch (OdooError e) {
            Map<String, Object> error = new LinkedHashMap<>();
            error.put("code", registry.version() >= 19 ? 0 : 200);
            error.put("message", "Odoo Server Error");
            error.put("data", data(e));
            answer.put("error", error);
        }
        return json(200, answer);
    }

    private static Map<String, Object> data(OdooError e) {
        Map<String, Object> data = new LinkedHashMap<>();
        data.put("name", e.name());
        data.put(
                "debug",
                "Traceback (most recent call last):\n  File \"sandbox\", line 1, in call\n"
                        + (e.name().startsWith("builtins.") ? e.simpleName() : e.name()) + ": " + e.message() + "\n");
        data.put("message", e.message());
        data.put("arguments", e.arguments());
        data.put("context", Map.of());
        return data;
    }

    private @Nullable Object service(Map<String, @Nullable Object> params) {
        if (!params.containsKey("service") || !params.containsKey("method") || !params.containsKey("args")) {
            throw OdooError.type((registry.version() >= 19 ? "JSONRPC" : "RPC")
                    + ".jsonrpc() missing 3 required positional arguments: 'service', 'method', and 'args'");
        }
        String service = String.valueOf(params.get("service"));
        String method = String.valueOf(params.get("method"));
        List<?> args = params.get("args") instanceof List<?> list ? list : List.of();
        return switch (service) {
            case "common" -> common(method, args);
            case "db" -> db(method, args);
            case "object" -> object(method, args);
            default -> throw OdooError.key(service);
        };
    }

    private @Nullable Object common(String method, List<?> args) {
        switch (method) {
            case "version" -> {
                Map<String, Object> version = new LinkedHashMap<>();
                version.put("server_version", serverVersion());
                version.put("server_version_info", versionInfo());
                version.put("server_serie", registry.version() + ".0");
                version.put("protocol_version", 1);
                return version;
            }
            case "login", "authenticate" -> {
                checkDatabase(args.get(0));
                return inTransaction(connection -> new Users(connection).logIn(args.get(1), args.get(2)));
            }
            default -> throw OdooError.attribute("The method '" + method + "' does not exist");
        }
    }

    private Object db(String method, List<?> args) {
        return switch (method) {
            case "list" -> List.of(database);
            case "db_exist" -> database.equals(args.get(0));
            case "server_version" -> serverVersion();
            default -> throw OdooError.attribute("The method '" + method + "' does not exist");
        };
    }

    private void checkDatabase(@Nullable Object name) {
        if (!database.equals(name)) {
            throw OdooError.database(
                    "OperationalError",
                    "connection to server at \"127.0.0.1\", port 5432 failed: FATAL:  database \"" + name
                            + "\" does not exist\n");
        }
    }

    private @Nullable Object object(String method, List<?> args) {
        if (!method.equals("execute_kw") && !method.equals("execute")) {
            throw OdooError.attribute("Method not available " + method);
        }
        if (args.size() < 5) {
            throw OdooError.type(method + "() missing required positional arguments");
        }
        checkDatabase(args.get(0));
        long uid = args.get(1) instanceof Number number ? number.longValue() : 0;
        String name = String.valueOf(args.get(3));
        String called = String.valueOf(args.get(4));
        List<?> positional = method.equals("execute")
                ? args.subList(5, args.size())
                : args.size() > 5 && args.get(5) instanceof List<?> list ? list : List.of();
        Map<String, @Nullable Object> named =
                Values.values(method.equals("execute_kw") && args.size() > 6 ? args.get(6) : null);
        return inTransaction(connection -> {
            Users users = new Users(connection);
            users.check(uid, args.get(2));
            Model model = registry.find(name);
            if (model == null) {
                throw OdooError.user("Object " + name + " doesn't exist");
            }
            return call(connection, users.load(uid), model, called, positional, named, false);
        });
    }

    // ---- JSON-2

    private Reply json2(HttpExchange exchange, String path, String body) {
        String asked = exchange.getRequestHeaders().getFirst("X-Odoo-Database");
        if (asked != null && !asked.equals(database)) {
            return text(
                    404,
                    "<!DOCTYPE html>\n<title>404 Not Found</title>\n<h1>Not Found</h1>\n<p>No database is selected and the requested"
                            + " URL was not found in the server-wide controllers.</p>\n\n<!-- Alternatively, use the X-Odoo-Database"
                            + " header. -->\n");
        }
        Reply wrong = wrongType(exchange, "/json/2/&lt;__model__&gt;/&lt;__method__&gt;", "json2");
        if (wrong != null) {
            return wrong;
        }
        try {
            if (exchange.getRequestMethod().equals("GET")) {
                throw OdooError.http("NotFound", "Did you mean POST /json/2/<model>/<method>?", 404);
            }
            Object result =
                    json2Call(exchange, path.substring("/json/2/".length()).split("/"), body);
            return json(200, result == Methods.NONE ? null : result);
        } catch (OdooError e) {
            return json(e.status(), data(e));
        }
    }

    private @Nullable Object json2Call(HttpExchange exchange, String[] parts, String body) {
        if (parts.length != 2) {
            throw OdooError.http("NotFound", "The requested URL was not found on the server.", 404);
        }
        String authorization = exchange.getRequestHeaders().getFirst("Authorization");
        if (authorization == null || !authorization.regionMatches(true, 0, "bearer ", 0, 7)) {
            throw OdooError.http(
                    "Unauthorized", "User not authenticated, use an API Key with a Bearer Authorization header.", 401);
        }
        return inTransaction(connection -> {
            Users users = new Users(connection);
            long uid = users.byKey(authorization.substring(7).strip());
            if (uid == 0) {
                throw OdooError.http("Unauthorized", "Invalid apikey", 401);
            }
            Object parsed;
            try {
                parsed = body.isBlank() ? Map.of() : JSON.readValue(body, Object.class);
            } catch (JacksonException e) {
                throw OdooError.http("BadRequest", "could not parse the body as json: " + e.getOriginalMessage(), 400);
            }
            Model model = registry.find(parts[0]);
            if (model == null) {
                throw OdooError.http("NotFound", "the model '" + parts[0] + "' does not exist", 404);
            }
            return call(connection, users.load(uid), model, parts[1], List.of(), Values.values(parsed), true);
        });
    }

    // ---- calls

    private @Nullable Object call(
            Connection connection,
            Environment.User user,
            Model model,
            String method,
            List<?> positional,
            Map<String, @Nullable Object> named,
            boolean json2) {
        Map<String, @Nullable Object> arguments = new LinkedHashMap<>(named);
        Map<String, Object> context = new LinkedHashMap<>();
        Values.values(arguments.remove("context"))
                .forEach((key, value) -> context.put(key, value == null ? false : value));
        Environment env = new Environment(connection, registry, user, context);
        Methods methods = new Methods(env, model, json2);
        Methods.Bound bound = methods.bind(method, positional, arguments);
        calls.add(model.name(), method, bound.ids());
        BiConsumer<String, List<Long>> hook = beforeCall;
        if (hook != null) {
            hook.accept(model.name() + "." + method, bound.ids());
        }
        Object result = methods.invoke(method, bound);
        env.finish();
        return result;
    }

    private interface Work {
        @Nullable
        Object in(Connection connection);
    }

    /** All or nothing; what only came too late is tried again, as Odoo does. */
    private @Nullable Object inTransaction(Work work) {
        for (int tries = 1; ; tries++) {
            try (Connection connection = pool.getConnection()) {
                try {
                    Object result = work.in(connection);
                    connection.commit();
                    if (lostAnswers.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
                        throw new LostAnswer();
                    }
                    return result;
                } catch (SQLException e) {
                    connection.rollback();
                    throw new SqlErrors(registry).translate(e);
                } catch (RuntimeException e) {
                    connection.rollback();
                    throw e;
                }
            } catch (OdooError e) {
                if (!SqlErrors.isRetried(e) || tries >= TRIES) {
                    throw e;
                }
                LOG.debug("tried again after {}", e.message());
            } catch (SQLException e) {
                throw OdooError.database("OperationalError", String.valueOf(e.getMessage()));
            } catch (LostAnswer e) {
                throw e;
            } catch (RuntimeException e) {
                LOG.warn("the sandbox failed inside", e);
                throw OdooError.runtime(String.valueOf(e.getMessage()));
            }
        }
    }

    /** Who calls. */
    private final class Users {

        private final Environment env;

        Users(Connection connection) {
            this.env = new Environment(
                    connection,
                    registry,
                    new Environment.User(1, "", 0, 1, List.of(), Set.of(), "en_US"),
                    new LinkedHashMap<>());
        }

        Object logIn(@Nullable Object login, @Nullable Object secret) {
            long[] found = {0};
            env.query(
                    "SELECT id FROM res_users WHERE login = ? AND active",
                    List.of(String.valueOf(login)),
                    row -> found[0] = row.getLong(1));
            return found[0] != 0 && knows(found[0], secret) ? (Object) found[0] : false;
        }

        /** Whether it is the user's password or one of his keys. */
        private boolean knows(long uid, @Nullable Object secret) {
            boolean[] knows = {false};
            env.query(
                    "SELECT 1 FROM (SELECT password AS hash FROM res_users WHERE id = ? UNION ALL SELECT key FROM res_users_apikeys"
                            + " WHERE user_id = ?) secrets WHERE hash = encode(sha256(convert_to(?, 'UTF8')), 'hex')",
                    List.of(uid, uid, String.valueOf(secret)),
                    row -> knows[0] = true);
            return knows[0];
        }

        void check(long uid, @Nullable Object secret) {
            Boolean[] active = {null};
            env.query("SELECT active FROM res_users WHERE id = ?", List.of(uid), row -> active[0] = row.getBoolean(1));
            if (active[0] == null) {
                throw OdooError.missing("res.users", uid, uid);
            }
            if (!active[0] || !knows(uid, secret)) {
                throw OdooError.denied();
            }
        }

        long byKey(String key) {
            long[] found = {0};
            env.query(
                    "SELECT k.user_id FROM res_users_apikeys k JOIN res_users u ON u.id = k.user_id AND u.active WHERE k.key ="
                            + " encode(sha256(convert_to(?, 'UTF8')), 'hex')",
                    List.of(key),
                    row -> found[0] = row.getLong(1));
            return found[0];
        }

        Environment.User load(long uid) {
            List<Long> companies = new ArrayList<>();
            Set<String> groups = new LinkedHashSet<>();
            Environment.User[] user = {null};
            ModelField companyField =
                    Objects.requireNonNull(registry.get("res.users").field("company_ids"));
            ModelField groupField = Objects.requireNonNull(
                    registry.get("res.users").field(registry.version() >= 19 ? "group_ids" : "groups_id"));
            related(companyField, uid).forEach(companies::add);
            env.query(
                    "SELECT module || '.' || name FROM ir_model_data WHERE model = 'res.groups' AND res_id = ANY(?)",
                    List.of(related(groupField, uid)),
                    row -> groups.add(row.getString(1)));
            env.query(
                    "SELECT p.name, u.partner_id, u.company_id FROM res_users u LEFT JOIN res_partner p ON p.id = u.partner_id WHERE"
                            + " u.id = ?",
                    List.of(uid),
                    row -> user[0] = new Environment.User(
                            uid,
                            Objects.requireNonNullElse(row.getString(1), ""),
                            row.getLong(2),
                            row.getLong(3),
                            companies,
                            groups,
                            "en_US"));
            return Objects.requireNonNull(user[0]);
        }

        private List<Long> related(ModelField field, long uid) {
            List<Long> ids = new ArrayList<>();
            env.query(
                    "SELECT " + Environment.quote(Objects.requireNonNull(field.column2())) + " FROM "
                            + Environment.quote(Objects.requireNonNull(field.table())) + " WHERE "
                            + Environment.quote(Objects.requireNonNull(field.column1())) + " = ? ORDER BY 1",
                    List.of(uid),
                    row -> ids.add(row.getLong(1)));
            return ids;
        }
    }
}
