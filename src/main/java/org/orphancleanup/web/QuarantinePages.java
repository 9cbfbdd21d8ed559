package org.orphancleanup.web;

import jakarta.servlet.http.HttpServletRequest;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.orphancleanup.UserError;
import org.orphancleanup.history.QuarantineLines;
import org.orphancleanup.history.RunLines;
import org.orphancleanup.job.PolicyKind;
import org.orphancleanup.run.Background;
import org.orphancleanup.run.Runs;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.server.ResponseStatusException;

/** Records that are out of business use, and how they come back. */
@Controller
class QuarantinePages {

    private final QuarantineLines lines;
    private final RunLines runLines;
    private final Runs runs;
    private final Background background;

    QuarantinePages(QuarantineLines lines, RunLines runLines, Runs runs, Background background) {
        this.lines = lines;
        this.runLines = runLines;
        this.runs = runs;
        this.background = background;
    }

    @GetMapping("/quarantine")
    String list(HttpServletRequest request, Model model) {
        Address address = Address.of(request);
        model.addAttribute("address", address);
        model.addAttribute("targets", runLines.distinct(RunLines.Column.TARGET));
        model.addAttribute(
                "page",
                lines.list(
                        address.get("target"),
                        address.get("model"),
                        "true".equals(address.get("closed")),
                        RunsPage.cut(address)));
        return "quarantine";
    }

    @GetMapping("/quarantine/{id}")
    String record(@PathVariable long id, Model model) {
        model.addAttribute("entry", entry(id));
        model.addAttribute("snapshot", Me.now().isOperator() ? lines.snapshot(id) : Map.of());
        model.addAttribute(
                "policies",
                PolicyKind.releasing().stream().map(PolicyKind::code).sorted().toList());
        return "quarantined";
    }

    private QuarantineLines.Line entry(long id) {
        return lines.find(id).orElseThrow(() -> new ResponseStatusException(HttpStatus.NOT_FOUND));
    }

    /** @param to id of the record that relink points to; empty: a placeholder */
    @PostMapping("/quarantine/{id}/release")
    String release(
            @PathVariable long id,
            @RequestParam String policy,
            @RequestParam(defaultValue = "false") boolean keepId,
            @RequestParam(required = false) @Nullable String to,
            @RequestParam(defaultValue = "false") boolean approve,
            @RequestParam(defaultValue = "") String noBackup,
            @RequestParam(defaultValue = "") String comment) {
        QuarantineLines.Line entry = entry(id);
        Me me = Me.now();
        Runs.Release release = new Runs.Release(policy, keepId, RunPage.number(to), said(comment));
        return "redirect:/runs/"
                + background.start(progress -> runs.releaseQuarantined(
                        entry.target(),
                        entry.name(),
                        release,
                        approve,
                        noBackup.isBlank() ? null : noBackup.strip(),
                        me.asker(),
                        progress));
    }

    @PostMapping("/quarantine/{id}/restore")
    String restore(@PathVariable long id, @RequestParam(defaultValue = "") String comment) {
        QuarantineLines.Line entry = entry(id);
        Me me = Me.now();
        String why = said(comment);
        return "redirect:/runs/"
                + background.start(
                        progress -> runs.restoreQuarantined(entry.target(), entry.name(), why, me.asker(), progress));
    }

    private static String said(String comment) {
        if (comment.isBlank()) {
            throw UserError.setting("Say why in the comment; it is kept with the record.");
        }
        return comment.strip();
    }
}
