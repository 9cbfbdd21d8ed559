package org.orphancleanup.odoo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.Appender;
import ch.qos.logback.core.read.ListAppender;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.orphancleanup.UserError;
import org.orphancleanup.odoo.FakeServer.Answer;
import org.orphancleanup.odoo.FakeServer.Asked;
import org.orphancleanup.odoo.OdooException.Kind;
import org.orphancleanup.target.Secret;
import org.orphancleanup.target.Target.Api;
import org.orphancleanup.target.Target.Protocol;
import org.slf4j.LoggerFactory;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.http.client.HttpClientSettings;
import org.springframework.boot.http.client.autoconfigure.HttpClientAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.core.retry.RetryPolicy;
import org.springframework.util.backoff.FixedBackOff;

/** Everything that can stand between us and a result. */
class OdooFailuresTest {

    private static final String KEY = "c0ffee\\c0ffee-the-key";
    private static final String ADDRESS_OF_NOBODY = "http://127.0.0.1:1";

    /** Sends again without a pause. */
    private static final RetryPolicy IMPATIENT = RetryPolicy.builder()
            .backOff(new FixedBackOff(0, 5))
            .predicate(HttpOdooClients::isBusy)
            .build();

    private final HttpOdooClients clients = new HttpOdooClients(HttpClientSettings.defaults(), IMPATIENT);

    @ParameterizedTest
    @EnumSource(Protocol.class)
    void a_refused_connection_is_unreachable(Protocol protocol) {
        assertThatThrownBy(() -> clients.open(api(ADDRESS_OF_NOBODY, protocol)))
                .isInstanceOfSatisfying(OdooException.class, e -> {
                    assertThat(e.kind()).isEqualTo(Kind.UNREACHABLE);
                    assertThat(e).hasMessageContaining(ADDRESS_OF_NOBODY).hasMessageContaining("refused");
                });
    }

    @Test
    void an_unknown_host_is_unreachable() {
        assertThat(kindOf(() -> clients.open(api("http://odoo.invalid", Protocol.AUTO))))
                .isEqualTo(Kind.UNREACHABLE);
    }

