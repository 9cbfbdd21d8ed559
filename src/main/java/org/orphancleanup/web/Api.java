package org.orphancleanup.web;

import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.orphancleanup.UserError;
import org.orphancleanup.audit.AuditLog;
import org.orphancleanup.history.Findings;
import org.orphancleanup.history.KeptCounts;
import org.orphancleanup.history.Overview;
import org.orphancleanup.history.Page;
import org.orphancleanup.history.PlanLines;
import org.orphancleanup.history.QuarantineLines;
import org.orphancleanup.history.References;
import org.orphancleanup.history.Repairs;
import org.orphancleanup.history.RunLines;
import org.orphancleanup.odoo.OdooException;
import org.orphancleanup.plan.PlanView;
import org.orphancleanup.plan.PlanViews;
import org.orphancleanup.run.Background;
import org.orphancleanup.run.Decisions;
import org.orphancleanup.run.Progress;
import org.orphancleanup.run.RunResult;
import org.orphancleanup.run.Runs;
import org.orphancleanup.schedule.Schedules;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.http.HttpStatus;
import org.springframework.http.ProblemDetail;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ResponseStatusException;

/** The pages' reads and actions for programs. Lists come in pages: what {@code next} says is sent as {@code after}. */
@RestController
@RequestMapping("/api")
@Tag(name = "odoo-orphan-cleanup")
class Api {

    private final Overview overview;
    private final RunLines lines;
    private final KeptCounts counts;
    private final Findings findings;
    private final Repairs repairs;
    private final PlanLines plans;
    private final PlanViews views;
    private final References references;
    private final QuarantineLines quarantine;
    private final AuditLog audit;
    private final Decisions decisions;
    private final Runs runs;
    private final Background background;
    private final ObjectProvider<Schedules> schedules;
    private final JobActions actions;

    Api(
            Overview overview,
            RunLines lines,
            KeptCounts counts,
            Findings findings,
            Repairs repairs,
            PlanLines plans,
            PlanViews views,
            References references,
            QuarantineLines quarantine,
            AuditLog audit,
            Decisions decisions,
            Runs runs,
            Background background,
            ObjectProvider<Schedules> schedules,
            JobActions actions) {
        this.overview = overview;
        this.lines = lines;
        this.counts = counts;
        this.findings = findings;
        this.repairs = repairs;
        this.plans = plans;
        this.views = views;
        this.references = references;
        this.quarantine = quarantine;
        this.audit = audit;
        this.decisions = decisions;
        this.runs = runs;
        this.background = background;
        this.schedules = schedules;
        this.actions = actions;
    }

    record OverviewOf(List<Overview.TargetState> targets, List<Overview.Waiting> waiting) {}

    record RunOf(
            RunLines.Line run, Map<String, Long> counts, PlanLines.@Nullable Line plan, List<Repairs.Step> steps) {}

    record Started(long run) {}

    /** @param leftOut numbers of references that are not repaired */
    record Approve(@Nullable Set<Integer> leftOut, @Nullable String comment) {}

    record Comment(@Nullable String comment) {}

    record Undo(@Nullable String reference, @Nullable Long record) {}

    record Release(
            String policy,
            boolean keepId,
            @Nullable Long to,
            boolean approve,
            @Nullable String noBackup,
            String comment) {}

    record Restore(String comment) {}

    record Job(
            String name,
            @Nullable String schedule,
            java.time.@Nullable Instant next,
            boolean paused,
            @Nullable String problem) {}

    @GetMapping("/overview")
    @Operation(summary = "What dangles per target, and what waits for somebody")
    OverviewOf overview() {
        return new OverviewOf(overview.targets(), overview.waiting());
    }

    @GetMapping("/runs")
    @Operation(summary = "Runs; filters job, target, status, command, through, who, from, to, and sort")
    Page<RunLines.Line> runs(HttpServletRequest request) {
        Address address = Address.of(request);
        return lines.list(
                RunsPage.filter(address, ZoneOffset.UTC), RunLines.Sort.of(address.get("sort")), RunsPage.cut(address));
    }

