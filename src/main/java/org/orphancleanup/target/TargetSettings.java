package org.orphancleanup.target;

import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.orphancleanup.UserError;
import org.orphancleanup.target.Target.Api;
import org.orphancleanup.target.Target.Jdbc;
import org.orphancleanup.target.Target.KeepIdThrough;
import org.orphancleanup.target.Target.Protocol;
import org.orphancleanup.target.TargetProperties.Settings;
import org.postgresql.Driver;
import org.springframework.boot.convert.DurationStyle;

/** Turns the settings of one target into a {@link Target}; every mistake names the full setting and the remedy. */
final class TargetSettings {

    private static final String JDBC_PREFIX = "jdbc:postgresql:";
    private static final int DEFAULT_CONNECTIONS = 2;
    private static final Duration DEFAULT_STATEMENT_TIMEOUT = Duration.ofMinutes(10);

    private final String target;
    private final boolean oneOff;
    private final Settings settings;

    /** @param oneOff set by {@code ORPHAN_TARGET_*} rather than by {@code orphan.targets.<name>.*} */
    TargetSettings(String target, boolean oneOff, Settings settings) {
        this.target = target;
        this.oneOff = oneOff;
        this.settings = settings;
    }

    Target target() {
        Jdbc jdbc = jdbc(
                "jdbc-url",
                required("jdbc-url", settings.jdbcUrl(), "the JDBC URL of Odoo's database"),
                settings.jdbcUser(),
                settings.jdbcPassword());
        Api api = api();
        Jdbc write = write();
        return new Target(target, jdbc, api, write, keepIdThrough(api, write));
    }

    /** How many connections the pool may open. */
    int connections() {
        String text = trimmed(settings.connections());
        if (text == null) {
            return DEFAULT_CONNECTIONS;
        }
        if (!text.matches("[1-9]\\d{0,2}")) {
            throw UserError.setting(name("connections") + " is \"" + text
                    + "\": give a whole number from 1 to 999 (left out: " + DEFAULT_CONNECTIONS + ").");
        }
        return Integer.parseInt(text);
    }

    /** How long one statement may take in Odoo's database. */
    Duration statementTimeout() {
        String text = trimmed(settings.statementTimeout());
        if (text == null) {
            return DEFAULT_STATEMENT_TIMEOUT;
        }
        Duration timeout = parsed(text);
        if (timeout == null || timeout.toSeconds() < 1 || timeout.compareTo(Duration.ofDays(7)) > 0) {
            throw UserError.setting(name("statement-timeout") + " is \"" + text
                    + "\": give a duration from 1s to 7d, such as 90s or 10m (left out: 10m).");
        }
        return timeout;
    }

    /** How long to wait between two windows of a scan. */
    Duration pause() {
        String text = trimmed(settings.pause());
        if (text == null) {
            return Duration.ZERO;
        }
        Duration pause = parsed(text);
        if (pause == null || pause.isNegative() || pause.compareTo(Duration.ofHours(1)) > 0) {
            throw UserError.setting(name("pause") + " is \"" + text
                    + "\": give a duration from 0s to 1h, such as 200ms (left out: no pause).");
        }
        return pause;
    }

    private static @Nullable Duration parsed(String text) {
        try {
            return DurationStyle.detectAndParse(text);
        } catch (IllegalArgumentException | ArithmeticException e) {
            return null;
        }
    }

    /** The setting as the person wrote it, or would have to. */
    String name(String setting) {
        if (oneOff) {
            return "ORPHAN_TARGET_" + setting.replace('-', '_').toUpperCase(Locale.ROOT);
        }
        return "orphan.targets." + target + "." + setting;
    }

    private @Nullable Api api() {
        String url = trimmed(settings.url());
        String database = trimmed(settings.database());
        String login = trimmed(settings.login());
        Secret key = present(settings.apiKey());
        Protocol protocol = protocol();
        if (url == null && database == null && login == null && key == null) {
            return null;
        }
        List<String> missing = new ArrayList<>();
        if (url == null) {
            missing.add(name("url"));
        }
        if (database == null) {
            missing.add(name("database"));
        }
        if (login == null) {
            missing.add(name("login"));
        }
        if (key == null) {
            missing.add(name("api-key"));
        }
        if (url == null || database == null || login == null || key == null) {
            throw UserError.setting("Odoo's API needs " + name("url") + ", " + name("database") + ", " + name("login")
                    + " and " + name("api-key") + " together; not set: " + String.join(", ", missing)
                    + ". Set what is missing, or leave out all four for scans alone.");
        }
        return new Api(httpUrl(url), database, login, key, protocol);
    }

