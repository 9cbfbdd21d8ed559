package org.orphancleanup.run;

import org.orphancleanup.job.JobDefinition;

/**
 * Whether a plan may be carried out.
 *
 * @param by who approved it; empty where nobody did
 * @param words how, or what is missing
 */
record Approval(boolean given, String by, String words) {

    /**
     * @param asked who asked for the plan
     * @param caller who wants it applied
     * @param approves the caller says yes
     */
    static Approval of(JobDefinition job, PlanStore.Plan plan, String asked, String caller, boolean approves) {
        boolean second = switch (job.secondPerson()) {
            case NONE -> false;
            case DELETE -> plan.deletes();
            case ALL -> true;
        };
        boolean needed = second
                || switch (job.approval().kind()) {
                    case REQUIRED -> true;
                    case ABOVE -> plan.repairs() > job.approval().above();
                    case NONE -> false;
                };
        if (!needed) {
            return new Approval(true, "job definition", "approved by the job definition's own bound");
        }
        if (second && asked.equals(caller)) {
            return new Approval(
                    false,
                    "",
                    "It waits for the approval of a second person (second-person): " + asked
                            + " asked for it, so another user has to apply it.");
        }
        if (!approves) {
            return new Approval(false, "", "It waits for approval.");
        }
        return new Approval(true, caller, "approved with --yes");
    }
}