    @GetMapping("/runs/{id}")
    RunOf run(@PathVariable long id) {
        return new RunOf(
                lines.find(id).orElseThrow(Api::notFound),
                counts.of(id),
                plans.find(id).orElse(null),
                repairs.steps(id));
    }

    @GetMapping("/runs/{id}/findings")
    @Operation(summary = "What a run found; filters reference, model, parent, record")
    Page<Findings.Finding> findings(@PathVariable long id, HttpServletRequest request) {
        Address address = Address.of(request);
        return findings.list(id, RunPage.findingsFilter(address), RunsPage.cut(address));
    }

    @GetMapping("/runs/{id}/repairs")
    @Operation(summary = "What a run decided and did; filters outcome, reference, record, missing")
    Page<Repairs.Part> repairs(@PathVariable long id, HttpServletRequest request) {
        Address address = Address.of(request);
        return repairs.list(id, RunPage.repairsFilter(address), RunsPage.cut(address));
    }

    @GetMapping("/runs/{id}/repairs/{no}")
    @Operation(summary = "A repair's story; what rows held is for operators and up")
    Repairs.Story repair(@PathVariable long id, @PathVariable long no) {
        return repairs.story(id, no, Me.now().isOperator()).orElseThrow(Api::notFound);
    }

    @GetMapping("/runs/{id}/calls")
    Page<Repairs.Call> calls(@PathVariable long id, HttpServletRequest request) {
        Address address = Address.of(request);
        return repairs.calls(id, "true".equals(address.get("failed")), RunsPage.cut(address));
    }

    @GetMapping("/runs/{id}/compare")
    List<KeptCounts.ReferenceDifference> compare(@PathVariable long id, @RequestParam("with") long other) {
        return counts.compareReferences(id, other);
    }

    @PostMapping("/runs/{id}/stop")
    @ResponseStatus(HttpStatus.ACCEPTED)
    void stop(@PathVariable long id) {
        runs.stop(id, Me.now().askerOfApi());
    }

    @PostMapping("/runs/{id}/resume")
    @ResponseStatus(HttpStatus.ACCEPTED)
    Started resume(@PathVariable long id) {
        Me me = Me.now();
        return started(progress -> runs.resume(id, me.askerOfApi(), progress));
    }

    @PostMapping("/runs/{id}/undo")
    @ResponseStatus(HttpStatus.ACCEPTED)
    Started undo(@PathVariable long id, @RequestBody(required = false) @Nullable Undo undo) {
        Me me = Me.now();
        return started(progress -> runs.undo(
                id,
                undo == null ? null : undo.reference(),
                undo == null ? null : undo.record(),
                me.askerOfApi(),
                progress));
    }

    private Started started(Function<Progress, RunResult> work) {
        return new Started(background.start(work));
    }

    @GetMapping("/plans")
    List<Overview.Waiting> plans() {
        return overview.waiting();
    }

    @GetMapping("/plans/{id}")
    PlanView plan(@PathVariable long id) {
        return views.find(id).orElseThrow(Api::notFound);
    }

    @PostMapping("/plans/{id}/approve")
    void approve(@PathVariable long id, @RequestBody(required = false) @Nullable Approve approve) {
        decisions.approve(
                id,
                approve == null || approve.leftOut() == null ? Set.of() : approve.leftOut(),
                approve == null || approve.comment() == null ? "" : approve.comment(),
                Me.now().askerOfApi());
    }

    @PostMapping("/plans/{id}/reject")
    void reject(@PathVariable long id, @RequestBody(required = false) @Nullable Comment comment) {
        decisions.reject(
                id,
                comment == null || comment.comment() == null ? "" : comment.comment(),
                Me.now().askerOfApi());
    }

    @PostMapping("/plans/{id}/apply")
    @ResponseStatus(HttpStatus.ACCEPTED)
    Started apply(@PathVariable long id) {
        Me me = Me.now();
        return started(progress -> runs.apply(id, false, me.askerOfApi(), progress));
    }

    @GetMapping("/jobs")
    List<Job> jobs() {
        return schedules.stream()
                .flatMap(all -> all.list().stream())
                .map(job -> new Job(job.job(), job.schedule(), job.next(), job.paused(), job.problem()))
                .toList();
    }

