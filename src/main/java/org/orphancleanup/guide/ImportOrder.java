package org.orphancleanup.guide;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.orphancleanup.guide.ImportFindings.Edge;
import org.orphancleanup.guide.ImportResult.Level;
import org.orphancleanup.guide.ImportResult.Problem;
import org.orphancleanup.guide.ImportResult.Source;
import org.orphancleanup.guide.ImportResult.Step;

/** The order in which files load: parents first, and what closes a cycle in a second pass. */
final class ImportOrder {

    private final List<Source> sources;
    private final List<List<ImportColumn>> columns;
    private final List<Edge> edges;
    private final List<Problem> problems;

    /** @param problems what is found on the way is added */
    ImportOrder(List<Source> sources, List<List<ImportColumn>> columns, List<Edge> edges, List<Problem> problems) {
        this.sources = sources;
        this.columns = columns;
        this.edges = edges;
        this.problems = problems;
    }

    List<Step> steps() {
        List<Step> steps = new ArrayList<>();
        TreeMap<Integer, Set<Integer>> later = new TreeMap<>();
        Set<Integer> open = new TreeSet<>();
        for (int file = 0; file < sources.size(); file++) {
            open.add(file);
        }
        while (!open.isEmpty()) {
            int file = next(open);
            Set<Integer> cut = new TreeSet<>();
            for (Edge edge : edges) {
                if (edge.file() == file && open.contains(edge.parent())) {
                    cut.add(edge.column());
                    closes(edge);
                }
            }
            if (!cut.isEmpty()) {
                later.put(file, cut);
            }
            Source source = sources.get(file);
            steps.add(new Step(source.file(), source.model(), headers(file, cut), List.of()));
            open.remove(file);
        }
        later.forEach((file, cut) -> {
            Set<String> only = new LinkedHashSet<>();
            own(file).ifPresent(only::add);
            only.addAll(headers(file, cut));
            Source source = sources.get(file);
            steps.add(new Step(source.file(), source.model(), List.of(), List.copyOf(only)));
        });
        return steps;
    }

    /** The first that needs none of the others; in a cycle the one that can do without, by the fewest rows. */
    private int next(Set<Integer> open) {
        return open.stream()
                .min(Comparator.<Integer>comparingLong(file -> needs(file, open).stream()
                                .filter(edge -> edge.parent() != file)
                                .filter(this::isFixed)
                                .count())
                        .thenComparingLong(file -> needs(file, open).stream()
                                .filter(edge -> edge.parent() != file)
                                .mapToLong(Edge::rows)
                                .sum())
                        .thenComparing(Comparator.naturalOrder()))
                .orElseThrow();
    }

    private List<Edge> needs(int file, Set<Integer> open) {
        return edges.stream()
                .filter(edge -> edge.file() == file && open.contains(edge.parent()))
                .toList();
    }

    /** A required field, or one of lines within the file, cannot wait for a second pass. */
    private boolean isFixed(Edge edge) {
        ImportColumn column = columns.get(edge.file()).get(edge.column());
        return column.required() || !column.path().isEmpty();
    }

    private void closes(Edge edge) {
        ImportColumn column = columns.get(edge.file()).get(edge.column());
        Source source = sources.get(edge.file());
        boolean itself = edge.file() == edge.parent();
        String rows = edge.rows() + (edge.rows() == 1 ? " row refers" : " rows refer");
        String what = itself
                ? rows + " to rows further down in the same file"
                : rows + " to " + sources.get(edge.parent()).file() + ", which needs this file in turn";
        boolean fixed = isFixed(edge);
        boolean known = own(edge.file()).isPresent();
        problems.add(new Problem(
                fixed || !known && !itself ? Level.PROBLEM : Level.WARNING,
                itself ? "below" : "cycle",
                source.file(),
                column.header(),
                edge.rows(),
                null,
                List.of(),
                what
                        + (fixed
                                ? ", and " + column.field() + " cannot wait: "
                                        + (itself ? "sort the rows, parents first" : "split the files")
                                : ": " + (itself ? "sort the rows, parents first, or load" : "load")
                                        + " the file without this column, then again with it"
                                        + (known ? "" : ", for which the file lacks a column id"))));
    }

    private List<String> headers(int file, Set<Integer> numbers) {
        return numbers.stream()
                .map(number -> columns.get(file).get(number).header())
                .toList();
    }

    /** The column by which a second pass finds its records. */
    private Optional<String> own(int file) {
        return columns.get(file).stream()
                .filter(column -> column.path().isEmpty()
                        && (column.kind() == ImportColumn.Kind.OWN_EXTERNAL_ID
                                || column.kind() == ImportColumn.Kind.OWN_ID))
                .map(ImportColumn::header)
                .findFirst();
    }
}
