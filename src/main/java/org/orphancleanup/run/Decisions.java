package org.orphancleanup.run;

import java.time.Clock;
import java.util.Set;
import java.util.stream.Collectors;
import org.orphancleanup.UserError;
import org.orphancleanup.audit.Action;
import org.orphancleanup.audit.AuditLog;
import org.orphancleanup.job.JobDefinition;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/** What persons decide about plans, before they are carried out. */
@Component
public class Decisions {

    private final RunStore store;
    private final PlanStore plans;
    private final KeptDefinitions definitions;
    private final AuditLog audit;
    private final Clock clock;

    Decisions(RunStore store, PlanStore plans, KeptDefinitions definitions, AuditLog audit, Clock clock) {
        this.store = store;
        this.plans = plans;
        this.definitions = definitions;
        this.audit = audit;
        this.clock = clock;
    }

    /**
     * Approves a plan in the asker's name; all of it or nothing of this happens.
     *
     * @param leftOut numbers of references that are not repaired. A record that would be deleted or quarantined on account of
     *     one of them is left alone altogether
     * @throws UserError when it cannot be approved, or not by this person
     */
    @Transactional
    public void approve(long id, Set<Integer> leftOut, String comment, Asker asker) {
        Run run = undecided(id);
        for (int reference : leftOut) {
            String name = plans.leaveOut(
                    id, reference, "left out by " + asker.name() + (comment.isBlank() ? "" : ": " + comment));
            audit.write(asker.name(), asker.through(), Action.REFERENCE_LEFT_OUT, id, name, comment);
        }
        PlanStore.Plan plan = plans.find(id).orElseThrow();
        if (!plan.blocked().isEmpty()) {
            throw UserError.setting("The plan of run " + id + " cannot be applied as job \"" + run.job() + "\" stands: "
                    + String.join("; ", plan.blocked()) + ". Change what it names, and plan again.");
        }
        if (plans.open(id) == 0) {
            throw UserError.setting("Everything in the plan of run " + id + " is left out. Reject it instead.");
        }
        if (clock.instant().isAfter(plan.validUntil())) {
            throw UserError.setting("The plan of run " + id + " was valid until " + plan.validUntil()
                    + " (plan-valid-for). Make a new one.");
        }
        JobDefinition job = definitions.of(run);
        Approval approval = Approval.of(job, plan, run.askedBy(), asker.name(), true);
        if (!approval.given()) {
            throw UserError.setting(approval.words());
        }
        plans.approve(id, asker.name(), comment.isBlank() ? "approved through " + asker.through() : comment.strip());
        audit.write(
                asker.name(),
                asker.through(),
                Action.PLAN_APPROVED,
                id,
                leftOut.isEmpty()
                        ? null
                        : "without references "
                                + leftOut.stream().sorted().map(String::valueOf).collect(Collectors.joining(", ")),
                comment);
    }

    /** A rejected plan is never carried out. */
    @Transactional
    public void reject(long id, String comment, Asker asker) {
        Run run = undecided(id);
        plans.reject(id, asker.name(), comment.strip());
        store.end(
                run.id(),
                Run.Status.COMPLETED,
                Runs.ORPHANS_REMAIN,
                "The plan was rejected by " + asker.name() + (comment.isBlank() ? "." : ": " + comment.strip()));
        audit.write(asker.name(), asker.through(), Action.PLAN_REJECTED, id, null, comment);
    }

    /** A plan that was made again is not to be carried out any more. */
    @Transactional
    public void replaced(long id, long by, Asker asker) {
        boolean waits =
                plans.lock(id).filter(plan -> plan.status().equals("waiting")).isPresent();
        if (waits
                && store.find(id)
                        .filter(run -> run.status() == Run.Status.WAITING)
                        .isPresent()) {
            plans.reject(id, asker.name(), "made again as run " + by);
            store.end(id, Run.Status.COMPLETED, Runs.ORPHANS_REMAIN, "The plan was made again as run " + by + ".");
            audit.write(asker.name(), asker.through(), Action.PLAN_REJECTED, id, "made again as run " + by, null);
        }
    }

    private Run undecided(long id) {
        Run run = store.find(id).orElseThrow(() -> UserError.setting("There is no run " + id + "."));
        PlanStore.Plan plan =
                plans.lock(id).orElseThrow(() -> UserError.setting("Run " + id + " has no plan to decide on."));
        if (run.dryRun()) {
            throw UserError.setting("Run " + id + " was a dry run, whose plan is not applied.");
        }
        if (!plan.status().equals("waiting")) {
            throw UserError.setting("The plan of run " + id + " is " + plan.status() + " already.");
        }
        if (run.status() == Run.Status.RUNNING && !store.isDead(run)) {
            throw UserError.service("Run " + id + " is being worked on. Wait until it has ended.", null);
        }
        return run;
    }
}
