package org.orphancleanup.web;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.orphancleanup.UserError;
import org.orphancleanup.audit.Action;
import org.orphancleanup.audit.AuditLog;
import org.orphancleanup.run.Asker;
import org.orphancleanup.run.Progress;
import org.orphancleanup.run.RunResult;
import org.orphancleanup.run.Runs;
import org.orphancleanup.schedule.Schedules;
import org.orphancleanup.user.Role;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.stereotype.Component;

/** What can be done with a job, from a page and by a program alike. */
@Component
class JobActions {

    private final Runs runs;
    private final ObjectProvider<Schedules> schedules;
    private final AuditLog audit;

    JobActions(Runs runs, ObjectProvider<Schedules> schedules, AuditLog audit) {
        this.runs = runs;
        this.schedules = schedules;
        this.audit = audit;
    }

    /**
     * What is left out or blank is as the job says.
     *
     * @param what {@code scan}, {@code dry-run}, {@code plan} or {@code cleanup}
     * @param depth of a scan: {@code full} or {@code trust}
     * @param approve in the asker's name
     * @param noBackup why there is no backup; left out: the definition's gate must be passed
     */
    record Start(
            String what,
            @Nullable String depth,
            boolean approve,
            @Nullable String noBackup,
            @Nullable String filestore) {}

    /** Runs a job, as the command line would. */
    RunResult run(String job, Start start, Me me, Asker asker, Progress progress) {
        if (job.contains("/") || job.contains("\\")) {
            throw UserError.setting("There is no job \"" + job + "\" in the jobs directory.");
        }
        String depth = given(start.depth());
        String noBackup = given(start.noBackup());
        if (start.what().equals("cleanup") && (start.approve() || noBackup != null) && !me.may(Role.APPROVER)) {
            throw UserError.setting("To approve a plan, or to write without a backup, takes an approver.");
        }
        String filestore = given(start.filestore());
        Path folder = filestore == null ? null : Path.of(filestore);
        return switch (start.what()) {
            case "scan" -> runs.scanJob(job, depth == null ? null : depth.equals("full"), folder, asker, progress);
            case "plan" -> runs.plan(job, folder, asker, progress);
            case "dry-run" -> runs.cleanup(job, true, false, null, folder, asker, progress);
            case "cleanup" -> runs.cleanup(job, false, start.approve(), noBackup, folder, asker, progress);
            default -> throw UserError.setting("There is no \"" + start.what() + "\": scan, plan, dry-run or cleanup.");
        };
    }

    private static @Nullable String given(@Nullable String text) {
        return text == null || text.isBlank() ? null : text.strip();
    }

    void pause(String job, @Nullable String comment, Asker asker) {
        schedules().pause(job);
        audit.write(asker.name(), asker.through(), Action.JOB_PAUSED, null, job, comment);
    }

    void resume(String job, @Nullable String comment, Asker asker) {
        schedules().resume(job);
        audit.write(asker.name(), asker.through(), Action.JOB_RESUMED, null, job, comment);
    }

    private Schedules schedules() {
        Schedules all = schedules.getIfAvailable();
        if (all == null) {
            throw UserError.setting("This process keeps no schedule: start it with serve.");
        }
        return all;
    }
}
