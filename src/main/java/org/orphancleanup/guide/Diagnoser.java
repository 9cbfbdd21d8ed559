package org.orphancleanup.guide;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Explains errors from their text alone; needs no database. */
public final class Diagnoser {

    private final ErrorReader reader = new ErrorReader();

    /** Every violation that a text tells of, in its order; empty where it tells of none. */
    public List<Violation> read(String text) {
        return reader.read(text);
    }

    /** @param onTarget what a target's database adds; null without one */
    public static Diagnosis explain(Violation violation, @Nullable OnTarget onTarget) {
        String child = violation.childModel();
        String parent = violation.parentModel();
        String from = "text";
        if (child == null && violation.childTable() != null) {
            child = ModelNames.model(violation.childTable());
            from = "table-names";
        }
        if (parent == null && violation.parentTable() != null) {
            parent = ModelNames.model(violation.parentTable());
            from = "table-names";
        }
        if (onTarget != null && (onTarget.childModel() != null || onTarget.parentModel() != null)) {
            child = onTarget.childModel() == null ? child : onTarget.childModel();
            parent = onTarget.parentModel() == null ? parent : onTarget.parentModel();
            from = "target";
        }
        return new Diagnosis(
                violation,
                violation.kind().words(),
                child,
                parent,
                from,
                onTarget,
                new Remedies(violation, child, parent, onTarget).list());
    }
}
