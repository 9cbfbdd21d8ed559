package org.orphancleanup.run;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.LocalTime;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.orphancleanup.UserError;
import org.orphancleanup.audit.Action;
import org.orphancleanup.audit.AuditLog;
import org.orphancleanup.catalog.Catalog;
import org.orphancleanup.database.DataDirectory;
import org.orphancleanup.detect.Filestore;
import org.orphancleanup.history.KeptCounts;
import org.orphancleanup.job.JobDefinition;
import org.orphancleanup.job.JobDefinitions;
import org.orphancleanup.odoo.OdooClients;
import org.orphancleanup.odoo.OdooException;
import org.orphancleanup.report.Counts;
import org.orphancleanup.report.ReportWriter;
import org.orphancleanup.report.RunCounts;
import org.orphancleanup.target.Target;
import org.orphancleanup.target.TargetDatabase;
import org.orphancleanup.target.Targets;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * What a person or a schedule asks for: scan, plan, apply, cleanup. Runs in the caller's thread and returns when it has ended;
 * what fails before a run has begun is thrown as it is, what fails later as {@link FailedRun}.
 */
@Component
public class Runs {

    /** Exit codes of DESIGN.md's command line that are no errors. */
    public static final int CLEAN = 0;

    public static final int ORPHANS_REMAIN = 1;
    public static final int WAITING = 4;

    private static final String RETIRE = "retire";

    private static final Logger LOG = LoggerFactory.getLogger(Runs.class);

    private final JobDefinitions definitions;
    private final Targets targets;
    private final OdooClients clients;
    private final RunStore store;
    private final PlanStore plans;
    private final PlanCheck planCheck;
    private final OpenRuns open;
    private final Jobs jobs;
    private final BackupGate backup;
    private final SameDatabaseProof proof;
    private final Quarantine quarantine;
    private final RunCounts counts;
    private final ReportWriter reports;
    private final DataDirectory directory;
    private final TargetLocks locks;
    private final KeptDefinitions kept;
    private final KeptCounts keptCounts;
    private final AuditLog audit;
    private final Clock clock;

    Runs(
            JobDefinitions definitions,
            Targets targets,
            OdooClients clients,
            RunStore store,
            PlanStore plans,
            PlanCheck planCheck,
            OpenRuns open,
            Jobs jobs,
            BackupGate backup,
            SameDatabaseProof proof,
            Quarantine quarantine,
            RunCounts counts,
            ReportWriter reports,
            DataDirectory directory,
            TargetLocks locks,
            KeptDefinitions kept,
            KeptCounts keptCounts,
            AuditLog audit,
            Clock clock) {
        this.definitions = definitions;
        this.targets = targets;
        this.clients = clients;
        this.store = store;
        this.plans = plans;
        this.planCheck = planCheck;
        this.open = open;
        this.jobs = jobs;
        this.backup = backup;
        this.proof = proof;
        this.quarantine = quarantine;
        this.counts = counts;
        this.reports = reports;
        this.directory = directory;
        this.locks = locks;
        this.kept = kept;
        this.keptCounts = keptCounts;
        this.audit = audit;
        this.clock = clock;
    }

    /**
     * Reads everything of a target, and changes nothing. Works without the API.
     *
     * @param filestore the folder with the files of the target's attachments, to be compared with them; null: it is not
     */
    public RunResult scanTarget(String target, boolean full, @Nullable Path filestore, Asker asker, Progress progress) {
        return scan(definitions.scanOf(target, full), filestore, asker, progress);
    }

    /**
     * Reads what a job names.
     *
     * @param full null: as the job says
     */
    public RunResult scanJob(
            String job, @Nullable Boolean full, @Nullable Path filestore, Asker asker, Progress progress) {
        JobDefinition definition = definitions.load(job);
        return scan(full == null ? definition : definition.withFullScan(full), filestore, asker, progress);
    }

    private RunResult scan(JobDefinition job, @Nullable Path filestore, Asker asker, Progress progress) {
        Path folder = checked(filestore);
        Target target = targets.get(job.target());
        return work(create(job, target, targets.open(target), "scan", false, asker, progress), run -> {
            run.filestore(folder);
            jobs.execute("scan", run);
            return found(run);
        });
    }

