package org.orphancleanup.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.ZoneId;
import java.util.Date;
import java.util.TimeZone;
import org.junit.jupiter.api.Test;
import org.quartz.CronExpression;

class SkippedTimesTest {

    private static final ZoneId BRUSSELS = ZoneId.of("Europe/Brussels");
    private static final Instant BEFORE_SPRING = Instant.parse("2026-03-28T12:00:00Z");
    private static final Instant AFTER_SPRING = Instant.parse("2026-03-29T12:00:00Z");

    @Test
    void half_past_two_is_made_up_for_at_half_past_three_in_the_night_the_clocks_go_on() {
        assertThat(SkippedTimes.next("0 30 2 * * ?", BRUSSELS, BEFORE_SPRING, AFTER_SPRING))
                .contains(Instant.parse("2026-03-29T01:30:00Z"));
        assertThat(Instant.parse("2026-03-29T01:30:00Z").atZone(BRUSSELS))
                .hasToString("2026-03-29T03:30+02:00[Europe/Brussels]");
    }

    @Test
    void quartz_itself_would_leave_that_night_out() throws Exception {
        assertThat(next("0 30 2 * * ?", BEFORE_SPRING)).isEqualTo(Instant.parse("2026-03-30T00:30:00Z"));
    }

    @Test
    void what_runs_soon_after_all_the_same_is_not_made_up_for() {
        assertThat(SkippedTimes.next("0 0 * * * ?", BRUSSELS, BEFORE_SPRING, AFTER_SPRING))
                .isEmpty();
        assertThat(SkippedTimes.next("0 0/10 2-3 * * ?", BRUSSELS, BEFORE_SPRING, AFTER_SPRING))
                .isEmpty();
    }

    @Test
    void other_times_other_days_and_zones_without_summer_time_skip_nothing() {
        assertThat(SkippedTimes.next("0 30 1 * * ?", BRUSSELS, BEFORE_SPRING, AFTER_SPRING))
                .isEmpty();
        assertThat(SkippedTimes.next("0 0 3 * * ?", BRUSSELS, BEFORE_SPRING, AFTER_SPRING))
                .isEmpty();
        assertThat(SkippedTimes.next("0 30 2 ? * MON", BRUSSELS, BEFORE_SPRING, AFTER_SPRING))
                .isEmpty();
        assertThat(SkippedTimes.next("0 30 2 * * ?", ZoneId.of("UTC"), BEFORE_SPRING, AFTER_SPRING))
                .isEmpty();
    }

    @Test
    void it_is_told_once_its_time_has_not_come_and_not_after() {
        Instant at = Instant.parse("2026-03-29T01:30:00Z");

        assertThat(SkippedTimes.next("0 30 2 * * ?", BRUSSELS, at.minusSeconds(1), AFTER_SPRING))
                .contains(at);
        assertThat(SkippedTimes.next("0 30 2 * * ?", BRUSSELS, at, AFTER_SPRING))
                .isEmpty();
        assertThat(SkippedTimes.next("0 30 2 * * ?", BRUSSELS, BEFORE_SPRING, at.minusSeconds(1)))
                .isEmpty();
    }

    @Test
    void half_past_two_comes_once_in_the_night_the_clocks_go_back() throws Exception {
        Instant evening = Instant.parse("2026-10-24T12:00:00Z");
        Instant first = next("0 30 2 * * ?", evening);

        // the second of that night's two half past two, and then the next day's
        assertThat(first).isEqualTo(Instant.parse("2026-10-25T01:30:00Z"));
        assertThat(next("0 30 2 * * ?", first)).isEqualTo(Instant.parse("2026-10-26T01:30:00Z"));
        assertThat(SkippedTimes.next("0 30 2 * * ?", BRUSSELS, evening, Instant.parse("2026-10-26T00:00:00Z")))
                .isEmpty();
    }

    private static Instant next(String cron, Instant after) throws Exception {
        CronExpression expression = new CronExpression(cron);
        expression.setTimeZone(TimeZone.getTimeZone(BRUSSELS));
        return expression.getNextValidTimeAfter(Date.from(after)).toInstant();
    }
}
