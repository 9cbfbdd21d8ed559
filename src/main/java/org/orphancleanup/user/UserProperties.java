package org.orphancleanup.user;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * {@code orphan.web}.
 *
 * @param users by name
 * @param tokens of the API, by name
 * @param open everybody is admin; for the demo, on this machine alone
 */
@ConfigurationProperties("orphan.web")
record UserProperties(
        @Nullable Map<String, User> users,
        @Nullable Map<String, Token> tokens,
        @Nullable Oidc oidc,
        boolean open) {

    /** @param password its hash, as command {@code hash} prints it */
    record User(@Nullable String password, @Nullable String role) {

        @Override
        public String toString() {
            return "User[role=" + role + "]";
        }
    }

    /** @param hash as command {@code hash --token} prints it */
    record Token(@Nullable String hash, @Nullable String role) {

        @Override
        public String toString() {
            return "Token[role=" + role + "]";
        }
    }

    /**
     * @param roleClaim the claim that names roles or groups
     * @param roles what its values stand for; none: its values are the roles' own names
     */
    record Oidc(@Nullable String roleClaim, @Nullable Map<String, String> roles) {}
}
