package org.orphancleanup.web;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.orphancleanup.audit.Action;
import org.orphancleanup.audit.AuditLog;
import org.orphancleanup.user.Account;
import org.orphancleanup.user.Accounts;
import org.springframework.http.HttpMethod;
import org.springframework.security.core.Authentication;
import org.springframework.security.core.AuthenticationException;
import org.springframework.security.core.userdetails.User;
import org.springframework.security.core.userdetails.UserDetails;
import org.springframework.security.core.userdetails.UserDetailsService;
import org.springframework.security.core.userdetails.UsernameNotFoundException;
import org.springframework.security.web.authentication.AuthenticationFailureHandler;
import org.springframework.security.web.authentication.AuthenticationSuccessHandler;
import org.springframework.security.web.authentication.SavedRequestAwareAuthenticationSuccessHandler;
import org.springframework.security.web.authentication.logout.LogoutHandler;
import org.springframework.security.web.servlet.util.matcher.PathPatternRequestMatcher;
import org.springframework.security.web.util.matcher.RequestMatcher;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;

/** What happens around a sign-in by form: who is known, who has to wait, what the audit log keeps. */
@Component
class SignIn implements UserDetailsService, AuthenticationSuccessHandler, AuthenticationFailureHandler, LogoutHandler {

    private static final RequestMatcher TRY =
            PathPatternRequestMatcher.withDefaults().matcher(HttpMethod.POST, "/login");

    private final Accounts accounts;
    private final LoginBrake brake;
    private final AuditLog audit;
    private final SavedRequestAwareAuthenticationSuccessHandler onward =
            new SavedRequestAwareAuthenticationSuccessHandler();

    SignIn(Accounts accounts, LoginBrake brake, AuditLog audit) {
        this.accounts = accounts;
        this.brake = brake;
        this.audit = audit;
    }

    @Override
    public UserDetails loadUserByUsername(String name) {
        Account account = accounts.find(name).orElseThrow(() -> new UsernameNotFoundException("unknown"));
        return User.withUsername(account.name())
                .password(account.hash())
                .authorities(Me.granted(account.role()))
                .build();
    }

    /** Before a password is looked at. */
    OncePerRequestFilter brake() {
        return new OncePerRequestFilter() {
            @Override
            protected void doFilterInternal(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
                    throws ServletException, IOException {
                Duration wait =
                        TRY.matches(request) ? brake.wait(nameIn(request), request.getRemoteAddr()) : Duration.ZERO;
                if (wait.isZero()) {
                    chain.doFilter(request, response);
                    return;
                }
                long seconds = Math.max(1, wait.toSeconds() + 1);
                response.setHeader("Retry-After", Long.toString(seconds));
                request.setAttribute("wait", seconds);
                response.sendError(429);
            }
        };
    }

    private static String nameIn(HttpServletRequest request) {
        return Objects.requireNonNullElse(request.getParameter("username"), "").strip();
    }

    @Override
    public void onAuthenticationSuccess(
            HttpServletRequest request, HttpServletResponse response, Authentication authentication)
            throws ServletException, IOException {
        brake.succeeded(nameIn(request), request.getRemoteAddr());
        audit.write(authentication.getName(), "web", Action.SIGNED_IN, null, from(request), null);
        onward.onAuthenticationSuccess(request, response, authentication);
    }

    @Override
    public void onAuthenticationFailure(
            HttpServletRequest request, HttpServletResponse response, AuthenticationException exception)
            throws IOException {
        String name = nameIn(request);
        brake.failed(name, request.getRemoteAddr());
        // what is no name may be a password in the wrong field
        String known = accounts.find(name).map(Account::name).orElse("(unknown)");
        audit.write(known, "web", Action.SIGN_IN_FAILED, null, from(request), null);
        response.sendRedirect(request.getContextPath() + "/login?error");
    }

    @Override
    public void logout(
            HttpServletRequest request, HttpServletResponse response, @Nullable Authentication authentication) {
        if (authentication != null) {
            audit.write(authentication.getName(), "web", Action.SIGNED_OUT, null, null, null);
        }
    }

    private static String from(HttpServletRequest request) {
        return "from " + request.getRemoteAddr();
    }
}
