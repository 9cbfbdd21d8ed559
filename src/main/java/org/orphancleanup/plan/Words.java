package org.orphancleanup.plan;

import java.time.Duration;

/** Values in words. */
final class Words {

    private Words() {}

    static String of(Duration duration) {
        if (duration.toDays() >= 1 && duration.equals(Duration.ofDays(duration.toDays()))) {
            return duration.toDays() + "d";
        } else if (duration.toHours() >= 1 && duration.equals(Duration.ofHours(duration.toHours()))) {
            return duration.toHours() + "h";
        }
        return duration.toMinutes() + "m";
    }

    static String count(long number, String one) {
        return number + " " + (number == 1 ? one : one + "s");
    }
}