    private static @Nullable Path checked(@Nullable Path filestore) {
        return filestore == null ? null : Filestore.checked(filestore);
    }

    /** Scans and plans; the plan waits for {@link #apply}. */
    public RunResult plan(String job, @Nullable Path filestore, Asker asker, Progress progress) {
        Path folder = checked(filestore);
        JobDefinition definition = definitions.load(job);
        Target target = targets.get(definition.target());
        OpenRun.apiOf(target);
        return work(create(definition, target, targets.open(target), "plan", false, asker, progress), run -> {
            run.filestore(folder);
            return plan(run);
        });
    }

    private Ending plan(OpenRun run) {
        jobs.execute("plan", run);
        PlanStore.Plan plan = plans.find(run.id()).orElseThrow();
        Ending found = found(run);
        if (plan.repairs() == 0) {
            return found;
        }
        String message = plan.blocked().isEmpty()
                ? planned(plan) + " " + howToApply(run.id())
                : planned(plan) + " It cannot be applied: " + String.join("; ", plan.blocked()) + ".";
        return new Ending(Run.Status.WAITING, found.exitCode(), message);
    }

    /**
     * Scans, plans, applies, verifies; or takes up what a dead process left of that.
     *
     * @param dryRun ends with the plan, and nothing can be applied
     * @param approve in the asker's name
     * @param noBackup why there is no backup; null: the definition's gate must be passed
     * @param filestore the folder with the files of the target's attachments; null: they are not looked at
     */
    public RunResult cleanup(
            String job,
            boolean dryRun,
            boolean approve,
            @Nullable String noBackup,
            @Nullable Path filestore,
            Asker asker,
            Progress progress) {
        Path folder = checked(filestore);
        JobDefinition definition = definitions.load(job);
        Target target = targets.get(definition.target());
        return dryRun
                ? dryRun(definition, target, folder, asker, progress)
                : cleanup(definition, target, "cleanup", approve, noBackup, folder, asker, progress);
    }

    private RunResult dryRun(
            JobDefinition job, Target target, @Nullable Path filestore, Asker asker, Progress progress) {
        OpenRun.apiOf(target);
        return work(create(job, target, targets.open(target), "cleanup", true, asker, progress), run -> {
            run.filestore(filestore);
            return dryRun(run);
        });
    }

    private Ending dryRun(OpenRun run) {
        jobs.execute("plan", run);
        PlanStore.Plan plan = plans.find(run.id()).orElseThrow();
        Ending found = found(run);
        return new Ending(
                found.status(), found.exitCode(), "Dry run, nothing was written. " + planned(plan) + blocked(plan));
    }

    /**
     * The same with a definition and a target that are configured nowhere, such as the demo's.
     *
     * @param command what the run is called
     */
    public RunResult cleanup(
            JobDefinition job,
            Target target,
            String command,
            boolean approve,
            @Nullable String noBackup,
            @Nullable Path filestore,
            Asker asker,
            Progress progress) {
        OpenRun.apiOf(target);
        TargetDatabase database = targets.open(target);
        OpenRun opened;
        try {
            refuseStandby(target, database);
            opened = leftBehindOrNew(job, target, database, command, asker, progress);
        } catch (RuntimeException e) {
            database.close();
            throw e;
        }
        return work(opened, run -> {
            run.filestore(filestore);
            return planAndApply(run, asker, approve, noBackup);
        });
    }

    private OpenRun leftBehindOrNew(
            JobDefinition job, Target target, TargetDatabase database, String command, Asker asker, Progress progress) {
        return locked(target, database, lock -> {
            Optional<Run> left = store.leftBehind(job.name(), database.fingerprint());
            if (left.isPresent()) {
                Run run = left.get();
                boolean unchanged = run.definition().equals(job.text());
                if (unchanged || isApproved(run)) {
                    LOG.info("Taking up run {}, which its process left behind", run.id());
                    JobDefinition definition = unchanged ? job : kept.of(run);
                    return takeUp(run, command, definition, target, database, lock, progress);
                }
                store.end(
                        run.id(),
                        Run.Status.FAILED,
                        UserError.Kind.SERVICE.exitCode(),
                        "Its process ended, and it was not taken up, as the job definition has changed since");
            }
            return create(job, target, database, lock, command, false, asker, progress);
        });
    }

