package org.orphancleanup.report;

/** How far a run has come, which decides whether the report says "dangle", "would be" or "are clean now". */
enum Stage {
    SCAN,
    PLAN,
    APPLIED,
    UNDO;

    static Stage of(Report report) {
        if (report.undo() != null) {
            return UNDO;
        }
        RunFacts.PlanFacts plan = report.run().plan();
        if (plan == null) {
            return SCAN;
        }
        Counts total = report.tallies().total();
        // what the plan itself holds or found clean already is no part of what it set out to repair
        boolean tried = total.planned() > total.waiting();
        return tried || plan.status().equals("applied") ? APPLIED : PLAN;
    }
}
