package org.orphancleanup.user;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.orphancleanup.UserError;
import org.springframework.stereotype.Component;

/** The configured users and tokens; without any, the first administrator. */
@Component
public class Accounts {

    private static final String HOW =
            " The command hash makes one from a password: java -jar odoo-orphan-cleanup.jar hash";

    private final Map<String, Account> users = new HashMap<>();
    private final List<Account> tokens = new ArrayList<>();
    private final Map<String, Role> claimRoles = new HashMap<>();
    private final String roleClaim;
    private final boolean open;
    private final FirstAdmin firstAdmin;

    /** @throws UserError for a password that is no hash and a role that is none */
    Accounts(UserProperties properties, FirstAdmin firstAdmin) {
        this.firstAdmin = firstAdmin;
        this.open = properties.open();
        orEmpty(properties.users()).forEach((name, user) -> {
            String key = "orphan.web.users." + name;
            users.put(name, new Account(name, hash(key, user.password()), role(key, user.role())));
        });
        orEmpty(properties.tokens()).forEach((name, token) -> {
            String key = "orphan.web.tokens." + name;
            tokens.add(new Account(name, tokenHash(key, token.hash()), role(key, token.role())));
        });
        UserProperties.Oidc oidc = properties.oidc();
        this.roleClaim = oidc == null || oidc.roleClaim() == null ? "roles" : oidc.roleClaim();
        if (oidc == null || oidc.roles() == null) {
            Arrays.stream(Role.values()).forEach(role -> claimRoles.put(role.code(), role));
        } else {
            oidc.roles().forEach((value, role) -> claimRoles.put(value, role("orphan.web.oidc.roles." + value, role)));
        }
    }

    private static <T> Map<String, T> orEmpty(@Nullable Map<String, T> map) {
        return map == null ? Map.of() : map;
    }

    private static String hash(String key, @Nullable String password) {
        if (password == null || !Passwords.isHash(password)) {
            throw UserError.setting(
                    key + ".password has to be the hash of a password, beginning with {bcrypt} or {pbkdf2}." + HOW);
        }
        return password;
    }

    private static String tokenHash(String key, @Nullable String hash) {
        if (hash == null || !Passwords.isTokenHash(hash)) {
            throw UserError.setting(key + ".hash has to be the hash of a token, beginning with sha256:. The command"
                    + " hash --token makes both.");
        }
        return hash;
    }

    private static Role role(String key, @Nullable String role) {
        return Optional.ofNullable(role)
                .flatMap(Role::of)
                .orElseThrow(() -> UserError.setting(key + (key.contains(".oidc.") ? "" : ".role") + " is "
                        + (role == null ? "missing" : "\"" + role + "\"") + "; there are: "
                        + Arrays.stream(Role.values()).map(Role::code).collect(Collectors.joining(", ")) + "."));
    }

    /** Everybody is admin, as nobody is configured and the demo asked for it. */
    public boolean isOpen() {
        return open && users.isEmpty();
    }

    public boolean hasUsers() {
        return !users.isEmpty();
    }

    public Optional<Account> find(String name) {
        return users.isEmpty() ? firstAdmin.find(name) : Optional.ofNullable(users.get(name));
    }

    public Optional<Account> ofToken(String token) {
        byte[] hash = Passwords.hashOfToken(token).getBytes(StandardCharsets.US_ASCII);
        Account found = null;
        for (Account account : tokens) {
            if (MessageDigest.isEqual(account.hash().getBytes(StandardCharsets.US_ASCII), hash)) {
                found = account;
            }
        }
        return Optional.ofNullable(found);
    }

    /** The highest role that an identity provider's claims stand for; empty: none, and nothing may be seen. */
    public Optional<Role> ofClaims(Map<String, Object> claims) {
        Object value = claims;
        for (String part : roleClaim.split("\\.")) {
            value = value instanceof Map<?, ?> map ? map.get(part) : null;
        }
        Collection<?> values = value instanceof Collection<?> many ? many : value == null ? List.of() : List.of(value);
        return values.stream()
                .map(name -> claimRoles.get(String.valueOf(name)))
                .filter(Objects::nonNull)
                .max(Comparator.naturalOrder());
    }
}
