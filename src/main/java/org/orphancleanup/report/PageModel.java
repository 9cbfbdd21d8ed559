package org.orphancleanup.report;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.orphancleanup.catalog.ConstraintState;
import org.orphancleanup.catalog.ReferenceKind;
import org.orphancleanup.plan.NewValue;

/** What report.html shows, ready to print: the template only lays it out. */
final class PageModel {

    /** Bars in the picture by model; the table has the rest. */
    private static final int MODELS_SHOWN = 25;

    /** Units a bar is wide. */
    private static final double WIDTH = 1000;

    /** A part that is there is seen, however small. */
    private static final double NARROWEST = 9;

    private static final List<State> STATES_IN_ORDER = List.of(
            State.REPAIRED,
            State.ALREADY_CLEAN,
            State.PLANNED,
            State.QUARANTINED,
            State.REPORTED,
            State.CHANGED_MEANWHILE,
            State.REFUSED,
            State.HELD,
            State.FAILED);

    private final Report report;
    private final OdooLinks links;
    private final Map<Integer, ReferenceRow> references = new HashMap<>();

    PageModel(Report report) {
        this.report = report;
        this.links = new OdooLinks(report.run().targetUrl(), report.run().odooVersion());
        report.references().forEach(row -> references.put(row.no(), row));
    }

    record Fact(String label, String value) {}

    record Tile(String label, String value, String note, String tone) {}

    record Segment(String code, String label, String meaning, long count, String share, String x, String width) {}

    record ModelLine(String model, Counts counts, List<Segment> bar) {}

    record PolicyLine(String policy, List<String> cells, String total) {}

    /** @param link null where there is no page */
    record RecordLine(
            String record,
            @Nullable String link,
            String reference,
            String parent,
            long missing,
            String policy,
            String rule,
            String value,
            String reason) {}

    record Records(String code, String title, String meaning, long all, List<RecordLine> rows) {

        public long more() {
            return all - rows.size();
        }
    }

    record Reasons(String code, String title, List<Report.ReasonRow> rows) {}

    record KindLine(String kind, long references, long read, long skipped, long rows, long orphans, long millis) {

        KindLine plus(KindLine other) {
            return new KindLine(
                    kind,
                    references + other.references,
                    read + other.read,
                    skipped + other.skipped,
                    rows + other.rows,
                    orphans + other.orphans,
                    millis + other.millis);
        }
    }

    record Grouped<T>(String reason, List<T> rows) {}

    // Heading

    public RunFacts run() {
        return report.run();
    }

    public Report report() {
        return report;
    }

    public Headline headline() {
        return Headline.of(report);
    }

    public Counts total() {
        return report.tallies().total();
    }

    public String stage() {
        return switch (Stage.of(report)) {
            case SCAN -> "Scan";
            case PLAN -> report.run().dryRun() ? "Dry run" : "Plan";
            case APPLIED -> "Cleanup";
            case UNDO -> "Undo";
        };
    }

    public String outcomeTitle() {
        return switch (Stage.of(report)) {
            case SCAN -> "What was found";
            case PLAN -> "What would become of them";
            case APPLIED, UNDO -> "What became of them";
        };
    }

    public boolean applied() {
        return Stage.of(report) == Stage.APPLIED;
    }

    public @Nullable UndoFacts undo() {
        return report.undo();
    }

    public boolean planned() {
        return report.run().plan() != null;
    }

