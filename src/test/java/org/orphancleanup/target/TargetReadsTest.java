package org.orphancleanup.target;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.orphancleanup.TestPostgres;
import org.orphancleanup.UserError;
import org.springframework.core.retry.RetryPolicy;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;

/** What PostgreSQL itself breaks off; it is said here by a function that a counter stops, and by a real standby elsewhere. */
class TargetReadsTest {

    private final TargetReads reads = new TargetReads(RetryPolicy.builder()
            .maxRetries(3)
            .delay(Duration.ofMillis(1))
            .predicate(TargetReads::isBrokenOff)
            .build());

    private DataSource database;

    @BeforeEach
    void a_function_that_fails_a_few_times() {
        database = TestPostgres.emptyDatabase();
        JdbcClient.create(database).sql("""
                        CREATE SEQUENCE tries;
                        CREATE FUNCTION broken_off(times integer, state text) RETURNS integer LANGUAGE plpgsql AS $$
                        BEGIN
                          IF nextval('tries') <= times THEN
                            RAISE EXCEPTION 'canceling statement due to conflict with recovery' USING ERRCODE = state;
                          END IF;
                          RETURN 7;
                        END $$""").update();
    }

    private long tries() {
        return JdbcClient.create(database)
                .sql("SELECT last_value FROM tries")
                .query(Long.class)
                .single();
    }

    private List<Integer> read(int times, String state) {
        List<Integer> seen = new ArrayList<>();
        reads.of(database)
                .sql("SELECT i FROM generate_series(1, 3) i UNION ALL SELECT broken_off(?, ?)")
                .param(times)
                .param(state)
                .query(row -> {
                    seen.add(row.getInt(1));
                });
        return seen;
    }

    @Test
    void a_read_that_stood_in_the_way_of_recovery_is_made_again_and_no_row_is_seen_twice() {
        assertThat(read(2, "40001")).containsExactly(1, 2, 3, 7);
        assertThat(tries()).isEqualTo(3);
    }

    @Test
    void a_deadlock_with_recovery_is_one_too_and_named_parameters_as_well() {
        assertThat(reads.of(database)
                        .sql("SELECT broken_off(:times, :state)")
                        .param("times", 1)
                        .param("state", "40P01")
                        .query(Integer.class)
                        .single())
                .isEqualTo(7);
    }

    @Test
    void what_is_broken_off_each_time_ends_with_the_servers_words_and_the_remedy() {
        assertThatThrownBy(() -> read(99, "40001"))
                .isInstanceOfSatisfying(
                        UserError.class, e -> assertThat(e.kind()).isEqualTo(UserError.Kind.SERVICE))
                .hasMessageContainingAll(
                        "4 times",
                        "canceling statement due to conflict with recovery",
                        "hot_standby_feedback = on",
                        "max_standby_streaming_delay",
                        "jdbc-url");
        assertThat(tries()).isEqualTo(4);
    }

    @Test
    void any_other_error_ends_at_once_as_it_is() {
        assertThatThrownBy(() -> read(99, "57014"))
                .isInstanceOf(DataAccessException.class)
                .hasMessageContaining("canceling statement");
        assertThat(tries()).isEqualTo(1);
    }
}
