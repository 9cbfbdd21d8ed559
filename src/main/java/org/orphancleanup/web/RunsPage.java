package org.orphancleanup.web;

import jakarta.servlet.http.HttpServletRequest;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import org.jspecify.annotations.Nullable;
import org.orphancleanup.history.Page;
import org.orphancleanup.history.RunLines;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;

/** All runs, filtered and sorted, in pages. */
@Controller
class RunsPage {

    static final int SIZE = 50;

    private final RunLines runs;

    RunsPage(RunLines runs) {
        this.runs = runs;
    }

    @GetMapping("/runs")
    String runs(HttpServletRequest request, Model model) {
        Address address = Address.of(request);
        Show show = (Show) java.util.Objects.requireNonNull(model.getAttribute("show"));
        RunLines.Filter filter = filter(address, show.zoneId());
        RunLines.Sort sort = RunLines.Sort.of(address.get("sort"));
        model.addAttribute("address", address);
        model.addAttribute("page", runs.list(filter, sort, cut(address)));
        model.addAttribute("count", runs.count(filter));
        model.addAttribute("sort", sort);
        model.addAttribute("sorts", RunLines.Sort.values());
        model.addAttribute("jobs", runs.distinct(RunLines.Column.JOB));
        model.addAttribute("targets", runs.distinct(RunLines.Column.TARGET));
        model.addAttribute("statuses", runs.distinct(RunLines.Column.STATUS));
        model.addAttribute("commands", runs.distinct(RunLines.Column.COMMAND));
        model.addAttribute("throughs", runs.distinct(RunLines.Column.THROUGH));
        model.addAttribute("whos", runs.distinct(RunLines.Column.WHO));
        return "runs";
    }

    static Page.Cut cut(Address address) {
        return new Page.Cut(SIZE, address.get("after"), address.get("before"));
    }

    static RunLines.Filter filter(Address address, ZoneId zone) {
        return new RunLines.Filter(
                address.get("job"),
                address.get("target"),
                address.get("status"),
                address.get("command"),
                address.get("through"),
                address.get("who"),
                day(address.get("from"), 0, zone),
                day(address.get("to"), 1, zone));
    }

    /** The beginning of a day in the viewer's zone; a date that is none is no choice. */
    private static @Nullable Instant day(@Nullable String date, int plus, ZoneId zone) {
        try {
            return date == null
                    ? null
                    : LocalDate.parse(date).plusDays(plus).atStartOfDay(zone).toInstant();
        } catch (DateTimeException e) {
            return null;
        }
    }
}