    public List<Tile> tiles() {
        Counts total = total();
        Stage stage = Stage.of(report);
        List<Tile> tiles = new ArrayList<>();
        UndoFacts undo = report.undo();
        if (undo != null) {
            tiles.add(new Tile("To undo", number(undo.all()), "changes of run " + undo.undone(), "found"));
            tiles.add(new Tile("Undone", number(undo.back()), share(undo.back(), undo.all()), "clean"));
            tiles.add(new Tile(
                    "Not undone",
                    number(undo.all() - undo.back()),
                    share(undo.all() - undo.back(), undo.all()),
                    "remaining"));
            tiles.add(new Tile(
                    "Changed besides",
                    number(report.changed()),
                    number(report.derived()) + " derived, counted apart",
                    "besides"));
            return tiles;
        }
        tiles.add(new Tile(
                stage == Stage.APPLIED ? "Dangled before" : "Dangling",
                number(total.found()),
                "at " + Words.count(referencesWithOrphans(), "place", "places") + " of the catalog",
                "found"));
        switch (stage) {
            case APPLIED -> {
                tiles.add(new Tile("Clean now", number(total.clean()), share(total.clean(), total.found()), "clean"));
                tiles.add(new Tile(
                        "Remaining", number(total.remaining()), share(total.remaining(), total.found()), "remaining"));
                tiles.add(new Tile(
                        "Changed besides",
                        number(report.changed()),
                        number(report.derived()) + " derived, counted apart",
                        "besides"));
            }
            case PLAN -> {
                tiles.add(
                        new Tile("Planned", number(total.waiting()), share(total.waiting(), total.found()), "planned"));
                tiles.add(
                        new Tile("Refused", number(total.refused()), share(total.refused(), total.found()), "refused"));
                if (total.held() > 0) {
                    tiles.add(new Tile(
                            "Held for the DBA", number(total.held()), share(total.held(), total.found()), "held"));
                }
                tiles.add(new Tile(
                        "Only reported",
                        number(State.REPORTED.in(total)),
                        share(State.REPORTED.in(total), total.found()),
                        "reported"));
            }
            case SCAN, UNDO -> {
                // What was read, below, is all there is.
            }
        }
        KindLine all = kindTotal();
        tiles.add(new Tile(
                "References read",
                number(all.read()),
                "of " + number(all.references()) + "; " + Words.count(all.rows(), "row", "rows"),
                "read"));
        return tiles;
    }

    private long referencesWithOrphans() {
        return report.references().stream()
                .filter(row -> report.tallies().of(row.no()).found() > 0)
                .count();
    }

    // Pictures

    public List<Segment> outcomes() {
        return bar(total(), total().found());
    }

    /** @param full the count that is as wide as the picture */
    private static List<Segment> bar(Counts counts, long full) {
        List<Segment> segments = new ArrayList<>();
        List<State> present =
                STATES_IN_ORDER.stream().filter(state -> state.in(counts) > 0).toList();
        long sum = counts.found();
        double width = full == 0 ? 0 : Math.max(NARROWEST * present.size(), WIDTH * sum / full);
        double spare = width - NARROWEST * present.size();
        double x = 0;
        for (State state : present) {
            double part = NARROWEST + spare * state.in(counts) / sum;
            segments.add(new Segment(
                    state.code(),
                    state.label(),
                    state.meaning(),
                    state.in(counts),
                    percent(state.in(counts), sum),
                    decimal(x),
                    decimal(part)));
            x += part;
        }
        return segments;
    }

    public String describe(List<Segment> segments) {
        return segments.stream()
                .map(segment -> segment.label() + ": " + number(segment.count()))
                .collect(Collectors.joining("; "));
    }

    public List<ModelLine> models() {
        Map<String, Counts> byModel = new TreeMap<>();
        for (ReferenceRow row : report.references()) {
            Counts counts = report.tallies().of(row.no());
            if (counts.found() + counts.fresh() > 0) {
                byModel.merge(row.model(), counts, Counts::plus);
            }
        }
        long most = byModel.values().stream().mapToLong(Counts::found).max().orElse(0);
        return byModel.entrySet().stream()
                .sorted(Comparator.comparing((Map.Entry<String, Counts> entry) ->
                                -entry.getValue().found())
                        .thenComparing(Map.Entry::getKey))
                .map(entry -> new ModelLine(entry.getKey(), entry.getValue(), bar(entry.getValue(), most)))
                .toList();
    }

    public List<ModelLine> firstModels(List<ModelLine> models) {
        return models.subList(0, Math.min(MODELS_SHOWN, models.size()));
    }

