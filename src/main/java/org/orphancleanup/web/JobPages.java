package org.orphancleanup.web;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.orphancleanup.UserError;
import org.orphancleanup.audit.Action;
import org.orphancleanup.audit.AuditLog;
import org.orphancleanup.history.Overview;
import org.orphancleanup.history.RunLines;
import org.orphancleanup.run.Background;
import org.orphancleanup.run.RunResult;
import org.orphancleanup.run.Runs;
import org.orphancleanup.schedule.Schedules;
import org.orphancleanup.target.Targets;
import org.orphancleanup.user.Role;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;

/** The job definitions, when they run, and what can be started. */
@Controller
class JobPages {

    private static final int TIMES = 3;

    private final ObjectProvider<Schedules> schedules;
    private final Overview overview;
    private final RunLines lines;
    private final Targets targets;
    private final Runs runs;
    private final Background background;
    private final AuditLog audit;

    JobPages(
            ObjectProvider<Schedules> schedules,
            Overview overview,
            RunLines lines,
            Targets targets,
            Runs runs,
            Background background,
            AuditLog audit) {
        this.schedules = schedules;
        this.overview = overview;
        this.lines = lines;
        this.targets = targets;
        this.runs = runs;
        this.background = background;
        this.audit = audit;
    }

    /** Public as templates read it. */
    public record JobCard(Schedules.Scheduled job, List<java.time.Instant> times, RunLines.@Nullable Line last) {}

    @GetMapping("/jobs")
    String jobs(Model model) {
        model.addAttribute(
                "jobs",
                schedules.stream()
                        .flatMap(all -> all.list().stream()
                                .map(job -> new JobCard(job, all.nextTimes(job.job(), TIMES), last(job.job()))))
                        .toList());
        model.addAttribute("scheduling", schedules.getIfAvailable() != null);
        model.addAttribute("targets", targets.names());
        return "jobs";
    }

    private RunLines.@Nullable Line last(String job) {
        Long last = overview.lastOf(job);
        return last == null ? null : lines.find(last).orElse(null);
    }

    /**
     * Starts a run of a job, as the command line would.
     *
     * @param what {@code scan}, {@code dry-run}, {@code plan} or {@code cleanup}
     * @param depth of a scan: {@code full} or {@code trust}; empty: as the job says
     * @param approve in the asker's name
     * @param noBackup why there is no backup; empty: the definition's gate must be passed
     */
    @PostMapping("/jobs/{job}/run")
    String run(
            @PathVariable String job,
            @RequestParam String what,
            @RequestParam(defaultValue = "") String depth,
            @RequestParam(defaultValue = "false") boolean approve,
            @RequestParam(defaultValue = "") String noBackup,
            @RequestParam(defaultValue = "") String filestore) {
        Me me = Me.now();
        return "redirect:/runs/"
                + background.start(progress ->
                        start(runs, job, what, depth, approve, noBackup, filestore, me, me.asker(), progress));
    }

    static RunResult start(
            Runs runs,
            String job,
            String what,
            String depth,
            boolean approve,
            String noBackup,
            String filestore,
            Me me,
            org.orphancleanup.run.Asker asker,
            org.orphancleanup.run.Progress progress) {
        if (job.contains("/") || job.contains("\\")) {
            throw UserError.setting("There is no job \"" + job + "\" in the jobs directory.");
        }
        boolean writes = what.equals("cleanup");
        if (writes && (approve || !noBackup.isBlank()) && !me.may(Role.APPROVER)) {
            throw UserError.setting("To approve a plan, or to write without a backup, takes an approver.");
        }
        Path folder = filestore.isBlank() ? null : Path.of(filestore.strip());
        return switch (what) {
            case "scan" -> runs.scanJob(job, depth.isBlank() ? null : depth.equals("full"), folder, asker, progress);
            case "plan" -> runs.plan(job, folder, asker, progress);
            case "dry-run" -> runs.cleanup(job, true, false, null, folder, asker, progress);
            case "cleanup" ->
                runs.cleanup(
                        job, false, approve, noBackup.isBlank() ? null : noBackup.strip(), folder, asker, progress);
            default -> throw UserError.setting("There is no \"" + what + "\": scan, plan, dry-run or cleanup.");
        };
    }

    /** Reads everything of a target; no job is needed. */
    @PostMapping("/targets/{target}/scan")
    String scan(@PathVariable String target, @RequestParam(defaultValue = "full") String depth) {
        Me me = Me.now();
        return "redirect:/runs/"
                + background.start(
                        progress -> runs.scanTarget(target, depth.equals("full"), null, me.asker(), progress));
    }

    @PostMapping("/jobs/{job}/pause")
    String pause(@PathVariable String job, @RequestParam(defaultValue = "") String comment) {
        scheduling().pause(job);
        audit.write(Me.now().name(), "web", Action.JOB_PAUSED, null, job, comment);
        return "redirect:/jobs";
    }

    @PostMapping("/jobs/{job}/resume")
    String resume(@PathVariable String job, @RequestParam(defaultValue = "") String comment) {
        scheduling().resume(job);
        audit.write(Me.now().name(), "web", Action.JOB_RESUMED, null, job, comment);
        return "redirect:/jobs";
    }

    private Schedules scheduling() {
        Schedules all = schedules.getIfAvailable();
        if (all == null) {
            throw UserError.setting("This process keeps no schedule: start it with serve.");
        }
        return all;
    }
}
