package org.orphancleanup.web;

import jakarta.servlet.http.HttpServletRequest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.orphancleanup.catalog.ConstraintState;
import org.orphancleanup.catalog.ReferenceKind;
import org.orphancleanup.history.References;
import org.orphancleanup.history.RunLines;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.server.ResponseStatusException;

/** The catalog of a target, and a reference's history. */
@Controller
class ReferencePages {

    private final References references;
    private final RunLines runs;

    ReferencePages(References references, RunLines runs) {
        this.references = references;
        this.runs = runs;
    }

    @GetMapping("/references")
    String references(HttpServletRequest request, Model model) {
        Address address = Address.of(request);
        List<String> targets = runs.distinct(RunLines.Column.TARGET);
        String target =
                address.get("target") != null ? address.get("target") : targets.isEmpty() ? null : targets.get(0);
        Long run = target == null ? null : references.latest(target).orElse(null);
        model.addAttribute("address", address);
        model.addAttribute("targets", targets);
        model.addAttribute("target", target);
        model.addAttribute(
                "states",
                java.util.Arrays.stream(ConstraintState.values())
                        .map(ConstraintState::code)
                        .toList());
        model.addAttribute(
                "kinds",
                java.util.Arrays.stream(ReferenceKind.values())
                        .map(ReferenceKind::code)
                        .toList());
        model.addAttribute("run", run == null ? null : runs.find(run).orElse(null));
        if (run != null) {
            List<References.Edge> edges = references.edges(run);
            model.addAttribute("edges", edges);
            model.addAttribute("picture", new Picture(edges));
            model.addAttribute("page", references.list(run, filter(address), RunsPage.cut(address)));
        }
        return "references";
    }

    static References.Filter filter(Address address) {
        return new References.Filter(
                address.get("model"),
                address.get("parent"),
                address.get("state"),
                address.get("kind"),
                "true".equals(address.get("dangling")));
    }

    @GetMapping("/references/{run}/{no}")
    String reference(@PathVariable long run, @PathVariable int no, Model model) {
        References.Line line =
                references.find(run, no).orElseThrow(() -> new ResponseStatusException(HttpStatus.NOT_FOUND));
        List<References.Point> history = references.history(run, no);
        List<@Nullable Long> orphans =
                new ArrayList<>(history.stream().map(References.Point::orphans).toList());
        Collections.reverse(orphans);
        model.addAttribute("line", line);
        model.addAttribute("history", history);
        model.addAttribute(
                "trend", new Trend(orphans.stream().filter(Objects::nonNull).toList()));
        return "reference";
    }
}