    @Test
    void https_where_http_is_spoken_is_unreachable() throws IOException {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            CompletableFuture<Void> answered = CompletableFuture.runAsync(() -> {
                try (Socket socket = server.accept()) {
                    socket.getOutputStream()
                            .write("HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                    socket.shutdownOutput();
                    socket.getInputStream().readAllBytes();
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
            assertThatThrownBy(() -> clients.open(api("https://127.0.0.1:" + server.getLocalPort(), Protocol.AUTO)))
                    .isInstanceOfSatisfying(
                            OdooException.class, e -> assertThat(e.kind()).isEqualTo(Kind.UNREACHABLE))
                    .hasMessageContaining("no secure connection");
            answered.join();
        }
    }

    @Test
    void no_answer_in_the_time_that_is_configured_may_have_been_done() {
        CountDownLatch over = new CountDownLatch(1);
        try (FakeServer server = odoo(asked -> {
            try {
                over.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return Answer.result("true");
        })) {
            // once with all the time there is, so that the classes are loaded
            clients.open(api(server.url(), Protocol.AUTO));
            new ApplicationContextRunner()
                    .withConfiguration(AutoConfigurations.of(HttpClientAutoConfiguration.class))
                    .withUserConfiguration(HttpOdooClients.class)
                    .withPropertyValues("spring.http.clients.read-timeout=2s")
                    .run(context -> {
                        OdooClient odoo = context.getBean(OdooClients.class).open(api(server.url(), Protocol.AUTO));
                        assertThatThrownBy(() -> write(odoo))
                                .isInstanceOfSatisfying(
                                        OdooException.class,
                                        e -> assertThat(e.kind()).isEqualTo(Kind.NO_ANSWER))
                                .hasMessageContaining("res.partner.write")
                                .hasMessageContaining("may have been done");
                    });
            over.countDown();
        }
    }

    @Test
    void a_connection_cut_after_the_call_was_sent_may_have_been_done_and_is_not_sent_again() {
        AtomicInteger tries = new AtomicInteger();
        try (FakeServer server = odoo(asked -> {
            tries.incrementAndGet();
            throw new IllegalStateException("the worker dies");
        })) {
            OdooClient odoo = clients.open(api(server.url(), Protocol.AUTO));
            assertThat(kindOf(() -> write(odoo))).isEqualTo(Kind.NO_ANSWER);
            assertThat(tries).hasValue(1);
        }
    }

    @Test
    void a_server_that_dies_when_asked_for_its_version_has_done_nothing() {
        try (FakeServer server = new FakeServer(asked -> {
            throw new IllegalStateException("the worker dies");
        })) {
            assertThat(kindOf(() -> clients.open(api(server.url(), Protocol.AUTO))))
                    .isEqualTo(Kind.UNREACHABLE);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "200, <html>Please log in</html>, NO_ANSWER",
        "200, '{\"jsonrpc\": ', NO_ANSWER",
        "200, '{\"other\": 1}', NO_ANSWER",
        "302, moved, UNREACHABLE",
        "401, <html>Who are you?</html>, LOGIN",
        "403, <html>Forbidden</html>, ACCESS",
        "413, <html>Too large</html>, REFUSED",
        "429, <html>Slow down</html>, BUSY",
        "500, <html>Internal Server Error</html>, SERVER",
        "502, <html>Bad Gateway</html>, NO_ANSWER",
        "503, <html>Unavailable</html>, UNREACHABLE",
        "504, <html>Gateway Timeout</html>, NO_ANSWER",
    })
    void what_is_not_odoos_answer_is_judged_by_its_status(int status, String body, Kind kind) {
        try (FakeServer server =
                odoo(asked -> new Answer(status, "text/html", body, status == 302 ? "https://elsewhere/" : null))) {
            OdooClient overRpc = clients.open(api(server.url(), Protocol.JSON_RPC));
            assertThatThrownBy(() -> write(overRpc)).isInstanceOfSatisfying(OdooException.class, e -> {
                assertThat(e.kind()).isEqualTo(kind);
                assertThat(e).hasMessageContaining(server.url()).hasMessageContaining(String.valueOf(status));
            });
        }
    }

    @Test
    void a_redirect_is_named_and_never_followed() {
        try (FakeServer server = new FakeServer(asked -> new Answer(301, "text/html", "", "https://odoo.example/"))) {
            assertThatThrownBy(() -> clients.open(api(server.url(), Protocol.AUTO)))
                    .isInstanceOf(OdooException.class)
                    .hasMessageContaining("https://odoo.example/");
            assertThat(server.asked()).hasSize(1);
        }
    }

    @Test
    void where_json_rpc_is_gone_json_2_is_taken() {
        try (FakeServer server = odoo22()) {
            OdooClient odoo = clients.open(api(server.url() + "/", Protocol.AUTO));

            assertThat(odoo.protocol()).isEqualTo("JSON-2");
            assertThat(odoo.version()).isEqualTo(22);
            assertThat(odoo.uid()).isEqualTo(7);
            assertThatThrownBy(() -> clients.open(api(server.url(), Protocol.JSON_RPC)))
                    .isInstanceOf(UserError.class)
                    .hasMessageContaining("no longer offers JSON-RPC");
        }
    }

    @Test
    void a_key_of_another_user_is_refused_over_json_2_as_json_rpc_would() {
        try (FakeServer server = odoo22()) {
            assertThatThrownBy(() -> clients.open(
                            new Api(server.url(), "db", "somebody", new Secret("0123abcd"), Protocol.JSON_2)))
                    .isInstanceOfSatisfying(
                            OdooException.class, e -> assertThat(e.kind()).isEqualTo(Kind.LOGIN))
                    .hasMessageContaining("belongs to user \"admin\"");
        }
    }

    @Test
    void json_2_is_refused_for_an_older_odoo() {
        try (FakeServer server = odoo(asked -> Answer.html(404, "<h1>Not Found</h1>"))) {
            assertThatThrownBy(() -> clients.open(api(server.url(), Protocol.JSON_2)))
                    .isInstanceOfSatisfying(
                            UserError.class, e -> assertThat(e.kind()).isEqualTo(UserError.Kind.SETTING))
                    .hasMessageContaining("JSON-2 needs Odoo 19 or later")
                    .hasMessageContaining("version 18");
        }
    }

    @Test
    void an_older_odoo_than_17_is_refused() {
        try (FakeServer server = new FakeServer(
                asked -> Answer.result("{\"server_version\": \"16.0\", \"server_version_info\": [16, 0, 0]}"))) {
            assertThatThrownBy(() -> clients.open(api(server.url(), Protocol.AUTO)))
                    .isInstanceOf(UserError.class)
                    .hasMessageContaining("version 16");
        }
    }

    @Test
    void a_web_server_that_is_no_odoo_is_named() {
        try (FakeServer server = new FakeServer(asked -> Answer.html(404, "<h1>Not Found</h1>"))) {
            assertThatThrownBy(() -> clients.open(api(server.url(), Protocol.AUTO)))
                    .isInstanceOfSatisfying(
                            OdooException.class, e -> assertThat(e.kind()).isEqualTo(Kind.UNREACHABLE))
                    .hasMessageContaining("url");
        }
    }

    @Test
    void a_path_before_odoos_own_is_kept() {
        try (FakeServer server = odoo(asked -> Answer.result("true"))) {
            write(clients.open(api(server.url() + "/erp/", Protocol.AUTO)));

            assertThat(server.asked()).extracting(Asked::path).containsOnly("/erp/jsonrpc");
        }
    }

    @Test
    void a_busy_odoo_is_asked_again() {
        AtomicInteger tries = new AtomicInteger();
        try (FakeServer server = odoo(asked -> tries.incrementAndGet() < 3
                ? Answer.error(
                        "psycopg2.errors.SerializationFailure", "could not serialize access due to concurrent update\n")
                : Answer.result("true"))) {
            assertThat(write(clients.open(api(server.url(), Protocol.AUTO)))).isTrue();
            assertThat(tries).hasValue(3);
        }
    }

    @Test
    void an_odoo_that_stays_busy_is_given_up_after_five_more_tries() {
        AtomicInteger tries = new AtomicInteger();
        try (FakeServer server = odoo(asked -> {
            tries.incrementAndGet();
            return Answer.error("psycopg2.errors.LockNotAvailable", "could not obtain lock on row");
        })) {
            OdooClient odoo = clients.open(api(server.url(), Protocol.AUTO));
            assertThat(kindOf(() -> write(odoo))).isEqualTo(Kind.BUSY);
            assertThat(tries).hasValue(6);
        }
    }

    @Test
    void a_conflict_over_json_2_is_asked_again_too() {
        try (FakeServer server = odoo22()) {
            OdooClient odoo = clients.open(api(server.url(), Protocol.JSON_2));
            int before = server.asked().size();
            assertThat(kindOf(() -> odoo.unlink("res.partner", List.of(1L), Map.of())))
                    .isEqualTo(Kind.BUSY);
            assertThat(server.asked()).hasSize(before + 6);
        }
    }

    @Test
    void a_refused_key_is_never_sent_again() {
        AtomicInteger tries = new AtomicInteger();
        try (FakeServer server = odoo(asked -> {
            tries.incrementAndGet();
            return Answer.error("odoo.exceptions.AccessDenied", "Access Denied");
        })) {
            OdooClient odoo = clients.open(api(server.url(), Protocol.AUTO));
            assertThat(kindOf(() -> write(odoo))).isEqualTo(Kind.LOGIN);
            assertThat(tries).hasValue(1);
        }
    }

    @Test
    void the_cooldown_after_failed_logins_says_to_wait() {
        try (FakeServer server = odoo(asked -> Answer.error(
                "odoo.exceptions.AccessDenied", "Too many login failures, please wait a bit before trying again."))) {
            OdooClient odoo = clients.open(api(server.url(), Protocol.AUTO));
            assertThatThrownBy(() -> write(odoo))
                    .isInstanceOfSatisfying(
                            OdooException.class, e -> assertThat(e.kind()).isEqualTo(Kind.LOGIN))
                    .hasMessageContaining("Wait a minute");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "psycopg2.OperationalError, server closed the connection unexpectedly, NO_ANSWER",
        "psycopg2.OperationalError, could not serialize access due to read/write dependencies, BUSY",
        "psycopg2.errors.DeadlockDetected, deadlock detected, BUSY",
        "psycopg2.pool.PoolError, The Connection Pool Is Full, BUSY",
        "psycopg2.errors.QueryCanceled, canceling statement due to user request, SERVER",
        "psycopg2.errors.ForeignKeyViolation, insert or update violates foreign key constraint, REFUSED",
        "odoo.exceptions.LockError, Cannot grab a lock on records, BUSY",
        "builtins.ZeroDivisionError, division by zero, SERVER",
        "builtins.KeyError, parent_id, UNKNOWN",
        "builtins.KeyError, anything else, SERVER",
        "builtins.ValueError, 'Expected singleton: res.partner()', SERVER",
        "builtins.AttributeError, no attribute 'id' in bool, SERVER",
    })
    void errors_are_told_apart_by_what_a_caller_can_do(String name, String message, Kind kind) {
        try (FakeServer server = odoo(asked -> Answer.error(name, message))) {
            OdooClient odoo = clients.open(api(server.url(), Protocol.AUTO));
            assertThatThrownBy(() -> write(odoo)).isInstanceOfSatisfying(OdooException.class, e -> {
                assertThat(e.kind()).isEqualTo(kind);
                assertThat(e.errorClass()).isEqualTo(name);
                assertThat(e.traceback()).contains("Traceback");
            });
        }
    }

    @Test
    void a_refused_load_tells_odoos_own_messages() {
        try (FakeServer server = odoo(
                asked -> Answer.result(
                        "{\"ids\": false, \"messages\": [{\"type\": \"error\", \"message\": \"No matching record found\"}], \"nextrow\": 0}"))) {
            OdooClient odoo = clients.open(api(server.url(), Protocol.AUTO));
            assertThatThrownBy(() -> odoo.load("res.partner", List.of("id"), List.of(List.of("x.y")), Map.of()))
                    .isInstanceOfSatisfying(
                            OdooException.class, e -> assertThat(e.kind()).isEqualTo(Kind.REFUSED))
                    .hasMessage("No matching record found");
        }
    }

    @Test
    void only_the_records_whose_rules_allow_it_are_allowed() {
        try (FakeServer server = odoo(asked -> {
            List<Integer> forbidden = List.of(4, 5);
            boolean refused = asked.body()
                    .path("params")
                    .path("args")
                    .path(5)
                    .path(0)
                    .valueStream()
                    .anyMatch(id -> forbidden.contains(id.asInt()));
            return Answer.result(String.valueOf(!refused));
        })) {
            OdooClient odoo = clients.open(api(server.url(), Protocol.AUTO));

            assertThat(odoo.allowedIds("res.partner", "write", List.of(1L, 2L, 3L, 4L, 5L, 6L), Map.of()))
                    .containsExactly(1L, 2L, 3L, 6L);
        }
    }

    @Test
    void the_key_is_in_no_log_at_trace_and_in_no_exception() {
        Logger root = (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        Level level = root.getLevel();
        List<Appender<ILoggingEvent>> appenders = new ArrayList<>();
        root.iteratorForAppenders().forEachRemaining(appenders::add);
        appenders.forEach(root::detachAppender);
        ListAppender<ILoggingEvent> log = new ListAppender<>();
        log.start();
        root.addAppender(log);
        root.setLevel(Level.TRACE);
        List<Throwable> failures = new ArrayList<>();
        try (FakeServer echo = odoo(asked -> Answer.error(
                        "builtins.TypeError",
                        "execute_kw() got " + asked.body().path("params").path("args")));
                FakeServer json2 = odoo22()) {
            OdooClient odoo = clients.open(api(echo.url(), Protocol.AUTO));
            failures.add(failureOf(() -> write(odoo)));
            clients.open(api(json2.url(), Protocol.JSON_2));
            failures.add(failureOf(() -> clients.open(api(json2.url(), Protocol.JSON_2, KEY + "\n"))));
            failures.add(failureOf(() -> clients.open(api(ADDRESS_OF_NOBODY, Protocol.AUTO))));
        } finally {
            root.detachAppender(log);
            root.setLevel(level);
            appenders.forEach(root::addAppender);
        }

        assertThat(log.list)
                .as("RestClient's log was caught")
                .anyMatch(event -> event.getLoggerName().startsWith("org.springframework.web.client"));
        assertThat(log.list).noneMatch(event -> event.getFormattedMessage().contains("c0ffee"));
        assertThat(((OdooException) failures.get(0)).traceback()).contains("***");
        for (Throwable failure : failures) {
            StringWriter text = new StringWriter();
            failure.printStackTrace(new PrintWriter(text));
            assertThat(text.toString()).doesNotContain("c0ffee");
            assertThat(String.valueOf(((OdooException) failure).traceback())).doesNotContain("c0ffee");
        }
    }

    /** Lets everybody in as user 2 of an Odoo 18, and answers model calls as told. */
    private static FakeServer odoo(Function<Asked, Answer> answers) {
        return new FakeServer(asked -> switch (asked.what()) {
            case "common.version" ->
                Answer.result("{\"server_version\": \"saas~18.2\", \"server_version_info\": [\"saas~18\", 2, 0]}");
            case "common.authenticate" -> Answer.result("2");
            default -> answers.apply(asked);
        });
    }

    /** Without JSON-RPC; its only user is admin. */
    private static FakeServer odoo22() {
        return new FakeServer(asked -> switch (asked.what()) {
            case "common.version" -> Answer.html(404, "<!doctype html><h1>Not Found</h1>");
            case ".web.version" -> Answer.json(200, "{\"version_info\": [22, 0, 0], \"version\": \"22.0\"}");
            case "res.users.context_get" -> Answer.json(200, "{\"uid\": 7}");
            case "res.users.read" -> Answer.json(200, "[{\"id\": 7, \"login\": \"admin\"}]");
            case "res.partner.unlink" -> Answer.json(409, Answer.errorData("some.unknown.Conflict", "locked"));
            default -> Answer.json(500, Answer.errorData("builtins.Exception", asked.what()));
        });
    }

    private static boolean write(OdooClient odoo) {
        return odoo.write("res.partner", List.of(1L), Map.of("parent_id", false), Map.of());
    }

    private static Api api(String url, Protocol protocol) {
        return api(url, protocol, KEY);
    }

    private static Api api(String url, Protocol protocol, String key) {
        return new Api(url, "db", "admin", new Secret(key), protocol);
    }

    private static Kind kindOf(Runnable call) {
        return ((OdooException) failureOf(call)).kind();
    }

    private static Throwable failureOf(Runnable call) {
        try {
            call.run();
        } catch (OdooException e) {
            return e;
        }
        throw new AssertionError("nothing failed");
    }
}
