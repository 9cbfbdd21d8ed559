package org.orphancleanup.user;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What a user may do; each role may do all that the one before it may. */
public enum Role {
    /** Sees what was found and done, but no values of Odoo's rows. */
    VIEWER,
    /** Sees them, and starts, stops and pauses what is not yet approved. */
    OPERATOR,
    /** Approves what writes to Odoo. */
    APPROVER,
    ADMIN;

    public String code() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Of the name in configuration; empty where there is no such role. */
    public static Optional<Role> of(String code) {
        return Arrays.stream(values())
                .filter(role -> role.code().equals(code.strip().toLowerCase(Locale.ROOT)))
                .findFirst();
    }

    public boolean includes(Role other) {
        return compareTo(other) >= 0;
    }
}
