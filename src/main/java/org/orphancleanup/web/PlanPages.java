package org.orphancleanup.web;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.orphancleanup.UserError;
import org.orphancleanup.audit.Action;
import org.orphancleanup.audit.AuditLog;
import org.orphancleanup.history.MissingRecords;
import org.orphancleanup.history.Overview;
import org.orphancleanup.history.PlanLines;
import org.orphancleanup.odoo.OdooCall;
import org.orphancleanup.odoo.OdooClient;
import org.orphancleanup.odoo.OdooClients;
import org.orphancleanup.plan.NamedRecords;
import org.orphancleanup.plan.PlanView;
import org.orphancleanup.plan.PlanViews;
import org.orphancleanup.run.Background;
import org.orphancleanup.run.Decisions;
import org.orphancleanup.run.Run;
import org.orphancleanup.run.RunStore;
import org.orphancleanup.run.Runs;
import org.orphancleanup.target.Target;
import org.orphancleanup.target.Targets;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.server.ResponseStatusException;
import org.springframework.web.servlet.mvc.support.RedirectAttributes;
import tools.jackson.databind.JsonNode;

/** Plans: what would be done and why, and what a person decides about it. */
@Controller
class PlanPages {

    private static final int MISSING = 100;
    private static final int FOUND = 20;

    private final RunStore store;
    private final Overview overview;
    private final PlanLines lines;
    private final PlanViews views;
    private final MissingRecords missing;
    private final NamedRecords named;
    private final Decisions decisions;
    private final Runs runs;
    private final Background background;
    private final Targets targets;
    private final OdooClients clients;
    private final AuditLog audit;

    PlanPages(
            RunStore store,
            Overview overview,
            PlanLines lines,
            PlanViews views,
            MissingRecords missing,
            NamedRecords named,
            Decisions decisions,
            Runs runs,
            Background background,
            Targets targets,
            OdooClients clients,
            AuditLog audit) {
        this.store = store;
        this.overview = overview;
        this.lines = lines;
        this.views = views;
        this.missing = missing;
        this.named = named;
        this.decisions = decisions;
        this.runs = runs;
        this.background = background;
        this.targets = targets;
        this.clients = clients;
        this.audit = audit;
    }

    /** What a rule does, reference by reference. Public as templates read it. */
    public record RuleGroup(@Nullable Integer line, String why, List<PlanView.Group> groups, long count) {}

    /** A record of Odoo. */
    public record Found(long id, String name) {}

    @GetMapping("/plans")
    String plans(Model model) {
        model.addAttribute("waiting", overview.waiting());
        return "plans";
    }

    @GetMapping("/plans/{id}")
    String plan(@PathVariable long id, Model model) {
        Run run = run(id);
        PlanLines.Line line = lines.find(id).orElseThrow(PlanPages::notFound);
        PlanView view = views.find(id).orElseThrow(PlanPages::notFound);
        List<NamedRecords.Named> names = named.ofTarget(run.targetFingerprint());
        model.addAttribute("run", run);
        model.addAttribute("plan", line);
        model.addAttribute("view", view);
        model.addAttribute("rules", byRule(view.planned()));
        model.addAttribute("missing", missing.list(id, MISSING));
        model.addAttribute("named", names);
        model.addAttribute(
                "newNames",
                names.stream()
                        .filter(each -> each.at().isAfter(line.createdAt()))
                        .count());
        model.addAttribute("dead", store.isDead(run));
        return "plan";
    }

    private static List<RuleGroup> byRule(List<PlanView.Group> planned) {
        Map<String, List<PlanView.Group>> groups = new LinkedHashMap<>();
        planned.forEach(
                group -> groups.computeIfAbsent(group.ruleLine() + group.why(), key -> new java.util.ArrayList<>())
                        .add(group));
        return groups.values().stream()
                .map(group -> new RuleGroup(
                        group.get(0).ruleLine(),
                        group.get(0).why(),
                        group,
                        group.stream().mapToLong(PlanView.Group::count).sum()))
                .toList();
    }

    private Run run(long id) {
        return store.find(id).orElseThrow(PlanPages::notFound);
    }

