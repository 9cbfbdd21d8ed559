package org.orphancleanup.user;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Map;
import java.util.regex.Pattern;
import org.springframework.security.crypto.bcrypt.BCryptPasswordEncoder;
import org.springframework.security.crypto.password.DelegatingPasswordEncoder;
import org.springframework.security.crypto.password.PasswordEncoder;
import org.springframework.security.crypto.password.Pbkdf2PasswordEncoder;

/** Hashes of passwords, which a person chooses, and of tokens, which nobody can guess. */
public final class Passwords {

    /** Of {@code htpasswd -nB}, too. */
    private static final Pattern BCRYPT = Pattern.compile("(\\{bcrypt\\})?\\$2[aby]\\$\\d\\d\\$[./A-Za-z0-9]{53}");

    private static final Pattern PBKDF2 = Pattern.compile("\\{pbkdf2\\}[0-9a-f]{64,}");
    private static final Pattern TOKEN = Pattern.compile("sha256:[0-9a-f]{64}");

    private static final int RANDOM_BYTES = 32;
    private static final int PASSWORD_BYTES = 15;

    private Passwords() {}

    public static PasswordEncoder encoder() {
        PasswordEncoder bcrypt = new BCryptPasswordEncoder();
        DelegatingPasswordEncoder encoder = new DelegatingPasswordEncoder(
                "bcrypt", Map.of("bcrypt", bcrypt, "pbkdf2", Pbkdf2PasswordEncoder.defaultsForSpringSecurity_v5_8()));
        encoder.setDefaultPasswordEncoderForMatches(bcrypt);
        return encoder;
    }

    static boolean isHash(String text) {
        return BCRYPT.matcher(text).matches() || PBKDF2.matcher(text).matches();
    }

    static boolean isTokenHash(String text) {
        return TOKEN.matcher(text).matches();
    }

    /** A password to be typed once. */
    static String random() {
        return random(PASSWORD_BYTES);
    }

    public static String randomToken() {
        return "ooc_" + random(RANDOM_BYTES);
    }

    /** Fast, as a token is too long to be guessed. */
    public static String hashOfToken(String token) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8));
            return "sha256:" + HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    private static String random(int length) {
        byte[] bytes = new byte[length];
        new SecureRandom().nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }
}