    /** Of the models that are not shown. */
    public Counts rest(List<ModelLine> models) {
        return models.stream().skip(MODELS_SHOWN).map(ModelLine::counts).reduce(Counts.NONE, Counts::plus);
    }

    public List<State> statesPresent() {
        return STATES_IN_ORDER.stream().filter(state -> state.in(total()) > 0).toList();
    }

    public List<PolicyLine> policies() {
        List<State> states = statesPresent();
        return report.tallies().byPolicy().entrySet().stream()
                .map(entry -> new PolicyLine(
                        entry.getKey(),
                        states.stream()
                                .map(state -> cell(state.in(entry.getValue())))
                                .toList(),
                        number(entry.getValue().found())))
                .toList();
    }

    public PolicyLine policyTotal() {
        Counts sum = report.tallies().byPolicy().values().stream().reduce(Counts.NONE, Counts::plus);
        return new PolicyLine(
                "All",
                statesPresent().stream().map(state -> cell(state.in(sum))).toList(),
                number(sum.found()));
    }

    // Records

    public List<Records> records() {
        List<Records> sections = new ArrayList<>();
        if (!report.findings().isEmpty()) {
            sections.add(new Records(
                    "reported",
                    "Found",
                    "what dangles; nothing was decided about it",
                    total().found(),
                    report.findings().stream().map(this::orphan).toList()));
        }
        report.records()
                .forEach((state, rows) -> sections.add(new Records(
                        state.code(),
                        state.label(),
                        state.meaning(),
                        state.in(total()),
                        rows.stream().map(row -> part(state, row)).toList())));
        return sections;
    }

    public @Nullable Records fresh() {
        return report.fresh().isEmpty()
                ? null
                : new Records(
                        "new",
                        "New",
                        "came to dangle while the run went on; not part of the other numbers",
                        total().fresh(),
                        report.fresh().stream().map(this::orphan).toList());
    }

    private RecordLine orphan(Report.OrphanRow row) {
        ReferenceRow reference = reference(row.referenceNo());
        return new RecordLine(
                reference.model() + " " + row.id(),
                links.record(reference.childModel(), row.id()),
                reference.field(),
                reference.parent(),
                row.missingId(),
                "",
                "",
                "",
                "");
    }

    private RecordLine part(State state, Report.PartRow row) {
        ReferenceRow reference = reference(row.referenceNo());
        boolean relationRow = reference.kind() == ReferenceKind.MANY2MANY;
        boolean gone = state == State.REPAIRED && row.newValue() instanceof NewValue.Unlink && !relationRow;
        return new RecordLine(
                (row.model() == null ? row.table() : row.model()) + " " + row.id(),
                gone ? null : links.record(row.model(), row.id()),
                reference.field(),
                reference.parent(),
                row.missingId(),
                row.policy(),
                row.rule() == null ? "default" : "line " + row.rule(),
                state == State.ALREADY_CLEAN
                        ? ""
                        : value(row.newValue(), relationRow, state == State.REPAIRED || state == State.QUARANTINED),
                row.reason());
    }

    private ReferenceRow reference(int no) {
        ReferenceRow row = references.get(no);
        if (row == null) {
            throw new IllegalStateException("run " + report.run().id() + " has no reference " + no);
        }
        return row;
    }

    /** What was done, or what was to be done. */
    private static String value(@Nullable NewValue value, boolean relationRow, boolean done) {
        if (value == null) {
            return "";
        } else if (value instanceof NewValue.Empty) {
            return done ? relationRow ? "row removed" : "emptied" : relationRow ? "to lose the row" : "to be emptied";
        } else if (value instanceof NewValue.Existing existing) {
            return (done ? "points to " : "to point to ") + existing.id();
        } else if (value instanceof NewValue.Placeholder) {
            return done ? "points to a placeholder" : "to point to a placeholder";
        } else if (value instanceof NewValue.StandIn) {
            return done ? "points to a stand-in" : "to point to a stand-in";
        } else if (value instanceof NewValue.KeepId) {
            return done ? "parent put back under its old id" : "parent to be put back under its old id";
        } else if (value instanceof NewValue.Unlink) {
            return done
                    ? relationRow ? "row removed" : "record deleted"
                    : relationRow ? "to lose the row" : "to be deleted";
        } else if (((NewValue.Quarantine) value).archive()) {
            return done ? "archived" : "to be archived";
        }
        return done ? "marked" : "to be marked";
    }