    /** Nobody else works on the target while what is opened is open. */
    private OpenRun locked(Target target, TargetDatabase database, Function<TargetLocks.Held, OpenRun> open) {
        TargetLocks.Held lock = locks.take(database.fingerprint(), target.name());
        try {
            return open.apply(lock);
        } catch (RuntimeException e) {
            lock.close();
            throw e;
        }
    }

    private OpenRun takeUp(
            Run run,
            String command,
            JobDefinition job,
            Target target,
            TargetDatabase database,
            TargetLocks.Held lock,
            Progress progress) {
        if (!store.takeUp(run, command)) {
            throw UserError.service(
                    "Another process has just taken up run " + run.id() + ". Wait until it has ended.", null);
        }
        return new OpenRun(run.id(), job, target, database, targets, clients, recorded(progress), lock);
    }

    /** What is approved is carried out as it was approved; what is not is planned anew by the definition as it is now. */
    private boolean isApproved(Run run) {
        return plans.find(run.id()).map(PlanStore.Plan::isApproved).orElse(false);
    }

    /** Each repair is verified in the database, and a standby shows it only when the primary's log has been replayed. */
    private static void refuseStandby(Target target, TargetDatabase database) {
        if (database.isStandby()) {
            throw UserError.setting("The JDBC URL of target \"" + target.name()
                    + "\" leads to a hot standby, which shows a repair only some time after it was written: nothing was"
                    + " written. Set "
                    + (target.name().equals("default") ? "ORPHAN_TARGET_JDBC_URL or " : "")
                    + "orphan.targets." + target.name()
                    + ".jdbc-url to the primary for cleanup and apply; scan, plan and cleanup --dry-run may keep to the"
                    + " standby.");
        }
    }

    private Ending planAndApply(OpenRun run, Asker asker, boolean approve, @Nullable String noBackup) {
        if (noBackup != null) {
            store.backup(run.id(), backup.pass(run.job(), noBackup));
        }
        jobs.execute("plan", run);
        PlanStore.Plan plan = plans.find(run.id()).orElseThrow();
        if (plan.repairs() == 0) {
            return found(run);
        }
        return apply(run, plan, asker, approve);
    }

    /**
     * Applies the plan of a run.
     *
     * @param approve in the asker's name
     */
    public RunResult apply(long id, boolean approve, Asker asker, Progress progress) {
        Run run = store.find(id)
                .orElseThrow(
                        () -> UserError.setting("There is no run " + id + ". The runs and their plans: see the web page"
                                + " of serve, or make a plan with plan --job J."));
        PlanStore.Plan plan = plans.find(id)
                .orElseThrow(() -> UserError.setting("Run " + id + " has no plan: it was a " + run.command() + " that "
                        + run.status().code() + ". Make one with plan --job " + run.job() + "."));
        if (run.dryRun()) {
            throw UserError.setting("Run " + id + " was a dry run, whose plan is not applied. Make one with plan --job "
                    + run.job() + ".");
        }
        if (plan.status().equals("applied") || plan.status().equals("rejected")) {
            throw UserError.setting("The plan of run " + id + " is " + plan.status()
                    + ". Make a new one with plan --job " + run.job() + ".");
        }
        refuseWorkedOn(run, "");
        if (plan.repairs() == 0) {
            throw UserError.setting("The plan of run " + id + " repairs nothing.");
        }
        Target target = targets.get(run.target());
        OpenRun.apiOf(target);
        TargetDatabase database = targets.open(target);
        OpenRun working;
        try {
            refuseStandby(target, database);
            if (!database.fingerprint().equals(run.targetFingerprint())) {
                throw UserError.setting(
                        "Target \"" + run.target() + "\" leads to another database than when the plan of run " + id
                                + " was made. Make a new one with plan --job " + run.job() + ".");
            }
            JobDefinition job = kept.of(run);
            working =
                    locked(target, database, lock -> takeUp(run, run.command(), job, target, database, lock, progress));
        } catch (RuntimeException e) {
            database.close();
            throw e;
        }
        return work(working, opened -> released(id, apply(opened, plan, asker, approve)));
    }

