package org.orphancleanup.plan;

import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.orphancleanup.catalog.Reference;
import org.orphancleanup.target.Target.KeepIdThrough;

/** Which missing parents may come back under their old ids, and how many a plan puts back. */
final class KeepIds {

    private final OldIds ids;
    private final OdooFacts odoo;
    private final Guards guards;
    private final @Nullable KeepIdThrough through;
    private final boolean recoverPersons;

    private final Map<String, Set<Long>> parents = new TreeMap<>();

    KeepIds(OldIds ids, OdooFacts odoo, Guards guards, @Nullable KeepIdThrough through, boolean recoverPersons) {
        this.ids = ids;
        this.recoverPersons = recoverPersons;
        this.odoo = odoo;
        this.guards = guards;
        this.through = through;
    }

    /** Why the target cannot have it at all. */
    @Nullable
    String notConfigured() {
        if (through == null) {
            return "keep-id needs a way to insert a row, and the target has none: set write-jdbc-url and its neighbours, or"
                    + " keep-id-through: server-action";
        }
        if (through == KeepIdThrough.SERVER_ACTION
                && !(odoo.may("ir.actions.server", "create") && odoo.may("ir.actions.server", "unlink"))) {
            return "keep-id-through is server-action, and the API user may not make server actions: give him the Settings"
                    + " right, or set write-jdbc-url and its neighbours";
        }
        return null;
    }

    /** Why this missing parent cannot come back. */
    @Nullable
    String refusal(Reference reference, long missingId) {
        String model = reference.parentModel();
        String table = reference.parentTable();
        if (model == null) {
            return "no model of Odoo owns the parent table";
        }
        if (table == null) {
            return "the model " + model + " does not exist any more: there is no table to put a record back into";
        }
        String made = OldIds.madeByModules(model);
        if (made != null) {
            return made;
        }
        String problem = odoo.model(model).problem();
        if (problem != null) {
            return problem;
        }
        String meaning = guards.meaningful(model);
        if (meaning != null) {
            return meaning;
        }
        return ids.refusal(table, missingId);
    }

    void count(Part part) {
        if (part.isPlanned() && part.keepId) {
            String model = Objects.requireNonNull(part.reference.parentModel());
            parents.computeIfAbsent(model, k -> new TreeSet<>()).add(part.missingId);
        }
    }

    long parents() {
        return parents.values().stream().mapToLong(Set::size).sum();
    }

    /** In so many words, for the plan; null where nothing comes back. */
    @Nullable
    String words() {
        if (parents.isEmpty()) {
            return null;
        }
        return "keep-id: " + Words.count(parents(), "missing parent") + " would be put back under "
                + (parents() == 1 ? "its old id" : "their old ids") + ", one SQL INSERT each, "
                + (through == KeepIdThrough.SERVER_ACTION
                        ? "run by a temporary server action within Odoo, which is removed again"
                        : "through the separate write connection")
                + ": "
                + parents.entrySet().stream()
                        .map(entry -> entry.getValue().size() + " of " + entry.getKey())
                        .collect(Collectors.joining(", "))
                + ". Names and values that other records kept of them come back too, of persons "
                + (recoverPersons ? "as well" : "not")
                + " (recover-persons). Everything else goes through Odoo's API. An undo would take each of these rows away again by one SQL DELETE.";
    }
}
