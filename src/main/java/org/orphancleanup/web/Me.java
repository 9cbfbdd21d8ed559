package org.orphancleanup.web;

import java.util.Arrays;
import java.util.Comparator;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.orphancleanup.run.Asker;
import org.orphancleanup.user.Role;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.GrantedAuthority;
import org.springframework.security.core.authority.SimpleGrantedAuthority;
import org.springframework.security.core.context.SecurityContextHolder;

/**
 * Who looks at a page.
 *
 * @param role null: nobody yet, or somebody whom the identity provider gave none
 */
record Me(String name, @Nullable Role role) {

    private static final String PREFIX = "ROLE_";
    private static final Me NOBODY = new Me("", null);

    /** Of the request that this thread answers; the demo's nobody counts as somebody. */
    static Me now() {
        return of(SecurityContextHolder.getContext().getAuthentication());
    }

    static Me of(@Nullable Authentication authentication) {
        if (authentication == null) {
            return NOBODY;
        }
        return new Me(
                authentication.getName(),
                Arrays.stream(Role.values())
                        .filter(role -> authentication.getAuthorities().stream()
                                .map(GrantedAuthority::getAuthority)
                                .anyMatch(authority(role)::equals))
                        .max(Comparator.naturalOrder())
                        .orElse(null));
    }

    static String authority(Role role) {
        return PREFIX + role.name();
    }

    static GrantedAuthority granted(Role role) {
        return new SimpleGrantedAuthority(authority(role));
    }

    public boolean isViewer() {
        return may(Role.VIEWER);
    }

    public boolean isOperator() {
        return may(Role.OPERATOR);
    }

    public boolean isApprover() {
        return may(Role.APPROVER);
    }

    public boolean isAdmin() {
        return may(Role.ADMIN);
    }

    public String roleName() {
        return Optional.ofNullable(role).map(Role::code).orElse("no role");
    }

    boolean may(Role needed) {
        return role != null && role.includes(needed);
    }

    Asker asker() {
        return new Asker(name, "web");
    }

    Asker askerOfApi() {
        return new Asker(name, "api");
    }
}