    private Ending apply(OpenRun run, PlanStore.Plan plan, Asker asker, boolean approve) {
        JobDefinition job = run.job();
        if (!plan.blocked().isEmpty()) {
            throw UserError.setting("The plan of run " + run.id() + " cannot be applied as job \"" + job.name()
                    + "\" stands, nothing was written: " + String.join("; ", plan.blocked())
                    + ". Look at the report, then change what it names, and plan again.");
        }
        boolean resumed = plan.isApproved() && jobs.hasBegun("apply", run);
        if (!plan.isApproved()) {
            String asked = store.find(run.id()).orElseThrow().askedBy();
            Approval approval = Approval.of(job, plan, asked, asker.name(), approve);
            if (!approval.given()) {
                return new Ending(
                        Run.Status.WAITING,
                        WAITING,
                        planned(plan) + " " + approval.words() + " " + howToApply(run.id()));
            }
            plans.approve(run.id(), approval.by(), approval.words());
            audit.write(approval.by(), asker.through(), Action.PLAN_APPROVED, run.id(), job.name(), approval.words());
        }
        Catalog catalog = planCheck.check(run, plan, resumed);
        run.catalog(catalog);
        mayWriteNow(job);
        Run row = store.find(run.id()).orElseThrow();
        if (row.backup() == null) {
            store.backup(run.id(), backup.pass(job, null));
        }
        proof.prove(run.odoo(), run.database().dataSource(), run.target().name());
        audit.write(asker.name(), asker.through(), Action.PLAN_APPLIED, run.id(), job.name(), null);
        jobs.execute("apply", run);
        plans.applied(run.id());
        return remaining(run);
    }

    /**
     * Asks a run to end at the next point from which it can go on, whichever process works on it.
     *
     * @throws UserError when nobody works on it
     */
    public void stop(long id, Asker asker) {
        Run run = existing(id);
        if (store.isDead(run) || !store.askToStop(id, asker.name())) {
            throw UserError.setting(
                    "Run " + id + " is not under way: it is " + run.status().code()
                            + (store.isDead(run) ? ", and its process is gone. Go on with it" : "") + ".");
        }
        audit.write(asker.name(), asker.through(), Action.RUN_STOPPED, id, run.job(), null);
        open.stop(id, asker.name());
    }

    /**
     * Goes on with a run that was stopped or whose process died, from where it was left.
     *
     * @throws UserError when there is nothing to go on with
     */
    public RunResult resume(long id, Asker asker, Progress progress) {
        Run run = existing(id);
        refuseWorkedOn(run, ", or stop it");
        // one that says it is running is dead
        if (run.status() != Run.Status.RUNNING
                && run.status() != Run.Status.STOPPED
                && !(run.status() == Run.Status.FAILED && isApproved(run))) {
            throw UserError.setting(
                    "Run " + id + " is " + run.status().code() + ", there is nothing to go on with. Start a new one.");
        }
        if (run.undoOf() != null) {
            return undo(run.undoOf(), run.undoReference(), run.undoRecord(), asker, progress);
        }
        if (isApproved(run)) {
            return apply(id, false, asker, progress);
        }
        if (run.command().equals(RETIRE)) {
            throw UserError.setting(
                    "Retire the record again instead: run " + id + " ended before its plan was approved.");
        }
        if (run.command().equals("release")) {
            throw UserError.setting("Release the record from quarantine again instead: run " + id
                    + " ended before its plan was approved.");
        }
        JobDefinition job = plans.find(id).isPresent() || run.definitionFile() == null
                ? kept.of(run)
                : unchanged(run, definitions.load(run.definitionFile()));
        Target target = targets.get(run.target());
        TargetDatabase database = targets.open(target);
        OpenRun working;
        try {
            if (!database.fingerprint().equals(run.targetFingerprint())) {
                throw UserError.setting("Target \"" + run.target() + "\" leads to another database than when run " + id
                        + " began. Start a new one.");
            }
            working =
                    locked(target, database, lock -> takeUp(run, run.command(), job, target, database, lock, progress));
        } catch (RuntimeException e) {
            database.close();
            throw e;
        }
        return work(working, opened -> {
            audit.write(asker.name(), asker.through(), Action.RUN_RESUMED, id, run.job(), null);
            switch (run.command()) {
                case "scan" -> {
                    jobs.execute("scan", opened);
                    return found(opened);
                }
                case "plan" -> {
                    return plan(opened);
                }
                default -> {
                    return run.dryRun() ? dryRun(opened) : planAndApply(opened, asker, false, null);
                }
            }
        });
    }

