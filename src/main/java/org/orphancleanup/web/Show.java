package org.orphancleanup.web;

import java.nio.charset.StandardCharsets;
import java.text.NumberFormat;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.springframework.web.util.UriUtils;

/** How pages show times, numbers and durations to one viewer. Public as templates call it. */
public final class Show {

    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("d MMM uuuu, HH:mm z", Locale.ENGLISH);
    private static final DateTimeFormatter EXACT =
            DateTimeFormatter.ofPattern("d MMM uuuu, HH:mm:ss z", Locale.ENGLISH);

    private static final ZoneId UTC = ZoneId.of("UTC");

    private final ZoneId zone;
    private final Clock clock;

    Show(ZoneId zone, Clock clock) {
        // "Z" and "Etc/UTC" tell people less
        this.zone = zone.normalized().equals(ZoneOffset.UTC) ? UTC : zone;
        this.clock = clock;
    }

    /** @param name as the browser says, its slash escaped in the cookie or not; null or nonsense: {@code otherwise} */
    static ZoneId zone(@Nullable String name, ZoneId otherwise) {
        if (name == null || name.length() > 64) {
            return otherwise;
        }
        try {
            return ZoneId.of(UriUtils.decode(name, StandardCharsets.UTF_8));
        } catch (DateTimeException | IllegalArgumentException e) {
            return otherwise;
        }
    }

    public String zone() {
        return zone.getId();
    }

    ZoneId zoneId() {
        return zone;
    }

    public String time(@Nullable Instant time) {
        return time == null ? "" : TIME.format(time.atZone(zone));
    }

    public String exact(@Nullable Instant time) {
        return time == null ? "" : EXACT.format(time.atZone(zone));
    }

    public String number(@Nullable Number number) {
        return number == null
                ? ""
                : NumberFormat.getIntegerInstance(Locale.ENGLISH).format(number.longValue());
    }

    /** {@code 1 run}, {@code 12,345 runs}. */
    public String count(@Nullable Number number, String one, String many) {
        return number == null ? "" : number(number) + " " + (number.longValue() == 1 ? one : many);
    }

    /** Until now where it has not ended. */
    public String took(Instant start, @Nullable Instant end) {
        return duration(Duration.between(start, end == null ? clock.instant() : end));
    }

    public String millis(@Nullable Long millis) {
        return millis == null ? "" : duration(Duration.ofMillis(millis));
    }

    /** {@code in 3 h 05 min}, {@code 12 s ago}. */
    public String fromNow(@Nullable Instant time) {
        if (time == null) {
            return "";
        }
        Duration distance = Duration.between(clock.instant(), time);
        return distance.isNegative() ? duration(distance.negated()) + " ago" : "in " + duration(distance);
    }

    static String duration(Duration duration) {
        if (duration.toDays() > 0) {
            return duration.toDays() + " d " + duration.toHoursPart() + " h";
        } else if (duration.toHours() > 0) {
            return "%d h %02d min".formatted(duration.toHours(), duration.toMinutesPart());
        } else if (duration.toMinutes() > 0) {
            return "%d min %02d s".formatted(duration.toMinutes(), duration.toSecondsPart());
        } else if (duration.toSeconds() > 0 || duration.isZero()) {
            return duration.toSeconds() + " s";
        }
        return duration.toMillis() + " ms";
    }
}
