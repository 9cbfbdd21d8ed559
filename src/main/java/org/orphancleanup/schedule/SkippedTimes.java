package org.orphancleanup.schedule;

import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.zone.ZoneOffsetTransition;
import java.util.Date;
import java.util.Optional;
import java.util.TimeZone;
import org.quartz.CronExpression;

/**
 * Quartz leaves a time out that the clocks skip when summer time begins: a job of half past two would miss that night. It is
 * made up for as much later as the clocks went on, unless the job runs soon after all the same.
 */
final class SkippedTimes {

    private static final Duration SOON = Duration.ofHours(2);

    private SkippedTimes() {}

    /** The next such time between the two, if there is one. */
    static Optional<Instant> next(String cron, ZoneId zone, Instant from, Instant until) {
        ZoneOffsetTransition change = zone.getRules().nextTransition(from.minus(SOON));
        while (change != null && change.getInstant().isBefore(until)) {
            if (change.isGap()) {
                Optional<Instant> skipped =
                        skipped(cron, zone, change).filter(at -> at.isAfter(from) && !at.isAfter(until));
                if (skipped.isPresent()) {
                    return skipped;
                }
            }
            change = zone.getRules().nextTransition(change.getInstant());
        }
        return Optional.empty();
    }

    private static Optional<Instant> skipped(String cron, ZoneId zone, ZoneOffsetTransition gap) {
        LocalDateTime wanted = after(
                        cron,
                        ZoneOffset.UTC,
                        gap.getDateTimeBefore().minusSeconds(1).toInstant(ZoneOffset.UTC))
                .map(at -> LocalDateTime.ofInstant(at, ZoneOffset.UTC))
                .filter(at -> at.isBefore(gap.getDateTimeAfter()))
                .orElse(null);
        if (wanted == null) {
            return Optional.empty();
        }
        boolean runsSoon = after(cron, zone, gap.getInstant().minusSeconds(1))
                .filter(at -> at.isBefore(gap.getInstant().plus(SOON)))
                .isPresent();
        return runsSoon ? Optional.empty() : Optional.of(wanted.toInstant(gap.getOffsetBefore()));
    }

    private static Optional<Instant> after(String cron, ZoneId zone, Instant time) {
        try {
            CronExpression expression = new CronExpression(cron);
            expression.setTimeZone(TimeZone.getTimeZone(zone));
            return Optional.ofNullable(expression.getNextValidTimeAfter(Date.from(time)))
                    .map(Date::toInstant);
        } catch (ParseException e) {
            // the definition's reader has refused it
            throw new IllegalArgumentException(cron, e);
        }
    }
}