    private Protocol protocol() {
        String text = trimmed(settings.api());
        if (text == null) {
            return Protocol.AUTO;
        }
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "auto" -> Protocol.AUTO;
            case "json-rpc" -> Protocol.JSON_RPC;
            case "json-2" -> Protocol.JSON_2;
            default ->
                throw UserError.setting(name("api") + " is \"" + text
                        + "\", which is no protocol known here: give auto, json-rpc or json-2.");
        };
    }

    /** Without trailing slashes; a path before Odoo's own is kept. */
    private String httpUrl(String text) {
        URI uri;
        try {
            uri = new URI(text);
        } catch (URISyntaxException e) {
            // the cause would repeat the text, which may hold a password
            throw UserError.setting(name("url") + " is no URL: " + HTTP_REMEDY);
        }
        String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
        if (uri.getRawUserInfo() != null || (uri.getHost() == null && text.contains("@"))) {
            throw UserError.setting(name("url") + " holds a user or password: leave it out; the API takes "
                    + name("login") + " and " + name("api-key") + ".");
        }
        if (!Set.of("http", "https").contains(scheme) || uri.getHost() == null) {
            throw UserError.setting(name("url") + " is no web address: " + HTTP_REMEDY);
        }
        if (uri.getRawQuery() != null || uri.getRawFragment() != null) {
            throw UserError.setting(name("url") + " has a part after ? or #: leave it out. " + HTTP_REMEDY);
        }
        return text.replaceFirst("/+$", "");
    }

    private static final String HTTP_REMEDY =
            "Give the address of Odoo itself, such as https://odoo.example.com or http://127.0.0.1:8069.";

    private @Nullable Jdbc write() {
        String url = trimmed(settings.writeJdbcUrl());
        if (url == null) {
            if (trimmed(settings.writeJdbcUser()) != null || present(settings.writeJdbcPassword()) != null) {
                throw UserError.setting(name("write-jdbc-user") + " or " + name("write-jdbc-password")
                        + " is set without " + name("write-jdbc-url") + ": set that too, or none of them.");
            }
            return null;
        }
        return jdbc("write-jdbc-url", url, settings.writeJdbcUser(), settings.writeJdbcPassword());
    }

    private @Nullable KeepIdThrough keepIdThrough(@Nullable Api api, @Nullable Jdbc write) {
        String text = trimmed(settings.keepIdThrough());
        if (text == null) {
            return write == null ? null : KeepIdThrough.WRITE_CONNECTION;
        }
        switch (text.toLowerCase(Locale.ROOT)) {
            case "write-connection":
                if (write == null) {
                    throw UserError.setting(name("keep-id-through") + " is write-connection, but there is none: set "
                            + name("write-jdbc-url") + ", or take server-action.");
                }
                return KeepIdThrough.WRITE_CONNECTION;
            case "server-action":
                if (api == null) {
                    throw UserError.setting(name("keep-id-through") + " is server-action, which needs Odoo's API: set "
                            + name("url") + ", " + name("database") + ", " + name("login") + " and " + name("api-key")
                            + ".");
                }
                return KeepIdThrough.SERVER_ACTION;
            default:
                throw UserError.setting(
                        name("keep-id-through") + " is \"" + text + "\": give write-connection or server-action.");
        }
    }

    private Jdbc jdbc(String setting, String url, @Nullable String user, @Nullable Secret password) {
        // what is wrong with the URL is said without repeating it: it may hold a password
        if (!url.startsWith(JDBC_PREFIX)) {
            throw UserError.setting(name(setting) + " does not begin with " + JDBC_PREFIX
                    + ": give Odoo's PostgreSQL database as jdbc:postgresql://host:5432/database.");
        }
        int parameters = url.indexOf('?');
        if ((parameters < 0 ? url : url.substring(0, parameters)).indexOf('@') >= 0) {
            throw UserError.setting(name(setting)
                    + " holds a user or password before @, which PostgreSQL's JDBC URLs do not know: put them into "
                    + name(setting.replace("-url", "-user")) + " and " + name(setting.replace("-url", "-password"))
                    + ".");
        }
        if (Driver.parseURL(url, null) == null) {
            throw UserError.setting(
                    name(setting) + " is no PostgreSQL JDBC URL: give it as jdbc:postgresql://host:5432/database.");
        }
        return new Jdbc(url, trimmed(user), present(password));
    }

    private String required(String setting, @Nullable String value, String what) {
        String text = trimmed(value);
        if (text == null) {
            throw UserError.setting("Target \"" + target + "\" has no database: set " + name(setting) + " to " + what
                    + ", such as jdbc:postgresql://host:5432/database.");
        }
        return text;
    }

    private static @Nullable String trimmed(@Nullable String text) {
        return text == null || text.isBlank() ? null : text.trim();
    }

    /** Without the line end that a secret read from a file has. */
    private static @Nullable Secret present(@Nullable Secret secret) {
        return secret == null || secret.reveal().isBlank()
                ? null
                : new Secret(secret.reveal().replaceFirst("[\\r\\n]+$", ""));
    }
}
