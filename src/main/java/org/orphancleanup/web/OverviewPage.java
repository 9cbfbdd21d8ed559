package org.orphancleanup.web;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.orphancleanup.history.Overview;
import org.orphancleanup.history.RunLines;
import org.orphancleanup.schedule.Schedules;
import org.orphancleanup.target.Targets;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;

/** The page for the morning. */
@Controller
class OverviewPage {

    private final Overview overview;
    private final RunLines runs;
    private final Targets targets;
    private final ObjectProvider<Schedules> schedules;

    OverviewPage(Overview overview, RunLines runs, Targets targets, ObjectProvider<Schedules> schedules) {
        this.overview = overview;
        this.runs = runs;
        this.targets = targets;
        this.schedules = schedules;
    }

    record TargetCard(Overview.TargetState state, Trend trend) {}

    record JobLine(Schedules.Scheduled job, RunLines.@Nullable Line last) {}

    @GetMapping("/")
    String overview(Model model) {
        List<TargetCard> cards = overview.targets().stream()
                .map(state -> new TargetCard(
                        state,
                        new Trend(state.trend().stream()
                                .map(Overview.Point::remaining)
                                .toList())))
                .toList();
        List<JobLine> jobs = new ArrayList<>();
        schedules.ifAvailable(list -> list.list()
                .forEach(job ->
                        jobs.add(new JobLine(job, runs.latestOf(job.job()).orElse(null)))));
        model.addAttribute("targets", cards);
        model.addAttribute("configured", targets.names());
        model.addAttribute("waiting", overview.waiting());
        model.addAttribute("jobs", jobs);
        model.addAttribute(
                "underWay",
                runs.list(
                                new RunLines.Filter(null, null, "running", null, null, null, null, null),
                                RunLines.Sort.NEWEST,
                                org.orphancleanup.history.Page.Cut.first(10))
                        .rows());
        return "overview";
    }
}