    private static JobDefinition unchanged(Run run, JobDefinition job) {
        if (!run.definition().equals(job.text())) {
            throw UserError.setting("The definition of job \"" + run.job() + "\" has changed since run " + run.id()
                    + " began. Start a new one.");
        }
        return job;
    }

    /** @param besides what else can be done but wait, with its comma */
    private void refuseWorkedOn(Run run, String besides) {
        if (run.status() == Run.Status.RUNNING && !store.isDead(run)) {
            throw UserError.service(
                    "Run " + run.id() + " is being worked on by process " + run.pid() + " on " + run.host()
                            + ". Wait until it has ended" + besides + ".",
                    null);
        }
    }

    private Run existing(long id) {
        return store.find(id).orElseThrow(() -> UserError.setting("There is no run " + id + "."));
    }

    /**
     * Takes back what a run did, or goes on with an undo of the same that was left behind.
     *
     * @param reference only what was done for references of this name
     * @param record only what was done for the record of this id
     */
    public RunResult undo(long id, @Nullable String reference, @Nullable Long record, Asker asker, Progress progress) {
        Run undone = store.find(id)
                .orElseThrow(() -> UserError.setting("There is no run " + id
                        + ". The runs: see the web page of serve, or the report of a cleanup."));
        if (undone.undoOf() != null) {
            throw UserError.setting("Run " + id + " is itself an undo, of run " + undone.undoOf()
                    + ". To do that run's repairs again, run cleanup --job " + undone.job() + ".");
        }
        refuseWorkedOn(undone, "");
        if (!store.wrote(id)) {
            throw UserError.setting(
                    "Run " + id + " (" + undone.command() + ") wrote nothing, so there is nothing to undo.");
        }
        Target target = targets.get(undone.target());
        OpenRun.apiOf(target);
        TargetDatabase database = targets.open(target);
        OpenRun opened;
        try {
            if (!database.fingerprint().equals(undone.targetFingerprint())) {
                throw UserError.setting("Target \"" + undone.target()
                        + "\" leads to another database than when run " + id
                        + " wrote. Let it lead there again, then undo.");
            }
            opened = openUndo(undone, reference, record, target, database, asker, progress);
        } catch (RuntimeException e) {
            database.close();
            throw e;
        }
        return work(opened, run -> undo(run, undone));
    }

    /**
     * Puts a quarantined record back into use as it was: an undo of its quarantine.
     *
     * @param record {@code model,id}
     * @param comment why, kept with the record
     */
    public RunResult restoreQuarantined(String target, String record, String comment, Asker asker, Progress progress) {
        targets.get(target);
        Quarantine.Entry entry = quarantine.open(target, record);
        quarantine.decided(entry, asker.name(), comment);
        audit.write(asker.name(), asker.through(), Action.QUARANTINE_RESTORED, entry.run(), record, comment);
        return undo(entry.run(), quarantine.fields(entry).get(0), entry.record(), asker, progress);
    }

    /**
     * How a quarantined record is to be released.
     *
     * @param policy any that repairs
     * @param to id of the record that {@code relink} points to; null: a placeholder
     * @param comment why, kept with the record
     */
    public record Release(
            String policy, boolean keepId, @Nullable Long to, String comment) {}

