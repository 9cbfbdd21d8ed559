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
            route(HttpMethod.GET, "/runs", Role.VIEWER),
            route(HttpMethod.GET, "/runs/{id}", Role.VIEWER),
            route(HttpMethod.GET, "/runs/{id}/progress", Role.VIEWER),
            route(HttpMethod.GET, "/runs/{id}/findings", Role.VIEWER),
            route(HttpMethod.GET, "/runs/{id}/repairs", Role.VIEWER),
            route(HttpMethod.GET, "/runs/{id}/repairs/{no}", Role.VIEWER),
            route(HttpMethod.GET, "/runs/{id}/calls", Role.VIEWER),
            route(HttpMethod.GET, "/runs/{id}/compare", Role.VIEWER),
            // the report and two of its files hold values of rows; the files see to that themselves
            route(HttpMethod.GET, "/runs/{id}/report", Role.OPERATOR),
            route(HttpMethod.GET, "/runs/{id}/files/{name}", Role.VIEWER),
            route(HttpMethod.POST, "/runs/{id}/stop", Role.OPERATOR),
            route(HttpMethod.POST, "/runs/{id}/resume", Role.OPERATOR),
            route(HttpMethod.POST, "/runs/{id}/undo", Role.APPROVER),
            route(HttpMethod.GET, "/plans", Role.VIEWER),
            route(HttpMethod.GET, "/plans/{id}", Role.VIEWER),
            // searches in Odoo, and shows names of its records
            route(HttpMethod.GET, "/plans/{id}/missing", Role.OPERATOR),
            route(HttpMethod.POST, "/plans/{id}/name", Role.OPERATOR),
            route(HttpMethod.POST, "/plans/{id}/again", Role.OPERATOR),
            route(HttpMethod.POST, "/plans/{id}/approve", Role.APPROVER),
            route(HttpMethod.POST, "/plans/{id}/reject", Role.APPROVER),
            route(HttpMethod.POST, "/plans/{id}/apply", Role.APPROVER),
            route(HttpMethod.GET, "/jobs", Role.VIEWER),
            route(HttpMethod.POST, "/jobs/{job}/run", Role.OPERATOR),
            route(HttpMethod.POST, "/jobs/{job}/pause", Role.OPERATOR),
            route(HttpMethod.POST, "/jobs/{job}/resume", Role.OPERATOR),
            route(HttpMethod.POST, "/targets/{target}/scan", Role.OPERATOR),
            route(HttpMethod.GET, "/references", Role.VIEWER),
            route(HttpMethod.GET, "/references/{run}/{no}", Role.VIEWER),
            route(HttpMethod.GET, "/quarantine", Role.VIEWER),
            route(HttpMethod.GET, "/quarantine/{id}", Role.VIEWER),
            route(HttpMethod.POST, "/quarantine/{id}/release", Role.APPROVER),
            route(HttpMethod.POST, "/quarantine/{id}/restore", Role.APPROVER),
            route(HttpMethod.GET, "/audit", Role.APPROVER),
            route(HttpMethod.GET, "/api/overview", Role.VIEWER),
            route(HttpMethod.GET, "/api/runs", Role.VIEWER),
            route(HttpMethod.GET, "/api/runs/{id}", Role.VIEWER),
            route(HttpMethod.GET, "/api/runs/{id}/findings", Role.VIEWER),
            route(HttpMethod.GET, "/api/runs/{id}/repairs", Role.VIEWER),
            route(HttpMethod.GET, "/api/runs/{id}/repairs/{no}", Role.VIEWER),
            route(HttpMethod.GET, "/api/runs/{id}/calls", Role.VIEWER),
            route(HttpMethod.GET, "/api/runs/{id}/compare", Role.VIEWER),
            route(HttpMethod.POST, "/api/runs/{id}/stop", Role.OPERATOR),
            route(HttpMethod.POST, "/api/runs/{id}/resume", Role.OPERATOR),
            route(HttpMethod.POST, "/api/runs/{id}/undo", Role.APPROVER),
            route(HttpMethod.GET, "/api/plans", Role.VIEWER),
            route(HttpMethod.GET, "/api/plans/{id}", Role.VIEWER),
            route(HttpMethod.POST, "/api/plans/{id}/approve", Role.APPROVER),
            route(HttpMethod.POST, "/api/plans/{id}/reject", Role.APPROVER),
            route(HttpMethod.POST, "/api/plans/{id}/apply", Role.APPROVER),
            route(HttpMethod.GET, "/api/jobs", Role.VIEWER),
            route(HttpMethod.POST, "/api/jobs/{job}/run", Role.OPERATOR),
            route(HttpMethod.POST, "/api/jobs/{job}/pause", Role.OPERATOR),
            route(HttpMethod.POST, "/api/jobs/{job}/resume", Role.OPERATOR),
            route(HttpMethod.POST, "/api/targets/{target}/scan", Role.OPERATOR),
            route(HttpMethod.GET, "/api/references", Role.VIEWER),
            route(HttpMethod.GET, "/api/references/{run}/{no}", Role.VIEWER),
            route(HttpMethod.GET, "/api/quarantine", Role.VIEWER),
            route(HttpMethod.GET, "/api/quarantine/{id}/snapshot", Role.OPERATOR),
            route(HttpMethod.POST, "/api/quarantine/{id}/release", Role.APPROVER),
            route(HttpMethod.POST, "/api/quarantine/{id}/restore", Role.APPROVER),
            route(HttpMethod.GET, "/api/audit", Role.APPROVER));

    private Access() {}

    private static Route everybody(HttpMethod method, String pattern) {
        return new Route(method, pattern, null);
    }

    private static Route route(HttpMethod method, String pattern, Role role) {
        return new Route(method, pattern, role);
    }
}