    private static ResponseStatusException notFound() {
        return new ResponseStatusException(HttpStatus.NOT_FOUND);
    }

    /**
     * @param offered numbers of the references that the form shows
     * @param wanted those of them that are ticked
     * @param how {@code apply}: and carried out at once
     */
    @PostMapping("/plans/{id}/approve")
    String approve(
            @PathVariable long id,
            @RequestParam(required = false) @Nullable Set<Integer> offered,
            @RequestParam(required = false) @Nullable Set<Integer> wanted,
            @RequestParam(defaultValue = "") String comment,
            @RequestParam(defaultValue = "") String how,
            RedirectAttributes attributes) {
        Set<Integer> leftOut = new TreeSet<>(offered == null ? Set.of() : offered);
        leftOut.removeAll(wanted == null ? Set.of() : wanted);
        decisions.approve(id, leftOut, comment, Me.now().asker());
        if (how.equals("apply")) {
            return apply(id);
        }
        attributes.addFlashAttribute(
                "done", "The plan of run " + id + " is approved. It can be carried out while it is valid.");
        return "redirect:/plans/" + id;
    }

    @PostMapping("/plans/{id}/reject")
    String reject(
            @PathVariable long id, @RequestParam(defaultValue = "") String comment, RedirectAttributes attributes) {
        decisions.reject(id, comment, Me.now().asker());
        attributes.addFlashAttribute("done", "The plan of run " + id + " is rejected.");
        return "redirect:/runs/" + id;
    }

    /** What was approved. */
    @PostMapping("/plans/{id}/apply")
    String apply(@PathVariable long id) {
        Me me = Me.now();
        return "redirect:/runs/" + background.start(progress -> runs.apply(id, false, me.asker(), progress));
    }

    /** Looks for the right record in Odoo, by name. */
    @GetMapping("/plans/{id}/missing")
    String missing(
            @PathVariable long id,
            @RequestParam String model,
            @RequestParam long missingId,
            @RequestParam(defaultValue = "") String name,
            Model page) {
        Run run = run(id);
        page.addAttribute("run", run);
        page.addAttribute("model", model);
        page.addAttribute("missingId", missingId);
        page.addAttribute("name", name);
        page.addAttribute("found", name.isBlank() ? List.of() : search(run, model, name.strip()));
        return "missing";
    }

    private List<Found> search(Run run, String model, String name) {
        Target.Api api = targets.get(run.target()).api();
        if (api == null) {
            throw UserError.setting("Target \"" + run.target() + "\" has no API, so Odoo cannot be searched.");
        }
        try (OdooClient odoo = clients.open(api)) {
            JsonNode pairs = odoo.call(
                    new OdooCall(model, "name_search", null, Map.of("name", name), Map.of("limit", FOUND), Map.of()));
            return pairs.valueStream()
                    .map(pair -> new Found(pair.get(0).asLong(), pair.get(1).asString()))
                    .toList();
        }
    }

    @PostMapping("/plans/{id}/name")
    String name(
            @PathVariable long id,
            @RequestParam String model,
            @RequestParam long missingId,
            @RequestParam long record,
            @RequestParam(defaultValue = "") String recordName,
            @RequestParam(defaultValue = "") String comment,
            RedirectAttributes attributes) {
        Run run = run(id);
        Me me = Me.now();
        named.name(run.targetFingerprint(), model, missingId, record, recordName, me.name(), comment);
        audit.write(
                me.name(),
                "web",
                Action.RECORD_NAMED,
                id,
                model + "," + record + " for the missing " + model + "," + missingId,
                comment);
        attributes.addFlashAttribute(
                "done", model + "," + missingId + " is " + model + "," + record + " from the next plan on.");
        return "redirect:/plans/" + id;
    }

    /** The same job's plan, with what was named since. */
    @PostMapping("/plans/{id}/again")
    String again(@PathVariable long id) {
        Run run = run(id);
        Me me = Me.now();
        String job = run.definitionFile() == null ? run.job() : run.definitionFile();
        long anew = background.start(progress -> runs.plan(job, null, me.asker(), progress));
        decisions.replaced(id, anew, me.asker());
        return "redirect:/runs/" + anew;
    }
}
