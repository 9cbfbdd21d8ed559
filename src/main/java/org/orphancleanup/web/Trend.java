package org.orphancleanup.web;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** A line over runs, as points of a picture. Public as templates call it. */
public final class Trend {

    public static final int WIDTH = 600;
    public static final int HEIGHT = 90;
    private static final int EDGE = 6;

    private final List<Long> values;
    private final long most;

    Trend(List<Long> values) {
        this.values = List.copyOf(values);
        this.most = Math.max(1, values.stream().mapToLong(Long::longValue).max().orElse(1));
    }

    /** One value is no line. */
    public boolean isDrawn() {
        return values.size() > 1;
    }

    public String getBox() {
        return "0 0 " + WIDTH + " " + HEIGHT;
    }

    public String getLine() {
        return IntStream.range(0, values.size())
                .mapToObj(i -> String.format(Locale.ROOT, "%.1f,%.1f", x(i), y(values.get(i))))
                .collect(Collectors.joining(" "));
    }

    public String getArea() {
        return String.format(Locale.ROOT, "%.1f,%d ", x(0), HEIGHT - EDGE)
                + getLine()
                + String.format(Locale.ROOT, " %.1f,%d", x(values.size() - 1), HEIGHT - EDGE);
    }

    private double x(int i) {
        return EDGE + (WIDTH - 2.0 * EDGE) * i / Math.max(1, values.size() - 1);
    }

    private double y(long value) {
        return HEIGHT - EDGE - (HEIGHT - 2.0 * EDGE) * value / most;
    }

    /** For who does not see the picture. */
    public String getWords() {
        return values.isEmpty()
                ? "No runs yet."
                : "Dangling references after the last " + values.size() + " runs: from " + values.get(0) + " to "
                        + values.get(values.size() - 1) + ", at most "
                        + values.stream().mapToLong(Long::longValue).max().orElse(0) + ".";
    }
}
