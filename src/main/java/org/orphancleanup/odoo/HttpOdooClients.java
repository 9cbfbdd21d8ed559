package org.orphancleanup.odoo;

import java.net.http.HttpClient;
import java.time.Duration;
import java.util.OptionalInt;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.orphancleanup.UserError;
import org.orphancleanup.odoo.OdooException.Kind;
import org.orphancleanup.odoo.OdooHttp.Reply;
import org.orphancleanup.target.Target.Api;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.http.client.ClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.HttpClientSettings;
import org.springframework.boot.http.client.HttpRedirects;
import org.springframework.core.retry.RetryPolicy;
import org.springframework.core.retry.RetryTemplate;
import org.springframework.stereotype.Component;
import org.springframework.web.client.RestClient;
import tools.jackson.databind.JsonNode;

/** Sessions over HTTP. Timeouts and certificates are Spring Boot's {@code spring.http.clients.*}. */
@Component
class HttpOdooClients implements OdooClients {

    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);
    /** Past the 120 s after which Odoo itself ends a request, so that its own answer comes first. */
    private static final Duration READ_TIMEOUT = Duration.ofSeconds(150);

    private static final int OLDEST = 17;
    private static final int FIRST_WITH_JSON_2 = 19;
    private static final Pattern MAJOR = Pattern.compile("(\\d+)");

    private final RestClient rest;
    private final RetryTemplate patience;

    @Autowired
    HttpOdooClients(HttpClientSettings settings) {
        this(
                settings,
                RetryPolicy.builder()
                        .maxRetries(5)
                        .delay(Duration.ofSeconds(1))
                        .multiplier(2)
                        .jitter(Duration.ofMillis(500))
                        .maxDelay(Duration.ofSeconds(20))
                        .predicate(HttpOdooClients::isBusy)
                        .build());
    }

    /** @param retries how often and after what pause a call that found Odoo busy is sent again */
    HttpOdooClients(HttpClientSettings settings, RetryPolicy retries) {
        HttpClientSettings ours = settings.withTimeouts(
                        settings.connectTimeout() == null ? CONNECT_TIMEOUT : settings.connectTimeout(),
                        settings.readTimeout() == null ? READ_TIMEOUT : settings.readTimeout())
                // a redirect would carry the key to an address nobody configured, and turns POST into GET
                .withRedirects(HttpRedirects.DONT_FOLLOW);
        this.rest = RestClient.builder()
                .requestFactory(ClientHttpRequestFactoryBuilder.jdk()
                        // plain HTTP/1.1: the upgrade offer of HTTP/2 over http confuses some proxies
                        .withHttpClientCustomizer(client -> client.version(HttpClient.Version.HTTP_1_1))
                        .build(ours))
                .build();
        this.patience = new RetryTemplate(retries);
    }

    static boolean isBusy(Throwable failure) {
        return failure instanceof OdooException odoo && odoo.kind() == Kind.BUSY;
    }

    @Override
    public OdooClient open(Api api) {
        OdooHttp http = new OdooHttp(rest, api.url());
        OdooErrors errors = new OdooErrors(api.key());
        return switch (api.protocol()) {
            case JSON_RPC -> {
                Reply reply = asked(http, JsonRpcClient::askVersion);
                OptionalInt version = jsonRpcVersion(reply);
                if (version.isEmpty()
                        && json2Version(asked(http, Json2Client::askVersion)).isPresent()) {
                    throw UserError.setting("Odoo at " + http.base()
                            + " no longer offers JSON-RPC: set the target's api to auto or json-2, with an API key.");
                }
                yield overJsonRpc(http, errors, reply, version, api);
            }
            case JSON_2 -> {
                Reply reply = asked(http, Json2Client::askVersion);
                OptionalInt version = json2Version(reply);
                if (version.isEmpty() || version.getAsInt() < FIRST_WITH_JSON_2) {
                    OptionalInt older = jsonRpcVersion(asked(http, JsonRpcClient::askVersion));
                    if (older.isPresent()) {
                        throw UserError.setting("JSON-2 needs Odoo " + FIRST_WITH_JSON_2 + " or later, and Odoo at "
                                + http.base() + " is version " + older.getAsInt()
                                + ": set the target's api to auto or json-rpc.");
                    }
                }
                yield overJson2(http, errors, reply, version, api);
            }
            case AUTO -> {
                Reply reply = asked(http, JsonRpcClient::askVersion);
                OptionalInt version = jsonRpcVersion(reply);
                if (version.isPresent()) {
                    yield overJsonRpc(http, errors, reply, version, api);
                }
                throwIfDown(http, reply);
                OptionalInt later = json2Version(asked(http, Json2Client::askVersion));
                yield overJson2(http, errors, reply, later, api);
            }
        };
    }

    private OdooClient overJsonRpc(OdooHttp http, OdooErrors errors, Reply reply, OptionalInt version, Api api) {
        if (version.isEmpty()) {
            throw nothingThere(http, reply);
        }
        if (version.getAsInt() < OLDEST) {
            throw UserError.setting("Odoo at " + http.base() + " is version " + version.getAsInt()
                    + "; this program knows " + OLDEST + " and later.");
        }
        return JsonRpcClient.logIn(http, errors, patience, version.getAsInt(), api);
    }

    private OdooClient overJson2(OdooHttp http, OdooErrors errors, Reply reply, OptionalInt version, Api api) {
        if (version.isEmpty()) {
            throw nothingThere(http, reply);
        }
        return Json2Client.logIn(http, errors, patience, version.getAsInt(), api);
    }

    /** The answer to a question that changes nothing: where there is none, nothing was done. */
    private static Reply asked(OdooHttp http, Function<OdooHttp, Reply> question) {
        try {
            return question.apply(http);
        } catch (OdooException e) {
            if (e.kind() != Kind.NO_ANSWER) {
                throw e;
            }
            throw new OdooException(
                    Kind.UNREACHABLE,
                    "Odoo at " + http.base() + " did not answer when asked for its version: see that it runs.",
                    null,
                    null,
                    e);
        }
    }

    private static OptionalInt jsonRpcVersion(Reply reply) {
        JsonNode body = reply.json();
        if (!reply.isSuccess() || body == null) {
            return OptionalInt.empty();
        }
        JsonNode result = body.path("result");
        return major(result.path("server_version_info"), result.path("server_version"));
    }

    private static OptionalInt json2Version(Reply reply) {
        JsonNode body = reply.json();
        if (!reply.isSuccess() || body == null) {
            return OptionalInt.empty();
        }
        return major(body.path("version_info"), body.path("version"));
    }

    /** The number may stand inside a word, as in {@code saas~18}. */
    private static OptionalInt major(JsonNode info, JsonNode text) {
        String first =
                info.path(0).isMissingNode() ? text.asString("") : info.path(0).asString("");
        Matcher number = MAJOR.matcher(first);
        return number.find() ? OptionalInt.of(Integer.parseInt(number.group(1))) : OptionalInt.empty();
    }

    private static void throwIfDown(OdooHttp http, Reply reply) {
        if (reply.status() >= 500 || (reply.status() >= 300 && reply.status() < 400)) {
            throw nothingThere(http, reply);
        }
    }

    /** Nothing was asked for but a version, so nothing can have been done. */
    private static OdooException nothingThere(OdooHttp http, Reply reply) {
        int status = reply.status();
        String location = reply.location();
        String what;
        if (status >= 300 && status < 400) {
            what = " sends us on" + (location == null ? "" : " to " + location) + " (HTTP " + status
                    + "): put Odoo's own address into the target's url.";
        } else if (status >= 500) {
            what = " is not available (HTTP " + status + "): see that it runs.";
        } else {
            what = " does not answer as Odoo's API (HTTP " + status
                    + "): put Odoo's own address into the target's url, without /web, /odoo or a database's name.";
        }
        return new OdooException(Kind.UNREACHABLE, "Odoo at " + http.base() + what, null, null, null);
    }
}
