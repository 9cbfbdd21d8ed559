package org.orphancleanup.repair;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.orphancleanup.TestPostgres;
import org.orphancleanup.detect.OrphanLook;
import org.orphancleanup.job.JobDefinition;
import org.orphancleanup.repair.SideEffects.Watched;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Who wrote a row while a call was under way, against PostgreSQL itself. */
class WatchTest {

    private static final Watched ONE = new Watched(1, "crm.lead", "crm_lead", 1);
    private static final Watched TWO = new Watched(1, "crm.lead", "crm_lead", 2);

    private final HikariDataSource target = RepairFixture.pool(TestPostgres.emptyDatabase());
    private final JdbcClient database = JdbcClient.create(target);
    private final TransactionTemplate transaction = new TransactionTemplate(new JdbcTransactionManager(target));
    private final Session session = session();

    @BeforeEach
    void two_leads() {
        database.sql("""
                CREATE TABLE crm_lead (id integer PRIMARY KEY, name varchar, write_uid integer, write_date timestamp);
                INSERT INTO crm_lead SELECT n, 'lead', 8, '2020-01-01' FROM generate_series(1, 2) n""").update();
    }

    @AfterEach
    void close_pool() {
        target.close();
    }

    @Test
    void what_our_own_call_wrote_is_ours_however_often_it_wrote_it() {
        Watch watch = watch(ONE, TWO);

        watch.over(
                Set.of(ONE),
                true,
                () -> transaction.executeWithoutResult(status -> {
                    write(ONE, FakeOdoo.UID);
                    write(ONE, FakeOdoo.UID);
                    database.sql("UPDATE crm_lead SET name = 'follows' WHERE id = 2")
                            .update();
                }));

        assertThat(watch.others()).isEmpty();
    }

    @Test
    void a_write_between_the_reading_and_ours_is_seen_under_ours() {
        Watch watch = watch(ONE, TWO);

        watch.over(Set.of(ONE), true, () -> {
            write(ONE, 8);
            write(ONE, FakeOdoo.UID);
        });

        assertThat(watch.others()).containsExactly(ONE);
        assertThat(watch.overwritten()).containsExactly(ONE);
    }

    @Test
    void a_write_after_ours_is_seen_above_it() {
        Watch watch = watch(ONE, TWO);

        watch.over(Set.of(ONE), true, () -> {
            write(ONE, FakeOdoo.UID);
            write(ONE, 8);
            write(TWO, 8);
        });

        assertThat(watch.others()).containsExactlyInAnyOrder(ONE, TWO);
        assertThat(watch.overwritten()).isEmpty();
    }

    @Test
    void a_write_between_two_calls_of_ours_is_seen() {
        Watch watch = watch(ONE, TWO);
        watch.over(Set.of(ONE), false, () -> write(ONE, FakeOdoo.UID));
        write(ONE, 8);

        watch.over(Set.of(ONE), false, () -> write(ONE, FakeOdoo.UID));

        assertThat(watch.others()).containsExactly(ONE);
    }

    @Test
    void nothing_is_sent_over_a_record_that_was_edited_after_it_was_read() {
        Watch watch = watch(ONE, TWO);
        write(ONE, 8);

        assertThatThrownBy(() -> watch.over(Set.of(ONE, TWO), true, () -> write(TWO, FakeOdoo.UID)))
                .isInstanceOfSatisfying(
                        Watch.Overtaken.class, e -> assertThat(e.edited()).containsExactly(ONE));

        assertThat(database.sql("SELECT write_uid FROM crm_lead WHERE id = 2")
                        .query(Integer.class)
                        .single())
                .isEqualTo(8);
    }

    @Test
    void a_record_that_follows_another_ones_edit_was_not_edited_itself() {
        Watch watch = watch(ONE, TWO);
        database.sql("UPDATE crm_lead SET name = 'follows' WHERE id = 1").update();

        assertThatThrownBy(() -> watch.over(Set.of(ONE), true, () -> write(ONE, FakeOdoo.UID)))
                .isInstanceOfSatisfying(Watch.Overtaken.class, e -> {
                    assertThat(e.edited()).isEmpty();
                    assertThat(e.changed()).containsExactly(ONE);
                });
    }

    @Test
    void a_deleted_record_tells_which_of_its_neighbours_were_changed_by_the_deletion() {
        Watch watch = watch(ONE, TWO);

        watch.over(
                Set.of(ONE),
                true,
                () -> transaction.executeWithoutResult(status -> {
                    database.sql("DELETE FROM crm_lead WHERE id = 1").update();
                    database.sql("UPDATE crm_lead SET name = 'less' WHERE id = 2")
                            .update();
                }));

        assertThat(watch.others()).isEmpty();
    }

    private Watch watch(Watched... rows) {
        return Watch.of(session, () -> {
            Map<Watched, Map<String, JsonNode>> read = new LinkedHashMap<>();
            for (Watched row : rows) {
                session.rows()
                        .read(row.table(), Set.of("name"), List.of(row.id()))
                        .forEach((id, columns) -> read.put(row, columns));
            }
            return read;
        });
    }

    private void write(Watched row, long user) {
        database.sql(
                        "UPDATE crm_lead SET name = name || '!', write_uid = :uid, write_date = now() AT TIME ZONE 'UTC' WHERE id = :id")
                .param("uid", user)
                .param("id", row.id())
                .update();
    }

    private Session session() {
        RepairRequest request = new RepairRequest(
                1,
                RepairFixture.job(JobDefinition.SideEffects.PRESERVE, 10, false),
                new RepairFixture.Database(target),
                new FakeOdoo(target),
                List.of(),
                Instant.EPOCH);
        JsonMapper mapper = JsonMapper.shared();
        Clock clock = Clock.tick(Clock.systemUTC(), Duration.ofMillis(1));
        return new Session(
                request,
                new Contexts(List.of(1L)),
                new Rows(request.database(), mapper),
                new Journal(1, new JdbcTemplate(target), new JdbcTransactionManager(target), mapper, clock),
                new Brake(request.job(), clock),
                new OrphanLook(),
                mapper,
                clock);
    }
}
