package org.orphancleanup.odoo;

import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;
import org.orphancleanup.odoo.OdooException.Kind;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.MediaType;
import org.springframework.util.StreamUtils;
import org.springframework.web.client.RestClient;
import org.springframework.web.client.RestClientException;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** One Odoo server over HTTP: sends a request, returns the reply whatever its status, and tells "never sent" from "no answer". */
final class OdooHttp {

    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final RestClient rest;
    private final String base;

    /** @param url Odoo's address; a path before Odoo's own is kept */
    OdooHttp(RestClient rest, String url) {
        this.rest = rest;
        this.base = url.replaceFirst("/+$", "");
    }

    String base() {
        return base;
    }

    /**
     * @param json null where the body is no JSON
     * @param text of the body, for saying what it was
     * @param location where a redirect points
     */
    record Reply(
            int status,
            @Nullable JsonNode json,
            String text,
            @Nullable String location) {

        boolean isSuccess() {
            return status >= 200 && status < 300;
        }
    }

    Reply get(String path) {
        return exchange(HttpMethod.GET, path, Map.of(), null, path);
    }

    /**
     * @param what names the call in messages
     * @throws OdooException UNREACHABLE or NO_ANSWER
     */
    Reply post(String path, Map<String, String> headers, Object body, String what) {
        // bytes, not an object: RestClient logs the objects it writes at DEBUG, and JSON-RPC's body holds the key
        return exchange(HttpMethod.POST, path, headers, JSON.writeValueAsBytes(body), what);
    }

    private Reply exchange(
            HttpMethod method, String path, Map<String, String> headers, byte @Nullable [] body, String what) {
        RestClient.RequestBodySpec request = rest.method(method)
                .uri(URI.create(base + path))
                .accept(MediaType.APPLICATION_JSON)
                .headers(all -> headers.forEach(all::set));
        if (body != null) {
            request.contentType(MediaType.APPLICATION_JSON).body(body);
        }
        try {
            return request.exchangeForRequiredValue((sent, response) -> reply(
                    response.getStatusCode().value(),
                    response.getHeaders().getFirst(HttpHeaders.LOCATION),
                    StreamUtils.copyToByteArray(response.getBody())));
        } catch (RestClientException e) {
            throw failure(e, what);
        }
    }

    private static Reply reply(int status, @Nullable String location, byte[] body) {
        String text = new String(body, StandardCharsets.UTF_8);
        JsonNode json;
        try {
            json = body.length == 0 ? null : JSON.readTree(body);
        } catch (JacksonException e) {
            json = null;
        }
        return new Reply(status, json, text, location);
    }

    private OdooException failure(RestClientException e, String what) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            String why = neverSent(cause);
            if (why != null) {
                return new OdooException(
                        Kind.UNREACHABLE, "Odoo at " + base + " is not reachable: " + why, null, null, e);
            }
        }
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof HttpTimeoutException || cause instanceof TimeoutException) {
                return new OdooException(
                        Kind.NO_ANSWER,
                        "Odoo at " + base + " did not answer in time (" + what + "); it may have been done.",
                        null,
                        null,
                        e);
            }
        }
        return new OdooException(
                Kind.NO_ANSWER,
                "The connection to Odoo at " + base + " broke before the answer (" + what + "); it may have been done.",
                null,
                null,
                e);
    }

    /** Null where the request may have been sent. */
    private static @Nullable String neverSent(Throwable cause) {
        if (cause instanceof HttpConnectTimeoutException) {
            return "no answer to the connection within the time allowed. Is the address right, and does a firewall let it through?";
        }
        if (cause instanceof UnknownHostException || cause instanceof UnresolvedAddressException) {
            return "its host name is unknown. Is the address right?";
        }
        if (cause instanceof ConnectException || cause instanceof NoRouteToHostException) {
            return "the connection was refused. Is Odoo running there, and are address and port right?";
        }
        if (cause instanceof SSLHandshakeException
                || cause instanceof SSLPeerUnverifiedException
                || (cause instanceof SSLException
                        && String.valueOf(cause.getMessage()).contains("SSL message"))) {
            return "no secure connection could be made (" + cause.getMessage()
                    + "). Does it speak https, and is its certificate one that Java knows (else: spring.http.clients.ssl.bundle)?";
        }
        return null;
    }
}
