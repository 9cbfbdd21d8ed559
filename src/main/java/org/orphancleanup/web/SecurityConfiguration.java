package org.orphancleanup.web;

import jakarta.servlet.DispatcherType;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.orphancleanup.UserError;
import org.orphancleanup.user.Accounts;
import org.orphancleanup.user.Passwords;
import org.orphancleanup.user.Role;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.security.access.AccessDeniedException;
import org.springframework.security.access.hierarchicalroles.RoleHierarchy;
import org.springframework.security.access.hierarchicalroles.RoleHierarchyImpl;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configuration.EnableWebSecurity;
import org.springframework.security.config.annotation.web.configurers.AbstractHttpConfigurer;
import org.springframework.security.config.annotation.web.configurers.AuthorizeHttpRequestsConfigurer;
import org.springframework.security.config.annotation.web.configurers.HeadersConfigurer.FrameOptionsConfig;
import org.springframework.security.config.http.SessionCreationPolicy;
import org.springframework.security.core.AuthenticationException;
import org.springframework.security.core.GrantedAuthority;
import org.springframework.security.core.authority.mapping.GrantedAuthoritiesMapper;
import org.springframework.security.crypto.password.PasswordEncoder;
import org.springframework.security.oauth2.client.registration.ClientRegistrationRepository;
import org.springframework.security.oauth2.core.oidc.user.OidcUserAuthority;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.authentication.HttpStatusEntryPoint;
import org.springframework.security.web.authentication.LoginUrlAuthenticationEntryPoint;
import org.springframework.security.web.authentication.UsernamePasswordAuthenticationFilter;
import org.springframework.security.web.csrf.CsrfException;
import org.springframework.security.web.header.writers.CrossOriginOpenerPolicyHeaderWriter.CrossOriginOpenerPolicy;
import org.springframework.security.web.header.writers.CrossOriginResourcePolicyHeaderWriter.CrossOriginResourcePolicy;
import org.springframework.security.web.header.writers.ReferrerPolicyHeaderWriter.ReferrerPolicy;
import org.springframework.security.web.savedrequest.HttpSessionRequestCache;
import org.springframework.security.web.savedrequest.RequestCache;
import org.springframework.security.web.servlet.util.matcher.PathPatternRequestMatcher;
import org.springframework.security.web.util.matcher.AndRequestMatcher;
import org.springframework.security.web.util.matcher.MediaTypeRequestMatcher;
import org.springframework.security.web.util.matcher.NegatedRequestMatcher;
import org.springframework.security.web.util.matcher.RequestHeaderRequestMatcher;
import org.springframework.security.web.util.matcher.RequestMatcher;

/** Sign-in, roles and headers. The table of who may do what is {@link Access}. */
@Configuration(proxyBeanMethods = false)
@ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.SERVLET)
@EnableWebSecurity
class SecurityConfiguration {

    /** Nothing inline, nothing from elsewhere. */
    private static final String CONTENT = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self';"
            + " connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

    private static final String NOTHING_OF_THE_DEVICE = "camera=(), geolocation=(), microphone=(), payment=(), usb=()";

    static final RequestMatcher API = PathPatternRequestMatcher.withDefaults().matcher("/api/**");
    private static final RequestMatcher HTMX = new RequestHeaderRequestMatcher("HX-Request");

    private final Accounts accounts;

    /** @throws UserError for a demo that would be open to other machines */
    SecurityConfiguration(Accounts accounts, @Value("${server.address:}") @Nullable InetAddress address) {
        this.accounts = accounts;
        if (accounts.isOpen() && (address == null || !address.isLoopbackAddress())) {
            throw UserError.setting("The demo has no sign-in, so it listens on this machine alone. Leave server.address"
                    + " out, or set it to 127.0.0.1; or set orphan.web.users.");
        }
    }

    @Bean
    static RoleHierarchy roleHierarchy() {
        return RoleHierarchyImpl.fromHierarchy(
                "ROLE_ADMIN > ROLE_APPROVER\nROLE_APPROVER > ROLE_OPERATOR\nROLE_OPERATOR > ROLE_VIEWER");
    }

    @Bean
    PasswordEncoder passwordEncoder() {
        return Passwords.encoder();
    }

    /** Programs with a token: no session, so nothing that a page elsewhere could ride on. */
    @Bean
    @Order(1)
    SecurityFilterChain tokens(HttpSecurity http) throws Exception {
        headers(http);
        return http.securityMatcher(new AndRequestMatcher(API, TokenFilter::carriesToken))
                .csrf(AbstractHttpConfigurer::disable)
                .requestCache(AbstractHttpConfigurer::disable)
                .logout(AbstractHttpConfigurer::disable)
                .sessionManagement(session -> session.sessionCreationPolicy(SessionCreationPolicy.STATELESS))
                .addFilterBefore(new TokenFilter(accounts), UsernamePasswordAuthenticationFilter.class)
                .authorizeHttpRequests(SecurityConfiguration::authorize)
                .exceptionHandling(e -> e.authenticationEntryPoint(new HttpStatusEntryPoint(HttpStatus.UNAUTHORIZED)))
                .build();
    }

