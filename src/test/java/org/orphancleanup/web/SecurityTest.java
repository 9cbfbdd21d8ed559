package org.orphancleanup.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.HttpCookie;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.orphancleanup.user.Accounts;
import org.orphancleanup.user.FirstAdmin;
import org.orphancleanup.user.Passwords;
import org.orphancleanup.user.Role;
import org.springframework.http.HttpMethod;
import org.springframework.jdbc.UncategorizedSQLException;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.servlet.mvc.method.RequestMappingInfo;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;

class SecurityTest {

    private static final String TOKEN = Passwords.randomToken();

    @TempDir
    static Path directory;

    private static Served served;

    @BeforeAll
    static void serve() {
        Map<String, Object> settings = Served.users();
        settings.put("orphan.web.tokens.script.hash", Passwords.hashOfToken(TOKEN));
        settings.put("orphan.web.tokens.script.role", "operator");
        served = new Served(directory, settings);
    }

    @AfterAll
    static void end() {
        served.close();
    }

    /** What the table of {@link Access} says, asked of the running program, for every route and role. */
    @Test
    void every_route_is_open_to_its_role_and_those_above_and_to_nobody_else() {
        Map<String, Served.Visitor> visitors = new HashMap<>();
        for (Role role : Role.values()) {
            visitors.put(role.code(), served.as(role.code()));
        }
        List<String> wrong = new ArrayList<>();
        for (Access.Route route : Access.ROUTES) {
            String path = route.pattern().replace("/**", "/x").replaceAll("\\{[^}]+}", "999");
            if (route.role() == null) {
                if (isRefused(call(served.visitor(), route.method(), path, "/login"))) {
                    wrong.add(route + " is refused to nobody in particular");
                }
                continue;
            }
            if (!isRefused(call(served.visitor(), route.method(), path, "/login"))) {
                wrong.add(route + " is open to everybody");
            }
            for (Role role : Role.values()) {
                boolean refused = isRefused(call(visitors.get(role.code()), route.method(), path, "/"));
                if (refused == role.includes(route.role())) {
                    wrong.add(route + (refused ? " is refused to " : " is open to ") + role);
                }
            }
        }
        assertThat(wrong).isEmpty();
        assertThat(Access.ROUTES).hasSizeGreaterThan(5);
    }

    private static HttpResponse<String> call(Served.Visitor visitor, HttpMethod method, String path, String page) {
        return method == HttpMethod.GET ? visitor.get(path) : visitor.submit(page, path, Map.of());
    }

    private static boolean isRefused(HttpResponse<String> answer) {
        boolean toSignIn = answer.statusCode() == 302
                && answer.headers().firstValue("Location").orElse("").endsWith("/login");
        return answer.statusCode() == 401 || answer.statusCode() == 403 || toSignIn;
    }

    @Test
    void every_page_and_action_that_there_is_has_its_line_in_the_table() {
        Set<String> mapped = new TreeSet<>();
        served.context.getBeansOfType(RequestMappingHandlerMapping.class).forEach((name, mapping) -> {
            for (RequestMappingInfo info : mapping.getHandlerMethods().keySet()) {
                for (String pattern : info.getPatternValues()) {
                    Set<RequestMethod> methods = info.getMethodsCondition().getMethods();
                    (methods.isEmpty() ? Set.of(RequestMethod.GET) : methods)
                            .forEach(method -> mapped.add(method + " " + pattern));
                }
            }
        });
        Set<String> known = new TreeSet<>();
        Access.ROUTES.forEach(route -> known.add(route.method() + " " + route.pattern()));

        assertThat(mapped).contains("GET /", "GET /login");
        assertThat(mapped.stream().filter(each -> !each.contains("actuator")))
                .allMatch(each -> known.contains(each)
                        || known.stream()
                                .anyMatch(k -> k.endsWith("/**") && each.startsWith(k.substring(0, k.length() - 3))));
    }