    // Reasons, side effects

    public List<Reasons> reasons() {
        Map<State, List<Report.ReasonRow>> byState = new EnumMap<>(State.class);
        report.reasons()
                .forEach(row -> byState.computeIfAbsent(row.state(), state -> new ArrayList<>())
                        .add(row));
        return byState.entrySet().stream()
                .map(entry -> new Reasons(
                        entry.getKey().code(),
                        switch (entry.getKey()) {
                            case FAILED -> "What failed, and why";
                            case HELD -> "What was held, and why";
                            case CHANGED_MEANWHILE -> "What changed meanwhile";
                            case REFUSED -> "What the plan refused, and why";
                            default -> "What was quarantined, and why";
                        },
                        entry.getValue()))
                .toList();
    }

    public String models(Report.ReasonRow row) {
        int most = 4;
        List<String> models = row.models();
        return models.size() <= most
                ? String.join(", ", models)
                : String.join(", ", models.subList(0, most)) + " and " + (models.size() - most) + " more";
    }

    public String shown(@Nullable String value) {
        int most = 200;
        if (value == null) {
            return "empty";
        }
        return value.length() <= most ? value : value.substring(0, most) + "…";
    }

    /** Links into Odoo can be made. */
    public boolean linked() {
        return links.record("res.partner", 1) != null;
    }

    public @Nullable String link(@Nullable String model, long id) {
        return links.record(model, id);
    }

    // Coverage

    public List<KindLine> kinds() {
        Map<ReferenceKind, KindLine> kinds = new EnumMap<>(ReferenceKind.class);
        for (ReferenceRow row : report.references()) {
            kinds.merge(row.kind(), line(row), KindLine::plus);
        }
        return List.copyOf(kinds.values());
    }

    public KindLine kindTotal() {
        KindLine total = new KindLine("All", 0, 0, 0, 0, 0, 0);
        for (KindLine line : kinds()) {
            total = total.plus(line);
        }
        return total;
    }

    private KindLine line(ReferenceRow row) {
        boolean read = row.skipped() == null && row.rowsRead() != null;
        return new KindLine(
                row.kind().code(),
                1,
                read ? 1 : 0,
                read ? 0 : 1,
                row.rowsRead() == null ? 0 : row.rowsRead(),
                report.tallies().of(row.no()).found(),
                row.millis() == null ? 0 : row.millis());
    }

    public List<ReferenceRow> readWithOrphans() {
        return read(true);
    }

    public List<ReferenceRow> readClean() {
        return read(false);
    }

    private List<ReferenceRow> read(boolean orphans) {
        return report.references().stream()
                .filter(row -> row.skipped() == null && row.rowsRead() != null)
                .filter(row -> report.tallies().of(row.no()).found() > 0 == orphans)
                .toList();
    }

    /** Why references were not read, the most frequent reason first. */
    public List<Grouped<ReferenceRow>> skipped() {
        return grouped(
                report.references().stream()
                        .filter(row -> row.skipped() != null || row.rowsRead() == null)
                        .toList(),
                row -> row.skipped() == null ? "not read before the run ended" : row.skipped());
    }

    public List<Grouped<Report.LeftOut>> leftOut() {
        return grouped(report.leftOut(), Report.LeftOut::reason);
    }

    private static <T> List<Grouped<T>> grouped(List<T> rows, Function<T, String> reason) {
        return rows.stream()
                .collect(Collectors.groupingBy(reason, LinkedHashMap::new, Collectors.toList()))
                .entrySet()
                .stream()
                .map(entry -> new Grouped<>(entry.getKey(), entry.getValue()))
                .sorted(Comparator.comparing(group -> -group.rows().size()))
                .toList();
    }