    @PostMapping("/jobs/{job}/run")
    @ResponseStatus(HttpStatus.ACCEPTED)
    Started start(@PathVariable String job, @RequestBody JobActions.Start start) {
        Me me = Me.now();
        return started(progress -> actions.run(job, start, me, me.askerOfApi(), progress));
    }

    @PostMapping("/jobs/{job}/pause")
    void pause(@PathVariable String job, @RequestBody(required = false) @Nullable Comment comment) {
        actions.pause(job, comment == null ? null : comment.comment(), Me.now().askerOfApi());
    }

    @PostMapping("/jobs/{job}/resume")
    void resumeJob(@PathVariable String job, @RequestBody(required = false) @Nullable Comment comment) {
        actions.resume(job, comment == null ? null : comment.comment(), Me.now().askerOfApi());
    }

    @PostMapping("/targets/{target}/scan")
    @ResponseStatus(HttpStatus.ACCEPTED)
    Started scan(@PathVariable String target, @RequestParam(defaultValue = "full") String depth) {
        Me me = Me.now();
        return started(progress -> runs.scanTarget(target, depth.equals("full"), null, me.askerOfApi(), progress));
    }

    @GetMapping("/references")
    @Operation(
            summary = "The catalog of a target as its latest run read it; filters model, parent, state, kind, dangling")
    Page<References.Line> references(@RequestParam String target, HttpServletRequest request) {
        Address address = Address.of(request);
        return references.list(
                references.latest(target).orElseThrow(Api::notFound),
                ReferencePages.filter(address),
                RunsPage.cut(address));
    }

    @GetMapping("/references/{run}/{no}")
    List<References.Point> reference(@PathVariable long run, @PathVariable int no) {
        return references.history(run, no);
    }

    @GetMapping("/quarantine")
    Page<QuarantineLines.Line> quarantine(HttpServletRequest request) {
        Address address = Address.of(request);
        return quarantine.list(
                address.get("target"),
                address.get("model"),
                "true".equals(address.get("closed")),
                RunsPage.cut(address));
    }

    @GetMapping("/quarantine/{id}/snapshot")
    Map<String, Object> snapshot(@PathVariable long id) {
        return quarantine.snapshot(
                quarantine.find(id).orElseThrow(Api::notFound).id());
    }

    @PostMapping("/quarantine/{id}/release")
    @ResponseStatus(HttpStatus.ACCEPTED)
    Started release(@PathVariable long id, @RequestBody Release release) {
        QuarantineLines.Line entry = quarantine.find(id).orElseThrow(Api::notFound);
        Me me = Me.now();
        return started(progress -> runs.releaseQuarantined(
                entry.target(),
                entry.name(),
                new Runs.Release(release.policy(), release.keepId(), release.to(), release.comment()),
                release.approve(),
                release.noBackup(),
                me.askerOfApi(),
                progress));
    }

    @PostMapping("/quarantine/{id}/restore")
    @ResponseStatus(HttpStatus.ACCEPTED)
    Started restore(@PathVariable long id, @RequestBody Restore restore) {
        QuarantineLines.Line entry = quarantine.find(id).orElseThrow(Api::notFound);
        Me me = Me.now();
        return started(progress ->
                runs.restoreQuarantined(entry.target(), entry.name(), restore.comment(), me.askerOfApi(), progress));
    }

    @GetMapping("/audit")
    @Operation(summary = "Who did what, the latest first; filters who, action, run; after: the last entry's id")
    List<AuditLog.Entry> audit(HttpServletRequest request) {
        return audit.list(AuditPage.filter(Address.of(request)), RunsPage.SIZE);
    }

    private static ResponseStatusException notFound() {
        return new ResponseStatusException(HttpStatus.NOT_FOUND);
    }

    /** In the words of the command line. */
    @ExceptionHandler({UserError.class, OdooException.class})
    ProblemDetail told(RuntimeException error) {
        boolean service = error instanceof OdooException
                || error instanceof UserError user && user.kind() == UserError.Kind.SERVICE;
        return ProblemDetail.forStatusAndDetail(
                service ? HttpStatus.SERVICE_UNAVAILABLE : HttpStatus.CONFLICT, String.valueOf(error.getMessage()));
    }
}
