package org.orphancleanup.target;

import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * The targets as they are written down. Everything is text here: a mistake in one target must not keep the program from
 * starting, and is reported, with the name of the setting, when the target is used.
 *
 * @param target {@code orphan.target.*}, in practice the environment variables {@code ORPHAN_TARGET_*}: target {@code default}
 * @param targets {@code orphan.targets.<name>.*}
 */
@ConfigurationProperties("orphan")
record TargetProperties(@Nullable Settings target, @Nullable Map<String, Settings> targets) {

    record Settings(
            @Nullable String jdbcUrl,
            @Nullable String jdbcUser,
            @Nullable Secret jdbcPassword,
            @Nullable String url,
            @Nullable String database,
            @Nullable String login,
            @Nullable Secret apiKey,
            @Nullable String api,
            @Nullable String keepIdThrough,
            @Nullable String writeJdbcUrl,
            @Nullable String writeJdbcUser,
            @Nullable Secret writeJdbcPassword,
            @Nullable String connections,
            @Nullable String statementTimeout,
            @Nullable String pause) {

        /** An environment variable that is set to nothing sets nothing. */
        boolean isBlank() {
            return Stream.of(
                            jdbcUrl,
                            jdbcUser,
                            reveal(jdbcPassword),
                            url,
                            database,
                            login,
                            reveal(apiKey),
                            api,
                            keepIdThrough,
                            writeJdbcUrl,
                            writeJdbcUser,
                            reveal(writeJdbcPassword),
                            connections,
                            statementTimeout,
                            pause)
                    .filter(Objects::nonNull)
                    .allMatch(String::isBlank);
        }

        private static @Nullable String reveal(@Nullable Secret secret) {
            return secret == null ? null : secret.reveal();
        }

        /** A JDBC URL can carry a password among its parameters. */
        @Override
        public String toString() {
            return "Settings[...]";
        }
    }
}
