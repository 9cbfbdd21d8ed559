package org.orphancleanup.web;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.orphancleanup.audit.AuditLog;
import org.orphancleanup.history.Findings;
import org.orphancleanup.history.KeptCounts;
import org.orphancleanup.history.PlanLines;
import org.orphancleanup.history.Repairs;
import org.orphancleanup.history.RunLines;
import org.orphancleanup.plan.Outcome;
import org.orphancleanup.run.Background;
import org.orphancleanup.run.Run;
import org.orphancleanup.run.RunStore;
import org.orphancleanup.run.Runs;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;

/** One run: how far it is, what it found and did, and what can be done with it. */
@Controller
class RunPage {

    private static final int OF_AUDIT = 50;

    private final RunStore store;
    private final RunLines lines;
    private final KeptCounts counts;
    private final PlanLines plans;
    private final Findings findings;
    private final Repairs repairs;
    private final AuditLog audit;
    private final Runs runs;
    private final Background background;
    private final Clock clock;

    RunPage(
            RunStore store,
            RunLines lines,
            KeptCounts counts,
            PlanLines plans,
            Findings findings,
            Repairs repairs,
            AuditLog audit,
            Runs runs,
            Background background,
            Clock clock) {
        this.store = store;
        this.lines = lines;
        this.counts = counts;
        this.plans = plans;
        this.findings = findings;
        this.repairs = repairs;
        this.audit = audit;
        this.runs = runs;
        this.background = background;
        this.clock = clock;
    }

    /** What can be done with a run as it stands. */
    record Can(boolean stop, boolean resume, boolean undo) {}

    /** A stage with its rate. Public as the template reads it. */
    public record StepLine(
            Repairs.Step step,
            @Nullable String rate,
            @Nullable String left) {}

    @GetMapping("/runs/{id}")
    String run(@PathVariable long id, Model model) {
        Run run = basics(id, model);
        model.addAttribute("counts", counts.of(id));
        model.addAttribute("dangling", findings.references(id));
        model.addAttribute("audit", audit.list(new AuditLog.Filter(null, null, id, null), OF_AUDIT));
        model.addAttribute("can", can(run));
        model.addAttribute("steps", steps(id));
        return "run";
    }

    private Run basics(long id, Model model) {
        Run run = store.find(id).orElseThrow(RunPage::notFound);
        model.addAttribute("run", run);
        model.addAttribute("line", lines.find(id).orElseThrow(RunPage::notFound));
        model.addAttribute("dead", store.isDead(run));
        model.addAttribute("plan", plans.find(id).orElse(null));
        return run;
    }

    private static ResponseStatusException notFound() {
        return new ResponseStatusException(HttpStatus.NOT_FOUND);
    }

    private Can can(Run run) {
        boolean dead = store.isDead(run);
        boolean running = run.status() == Run.Status.RUNNING && !dead;
        boolean approved = plans.find(run.id())
                .map(plan -> plan.status().equals("approved"))
                .orElse(false);
        return new Can(
                running,
                dead || run.status() == Run.Status.STOPPED || run.status() == Run.Status.FAILED && approved,
                !running && run.undoOf() == null && store.wrote(run.id()));
    }

    private List<StepLine> steps(long id) {
        return repairs.steps(id).stream().map(this::line).toList();
    }

    private StepLine line(Repairs.Step step) {
        Instant until = step.endedAt() == null ? clock.instant() : step.endedAt();
        double seconds = Math.max(0.001, Duration.between(step.beganAt(), until).toMillis() / 1000.0);
        if (step.done() == 0) {
            return new StepLine(step, null, null);
        }
        double rate = step.done() / seconds;
        String words = rate >= 10
                ? "%,.0f a second".formatted(rate)
                : rate >= 0.1 ? "%.1f a second".formatted(rate) : "%.1f a minute".formatted(rate * 60);
        long left = step.total() - step.done();
        return new StepLine(
                step,
                words,
                step.endedAt() == null && left > 0
                        ? Show.duration(Duration.ofMillis((long) (1000 * left / rate)))
                        : null);
    }

