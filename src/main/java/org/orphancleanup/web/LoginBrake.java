package org.orphancleanup.web;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.springframework.stereotype.Component;

/**
 * Slows down who guesses passwords: after a few failures each further one doubles the wait before the next try is looked at.
 * Counted per name and address, so that nobody can lock somebody else out; more leniently per address, against one that tries
 * many names, and per name, against many addresses that try one. Each node counts for itself.
 */
@Component
class LoginBrake {

    private static final int MOST_KEYS = 20_000;
    private static final Duration FORGOTTEN_AFTER = Duration.ofMinutes(30);
    private static final Duration LONGEST = Duration.ofMinutes(15);
    private static final Duration LONGEST_OF_NAME = Duration.ofMinutes(1);

    private final Clock clock;

    /** The eldest go first, so that inventing names costs no memory. */
    private final Map<String, Failures> failures = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Failures> eldest) {
            return size() > MOST_KEYS;
        }
    };

    LoginBrake(Clock clock) {
        this.clock = clock;
    }

    private record Failures(int count, Instant last) {}

    private record Key(String text, int free, Duration longest) {}

    private static Stream<Key> keys(String name, String address) {
        return Stream.of(
                new Key("both " + address + " " + name, 5, LONGEST),
                new Key("address " + address, 20, LONGEST),
                new Key("name " + name, 50, LONGEST_OF_NAME));
    }

    /** How long to wait before the next try; zero: not at all. */
    synchronized Duration wait(String name, String address) {
        Instant now = clock.instant();
        return keys(name, address)
                .map(key -> wait(key, now))
                .max(Duration::compareTo)
                .orElse(Duration.ZERO);
    }

    private Duration wait(Key key, Instant now) {
        Failures failed = failures.get(key.text());
        if (failed == null || failed.count() < key.free() || isForgotten(failed, now)) {
            return Duration.ZERO;
        }
        int doublings = Math.min(failed.count() - key.free(), 20);
        Duration whole = Duration.ofSeconds(1L << doublings);
        Instant until = failed.last().plus(whole.compareTo(key.longest()) > 0 ? key.longest() : whole);
        return until.isAfter(now) ? Duration.between(now, until) : Duration.ZERO;
    }

    private static boolean isForgotten(Failures failed, Instant now) {
        return failed.last().plus(FORGOTTEN_AFTER).isBefore(now);
    }

    synchronized void failed(String name, String address) {
        Instant now = clock.instant();
        keys(name, address)
                .forEach(key -> failures.merge(
                        key.text(),
                        new Failures(1, now),
                        (old, one) -> new Failures(isForgotten(old, now) ? 1 : old.count() + 1, now)));
    }

    synchronized void succeeded(String name, String address) {
        // the address stays: a right password of one's own is no ticket to guess those of others
        failures.remove("both " + address + " " + name);
    }
}
