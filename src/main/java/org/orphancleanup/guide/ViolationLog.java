package org.orphancleanup.guide;

import java.io.BufferedReader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The violations of a whole server or database log, grouped by constraint. The log is streamed: one entry at a time is kept,
 * and of each group its counts.
 */
public final class ViolationLog {

    /** What tells one entry from the next, unlike a time among a row's values; PostgreSQL's parts of one entry share time and process. */
    private static final Pattern TIME = Pattern.compile(
            "^(?:\\{\"timestamp\":\"|[^()\"']{0,60}?)(\\d{4}-\\d\\d-\\d\\d[ T]\\d\\d:\\d\\d:\\d\\d(?:[.,]\\d{1,9})?)([^\\[\\]]{0,60}\\[\\d+])?(?:\\s+(\\d+)\\s+([A-Z]+)\\s)?");

    private static final int LONGEST_ENTRY = 500_000;
    private static final int MOST_KEYS = 10_000;

    private final ErrorReader reader = new ErrorReader();
    private final Map<String, Counting> groups = new LinkedHashMap<>();
    private final StringBuilder entry = new StringBuilder();
    private @Nullable String part;
    private @Nullable String time;
    private @Nullable String process;
    private boolean passed;
    private long lines;
    private long cut;
    /** What Odoo's database cursor logged, by process: the traceback that follows tells of the same event. */
    private final Map<String, List<Violation>> badQueries = new HashMap<>();

    private ViolationLog() {}

    /**
     * @param count events; what a log tells of one event several times counts once
     * @param keys different ids or values, up to 10,000
     * @param first time as the log writes it; null where it has none
     * @param example the first of them
     */
    public record Group(
            String name,
            ViolationKind kind,
            long count,
            long keys,
            @Nullable String first,
            @Nullable String last,
            Violation example) {}

    /** @param cutEntries entries so long that only their first half million characters were read */
    public record Summary(long lines, long violations, long cutEntries, List<Group> groups) {}

    public static Summary read(BufferedReader log) throws IOException {
        ViolationLog reading = new ViolationLog();
        for (String line = log.readLine(); line != null; line = log.readLine()) {
            reading.lines++;
            reading.add(line);
        }
        reading.finish();
        List<Group> groups = reading.groups.values().stream()
                .map(Counting::group)
                .sorted(Comparator.comparingLong(Group::count).reversed())
                .toList();
        return new Summary(
                reading.lines, groups.stream().mapToLong(Group::count).sum(), reading.cut, groups);
    }

    private void add(String line) {
        Matcher begin = TIME.matcher(line);
        if (begin.find()) {
            String same = begin.group(2) == null ? null : begin.group();
            if (same == null || !same.equals(part)) {
                finish();
                part = same;
                time = begin.group(1);
                process = begin.group(3);
                // Odoo's own levels, which no language changes
                passed = "INFO".equals(begin.group(4)) || "DEBUG".equals(begin.group(4));
            }
        }
        if (!passed && entry.length() < LONGEST_ENTRY) {
            entry.append(line).append('\n');
            if (entry.length() >= LONGEST_ENTRY) {
                cut++;
            }
        }
    }

    private void finish() {
        if (!entry.isEmpty()) {
            String text = entry.toString();
            entry.setLength(0);
            count(reader.read(text), text);
        }
    }

    private void count(List<Violation> violations, String text) {
        boolean isBadQuery = text.contains("odoo.sql_db: bad query");
        List<Violation> told = process == null ? null : badQueries.remove(process);
        // a second query that fails is a second event
        List<Violation> before = isBadQuery ? null : told;
        for (Violation violation : violations) {
            if (before == null || before.stream().noneMatch(known -> known.agreesWith(violation))) {
                groups.computeIfAbsent(violation.group(), name -> new Counting(name, violation))
                        .add(violation, time);
            }
        }
        if (process != null && !violations.isEmpty() && isBadQuery) {
            badQueries.put(process, violations);
        }
    }

    private static final class Counting {

        private final String name;
        private Violation example;
        private final Set<String> keys = new HashSet<>();
        private long count;
        private @Nullable String first;
        private @Nullable String last;

        private Counting(String name, Violation example) {
            this.name = name;
            this.example = example;
        }

        private void add(Violation violation, @Nullable String time) {
            count++;
            if (violation.key() != null && keys.size() < MOST_KEYS) {
                keys.add(violation.key());
            }
            if (count > 1 && example.agreesWith(violation)) {
                example = example.completedBy(violation);
            }
            first = Objects.requireNonNullElse(first, Objects.requireNonNullElse(time, ""));
            last = time == null ? last : time;
        }

        private Group group() {
            return new Group(
                    name,
                    example.kind(),
                    count,
                    keys.size(),
                    first == null || first.isEmpty() ? null : first,
                    last,
                    example);
        }
    }

    /** The examples of all groups, in order. */
    public static List<Violation> examples(Summary summary) {
        List<Violation> examples = new ArrayList<>();
        summary.groups().forEach(group -> examples.add(group.example()));
        return examples;
    }
}
