package org.orphancleanup.run;

import org.orphancleanup.UserError;

/** Another run works on the target now; the same can be asked for again when it has ended. */
public final class TargetBusy extends UserError {

    private static final long serialVersionUID = 1L;

    TargetBusy(String message) {
        super(Kind.SERVICE, message);
    }
}
