package org.orphancleanup.cli;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.orphancleanup.guide.Diagnosis;
import org.orphancleanup.guide.OnTarget;
import org.orphancleanup.guide.Remedy;
import org.orphancleanup.guide.Violation;
import org.orphancleanup.guide.ViolationKind;
import org.orphancleanup.guide.ViolationLog;

/** A diagnosis as lines for a terminal. */
final class DiagnosisText {

    private static final int MOST_REFERRERS = 20;

    private final List<String> lines = new ArrayList<>();

    private DiagnosisText() {}

    static List<String> of(Diagnosis diagnosis) {
        DiagnosisText text = new DiagnosisText();
        text.whole(diagnosis);
        return text.lines;
    }

    static List<String> of(ViolationLog.Summary summary, List<Diagnosis> diagnoses) {
        DiagnosisText text = new DiagnosisText();
        text.lines.add(summary.violations() + " violations in " + summary.lines() + " lines, "
                + summary.groups().size() + " different ones"
                + (summary.cutEntries() == 0
                        ? ""
                        : "; of " + summary.cutEntries() + " entries only the beginning was read"));
        for (int i = 0; i < diagnoses.size(); i++) {
            ViolationLog.Group group = summary.groups().get(i);
            text.lines.add("");
            text.lines.add(group.count() + " x " + group.name()
                    + (group.keys() > 1 ? ", " + group.keys() + " different ids or values" : "")
                    + (group.first() == null ? "" : ", first " + group.first() + ", last " + group.last()));
            text.whole(diagnoses.get(i));
        }
        return text.lines;
    }

    private void whole(Diagnosis diagnosis) {
        Violation violation = diagnosis.violation();
        OnTarget found = diagnosis.onTarget();
        lines.add(diagnosis.words() + ".");
        lines.add("");
        line("child table", violation.childTable());
        line("child model", diagnosis.childModel());
        line("child id", violation.childId());
        line("column", violation.column());
        line("field", violation.label());
        line(
                "parent table",
                violation.parentTable() != null || found == null ? violation.parentTable() : found.parentTable());
        line("parent model", diagnosis.parentModel());
        line("constraint", violation.constraint());
        line(keyName(violation.kind()), violation.key());
        if (diagnosis.modelsFrom().equals("table-names")
                && (diagnosis.childModel() != null || diagnosis.parentModel() != null)) {
            lines.add("  (models derived from the tables' names; --target tells for sure)");
        }
        if (found != null) {
            onTarget(found);
        }
        lines.add("");
        lines.add("What to do, in this order:");
        int number = 1;
        for (Remedy remedy : diagnosis.remedies()) {
            lines.add("  " + number++ + ". " + remedy.words());
            if (remedy.job() != null) {
                remedy.job().lines().forEach(job -> lines.add("       | " + job));
            }
            if (remedy.command() != null) {
                lines.add("       " + remedy.command());
            }
        }
        lines.add("");
    }

    private void onTarget(OnTarget found) {
        lines.add("");
        lines.add("On " + found.target() + " (Odoo " + found.odooVersion() + "):");
        line("reference", found.field());
        line(
                "constraint",
                found.constraintState() == null
                        ? null
                        : (found.constraint() == null ? "" : found.constraint() + ", ")
                                + found.constraintState()
                                + (found.ondelete() == null ? "" : ", on delete " + found.ondelete())
                                + (found.required() ? ", required" : ""));
        line(
                "the record",
                found.parentExists() == null ? null : found.parentExists() ? "exists now" : "does not exist");
        line("its id", found.history());
        line(
                "dangling rows",
                found.dangling() == null
                        ? null
                        : found.dangling() == 0
                                ? "none in this reference"
                                : found.dangling() + " in this reference, which miss " + found.missing()
                                        + " different ids");
        found.remembered().forEach(trace -> line("remembered", trace));
        if (found.referrers().isEmpty() && found.parentExists() != null) {
            line("referred to", "by nothing");
        }
        found.referrers().stream()
                .limit(MOST_REFERRERS)
                .forEach(referrer -> line(
                        "referred to by",
                        referrer.field() + ", rows: " + referrer.rows()
                                + (referrer.ondelete() == null ? "" : ", on delete " + referrer.ondelete())
                                + (referrer.required() ? ", required" : "")));
        if (found.referrers().size() > MOST_REFERRERS) {
            line(
                    "referred to by",
                    (found.referrers().size() - MOST_REFERRERS) + " more references; --json lists them all");
        }
        found.notes().forEach(note -> line("not known", note));
    }

    private static String keyName(ViolationKind kind) {
        return switch (kind) {
            case REFERENCED -> "id to delete";
            case NO_MATCH -> "value";
            case MISSING_PARENT, CONSTRAINT_NOT_ADDED, MISSING_RECORD -> "missing id";
            default -> "id";
        };
    }

    private void line(String name, @Nullable String value) {
        if (value != null) {
            lines.add("  %-15s %s".formatted(name, value));
        }
    }
}
