package org.orphancleanup.user;

import java.sql.Timestamp;
import java.time.Clock;
import java.util.Optional;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Where no users are configured, one administrator whose password is told once. */
@Component
public class FirstAdmin {

    public static final String NAME = "admin";

    private final JdbcClient jdbc;
    private final Clock clock;

    FirstAdmin(JdbcClient jdbc, Clock clock) {
        this.jdbc = jdbc;
        this.clock = clock;
    }

    /**
     * @return the password, the first time; empty where it was told before. Of several nodes that start together one makes it
     */
    public Optional<String> make() {
        String password = Passwords.random();
        int made = jdbc.sql(
                        "INSERT INTO first_admin (name, password, created_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING")
                .param(NAME)
                .param(Passwords.encoder().encode(password))
                .param(Timestamp.from(clock.instant()))
                .update();
        return made == 1 ? Optional.of(password) : Optional.empty();
    }

    Optional<Account> find(String name) {
        return jdbc.sql("SELECT name, password FROM first_admin WHERE name = ?")
                .param(name)
                .query((row, number) -> new Account(row.getString(1), row.getString(2), Role.ADMIN))
                .optional();
    }
}
