package org.orphancleanup.web;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.orphancleanup.history.References.Edge;

/** Which models point at which missing ones: those that point on the left, what they miss on the right. Public for templates. */
public final class Picture {

    private static final int WIDTH = 760;
    private static final int ROW = 30;
    private static final int BOX = 270;

    private final List<Node> nodes = new ArrayList<>();
    private final List<Line> lines = new ArrayList<>();
    private final int height;

    /** A model. */
    public record Node(String name, int x, int y, int width, int textY) {}

    /** From one to another, as thick as there are many. */
    public record Line(String path, String width, String words) {}

    Picture(List<Edge> edges) {
        Map<String, Integer> left = new LinkedHashMap<>();
        Map<String, Integer> right = new LinkedHashMap<>();
        edges.forEach(edge -> {
            left.putIfAbsent(edge.from(), left.size());
            right.putIfAbsent(edge.to(), right.size());
        });
        height = 10 + ROW * Math.max(left.size(), right.size());
        left.forEach((name, row) -> nodes.add(node(name, 0, row)));
        right.forEach((name, row) -> nodes.add(node(name, WIDTH - BOX, row)));
        for (Edge edge : edges) {
            int from = middle(left.getOrDefault(edge.from(), 0));
            int to = middle(right.getOrDefault(edge.to(), 0));
            lines.add(new Line(
                    String.format(
                            Locale.ROOT,
                            "M%d,%d C%d,%d %d,%d %d,%d",
                            BOX,
                            from,
                            WIDTH / 2,
                            from,
                            WIDTH / 2,
                            to,
                            WIDTH - BOX,
                            to),
                    String.format(Locale.ROOT, "%.1f", 1 + Math.min(9, Math.log10(Math.max(1, edge.orphans())) * 2)),
                    String.format(
                            Locale.ENGLISH, "%s points at %,d missing %s", edge.from(), edge.orphans(), edge.to())));
        }
    }

    private static Node node(String name, int x, int row) {
        return new Node(shortened(name), x, 5 + row * ROW, BOX, middle(row) + 4);
    }

    private static String shortened(String name) {
        return name.length() > 36 ? name.substring(0, 35) + "…" : name;
    }

    private static int middle(int row) {
        return 5 + row * ROW + 11;
    }

    public String getBox() {
        return "0 0 " + WIDTH + " " + height;
    }

    public List<Node> getNodes() {
        return nodes;
    }

    public List<Line> getLines() {
        return lines;
    }
}