    @Test
    void a_post_without_the_token_of_its_session_is_refused_even_a_sign_in() {
        assertThat(served.visitor()
                        .post("/login", Map.of("username", "admin", "password", "adminadmin"))
                        .statusCode())
                .isEqualTo(403);
        Served.Visitor admin = served.as("admin");
        assertThat(admin.post("/logout", Map.of()).statusCode()).isEqualTo(403);
        assertThat(admin.post("/logout", Map.of("_csrf", served.as("admin").token("/")))
                        .statusCode())
                .isEqualTo(403);
        assertThat(admin.get("/").statusCode()).isEqualTo(200);
    }

    @Test
    void every_answer_forbids_scripts_and_styles_of_its_own_frames_and_sniffing() {
        Served.Visitor viewer = served.as("viewer");
        for (String path : List.of("/", "/login", "/nowhere", "/runs/1/report", "/api/nowhere", "/assets/app.css")) {
            var headers = viewer.get(path).headers();
            assertThat(headers.allValues("Content-Security-Policy"))
                    .as(path)
                    .singleElement()
                    .asString()
                    .contains("default-src 'none'", "script-src 'self'", "style-src 'self'", "frame-ancestors 'none'")
                    .doesNotContain("unsafe");
            assertThat(headers.firstValue("X-Content-Type-Options")).as(path).hasValue("nosniff");
            assertThat(headers.firstValue("X-Frame-Options")).as(path).hasValue("DENY");
            assertThat(headers.firstValue("Referrer-Policy")).as(path).hasValue("same-origin");
        }
        assertThat(viewer.get("/").headers().firstValue("Cache-Control"))
                .get()
                .asString()
                .contains("no-store");
        assertThat(viewer.get("/assets/app.css").headers().firstValue("Cache-Control"))
                .get()
                .asString()
                .contains("max-age");
    }

    @Test
    void pages_carry_nothing_that_the_policy_would_refuse() {
        for (String path : List.of("/", "/login", "/nowhere")) {
            assertThat(served.as("admin").get(path).body())
                    .doesNotContainPattern("<script(?![^>]* src=)")
                    .doesNotContain("<style", " style=\"", "onclick", "javascript:");
        }
    }

    @Test
    void the_session_cookie_is_for_this_site_and_no_script_and_changes_at_sign_in() {
        Served.Visitor visitor = served.visitor();
        visitor.get("/login");
        String before = cookie(visitor);
        visitor.signIn("viewer", "viewerviewer");
        assertThat(cookie(visitor)).isNotEqualTo(before);

        HttpResponse<String> page = served.visitor().get("/login");
        assertThat(page.headers().firstValue("Set-Cookie"))
                .get()
                .asString()
                .startsWith("orphan_cleanup=")
                .contains("HttpOnly", "SameSite=Lax");
    }

    /** Within this program, else whole. */
    private static String location(HttpResponse<String> answer) {
        return answer.headers().firstValue("Location").orElse("").replaceFirst("^http://127\\.0\\.0\\.1:\\d+", "");
    }

    private static String cookie(Served.Visitor visitor) {
        return visitor.cookies.getCookieStore().getCookies().stream()
                .filter(cookie -> cookie.getName().equals("orphan_cleanup"))
                .map(HttpCookie::getValue)
                .findFirst()
                .orElseThrow();
    }

    @Test
    void after_a_sign_in_the_page_asked_for_is_shown_and_no_address_elsewhere_ever() {
        Served.Visitor visitor = served.visitor();
        assertThat(location(visitor.get("/?from=mail"))).endsWith("/login");
        assertThat(location(visitor.signIn("viewer", "viewerviewer"))).startsWith("/?from=mail");

        Served.Visitor lured = served.visitor();
        String token = lured.token("/login?continue=https://evil.example/&redirect=//evil.example");
        HttpResponse<String> answer = lured.post(
                "/login?continue=https://evil.example/",
                Map.of("username", "viewer", "password", "viewerviewer", "_csrf", token, "redirect", "//evil.example"));
        assertThat(location(answer)).isEqualTo("/");
    }

    @Test
    void who_guesses_waits_longer_and_longer_and_locks_nobody_else_out() {
        Served.Visitor guesser = served.visitor();
        for (int i = 0; i < 5; i++) {
            assertThat(location(guesser.signIn("guessed", "wrong"))).isEqualTo("/login?error");
        }
        HttpResponse<String> sixth = guesser.signIn("guessed", "wrong");
        assertThat(sixth.statusCode()).isEqualTo(429);
        assertThat(sixth.headers().firstValue("Retry-After")).isPresent();
        assertThat(sixth.body()).contains("Too many failed sign-ins");
        assertThat(location(served.visitor().signIn("viewer", "viewerviewer"))).isEqualTo("/");
    }

