package org.orphancleanup.odoo;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.orphancleanup.odoo.OdooException.Kind;
import org.orphancleanup.odoo.OdooHttp.Reply;
import org.orphancleanup.target.Target.Api;
import org.springframework.core.retry.RetryTemplate;
import org.springframework.web.util.UriUtils;
import tools.jackson.databind.JsonNode;

/** {@code /json/2/<model>/<method>}: a key in the header, arguments by name, results and errors bare. */
final class Json2Client extends AbstractOdooClient {

    private final Map<String, String> headers;
    private final String database;
    private long uid;

    private Json2Client(OdooHttp http, OdooErrors errors, RetryTemplate patience, int version, Api api) {
        super(http, errors, patience, version);
        this.database = api.database();
        this.headers = Map.of("Authorization", "bearer " + api.key().reveal(), "X-Odoo-Database", api.database());
    }

    /** The reply of the version page, which needs no login. */
    static Reply askVersion(OdooHttp http) {
        return http.get("/web/version");
    }

    static Json2Client logIn(OdooHttp http, OdooErrors errors, RetryTemplate patience, int version, Api api) {
        // a line end in a header would be refused with a message that repeats the header
        if (!api.key().reveal().matches("[\\x21-\\x7e]+")) {
            throw new OdooException(
                    Kind.LOGIN,
                    "The api-key holds a blank or another character that no API key has: copy it again. "
                            + "JSON-2 takes API keys only, no passwords.",
                    null,
                    null,
                    null);
        }
        Json2Client client = new Json2Client(http, errors, patience, version, api);
        client.uid = client.call(new OdooCall("res.users", "context_get", null, Map.of(), Map.of(), Map.of()))
                .path("uid")
                .asLong(0);
        String login = client.read("res.users", List.of(client.uid), List.of("login"), Map.of()).stream()
                .map(row -> row.get("login"))
                .filter(value -> value != null)
                .map(value -> value.asString(""))
                .findFirst()
                .orElse("");
        if (!login.equals(api.login())) {
            throw new OdooException(
                    Kind.LOGIN,
                    "The api-key for Odoo at " + http.base() + " belongs to user \"" + login + "\", not to \""
                            + api.login() + "\": set that login, or a key of this user.",
                    null,
                    null,
                    null);
        }
        return client;
    }

    @Override
    public long uid() {
        return uid;
    }

    @Override
    public String protocol() {
        return "JSON-2";
    }

    @Override
    JsonNode send(OdooCall call) {
        Map<String, Object> body = new LinkedHashMap<>();
        if (call.ids() != null) {
            body.put("ids", call.ids());
        }
        body.putAll(call.arguments());
        body.putAll(call.options());
        if (!call.context().isEmpty()) {
            body.put("context", call.context());
        }
        String what = call.model() + "." + call.method();
        Reply reply = http.post(
                "/json/2/" + UriUtils.encodePathSegment(call.model(), StandardCharsets.UTF_8) + "/"
                        + UriUtils.encodePathSegment(call.method(), StandardCharsets.UTF_8),
                headers,
                body,
                what);
        JsonNode json = reply.json();
        if (reply.isSuccess() && json != null) {
            return json;
        }
        if (json != null && OdooErrors.isError(json)) {
            throw errors.of(json, reply.status(), call, uid);
        }
        if (reply.status() == 404 && reply.text().contains("X-Odoo-Database")) {
            throw new OdooException(
                    Kind.DATABASE,
                    "Odoo at " + http.base() + " has no database \"" + database
                            + "\", or does not show it under this address: check the target's database.",
                    null,
                    null,
                    null);
        }
        throw notOdoo(reply, what);
    }

    @Override
    Object newRecords(Map<String, Object> values) {
        return List.of(values);
    }
}
