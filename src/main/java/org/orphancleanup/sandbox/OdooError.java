package org.orphancleanup.sandbox;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What Odoo raises: the Python class, its message and arguments, and the status JSON-2 gives it. */
final class OdooError extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final String name;
    private final transient List<@Nullable Object> arguments;
    private final int status;

    private OdooError(String name, String message, List<@Nullable Object> arguments, int status) {
        super(message, null, false, false);
        this.name = name;
        this.arguments = arguments;
        this.status = status;
    }

    private static OdooError of(String name, String message, int status) {
        return new OdooError(name, message, List.of(message), status);
    }

    static OdooError missing(String model, long id, long uid) {
        return of(
                "odoo.exceptions.MissingError",
                "Record does not exist or has been deleted.\n(Record: " + model + "(" + id + ",), User: " + uid + ")",
                404);
    }

    static OdooError access(String message) {
        return of("odoo.exceptions.AccessError", message, 403);
    }

    static OdooError denied() {
        return of("odoo.exceptions.AccessDenied", "Access Denied", 403);
    }

    static OdooError user(String message) {
        return of("odoo.exceptions.UserError", message, 422);
    }

    static OdooError validation(String message) {
        return of("odoo.exceptions.ValidationError", message, 422);
    }

    static OdooError redirect(String message, Object action, String button) {
        List<@Nullable Object> arguments = new ArrayList<>(List.of(message, action, button));
        arguments.add(null);
        return new OdooError(
                "odoo.exceptions.RedirectWarning",
                message + "\n" + Python.repr(action) + "\n" + button + "\nNone",
                arguments,
                500);
    }

    static OdooError value(String message) {
        return of("builtins.ValueError", message, 500);
    }

    static OdooError key(String key) {
        return of("builtins.KeyError", key, 500);
    }

    static OdooError type(String message) {
        return of("builtins.TypeError", message, 500);
    }

    static OdooError attribute(String message) {
        return of("builtins.AttributeError", message, 500);
    }

    static OdooError runtime(String message) {
        return of("builtins.RuntimeError", message, 500);
    }

    static OdooError database(String errorClass, String message) {
        return of("psycopg2." + errorClass, message, errorClass.startsWith("errors.") ? 409 : 500);
    }

    /** JSON-2's own, from the HTTP library. */
    static OdooError http(String errorClass, String message, int status) {
        return new OdooError("werkzeug.exceptions." + errorClass, message, List.of(message, status), status);
    }

    String name() {
        return name;
    }

    String message() {
        return String.valueOf(getMessage());
    }

    List<@Nullable Object> arguments() {
        return arguments;
    }

    int status() {
        return status;
    }

    String simpleName() {
        return name.substring(name.lastIndexOf('.') + 1);
    }

    boolean isMissing() {
        return name.endsWith(".MissingError");
    }
}
