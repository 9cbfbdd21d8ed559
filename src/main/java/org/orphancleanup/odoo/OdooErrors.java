package org.orphancleanup.odoo;

import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.orphancleanup.odoo.OdooException.Kind;
import org.orphancleanup.target.Secret;
import tools.jackson.databind.JsonNode;

/**
 * Reads what Odoo raised: {@code name, message, arguments, debug}, the same in both protocols. The exception's name decides;
 * JSON-2's status only where the name says nothing. Whatever Odoo echoes, the key is taken out.
 */
final class OdooErrors {

    private static final int LONGEST_MESSAGE = 2000;

    private static final Set<String> BUSY = Set.of(
            "SerializationFailure",
            "LockNotAvailable",
            "DeadlockDetected",
            "TransactionRollbackError",
            "PoolError",
            "LockError",
            "ConcurrencyError");
    private static final Pattern BUSY_TEXT = Pattern.compile(
            "could not serialize|could not obtain lock|due to lock timeout|deadlock detected"
                    + "|connection pool is full|remaining connection slots|too many (clients|connections)"
                    + "|the database system is (starting up|shutting down|in recovery)",
            Pattern.CASE_INSENSITIVE);
    /** The connection broke under the transaction: at its commit nobody knows whether it was done. */
    private static final Pattern CUT_TEXT = Pattern.compile(
            "server closed the connection|terminating connection|connection (is )?already closed|SSL connection has been closed",
            Pattern.CASE_INSENSITIVE);

    private static final Pattern NO_DATABASE = Pattern.compile("database \".*\" does not exist");
    private static final Pattern UNKNOWN_MODEL = Pattern.compile("Object \\S+ doesn't exist");
    private static final Pattern UNKNOWN_FIELD =
            Pattern.compile("Invalid (field|leaf|operator|domain)\\b.*|Wrong value for .*");
    private static final Pattern UNKNOWN_METHOD = Pattern.compile("The method '.*' does not exist.*");

    private final Secret key;

    OdooErrors(Secret key) {
        this.key = key;
    }

    /** Whether a body is an error as Odoo writes one. */
    static boolean isError(@Nullable JsonNode data) {
        return data != null
                && data.path("name").isString()
                && data.path("arguments").isArray();
    }

    /** @param uid of the API user, 0 before the login */
    OdooException of(JsonNode data, int status, @Nullable OdooCall call, long uid) {
        String errorClass = data.path("name").asString("");
        String message = message(data);
        Kind kind = kind(errorClass, message, status, call, uid);
        return new OdooException(
                kind,
                inWords(kind, errorClass, message),
                errorClass.isEmpty() ? null : errorClass,
                data.path("debug").isString() ? scrubbed(data.path("debug").asString()) : null,
                null);
    }

    /** Anything the server or a proxy said, without the key. */
    String scrubbed(String text) {
        String secret = key.reveal();
        // Python's repr and JSON both double the backslash
        return text.replace(secret, "***").replace(secret.replace("\\", "\\\\"), "***");
    }

    private String message(JsonNode data) {
        // a RedirectWarning's message also carries its action and the button's text
        JsonNode first = data.path("arguments").path(0);
        boolean whole = !data.path("name").asString("").endsWith(".RedirectWarning") || !first.isString();
        String text = scrubbed((whole ? data.path("message").asString("") : first.asString()))
                .strip();
        return text.length() <= LONGEST_MESSAGE ? text : text.substring(0, LONGEST_MESSAGE) + "…";
    }

    private static String inWords(Kind kind, String errorClass, String message) {
        String name = simpleName(errorClass);
        if (kind == Kind.LOGIN) {
            return message.contains("Too many login failures")
                    ? "Odoo lets nobody in from this address for a while, after too many failed logins. Wait a minute, then check the login and the key before trying again. ("
                            + message + ")"
                    : "Odoo refused the login or its key: check both; keys expire and can be revoked. (" + message
                            + ")";
        }
        if (message.isEmpty()) {
            return name.isEmpty() ? "Odoo raised an error without a message." : name;
        }
        return errorClass.startsWith("builtins.") ? name + ": " + message : message;
    }

    private static String simpleName(String errorClass) {
        return errorClass.substring(errorClass.lastIndexOf('.') + 1);
    }

    private static Kind kind(String errorClass, String message, int status, @Nullable OdooCall call, long uid) {
        String name = simpleName(errorClass);
        if (BUSY.contains(name)) {
            return Kind.BUSY;
        }
        if (errorClass.startsWith("psycopg2")) {
            return ofDatabase(name, message);
        }
        return switch (name) {
            case "AccessDenied", "SessionExpiredException", "Unauthorized" -> Kind.LOGIN;
            case "AccessError" -> message.startsWith("Private methods") ? Kind.UNKNOWN : Kind.ACCESS;
            case "MissingError" ->
                uid != 0 && message.contains("res.users(" + uid + ",), User: " + uid + ")") ? Kind.LOGIN : Kind.MISSING;
            case "UserError" -> UNKNOWN_MODEL.matcher(message).matches() ? Kind.UNKNOWN : Kind.REFUSED;
            case "ValidationError", "RedirectWarning" -> Kind.REFUSED;
            // Python's own errors: ours where they name what we sent, else a failure inside Odoo, met by this record
            // alone
            case "ValueError" -> UNKNOWN_FIELD.matcher(message).matches() ? Kind.UNKNOWN : Kind.SERVER;
            case "KeyError" -> call != null && mentions(call, message) ? Kind.UNKNOWN : Kind.SERVER;
            case "AttributeError" -> UNKNOWN_METHOD.matcher(message).matches() ? Kind.UNKNOWN : Kind.SERVER;
            case "TypeError" ->
                call != null && message.contains("." + call.method() + "()") ? Kind.UNKNOWN : Kind.SERVER;
            default -> errorClass.startsWith("odoo.exceptions.") ? Kind.REFUSED : ofStatus(status);
        };
    }

    private static Kind ofDatabase(String name, String message) {
        if (name.equals("IntegrityError") || name.endsWith("Violation")) {
            return Kind.REFUSED;
        }
        if (NO_DATABASE.matcher(message).find()) {
            return Kind.DATABASE;
        }
        if (BUSY_TEXT.matcher(message).find()) {
            return Kind.BUSY;
        }
        return CUT_TEXT.matcher(message).find() ? Kind.NO_ANSWER : Kind.SERVER;
    }

    /** JSON-2, and proxies. */
    static Kind ofStatus(int status) {
        return switch (status) {
            case 400, 404, 405, 415, 422 -> Kind.UNKNOWN;
            case 401 -> Kind.LOGIN;
            case 403 -> Kind.ACCESS;
            case 409, 429 -> Kind.BUSY;
            // too large for the proxy: as with any refused batch, half of it may pass
            case 413 -> Kind.REFUSED;
            default -> Kind.SERVER;
        };
    }

    private static boolean mentions(OdooCall call, String name) {
        return mentions(call.arguments(), name) || mentions(call.options(), name);
    }

    private static boolean mentions(@Nullable Object value, String name) {
        if (value instanceof Map<?, ?> map) {
            return map.containsKey(name) || map.values().stream().anyMatch(item -> mentions(item, name));
        }
        if (value instanceof Collection<?> items) {
            return items.stream().anyMatch(item -> mentions(item, name));
        }
        return name.equals(value);
    }
}