    @Test
    void sign_ins_are_in_the_audit_log_and_what_may_be_a_password_is_not() {
        served.as("operator");
        served.visitor().signIn("my secret password", "operator");
        assertThat(served.ours()
                        .sql("SELECT who || ' ' || action FROM audit_log")
                        .query(String.class)
                        .list())
                .contains("operator signed-in", "(unknown) sign-in-failed")
                .noneMatch(line -> line.contains("secret"));
    }

    @Test
    void nobody_changes_the_audit_log() {
        served.as("operator");
        for (String sql : List.of("UPDATE audit_log SET who = 'x'", "DELETE FROM audit_log", "TRUNCATE audit_log")) {
            assertThatThrownBy(() -> served.ours().sql(sql).update())
                    .isInstanceOf(UncategorizedSQLException.class)
                    .hasMessageContaining("append-only");
        }
    }

    @Test
    void a_token_opens_the_api_alone_with_its_role_and_without_a_session() {
        HttpResponse<String> described = api("/api/openapi", TOKEN);
        assertThat(described.statusCode()).isEqualTo(200);
        assertThat(described.headers().firstValue("Set-Cookie")).isEmpty();
        assertThat(api("/api/openapi", TOKEN + "x").statusCode()).isEqualTo(401);
        assertThat(served.visitor().get("/api/openapi").statusCode()).isEqualTo(401);
        assertThat(served.as("viewer").get("/api/openapi").statusCode()).isEqualTo(200);
        assertThat(served.visitor().get("/", "Authorization", "Bearer " + TOKEN).statusCode())
                .isEqualTo(302);
    }

    private static HttpResponse<String> api(String path, String token) {
        return served.visitor().get(path, "Authorization", "Bearer " + token);
    }

    @Test
    void a_page_that_polls_is_told_to_sign_in_again() {
        HttpResponse<String> answer = served.visitor().get("/", "HX-Request", "true");
        assertThat(answer.statusCode()).isEqualTo(401);
        assertThat(answer.headers().firstValue("HX-Redirect")).hasValue("/login");
    }

    @Test
    void health_and_info_are_open_and_the_rest_of_the_actuator_is_not() {
        Served.Visitor nobody = served.visitor();
        assertThat(nobody.get("/actuator/health", "Accept", "application/json").body())
                .isEqualTo("{\"groups\":[\"liveness\",\"readiness\"],\"status\":\"UP\"}");
        assertThat(nobody.get("/actuator/info", "Accept", "application/json").statusCode())
                .isEqualTo(200);
        assertThat(nobody.get("/actuator/metrics", "Accept", "application/json").statusCode())
                .isIn(302, 401);
        assertThat(served.as("approver")
                        .get("/actuator/metrics", "Accept", "application/json")
                        .statusCode())
                .isEqualTo(403);
        assertThat(served.as("admin")
                        .get("/actuator/metrics", "Accept", "application/json")
                        .statusCode())
                .isEqualTo(200);
        assertThat(served.as("admin")
                        .get("/actuator/env", "Accept", "application/json")
                        .statusCode())
                .isEqualTo(404);
    }