    @Bean
    @Order(2)
    SecurityFilterChain pages(
            HttpSecurity http, SignIn signIn, ObjectProvider<ClientRegistrationRepository> identityProviders)
            throws Exception {
        headers(http);
        http.authorizeHttpRequests(SecurityConfiguration::authorize)
                .requestCache(cache -> cache.requestCache(pagesOnly()))
                .exceptionHandling(e -> e.accessDeniedHandler(SecurityConfiguration::denied)
                        .defaultAuthenticationEntryPointFor(new HttpStatusEntryPoint(HttpStatus.UNAUTHORIZED), API)
                        .defaultAuthenticationEntryPointFor(SecurityConfiguration::signInAgain, HTMX)
                        .defaultAuthenticationEntryPointFor(
                                new LoginUrlAuthenticationEntryPoint("/login"), request -> true));
        if (accounts.isOpen()) {
            // who is not signed in may everything, on this machine
            return http.exceptionHandling(e -> e.authenticationEntryPoint((request, response, cause) ->
                            denied(request, response, new AccessDeniedException("no such page"))))
                    .anonymous(nobody -> nobody.principal("demo").authorities(List.of(Me.granted(Role.ADMIN))))
                    .logout(AbstractHttpConfigurer::disable)
                    .build();
        }
        http.formLogin(form -> form.loginPage("/login").successHandler(signIn).failureHandler(signIn))
                .addFilterBefore(signIn.brake(), UsernamePasswordAuthenticationFilter.class)
                .userDetailsService(signIn)
                .logout(out -> out.addLogoutHandler(signIn).logoutSuccessUrl("/login?out"));
        if (identityProviders.getIfAvailable() != null) {
            http.oauth2Login(login -> login.loginPage("/login")
                    .successHandler(signIn)
                    .failureUrl("/login?provider")
                    .userInfoEndpoint(user -> user.userAuthoritiesMapper(rolesOfClaims())));
        }
        return http.build();
    }

    private static void headers(HttpSecurity http) throws Exception {
        http.headers(headers -> headers.contentSecurityPolicy(csp -> csp.policyDirectives(CONTENT))
                .frameOptions(FrameOptionsConfig::deny)
                .referrerPolicy(referrer -> referrer.policy(ReferrerPolicy.SAME_ORIGIN))
                .crossOriginOpenerPolicy(opener -> opener.policy(CrossOriginOpenerPolicy.SAME_ORIGIN))
                .crossOriginResourcePolicy(resource -> resource.policy(CrossOriginResourcePolicy.SAME_ORIGIN))
                .permissionsPolicyHeader(policy -> policy.policy(NOTHING_OF_THE_DEVICE)));
    }

    private static void authorize(
            AuthorizeHttpRequestsConfigurer<HttpSecurity>.AuthorizationManagerRequestMatcherRegistry requests) {
        // a page that says what went wrong is for whoever went wrong
        requests.dispatcherTypeMatchers(DispatcherType.ERROR, DispatcherType.FORWARD)
                .permitAll();
        for (Access.Route route : Access.ROUTES) {
            if (route.role() == null) {
                requests.requestMatchers(route.method(), route.pattern()).permitAll();
            } else {
                requests.requestMatchers(route.method(), route.pattern())
                        .hasRole(route.role().name());
            }
        }
        requests.anyRequest().denyAll();
    }

    /** After a sign-in a person goes on to the page he asked for, never to what a page fetched or posted. */
    private static RequestCache pagesOnly() {
        HttpSessionRequestCache cache = new HttpSessionRequestCache();
        MediaTypeRequestMatcher html = new MediaTypeRequestMatcher(MediaType.TEXT_HTML);
        html.setIgnoredMediaTypes(Set.of(MediaType.ALL));
        cache.setRequestMatcher(new AndRequestMatcher(
                request -> "GET".equals(request.getMethod()),
                html,
                new NegatedRequestMatcher(HTMX),
                new NegatedRequestMatcher(API)));
        return cache;
    }

    /** What is not in the table is nowhere; a form without its token is refused wherever it goes. */
    private static void denied(HttpServletRequest request, HttpServletResponse response, AccessDeniedException cause)
            throws IOException {
        boolean nowhere =
                !(cause instanceof CsrfException) && Access.ROUTES.stream().noneMatch(route -> route.matches(request));
        response.sendError(nowhere ? HttpServletResponse.SC_NOT_FOUND : HttpServletResponse.SC_FORBIDDEN);
    }

    private static void signInAgain(
            HttpServletRequest request, HttpServletResponse response, AuthenticationException cause) {
        response.setHeader("HX-Redirect", request.getContextPath() + "/login");
        response.setStatus(HttpStatus.UNAUTHORIZED.value());
    }

    private GrantedAuthoritiesMapper rolesOfClaims() {
        return authorities -> {
            Collection<GrantedAuthority> granted = new ArrayList<>();
            Set<Role> roles = new HashSet<>();
            for (GrantedAuthority authority : authorities) {
                if (authority instanceof OidcUserAuthority user) {
                    accounts.ofClaims(user.getIdToken().getClaims()).ifPresent(roles::add);
                    if (user.getUserInfo() != null) {
                        accounts.ofClaims(user.getUserInfo().getClaims()).ifPresent(roles::add);
                    }
                }
            }
            roles.forEach(role -> granted.add(Me.granted(role)));
            return granted;
        };
    }
}
