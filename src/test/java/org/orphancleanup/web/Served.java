package org.orphancleanup.web;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.CookieManager;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.orphancleanup.OrphanCleanup;
import org.orphancleanup.TestPostgres;
import org.postgresql.ds.PGSimpleDataSource;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.security.crypto.bcrypt.BCryptPasswordEncoder;
import org.springframework.security.crypto.password.PasswordEncoder;

/** The program as it serves, with our database of its own and a user of each role, whose password is the name twice. */
final class Served implements AutoCloseable {

    /** As cheap as can be, as every test signs in. */
    private static final PasswordEncoder ENCODER = new BCryptPasswordEncoder(4);

    final PGSimpleDataSource ours = TestPostgres.ourDatabase();
    final ConfigurableApplicationContext context;
    final Path jobs;

    Served(Path directory, Map<String, Object> more) {
        try {
            jobs = Files.createDirectories(directory.resolve("jobs"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Map<String, Object> settings = new HashMap<>();
        settings.put("spring.datasource.url", ours.getUrl());
        settings.put("spring.datasource.username", "postgres");
        settings.put("orphan.data-dir", directory.resolve("data").toString());
        settings.put("orphan.jobs-dir", jobs.toString());
        settings.put("server.port", "0");
        context = new SpringApplicationBuilder(OrphanCleanup.class)
                .web(WebApplicationType.SERVLET)
                .properties(settings)
                .run(more.entrySet().stream()
                        .map(setting -> "--" + setting.getKey() + "=" + setting.getValue())
                        .toArray(String[]::new));
    }

    /** A user of each role: viewer, operator, approver, admin. */
    static Map<String, Object> users() {
        Map<String, Object> users = new HashMap<>();
        for (String name : new String[] {"viewer", "operator", "approver", "admin"}) {
            users.put("orphan.web.users." + name + ".password", "{bcrypt}" + ENCODER.encode(name + name));
            users.put("orphan.web.users." + name + ".role", name);
        }
        return users;
    }

    int port() {
        return ((WebServerApplicationContext) context).getWebServer().getPort();
    }

    String url(String path) {
        return "http://127.0.0.1:" + port() + path;
    }

    JdbcClient ours() {
        return JdbcClient.create(ours);
    }

    Visitor visitor() {
        return new Visitor();
    }

    Visitor as(String name) {
        Visitor visitor = new Visitor();
        HttpResponse<String> answer = visitor.signIn(name, name + name);
        if (answer.statusCode() != 302
                || answer.headers().firstValue("Location").orElse("").contains("error")) {
            throw new AssertionError("no sign-in as " + name + ": " + answer.statusCode());
        }
        return visitor;
    }

    @Override
    public void close() {
        context.close();
    }

    /** A browser of the plainest kind: keeps cookies, follows nothing. */
    final class Visitor {

        private static final Pattern TOKEN = Pattern.compile("name=\"_csrf\" value=\"([^\"]+)\"");

        final CookieManager cookies = new CookieManager();
        private final HttpClient browser =
                HttpClient.newBuilder().cookieHandler(cookies).build();

        HttpResponse<String> signIn(String name, String password) {
            String token = token("/login");
            return post("/login", Map.of("username", name, "password", password, "_csrf", token));
        }

        HttpResponse<String> get(String path, String... headers) {
            HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url(path)));
            request.header("Accept", path.startsWith("/api") ? "application/json" : "text/html");
            for (int i = 0; i < headers.length; i += 2) {
                request.setHeader(headers[i], headers[i + 1]);
            }
            return send(request);
        }

        /** The token that the forms of a page carry; empty where it has none. */
        String token(String page) {
            Matcher token = TOKEN.matcher(get(page).body());
            return token.find() ? token.group(1) : "";
        }

        /** As a form of the page would. */
        HttpResponse<String> submit(String page, String path, Map<String, String> fields) {
            Map<String, String> all = new HashMap<>(fields);
            all.put("_csrf", token(page));
            return post(path, all);
        }

        HttpResponse<String> post(String path, Map<String, String> fields) {
            return send(HttpRequest.newBuilder(URI.create(url(path)))
                    .header("Accept", "text/html")
                    .header("Content-Type", "application/x-www-form-urlencoded")
                    .POST(HttpRequest.BodyPublishers.ofString(fields.entrySet().stream()
                            .map(field -> encode(field.getKey()) + "=" + encode(field.getValue()))
                            .collect(Collectors.joining("&")))));
        }

        HttpResponse<String> send(HttpRequest.Builder request) {
            try {
                return browser.send(request.build(), HttpResponse.BodyHandlers.ofString());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }

        private String encode(String text) {
            return URLEncoder.encode(text, StandardCharsets.UTF_8);
        }
    }
}