    /** @param rows looked at; each table once for each place in it */
    record ObservedLine(String kind, long places, long read, long rows, long found, long millis) {

        ObservedLine plus(ObservedLine other) {
            return new ObservedLine(
                    kind,
                    places + other.places,
                    read + other.read,
                    rows + other.rows,
                    found + other.found,
                    millis + other.millis);
        }
    }

    /** Where observations were looked for, by kind. */
    public List<ObservedLine> observed() {
        Map<String, ObservedLine> kinds = new TreeMap<>();
        for (Report.ObservedRow row : report.observed()) {
            ObservedLine line = new ObservedLine(
                    row.kind(),
                    1,
                    row.skipped() == null ? 1 : 0,
                    row.rows() == null ? 0 : row.rows(),
                    row.found(),
                    row.millis());
            kinds.merge(row.kind(), line, ObservedLine::plus);
        }
        return List.copyOf(kinds.values());
    }

    public ObservedLine observedTotal() {
        return observed().stream().reduce(new ObservedLine("All", 0, 0, 0, 0, 0), ObservedLine::plus);
    }

    public List<Grouped<Report.ObservedRow>> notObserved() {
        return grouped(
                report.observed().stream().filter(row -> row.skipped() != null).toList(),
                row -> String.valueOf(row.skipped()));
    }

    public String observedNames(List<Report.ObservedRow> rows) {
        return rows.stream()
                .map(row -> row.place() + " (" + row.kind() + ")")
                .distinct()
                .collect(Collectors.joining(", "));
    }

    public long orphans(ReferenceRow row) {
        return report.tallies().of(row.no()).found();
    }

    /** The first ones; report.json has them all. */
    public String leftOutNames(List<Report.LeftOut> rows) {
        String names =
                rows.stream().limit(Report.MOST).map(PageModel::leftOutName).collect(Collectors.joining(", "));
        return rows.size() <= Report.MOST ? names : names + ", and " + number(rows.size() - Report.MOST) + " more";
    }

    private static String leftOutName(Report.LeftOut row) {
        String owner = row.model() == null ? row.table() == null ? "" : row.table() : row.model();
        return row.field() == null ? owner : owner + "." + row.field();
    }

    // Constraints

    public List<Grouped<ReferenceRow>> constraintStates() {
        List<Grouped<ReferenceRow>> states = new ArrayList<>();
        for (ConstraintState state : ConstraintState.values()) {
            List<ReferenceRow> rows = report.references().stream()
                    .filter(row -> row.state() == state)
                    .toList();
            if (!rows.isEmpty()) {
                states.add(new Grouped<>(state.code(), rows));
            }
        }
        return states;
    }

    public String explain(String state) {
        return switch (ConstraintState.of(state)) {
            case ENFORCED -> "the database refuses dangling values";
            case NOT_VALID -> "new rows obey, old ones were never checked";
            case NOT_ENFORCED -> "declared, but switched off";
            case TRIGGERS_DISABLED -> "the triggers that enforce it are switched off";
            case MISSING -> "there is no foreign key";
            case IMPOSSIBLE -> "no foreign key can exist for this kind";
        };
    }

    public String remedy(String state) {
        return switch (ConstraintState.of(state)) {
            case ENFORCED -> "none needed";
            case NOT_VALID -> "VALIDATE CONSTRAINT, once nothing dangles";
            case NOT_ENFORCED -> "ALTER CONSTRAINT … ENFORCED, once nothing dangles";
            case TRIGGERS_DISABLED -> "ENABLE TRIGGER for those of the key, by a superuser";
            case MISSING -> "ADD CONSTRAINT … NOT VALID, then VALIDATE CONSTRAINT once nothing dangles";
            case IMPOSSIBLE -> "none; only scans find what dangles";
        };
    }

    public List<ConstraintScript.Key> toRestore() {
        return ConstraintScript.keys(report);
    }

