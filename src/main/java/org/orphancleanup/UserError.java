package org.orphancleanup;

import org.jspecify.annotations.Nullable;

/**
 * Something the person who called can mend: a setting, a file, a key, a service that is down. The message names it and
 * the remedy, and is printed without a stack trace.
 */
public class UserError extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** The exit code of the command line that this error ends in. */
    public enum Kind {
        /** Options, files, configuration, unknown model or database, refused key, a guard that needs a setting: 2. */
        SETTING(2),
        /** A service is unreachable, or the run failed: 3. */
        SERVICE(3);

        private final int exitCode;

        Kind(int exitCode) {
            this.exitCode = exitCode;
        }

        public int exitCode() {
            return exitCode;
        }
    }

    private final Kind kind;

    public UserError(Kind kind, String message) {
        super(message);
        this.kind = kind;
    }

    public UserError(Kind kind, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    public static UserError setting(String message) {
        return new UserError(Kind.SETTING, message);
    }

    public static UserError service(String message, @Nullable Throwable cause) {
        return new UserError(Kind.SERVICE, message, cause);
    }

    public Kind kind() {
        return kind;
    }
}