    /**
     * Carries another policy out on a quarantined record, and puts it back into use where nothing of it dangles any more. A run
     * of its own, with a plan by the definition of the run that quarantined it, its approval and its backup gate; one that was
     * approved and left unfinished is finished.
     *
     * @param record {@code model,id}
     * @param approve in the asker's name
     * @param noBackup why there is no backup; null: the definition's gate must be passed
     */
    public RunResult releaseQuarantined(
            String target,
            String record,
            Release release,
            boolean approve,
            @Nullable String noBackup,
            Asker asker,
            Progress progress) {
        Target opened = targets.get(target);
        OpenRun.apiOf(opened);
        Quarantine.Entry entry = quarantine.open(target, record);
        Run quarantining = store.find(entry.run()).orElseThrow();
        JobDefinition job = definitions.releaseOf(
                quarantining.definition(),
                Path.of(
                        quarantining.definitionFile() == null
                                ? quarantining.job() + ".yaml"
                                : quarantining.definitionFile()),
                quarantine.fields(entry),
                release.policy(),
                release.keepId(),
                release.to());
        quarantine.decided(entry, asker.name(), release.comment());
        audit.write(
                asker.name(),
                asker.through(),
                Action.QUARANTINE_RELEASED,
                entry.run(),
                record + " by " + release.policy(),
                release.comment());
        Long before = entry.releaseRun();
        if (before != null && isApproved(store.find(before).orElseThrow())) {
            return apply(before, approve, asker, progress);
        }
        TargetDatabase database = targets.open(opened);
        OpenRun run;
        try {
            refuseStandby(opened, database);
            if (!database.fingerprint().equals(entry.targetFingerprint())) {
                throw UserError.setting("Target \"" + target + "\" leads to another database than when " + entry.model()
                        + "," + entry.record() + " was quarantined. Let it lead there again.");
            }
            run = create(job, opened, database, "release", false, asker, progress);
        } catch (RuntimeException e) {
            database.close();
            throw e;
        }
        quarantine.releasing(entry, run.id());
        return work(run, releasing -> {
            Ending ending = planAndApply(releasing, asker, approve, noBackup);
            return ending.status() == Run.Status.WAITING ? ending : released(releasing.id(), ending);
        });
    }

    /**
     * Takes a record out of use: what is to point to another record is linked there, then the record is archived, or deleted
     * where nothing needs it. A run of its own, with plan, journal and backup gate like any other, that can be undone.
     *
     * @param dryRun ends with the plan, and nothing can be applied
     * @param approve in the asker's name
     * @param noBackup why there is no backup; null: the definition's gate must be passed
     */
    public RunResult retire(
            Retire retire, boolean dryRun, boolean approve, @Nullable String noBackup, Asker asker, Progress progress) {
        Target target = targets.get(retire.target());
        OpenRun.apiOf(target);
        JobDefinition job = definitions.retireOf(
                retire.target(),
                retire.base(),
                retire.model(),
                retire.delete() ? "delete" : "quarantine",
                retire.relinked(),
                retire.into());
        TargetDatabase database = targets.open(target);
        OpenRun run;
        try {
            refuseStandby(target, database);
            run = create(job, target, database, RETIRE, dryRun, asker, progress);
        } catch (RuntimeException e) {
            database.close();
            throw e;
        }
        run.retire(retire);
        return work(run, opened -> dryRun ? dryRun(opened) : planAndApply(opened, asker, approve, noBackup));
    }

    /** What became of the record, and of what was to be linked elsewhere. */
    private Ending retired(OpenRun run) {
        RunStore.Retired retired = store.retired(run.id());
        String message =
                retired.record() + " " + retired.words() + "; " + retired.relinked() + " of " + retired.toRelink()
                        + " references were linked to another record, " + retired.staying() + " stay as they are.";
        boolean done = retired.done() && retired.relinked() == retired.toRelink();
        return new Ending(Run.Status.COMPLETED, done ? CLEAN : ORPHANS_REMAIN, message);
    }

    /** A record that stays in quarantine is no success, whatever became of its references. */
    private Ending released(long run, Ending ending) {
        return quarantine
                .releasedBy(run)
                .map(entry -> {
                    String record = entry.model() + "," + entry.record();
                    return entry.isOpen()
                            ? new Ending(
                                    ending.status(),
                                    Math.max(ending.exitCode(), ORPHANS_REMAIN),
                                    ending.message() + " " + record + " stays in quarantine.")
                            : new Ending(
                                    ending.status(),
                                    ending.exitCode(),
                                    ending.message() + " " + record + " is released from quarantine.");
                })
                .orElse(ending);
    }