    /** What a page that shows a run under way fetches every other second. */
    @GetMapping("/runs/{id}/progress")
    String progress(@PathVariable long id, Model model, HttpServletResponse response) {
        Run run = basics(id, model);
        if (run.status() != Run.Status.RUNNING || store.isDead(run)) {
            response.setHeader("HX-Refresh", "true");
        }
        model.addAttribute("steps", steps(id));
        return "run :: progress";
    }

    @GetMapping("/runs/{id}/findings")
    String findings(@PathVariable long id, HttpServletRequest request, Model model) {
        basics(id, model);
        Address address = Address.of(request);
        model.addAttribute("address", address);
        model.addAttribute("references", findings.references(id));
        model.addAttribute("page", findings.list(id, findingsFilter(address), RunsPage.cut(address)));
        return "findings";
    }

    static Findings.Filter findingsFilter(Address address) {
        Long reference = number(address.get("reference"));
        return new Findings.Filter(
                reference == null ? null : reference.intValue(),
                address.get("model"),
                address.get("parent"),
                number(address.get("record")));
    }

    static Repairs.Filter repairsFilter(Address address) {
        Long reference = number(address.get("reference"));
        return new Repairs.Filter(
                address.get("outcome"),
                reference == null ? null : reference.intValue(),
                number(address.get("record")),
                number(address.get("missing")));
    }

    /** What is no number is no choice. */
    static @Nullable Long number(@Nullable String text) {
        return text != null && text.strip().matches("-?\\d{1,18}") ? Long.valueOf(text.strip()) : null;
    }

    @GetMapping("/runs/{id}/repairs")
    String repairs(@PathVariable long id, HttpServletRequest request, Model model) {
        basics(id, model);
        Address address = Address.of(request);
        model.addAttribute("address", address);
        model.addAttribute("references", findings.references(id));
        model.addAttribute("outcomes", Outcome.values());
        model.addAttribute("page", repairs.list(id, repairsFilter(address), RunsPage.cut(address)));
        return "repairs";
    }

    @GetMapping("/runs/{id}/repairs/{no}")
    String repair(@PathVariable long id, @PathVariable long no, Model model) {
        basics(id, model);
        model.addAttribute("story", repairs.story(id, no, Me.now().isOperator()).orElseThrow(RunPage::notFound));
        return "repair";
    }

    @GetMapping("/runs/{id}/calls")
    String calls(@PathVariable long id, HttpServletRequest request, Model model) {
        basics(id, model);
        Address address = Address.of(request);
        model.addAttribute("address", address);
        model.addAttribute("page", repairs.calls(id, "true".equals(address.get("failed")), RunsPage.cut(address)));
        return "calls";
    }

    @GetMapping("/runs/{id}/compare")
    String compare(
            @PathVariable long id, @RequestParam(name = "with", required = false) @Nullable Long other, Model model) {
        basics(id, model);
        Long before = other != null
                ? other
                : lines.find(id).map(RunLines.Line::comparedWith).orElse(null);
        model.addAttribute("other", before == null ? null : lines.find(before).orElse(null));
        if (before != null && lines.find(before).isPresent()) {
            model.addAttribute("difference", counts.compare(id, before));
            model.addAttribute("references", counts.compareReferences(id, before));
            model.addAttribute("countsThen", counts.of(before));
            Map<String, Long> now = counts.of(id);
            model.addAttribute("countsNow", now);
        }
        return "compare";
    }

    @PostMapping("/runs/{id}/stop")
    String stop(@PathVariable long id, RedirectAttributes attributes) {
        runs.stop(id, Me.now().asker());
        attributes.addFlashAttribute("done", "Run " + id + " ends at the next point from which it can go on.");
        return "redirect:/runs/" + id;
    }

    @PostMapping("/runs/{id}/resume")
    String resume(@PathVariable long id) {
        Me me = Me.now();
        return "redirect:/runs/" + background.start(progress -> runs.resume(id, me.asker(), progress));
    }

    @PostMapping("/runs/{id}/undo")
    String undo(
            @PathVariable long id,
            @RequestParam(required = false) @Nullable String reference,
            @RequestParam(required = false) @Nullable String record) {
        Me me = Me.now();
        String only = reference == null || reference.isBlank() ? null : reference.strip();
        return "redirect:/runs/"
                + background.start(progress -> runs.undo(id, only, number(record), me.asker(), progress));
    }
}