    @Test
    void times_are_in_the_zone_that_the_browser_names_and_nonsense_is_no_zone() {
        served.ours().sql("""
                INSERT INTO run (job, target, target_fingerprint, target_database, command, started_through, asked_by, definition,
                    status, started_at, heartbeat_at, host, pid, process_started_at)
                VALUES ('zoned', 't', 'f', 'd', 'scan', 'web', 'a', '', 'completed', '2026-07-01T22:30:00Z', now(), 'h', 1, now())""").update();
        Served.Visitor viewer = served.as("viewer");
        assertThat(viewer.get("/runs", "Cookie", session(viewer) + "; zone=Europe/Brussels")
                        .body())
                .contains("2 Jul 2026, 00:30 CEST", "Times are in Europe/Brussels");
        // as the page's script writes it
        assertThat(viewer.get("/runs", "Cookie", session(viewer) + "; zone=America%2FNew_York")
                        .body())
                .contains("1 Jul 2026, 18:30 EDT", "Times are in America/New_York");
        for (String utc : List.of("UTC", "Etc%2FUTC", "Z")) {
            assertThat(viewer.get("/runs", "Cookie", session(viewer) + "; zone=" + utc)
                            .body())
                    .as(utc)
                    .contains("1 Jul 2026, 22:30 UTC", "Times are in UTC");
        }
        for (String nonsense : List.of("Mars<script>", "Mars%2", "%2F%2F", "Europe%252FParis")) {
            assertThat(viewer.get("/runs", "Cookie", session(viewer) + "; zone=" + nonsense)
                            .body())
                    .as(nonsense)
                    .contains("1 Jul 2026, 22:30 ")
                    .doesNotContain("Mars", "%2");
        }
    }

    private static String session(Served.Visitor visitor) {
        return "orphan_cleanup=" + cookie(visitor);
    }

    @Test
    void a_password_in_clear_and_an_unknown_role_are_refused_at_the_start() {
        for (Map<String, Object> settings : List.<Map<String, Object>>of(
                Map.of("orphan.web.users.ann.password", "geheim", "orphan.web.users.ann.role", "admin"),
                Map.of(
                        "orphan.web.users.ann.password",
                        "$2y$04$abcdefghijklmnopqrstuuMGdkGOQUXv6Y1RUdPcZBU1aXxjjHUJO",
                        "orphan.web.users.ann.role",
                        "boss"))) {
            assertThatThrownBy(() -> new Served(directory, settings).close())
                    .rootCause()
                    .hasMessageContaining("orphan.web.users.ann")
                    .hasMessageNotContaining("geheim");
        }
    }

    @Test
    void without_users_the_first_start_makes_one_admin_and_tells_his_password_once() {
        try (Served fresh = new Served(directory, Map.of())) {
            FirstAdmin first = fresh.context.getBean(FirstAdmin.class);
            String password = first.make().orElseThrow();
            assertThat(first.make()).isEmpty();
            Served.Visitor admin = fresh.visitor();
            assertThat(location(admin.signIn("admin", password))).isEqualTo("/");
            assertThat(admin.get("/actuator/metrics", "Accept", "application/json")
                            .statusCode())
                    .isEqualTo(200);
            assertThat(location(fresh.visitor().signIn("admin", password + "x")))
                    .isEqualTo("/login?error");
            assertThat(fresh.ours()
                            .sql("SELECT password FROM first_admin")
                            .query(String.class)
                            .single())
                    .startsWith("{bcrypt}");
        }
    }

    @Test
    void the_demo_is_open_says_so_on_each_page_keeps_its_tokens_and_stays_on_this_machine() {
        try (Served demo = new Served(directory, Map.of("orphan.web.open", "true"))) {
            Served.Visitor visitor = demo.visitor();
            for (String path : List.of("/", "/nowhere")) {
                assertThat(visitor.get(path).body()).contains("This is the demo: nobody signs in");
            }
            assertThat(location(visitor.get("/login"))).isEqualTo("/");
            assertThat(demo.context.getBean(Accounts.class).isOpen()).isTrue();
            assertThat(visitor.post("/logout", Map.of()).statusCode()).isEqualTo(403);
        }
        assertThatThrownBy(() -> new Served(directory, Map.of("orphan.web.open", "true", "server.address", "0.0.0.0")))
                .rootCause()
                .hasMessageContaining("this machine alone");
        Map<String, Object> withUsers = Served.users();
        withUsers.put("orphan.web.open", "true");
        try (Served closed = new Served(directory, withUsers)) {
            assertThat(closed.visitor().get("/").statusCode()).isEqualTo(302);
        }
    }

    @Test
    void a_form_sent_as_json_or_put_by_another_method_reaches_nothing() {
        Served.Visitor admin = served.as("admin");
        assertThat(admin.send(HttpRequest.newBuilder(URI.create(served.url("/")))
                                .method("PUT", HttpRequest.BodyPublishers.noBody()))
                        .statusCode())
                .isEqualTo(403);
    }
}