    public List<ConstraintScript.Difference> differences() {
        return ConstraintScript.differences(report);
    }

    // How

    public List<Fact> how() {
        RunFacts run = report.run();
        List<Fact> facts = new ArrayList<>();
        facts.add(new Fact("Command", run.command() + (run.dryRun() ? ", dry run" : "") + ", " + through(run)));
        facts.add(new Fact("Asked by", run.askedBy()));
        facts.add(new Fact("Status", status(run)));
        RunFacts.PlanFacts plan = run.plan();
        if (plan != null) {
            facts.add(new Fact(
                    "Plan",
                    Words.count(plan.repairs(), "record", "records") + " to write, made " + time(plan.createdAt())
                            + ", valid until " + time(plan.validUntil())));
            facts.add(new Fact("Plan hash", plan.hash()));
            facts.add(new Fact("Approval", approval(plan)));
            if (!plan.blocked().isEmpty()) {
                facts.add(new Fact("Blocked by", String.join("; ", plan.blocked())));
            }
            if (!plan.warnings().isEmpty()) {
                facts.add(new Fact("Warnings", String.join("; ", plan.warnings())));
            }
            facts.add(new Fact(
                    "Backup", run.backup() == null ? "no gate was passed; nothing may be written" : run.backup()));
        }
        facts.add(new Fact("Started", time(run.startedAt())));
        if (run.endedAt() != null) {
            facts.add(new Fact(
                    "Ended",
                    time(run.endedAt()) + ", after "
                            + Words.duration(run.endedAt().toEpochMilli()
                                    - run.startedAt().toEpochMilli())));
        }
        facts.add(new Fact("Report written", time(report.writtenAt())));
        facts.add(new Fact("Times are those of", report.zone().getId()));
        facts.add(new Fact("Odoo", run.odooVersion() == null ? "version unknown" : run.odooVersion()));
        facts.add(new Fact("Database", run.targetDatabase()));
        facts.add(new Fact(
                "odoo-orphan-cleanup",
                ReportPage.version() + ", Java " + Runtime.version().feature()));
        return facts;
    }

    private static String through(RunFacts run) {
        return switch (run.startedThrough()) {
            case "command-line" -> "from the command line";
            case "schedule" -> "by its schedule";
            case "web" -> "from the web page";
            default -> run.startedThrough();
        };
    }

    private static String status(RunFacts run) {
        String status = run.status().equals("running") ? "finishing; this report is its last step" : run.status();
        return run.message() == null ? status : status + ": " + run.message();
    }

    private String approval(RunFacts.PlanFacts plan) {
        if (plan.approvedBy() == null) {
            return plan.status().equals("rejected") ? "rejected" : "not approved";
        }
        return "by " + plan.approvedBy() + (plan.approvedAt() == null ? "" : ", " + time(plan.approvedAt()))
                + (plan.approvalNote() == null ? "" : ": " + plan.approvalNote());
    }

    public String definition() {
        return Definition.withoutSecrets(report.run().definition());
    }

    // Words

    public String number(long number) {
        return Words.number(number);
    }

    public String count(long number, String one, String many) {
        return Words.count(number, one, many);
    }

    public String duration(long millis) {
        return Words.duration(millis);
    }

    public String time(Instant time) {
        return Words.time(time, report.zone());
    }

    /** A zero that does not shout. */
    public String cell(long number) {
        return number == 0 ? "–" : Words.number(number);
    }

    private static String share(long part, long whole) {
        return whole == 0 ? "nothing dangled" : percent(part, whole) + " of what dangled";
    }

    private static String percent(long part, long whole) {
        double percent = 100.0 * part / whole;
        if (part == whole) {
            return "100 %";
        } else if (percent < 0.1 && part > 0) {
            return "< 0.1 %";
        }
        // Never 100.0 % while something is missing.
        return String.format(Locale.ENGLISH, "%.1f %%", Math.min(99.9, percent));
    }

    private static String decimal(double number) {
        return String.format(Locale.ROOT, "%.2f", number);
    }
}
