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
        boolean tried =
                total.clean() + total.held() + total.failed() + total.changedMeanwhile() + total.quarantined() > 0;
        return tried || plan.status().equals("applied") ? APPLIED : PLAN;
    }
}
