package org.orphancleanup.report;

import static org.orphancleanup.report.Words.count;
import static org.orphancleanup.report.Words.number;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The whole report in one plain sentence, and what else must be known at once. */
record Headline(String sentence, List<String> lead) {

    private static final Map<State, String> PHRASES = Map.of(
            State.FAILED, "failed",
            State.HELD, "held",
            State.CHANGED_MEANWHILE, "changed meanwhile",
            State.REFUSED, "refused",
            State.QUARANTINED, "quarantined",
            State.PLANNED, "planned but not reached",
            State.REPORTED, "only reported");

    static Headline of(Report report) {
        return new Headline(sentence(report), lead(report));
    }

    private static String sentence(Report report) {
        Counts total = report.tallies().total();
        UndoFacts undo = report.undo();
        if (undo != null) {
            return Words.number(undo.back()) + " of " + count(undo.all(), "change", "changes") + " of run "
                    + undo.undone()
                    + (undo.all() == 1 ? " is" : " are") + " undone"
                    + (undo.rest().isEmpty() ? "." : "; not undone: " + undo.rest() + ".");
        }
        if (total.found() == 0) {
            return report.references().stream().anyMatch(row -> row.rowsRead() != null)
                    ? "No dangling reference was found."
                    : "No reference was read, so nothing is known yet.";
        }
        String found = count(total.found(), "reference", "references");
        return switch (Stage.of(report)) {
            case SCAN -> found + (total.found() == 1 ? " dangles." : " dangle.");
            case PLAN -> found + (total.found() == 1 ? " dangles: " : " dangle: ") + planned(total) + ".";
            case APPLIED, UNDO -> found + " dangled; " + became(total) + ".";
        };
    }

    private static String planned(Counts total) {
        List<String> parts = new ArrayList<>();
        if (total.waiting() > 0) {
            parts.add(number(total.waiting()) + " would be repaired");
        } else {
            parts.add("none would be repaired");
        }
        if (total.refused() > 0) {
            parts.add(number(total.refused()) + (total.refused() == 1 ? " is refused" : " are refused"));
        }
        if (total.held() > 0) {
            parts.add(number(total.held()) + (total.held() == 1 ? " is held" : " are held") + " for the DBA");
        }
        long reported = State.REPORTED.in(total);
        if (reported > 0) {
            parts.add(number(reported) + (reported == 1 ? " is only reported" : " are only reported"));
        }
        return Words.list(parts);
    }

    private static String became(Counts total) {
        if (total.remaining() == 0) {
            return total.found() == 1 ? "it is clean now" : "all of them are clean now";
        }
        List<String> parts = new ArrayList<>();
        for (State state : List.of(
                State.HELD,
                State.REFUSED,
                State.CHANGED_MEANWHILE,
                State.QUARANTINED,
                State.FAILED,
                State.PLANNED,
                State.REPORTED)) {
            if (state.in(total) > 0) {
                parts.add(number(state.in(total)) + " " + PHRASES.get(state));
            }
        }
        String clean = total.clean() == 0
                ? "none is clean yet"
                : number(total.clean()) + (total.clean() == 1 ? " is clean now" : " are clean now");
        return clean + ", " + number(total.remaining()) + (total.remaining() == 1 ? " remains: " : " remain: ")
                + Words.list(parts);
    }

    private static List<String> lead(Report report) {
        RunFacts run = report.run();
        Counts total = report.tallies().total();
        List<String> lead = new ArrayList<>();
        RunFacts.PlanFacts plan = run.plan();
        switch (run.status()) {
            case "failed" -> lead.add("The run failed" + because(run));
            case "stopped" -> lead.add("The run was stopped" + because(run));
            case "waiting" ->
                lead.add("The plan waits for approval"
                        + (plan == null
                                ? "."
                                : "; it can be applied until " + Words.time(plan.validUntil(), report.zone()) + "."));
            default -> {
                // Ended, or writing this report as its last step.
            }
        }
        switch (Stage.of(report)) {
            case SCAN -> lead.add("This was a scan: nothing was changed.");
            case PLAN ->
                lead.add(run.dryRun() ? "This was a dry run: nothing was written." : "Nothing has been written.");
            case UNDO -> {
                UndoFacts undo = report.undo();
                lead.add(
                        undo == null || undo.differencesAll() == 0
                                ? "All that the run touched is as it was before it, write stamps apart."
                                : count(undo.differencesAll(), "value or row is", "values and rows are")
                                        + " not as before the run; each is listed.");
            }
            case APPLIED -> {
                if (report.undone() > 0) {
                    lead.add(count(report.undone(), "repair was", "repairs were") + " undone later.");
                }
                if (total.found() > 0) {
                    lead.add(
                            report.changed() == 0
                                    ? "No other value was changed by the repairs."
                                    : count(report.changed(), "other value was", "other values were")
                                            + " changed by the repairs.");
                }
            }
        }
        if (total.fresh() > 0) {
            lead.add(count(total.fresh(), "more reference", "more references") + " came to dangle during the run.");
        }
        return lead;
    }

    private static String because(RunFacts run) {
        return run.message() == null ? "." : ": " + run.message();
    }
}
