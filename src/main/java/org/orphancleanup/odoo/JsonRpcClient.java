package org.orphancleanup.odoo;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.orphancleanup.odoo.OdooException.Kind;
import org.orphancleanup.odoo.OdooHttp.Reply;
import org.orphancleanup.target.Target.Api;
import org.springframework.core.retry.RetryTemplate;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.NullNode;

/** {@code /jsonrpc}: every call carries database, user id and key in its body. */
final class JsonRpcClient extends AbstractOdooClient {

    private static final String PATH = "/jsonrpc";

    private final Api api;
    private final long uid;

    private JsonRpcClient(OdooHttp http, OdooErrors errors, RetryTemplate patience, int version, Api api, long uid) {
        super(http, errors, patience, version);
        this.api = api;
        this.uid = uid;
    }

    /** The reply to {@code common.version}, which needs no login. */
    static Reply askVersion(OdooHttp http) {
        return http.post(PATH, Map.of(), request("common", "version", List.of()), "common.version");
    }

    static JsonRpcClient logIn(OdooHttp http, OdooErrors errors, RetryTemplate patience, int version, Api api) {
        Reply reply = http.post(
                PATH,
                Map.of(),
                request(
                        "common",
                        "authenticate",
                        List.of(api.database(), api.login(), api.key().reveal(), Map.of())),
                "common.authenticate");
        JsonNode uid = result(http, errors, reply, null, 0, "common.authenticate");
        if (!uid.isIntegralNumber()) {
            // false, whether the login is unknown, the key is wrong, or Odoo lets nobody in for a while
            throw new OdooException(
                    Kind.LOGIN,
                    "Odoo at " + http.base() + " refused login \"" + api.login() + "\" in database \"" + api.database()
                            + "\": check login and api-key (with two-factor login only an API key works, and keys expire). "
                            + "After several failures Odoo refuses every login from this address for a minute: "
                            + "wait before trying again.",
                    null,
                    null,
                    null);
        }
        return new JsonRpcClient(http, errors, patience, version, api, uid.asLong());
    }

    @Override
    public long uid() {
        return uid;
    }

    @Override
    public String protocol() {
        return "JSON-RPC";
    }

    @Override
    JsonNode send(OdooCall call) {
        List<Object> positional = new ArrayList<>();
        if (call.ids() != null) {
            positional.add(call.ids());
        }
        positional.addAll(call.arguments().values());
        Map<String, Object> named = new LinkedHashMap<>(call.options());
        if (!call.context().isEmpty()) {
            named.put("context", call.context());
        }
        List<Object> args = new ArrayList<>(
                List.of(api.database(), uid, api.key().reveal(), call.model(), call.method(), positional));
        if (!named.isEmpty()) {
            args.add(named);
        }
        String what = call.model() + "." + call.method();
        Reply reply = http.post(PATH, Map.of(), request("object", "execute_kw", args), what);
        return result(http, errors, reply, call, uid, what);
    }

    @Override
    Object newRecords(Map<String, Object> values) {
        return values;
    }

    private static Map<String, Object> request(String service, String method, List<?> args) {
        Map<String, Object> request = new LinkedHashMap<>();
        request.put("jsonrpc", "2.0");
        request.put("method", "call");
        request.put("id", 1);
        Map<String, Object> params = new LinkedHashMap<>();
        params.put("service", service);
        params.put("method", method);
        params.put("args", args);
        request.put("params", params);
        return request;
    }

    /** A method that returned None has no result at all. */
    static JsonNode result(
            OdooHttp http, OdooErrors errors, Reply reply, @Nullable OdooCall call, long uid, String what) {
        JsonNode body = reply.json();
        if (body == null || !body.has("jsonrpc")) {
            throw notOdoo(http, reply, what);
        }
        if (body.has("error")) {
            throw errors.of(body.path("error").path("data"), reply.status(), call, uid);
        }
        return body.has("result") ? body.path("result") : NullNode.getInstance();
    }
}
