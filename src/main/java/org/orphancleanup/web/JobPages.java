package org.orphancleanup.web;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.orphancleanup.history.RunLines;
import org.orphancleanup.run.Background;
import org.orphancleanup.run.Runs;
import org.orphancleanup.schedule.Schedules;
import org.orphancleanup.target.Targets;
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
    private final RunLines lines;
    private final Targets targets;
    private final Runs runs;
    private final Background background;
    private final JobActions actions;

    JobPages(
            ObjectProvider<Schedules> schedules,
            RunLines lines,
            Targets targets,
            Runs runs,
            Background background,
            JobActions actions) {
        this.schedules = schedules;
        this.lines = lines;
        this.targets = targets;
        this.runs = runs;
        this.background = background;
        this.actions = actions;
    }

    /** Public as templates read it. */
    public record JobCard(Schedules.Scheduled job, List<java.time.Instant> times, RunLines.@Nullable Line last) {}

    @GetMapping("/jobs")
    String jobs(Model model) {
        model.addAttribute(
                "jobs",
                schedules.stream()
                        .flatMap(all -> all.list().stream()
                                .map(job -> new JobCard(
                                        job,
                                        all.nextTimes(job.job(), TIMES),
                                        lines.latestOf(job.job()).orElse(null))))
                        .toList());
        model.addAttribute("scheduling", schedules.getIfAvailable() != null);
        model.addAttribute("targets", targets.names());
        return "jobs";
    }

    @PostMapping("/jobs/{job}/run")
    String run(
            @PathVariable String job,
            @RequestParam String what,
            @RequestParam(defaultValue = "") String depth,
            @RequestParam(defaultValue = "false") boolean approve,
            @RequestParam(defaultValue = "") String noBackup,
            @RequestParam(defaultValue = "") String filestore) {
        Me me = Me.now();
        JobActions.Start start = new JobActions.Start(what, depth, approve, noBackup, filestore);
        return "redirect:/runs/" + background.start(progress -> actions.run(job, start, me, me.asker(), progress));
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
        actions.pause(job, comment, Me.now().asker());
        return "redirect:/jobs";
    }

    @PostMapping("/jobs/{job}/resume")
    String resume(@PathVariable String job, @RequestParam(defaultValue = "") String comment) {
        actions.resume(job, comment, Me.now().asker());
        return "redirect:/jobs";
    }
}