    private OpenRun openUndo(
            Run undone,
            @Nullable String reference,
            @Nullable Long record,
            Target target,
            TargetDatabase database,
            Asker asker,
            Progress progress) {
        JobDefinition job = kept.of(undone);
        return locked(
                target,
                database,
                lock -> openUndo(undone, job, reference, record, target, database, lock, asker, progress));
    }

    private OpenRun openUndo(
            Run undone,
            JobDefinition job,
            @Nullable String reference,
            @Nullable Long record,
            Target target,
            TargetDatabase database,
            TargetLocks.Held lock,
            Asker asker,
            Progress progress) {
        Optional<Run> left = store.undoLeftBehind(undone.id(), reference, record);
        if (left.isPresent()) {
            LOG.info(
                    "Taking up run {}, the undo of run {} that was left behind",
                    left.get().id(),
                    undone.id());
            return takeUp(left.get(), "undo", job, target, database, lock, progress);
        }
        OpenRun opened = create(job, target, database, lock, "undo", false, asker, progress);
        store.undoes(opened.id(), undone.id(), reference, record);
        audit.write(
                asker.name(),
                asker.through(),
                Action.RUN_UNDONE,
                undone.id(),
                reference == null && record == null
                        ? null
                        : (reference == null ? "every reference" : reference)
                                + (record == null ? "" : ", record " + record),
                null);
        return opened;
    }

    private Ending undo(OpenRun run, Run undone) {
        mayWriteNow(run.job());
        store.backup(run.id(), backup.passAgain(run.job(), undone.backup()));
        proof.prove(run.odoo(), run.database().dataSource(), run.target().name());
        if (undone.status() == Run.Status.RUNNING || undone.status() == Run.Status.STOPPED) {
            // nobody takes up what is being undone
            store.end(
                    undone.id(),
                    Run.Status.FAILED,
                    UserError.Kind.SERVICE.exitCode(),
                    "It had not ended when run " + run.id() + " undid it");
        }
        jobs.execute("undo", run);
        Map<String, Long> outcomes = store.undoOutcomes(run.id());
        long all = outcomes.values().stream().mapToLong(Long::longValue).sum();
        long back = outcomes.getOrDefault("undone", 0L);
        String rest = outcomes.entrySet().stream()
                .filter(entry -> !entry.getKey().equals("undone"))
                .map(entry -> entry.getValue() + " " + entry.getKey())
                .collect(Collectors.joining(", "));
        return new Ending(
                Run.Status.COMPLETED,
                back == all ? CLEAN : ORPHANS_REMAIN,
                "Run " + undone.id() + ": " + back + " of " + all + " changes were undone"
                        + (rest.isEmpty() ? "." : "; not undone: " + rest + "."));
    }

    private void mayWriteNow(JobDefinition job) {
        JobDefinition.Window window = job.limits().window();
        if (window != null) {
            LocalTime now = LocalTime.now(clock.withZone(job.timeZone())).withNano(0);
            if (!window.contains(now)) {
                throw UserError.setting(
                        "It is " + now + " in " + job.timeZone() + ", outside limits.window " + window.start()
                                + "-" + window.end() + " of job \"" + job.name()
                                + "\": nothing was written. Apply the plan within the window, or change limits.window.");
            }
        }
        Path pause = job.limits().pauseFile();
        if (pause != null && Files.exists(pause)) {
            throw UserError.setting("The pause file " + pause + " exists (limits.pause-file of job \"" + job.name()
                    + "\"): nothing was written. Remove it, then apply the plan.");
        }
    }

    private OpenRun create(
            JobDefinition job,
            Target target,
            TargetDatabase database,
            String command,
            boolean dryRun,
            Asker asker,
            Progress progress) {
        try {
            return locked(
                    target, database, lock -> create(job, target, database, lock, command, dryRun, asker, progress));
        } catch (RuntimeException e) {
            database.close();
            throw e;
        }
    }

