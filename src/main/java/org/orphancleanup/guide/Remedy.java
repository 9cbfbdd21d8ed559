package org.orphancleanup.guide;

import org.jspecify.annotations.Nullable;

/**
 * One thing to try.
 *
 * @param command to type, or null
 * @param job a job definition, or null
 */
public record Remedy(
        String words, @Nullable String command, @Nullable String job) {

    static Remedy of(String words) {
        return new Remedy(words, null, null);
    }

    static Remedy command(String words, String command) {
        return new Remedy(words, command, null);
    }
}
