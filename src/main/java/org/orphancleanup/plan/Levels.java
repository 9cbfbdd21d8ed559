package org.orphancleanup.plan;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.orphancleanup.catalog.Reference;
import org.orphancleanup.catalog.ReferenceKind;

/**
 * The order of repairs, by model: a record comes after those it cannot be without. Model A needs model B where a many2one
 * from A to B is required or deletes A with B, and both have orphans: orders before their lines, partners before orders.
 * Models that need each other share a level; within a level, and for what only a record's values tell, the repair engine
 * goes round again.
 */
final class Levels {

    private final Map<String, Set<String>> needs = new HashMap<>();
    private final Map<String, Set<String>> reach = new HashMap<>();
    private final Map<String, Integer> levels = new HashMap<>();

    /** @param damaged models with orphans */
    Levels(List<Reference> references, Set<String> damaged) {
        for (Reference reference : references) {
            String child = reference.childModel();
            String parent = reference.parentModel();
            boolean many2one =
                    reference.kind() == ReferenceKind.MANY2ONE || reference.kind() == ReferenceKind.INHERITANCE;
            if (many2one
                    && child != null
                    && parent != null
                    && !child.equals(parent)
                    && damaged.contains(child)
                    && damaged.contains(parent)
                    && (reference.required() || "cascade".equals(reference.ondelete()))) {
                needs.computeIfAbsent(child, k -> new HashSet<>()).add(parent);
            }
        }
        for (String model : damaged) {
            reach.put(model, reachable(model));
        }
    }

    private Set<String> reachable(String from) {
        Set<String> seen = new HashSet<>();
        Deque<String> open = new ArrayDeque<>(needs.getOrDefault(from, Set.of()));
        while (!open.isEmpty()) {
            String model = open.pop();
            if (seen.add(model)) {
                open.addAll(needs.getOrDefault(model, Set.of()));
            }
        }
        return seen;
    }

    private Set<String> reach(String model) {
        return reach.getOrDefault(model, Set.of());
    }

    /** 0 for what needs nothing that is damaged. */
    int of(String model) {
        Integer known = levels.get(model);
        if (known != null) {
            return known;
        }
        int level = 0;
        // what is reachable without leading back is of an earlier level; models of one cycle reach the same set
        for (String other : reach(model)) {
            if (!other.equals(model) && !reach(other).contains(model)) {
                level = Math.max(level, of(other) + 1);
            }
        }
        levels.put(model, level);
        return level;
    }
}