    private OpenRun create(
            JobDefinition job,
            Target target,
            TargetDatabase database,
            TargetLocks.Held lock,
            String command,
            boolean dryRun,
            Asker asker,
            Progress progress) {
        long id = store.create(new RunStore.NewRun(
                job.name(),
                target.name(),
                database.fingerprint(),
                target.api() == null ? null : target.api().url(),
                target.api() == null ? "" : target.api().database(),
                command,
                asker,
                job.text(),
                job.file() == null ? null : job.file().toAbsolutePath().toString(),
                dryRun,
                job.timeZone()));
        try {
            audit.write(
                    asker.name(),
                    asker.through(),
                    Action.RUN_STARTED,
                    id,
                    command + (dryRun ? " (dry run) of " : " of ") + job.name() + " on " + target.name(),
                    null);
        } catch (RuntimeException e) {
            store.leave(id);
            throw e;
        }
        return new OpenRun(id, job, target, database, targets, clients, recorded(progress), lock);
    }

    private record Ending(Run.Status status, int exitCode, String message) {}

    private RunResult work(OpenRun opened, Function<OpenRun, Ending> body) {
        try (OpenRun run = opened;
                OpenRuns.Work working = open.begin(run)) {
            Path report = directory.reports().resolve(Long.toString(run.id()));
            try {
                Ending ending = body.apply(run);
                store.end(run.id(), ending.status(), ending.exitCode(), ending.message());
                keptCounts.keep(run.id());
                run.progress().begin("report", 0);
                reports.write(run.id(), report);
                return new RunResult(run.id(), ending.exitCode(), ending.message(), report);
            } catch (RuntimeException e) {
                failed(run, e, report);
                throw new FailedRun(run.id(), e);
            }
        } finally {
            store.leave(opened.id());
        }
    }

    private void failed(OpenRun run, RuntimeException failure, Path report) {
        try {
            if (run.isStopping()) {
                store.end(run.id(), Run.Status.STOPPED, 3, run.whyStopping() + "; cleanup or apply takes the run up");
                keptCounts.keep(run.id());
                return;
            }
            store.end(run.id(), Run.Status.FAILED, ExitCodes.of(failure), words(failure));
            keptCounts.keep(run.id());
            reports.write(run.id(), report);
        } catch (RuntimeException e) {
            // what failed first is what is told; the run is seen to be dead by its process
            failure.addSuppressed(e);
        }
    }

    /** What a person can mend says how; of the rest only the log tells more. */
    private static String words(RuntimeException failure) {
        return failure instanceof UserError || failure instanceof OdooException
                ? String.valueOf(failure.getMessage())
                : failure + ". The log (logs/ in the data directory) says more.";
    }

    private Ending found(OpenRun run) {
        Counts total = counts.read(run.id());
        return total.found() == 0
                ? new Ending(Run.Status.COMPLETED, CLEAN, "No dangling reference was found.")
                : new Ending(Run.Status.COMPLETED, ORPHANS_REMAIN, total.found() + " dangling references were found.");
    }

    private Ending remaining(OpenRun run) {
        if (store.find(run.id()).orElseThrow().command().equals(RETIRE)) {
            return retired(run);
        }
        Counts total = counts.read(run.id());
        String message = total.repaired() + " of " + total.found() + " dangling references were repaired, "
                + total.remaining() + " remain.";
        return new Ending(
                Run.Status.COMPLETED, total.remaining() + total.fresh() == 0 ? CLEAN : ORPHANS_REMAIN, message);
    }

    private static String planned(PlanStore.Plan plan) {
        return "The plan repairs " + plan.parts() + " references of " + plan.repairs() + " records.";
    }

    private static String blocked(PlanStore.Plan plan) {
        return plan.blocked().isEmpty() ? "" : " It cannot be applied: " + String.join("; ", plan.blocked()) + ".";
    }

    private static String howToApply(long run) {
        return "To apply it: java -jar odoo-orphan-cleanup.jar apply --plan " + run + " --yes";
    }

    private RecordedProgress recorded(Progress progress) {
        return new RecordedProgress(progress, clock);
    }
}
