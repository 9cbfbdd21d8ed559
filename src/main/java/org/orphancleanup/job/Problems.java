package org.orphancleanup.job;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.orphancleanup.UserError;
import org.yaml.snakeyaml.nodes.Node;

/** Every mistake of a file, so that a person mends them all at once. */
final class Problems {

    private final Path file;
    private final List<Problem> found = new ArrayList<>();

    private record Problem(Path file, int line, String message) {}

    Problems(Path file) {
        this.file = file;
    }

    /** @param message what is wrong; remedy */
    void add(int line, String message) {
        found.add(new Problem(file, line, message));
    }

    void add(Node node, String message) {
        add(line(node), message);
    }

    /** Those of a file that this one names. */
    void addAll(Problems others) {
        found.addAll(others.found);
    }

    int count() {
        return found.size();
    }

    /** One line each, by file and line; this file's first. */
    @Override
    public String toString() {
        List<String> lines = new ArrayList<>();
        found.stream()
                .sorted(Comparator.comparing(
                                (Problem problem) -> !problem.file().equals(file))
                        .thenComparing(Problem::file)
                        .thenComparingInt(Problem::line))
                .forEach(problem -> lines.add(problem.file() + ":" + problem.line() + ": " + problem.message()));
        return String.join("\n", lines);
    }

    void throwIfAny() {
        if (!found.isEmpty()) {
            throw UserError.setting(toString());
        }
    }

    static int line(Node node) {
        return node.getStartMark().getLine() + 1;
    }
}
