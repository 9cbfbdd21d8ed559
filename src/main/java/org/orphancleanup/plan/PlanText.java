package org.orphancleanup.plan;

import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.orphancleanup.plan.PlanView.Group;

/** A plan as plain text for a terminal. */
public final class PlanText {

    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm z", Locale.ROOT);

    private PlanText() {}

    /** @param zone in which times are printed */
    public static String of(PlanView plan, ZoneId zone) {
        StringBuilder text = new StringBuilder();
        line(
                text,
                "Plan " + plan.runId() + " (" + plan.status() + "): " + Words.count(plan.repairs(), "record")
                        + " would be written, repairing " + Words.count(plan.parts(), "reference") + ".");
        line(text, "Valid until " + time(plan.validUntil(), zone) + ". Hash " + plan.hash() + ".");
        section(text, "It cannot be applied", plan.blocked());
        section(text, "Beware", plan.warnings());
        groups(text, "Would be done", "", plan.planned());
        groups(text, "Refused", "refused", plan.refused());
        groups(text, "Held for the DBA", "held", plan.held());
        groups(text, "Only reported", "", plan.reported());
        return text.toString();
    }

    private static String time(Instant instant, ZoneId zone) {
        return TIME.format(instant.atZone(zone));
    }

    private static void section(StringBuilder text, String title, List<String> lines) {
        if (!lines.isEmpty()) {
            line(text, "");
            line(text, title + ":");
            lines.forEach(line -> line(text, "  " + line));
        }
    }

    private static void groups(StringBuilder text, String title, String outcome, List<Group> groups) {
        if (groups.isEmpty()) {
            return;
        }
        line(text, "");
        line(text, title + ":");
        for (Group group : groups) {
            line(
                    text,
                    "  " + group.count() + " × " + group.reference() + " → "
                            + (group.parentModel() == null ? "?" : group.parentModel()) + ": "
                            + group.policy().code()
                            + (group.reason() == null ? ", " + group.does() : ""));
            if (group.reason() != null) {
                line(text, "      " + outcome + ": " + group.reason());
            }
            line(text, "      " + group.why());
            line(
                    text,
                    "      " + (group.count() > group.examples().size() ? "such as " : "") + "id "
                            + group.examples().stream().map(String::valueOf).collect(Collectors.joining(", ")));
        }
    }

    private static void line(StringBuilder text, String line) {
        text.append(line).append('\n');
    }
}
