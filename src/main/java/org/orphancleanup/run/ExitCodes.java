package org.orphancleanup.run;

import org.orphancleanup.UserError;
import org.orphancleanup.odoo.OdooException;

/** The exit code that a failure ends in. */
public final class ExitCodes {

    private ExitCodes() {}

    public static int of(Throwable failure) {
        if (failure instanceof UserError error) {
            return error.kind().exitCode();
        }
        if (failure instanceof OdooException error) {
            return switch (error.kind()) {
                case LOGIN, DATABASE, UNKNOWN, ACCESS -> UserError.Kind.SETTING.exitCode();
                case REFUSED, MISSING, BUSY, UNREACHABLE, NO_ANSWER, SERVER -> UserError.Kind.SERVICE.exitCode();
            };
        }
        return UserError.Kind.SERVICE.exitCode();
    }
}
