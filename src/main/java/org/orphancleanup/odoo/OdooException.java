package org.orphancleanup.odoo;

import org.jspecify.annotations.Nullable;

/** Odoo refused a call, or did not answer. Never holds a key or a password. */
public class OdooException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** What a caller can do about it. */
    public enum Kind {
        /** The ORM or a business rule said no (UserError, ValidationError, RedirectWarning, IntegrityError …): 422. */
        REFUSED,
        /** MissingError: a record it needs is gone: 404. */
        MISSING,
        /** AccessError: the API user may not. */
        ACCESS,
        /** Unknown login or key, or login cooled down: stop at once, never retry. */
        LOGIN,
        /** Unknown database. */
        DATABASE,
        /** Unknown model, method or field, wrong arguments: a mistake of ours or of a definition. */
        UNKNOWN,
        /** Serialization failure or lock timeout: the same call may succeed later. Nothing was done. */
        BUSY,
        /** Connection refused, no route, DNS, TLS, a proxy's 503: the call did not reach Odoo. Nothing was done. */
        UNREACHABLE,
        /**
         * Timeout or a broken connection after the call was sent, a proxy's 504 or 502 (which it says too when a worker died
         * over the call): it may have been done. Look before repeating.
         */
        NO_ANSWER,
        /** Anything else the server raised. */
        SERVER
    }

    private final Kind kind;
    private final @Nullable String errorClass;
    private final @Nullable String traceback;

    public OdooException(
            Kind kind,
            String message,
            @Nullable String errorClass,
            @Nullable String traceback,
            @Nullable Throwable cause) {
        super(message, cause);
        this.kind = kind;
        this.errorClass = errorClass;
        this.traceback = traceback;
    }

    public Kind kind() {
        return kind;
    }

    /** The class Odoo names, such as {@code odoo.exceptions.MissingError}; null where there was none. */
    public @Nullable String errorClass() {
        return errorClass;
    }

    /** For the operator; never in a report. */
    public @Nullable String traceback() {
        return traceback;
    }
}
