package org.orphancleanup.web;

import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.orphancleanup.user.Role;
import org.springframework.http.HttpMethod;
import org.springframework.security.web.servlet.util.matcher.PathPatternRequestMatcher;

/**
 * Who may do what: every address there is, first match first. What is not in it nobody may, so that a new page is shown to
 * nobody until it is named here.
 */
final class Access {

    /** @param role null: everybody, signed in or not */
    record Route(
            HttpMethod method, String pattern, @Nullable Role role) {

        boolean matches(HttpServletRequest request) {
            return PathPatternRequestMatcher.withDefaults()
                    .matcher(method, pattern)
                    .matches(request);
        }
    }

    static final List<Route> ROUTES = List.of(
            everybody(HttpMethod.GET, "/login"),
            everybody(HttpMethod.GET, "/assets/**"),
            everybody(HttpMethod.GET, "/webjars/**"),
            everybody(HttpMethod.GET, "/error"),
            everybody(HttpMethod.GET, "/actuator/health/**"),
            everybody(HttpMethod.GET, "/actuator/info"),
            route(HttpMethod.GET, "/actuator/**", Role.ADMIN),
            // signing in and out is before this table, in Spring Security's own filters
            route(HttpMethod.GET, "/api/openapi/**", Role.VIEWER),
            route(HttpMethod.GET, "/", Role.VIEWER),
            route(HttpMethod.GET, "/runs/{id}/report", Role.OPERATOR));

    private Access() {}

    private static Route everybody(HttpMethod method, String pattern) {
        return new Route(method, pattern, null);
    }

    private static Route route(HttpMethod method, String pattern, Role role) {
        return new Route(method, pattern, role);
    }
}
