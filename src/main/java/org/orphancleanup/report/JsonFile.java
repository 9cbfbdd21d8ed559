package org.orphancleanup.report;

import java.io.Writer;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcOperations;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.StreamWriteFeature;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** report.json. Its first keys and their order are a contract (DESIGN.md); times are ISO 8601 in UTC. */
final class JsonFile {

    private static final JsonMapper MAPPER = JsonMapper.builder()
            .enable(SerializationFeature.INDENT_OUTPUT)
            .disable(StreamWriteFeature.AUTO_CLOSE_TARGET)
            .build();

    private final JdbcOperations jdbc;
    private final Report report;
    private final JsonGenerator json;

    private JsonFile(JdbcOperations jdbc, Report report, JsonGenerator json) {
        this.jdbc = jdbc;
        this.report = report;
        this.json = json;
    }

    static void write(JdbcOperations jdbc, Report report, Writer out) {
        try (JsonGenerator json = MAPPER.createGenerator(out)) {
            new JsonFile(jdbc, report, json).write();
        }
    }

    private void write() {
        RunFacts run = report.run();
        json.writeStartObject();
        json.writeNumberProperty("run", run.id());
        json.writeStringProperty("job", run.job());
        json.writeStringProperty("target", run.target());
        json.writePOJOProperty("counts", report.tallies().total().asMap());
        changedBesides();
        json.writeNumberProperty("changed-derived", report.derived());
        json.writeNumberProperty("undone-later", report.undone());
        undo();
        json.writePOJOProperty("how", how(run));
        json.writePOJOProperty("times", times(run));
        json.writePOJOProperty("repair-seconds", report.repairSeconds());
        json.writePOJOProperty("versions", versions(run));
        json.writePOJOProperty("plan", plan(run.plan()));
        json.writePOJOProperty("by-model", byModel());
        json.writePOJOProperty("by-policy", byPolicy());
        for (State state :
                List.of(State.HELD, State.REFUSED, State.CHANGED_MEANWHILE, State.QUARANTINED, State.FAILED)) {
            json.writePOJOProperty(state.code() + "-because", reasons(state));
        }
        json.writePOJOProperty("stand-ins", list(report.standIns(), JsonFile::standIn));
        json.writeNumberProperty("stand-ins-in-all", report.standInsAll());
        json.writePOJOProperty("quarantined-records", list(report.quarantined(), JsonFile::quarantined));
        json.writeNumberProperty("quarantined-records-in-all", report.quarantinedAll());
        json.writePOJOProperty("observations", observations());
        json.writeArrayPropertyStart("observed");
        for (Report.ObservedRow row : report.observed()) {
            json.writePOJO(object(
                    "kind", row.kind(),
                    "place", row.place(),
                    "skipped", row.skipped(),
                    "rows-read", row.rows(),
                    "found", row.found(),
                    "milliseconds", row.millis()));
        }
        json.writeEndArray();
        json.writeArrayPropertyStart("references");
        for (ReferenceRow reference : report.references()) {
            json.writePOJO(reference(reference));
        }
        json.writeEndArray();
        json.writeArrayPropertyStart("left-out");
        for (Report.LeftOut leftOut : report.leftOut()) {
            json.writePOJO(leftOut(leftOut));
        }
        json.writeEndArray();
        json.writeEndObject();
    }

    /** All of them, from a cursor. */
    private void changedBesides() {
        json.writeArrayPropertyStart("changed-besides");
        jdbc.query(
                """
                SELECT model, record_id, field, before, after, by_others FROM changed_besides
                WHERE run_id = ? AND NOT derived ORDER BY model, record_id, field""",
                row -> {
                    json.writePOJO(object(
                            "model", row.getString(1),
                            "id", row.getLong(2),
                            "field", row.getString(3),
                            "before", row.getString(4),
                            "after", row.getString(5),
                            "by-others", row.getBoolean(6)));
                },
                report.run().id());
        json.writeEndArray();
    }

    /** All items, from a cursor. */
    private void undo() {
        UndoFacts undo = report.undo();
        if (undo == null) {
            json.writeNullProperty("undo");
            return;
        }
        json.writeObjectPropertyStart("undo");
        json.writeNumberProperty("of", undo.undone());
        json.writePOJOProperty("reference", undo.reference());
        json.writePOJOProperty("record", undo.record());
        json.writePOJOProperty("counts", undo.outcomes());
        json.writeArrayPropertyStart("items");
        jdbc.query(
                UndoFacts.ITEMS,
                row -> {
                    json.writePOJO(object(
                            "model", row.getString("model"),
                            "id", row.getLong("record_id"),
                            "what", UndoFacts.what(row.getString("kind"), row.getString("fields")),
                            "outcome", row.getString("outcome"),
                            "reason", row.getString("reason"),
                            "new-id", row.getObject("new_id", Long.class)));
                },
                report.run().id());
        json.writeEndArray();
        json.writeArrayPropertyStart("differences");
        jdbc.query(
                UndoFacts.DIFFERENCES,
                row -> {
                    UndoFacts.Difference difference = UndoFacts.Difference.of(row);
                    json.writePOJO(object(
                            "model", difference.model(),
                            "table", difference.table(),
                            "id", difference.id(),
                            "field", difference.field(),
                            "before", difference.before(),
                            "after", difference.after(),
                            "why", difference.why()));
                },
                report.run().id());
        json.writeEndArray();
        json.writeEndObject();
    }

    private static Map<String, @Nullable Object> how(RunFacts run) {
        return object(
                "command", run.command(),
                "dry-run", run.dryRun(),
                "started-through", run.startedThrough(),
                "asked-by", run.askedBy(),
                "status", run.status(),
                "message", run.message(),
                "database", run.targetDatabase(),
                "url", run.targetUrl(),
                "backup", run.backup());
    }

    private Map<String, @Nullable Object> times(RunFacts run) {
        return object(
                "zone", report.zone().getId(),
                "started", time(run.startedAt()),
                "ended", time(run.endedAt()),
                "report", time(report.writtenAt()));
    }

    private static Map<String, @Nullable Object> versions(RunFacts run) {
        return object(
                "odoo-orphan-cleanup", ReportPage.version(),
                "odoo", run.odooVersion(),
                "odoo-modules-hash", run.modulesHash(),
                "java", Runtime.version().toString());
    }

    private static @Nullable Map<String, @Nullable Object> plan(RunFacts.@Nullable PlanFacts plan) {
        return plan == null
                ? null
                : object(
                        "hash", plan.hash(),
                        "status", plan.status(),
                        "records", plan.repairs(),
                        "blocked", plan.blocked(),
                        "warnings", plan.warnings(),
                        "made", time(plan.createdAt()),
                        "valid-until", time(plan.validUntil()),
                        "approved-by", plan.approvedBy(),
                        "approved", time(plan.approvedAt()),
                        "approval-note", plan.approvalNote());
    }

    private Map<String, Map<String, Long>> byModel() {
        Map<String, Counts> byModel = new TreeMap<>();
        for (ReferenceRow reference : report.references()) {
            Counts counts = report.tallies().of(reference.no());
            if (!counts.equals(Counts.NONE)) {
                byModel.merge(reference.model(), counts, Counts::plus);
            }
        }
        return maps(byModel);
    }

    private Map<String, Map<String, Long>> byPolicy() {
        Map<String, Map<String, Long>> byPolicy = maps(report.tallies().byPolicy());
        // What comes to dangle later belongs to no policy.
        byPolicy.values().forEach(counts -> counts.remove("new"));
        return byPolicy;
    }

    private static Map<String, Map<String, Long>> maps(Map<String, Counts> counts) {
        Map<String, Map<String, Long>> maps = new LinkedHashMap<>();
        counts.forEach((key, value) -> maps.put(key, value.asMap()));
        return maps;
    }

    private List<Map<String, @Nullable Object>> reasons(State state) {
        return report.reasons().stream()
                .filter(reason -> reason.state() == state)
                .map(reason -> object(
                        "reason", reason.example(),
                        "references", reason.parts(),
                        "records", reason.records(),
                        "models", reason.models()))
                .toList();
    }

    private static Map<String, @Nullable Object> standIn(Report.StandInRow standIn) {
        return object(
                "parent-model", standIn.parentModel(),
                "missing-id", standIn.missingId(),
                "company", standIn.company(),
                "external-id", standIn.xmlId(),
                "id", standIn.newId(),
                "made", standIn.made(),
                "recalled", standIn.recalled());
    }

    private static Map<String, @Nullable Object> quarantined(Report.QuarantineRow row) {
        return object("model", row.model(), "id", row.id(), "archived", row.archived(), "status", row.status());
    }

    private Map<String, @Nullable Object> observations() {
        Map<String, @Nullable Object> kinds = new LinkedHashMap<>();
        report.observations().forEach(row -> kinds.put(row.kind(), row.rows()));
        return kinds;
    }

    private Map<String, @Nullable Object> reference(ReferenceRow row) {
        Counts counts = report.tallies().of(row.no());
        return object(
                "kind", row.kind().code(),
                "model", row.childModel(),
                "table", row.childTable(),
                "field", row.field(),
                "field-name", row.fieldName(),
                "parent-model", row.parentModel(),
                "parent-table", row.parentTable(),
                "state", row.state().code(),
                "constraint", row.constraintName(),
                "database-ondelete", row.databaseOndelete(),
                "ondelete", row.ondelete(),
                "found-how", row.how(),
                "skipped", row.skipped(),
                "rows-read", row.rowsRead(),
                "orphans", row.skipped() == null ? counts.found() : null,
                "remaining", row.skipped() == null ? counts.remaining() : null,
                "new", row.skipped() == null ? counts.fresh() : null,
                "milliseconds", row.millis());
    }

    private static Map<String, @Nullable Object> leftOut(Report.LeftOut row) {
        return object("model", row.model(), "field", row.field(), "table", row.table(), "reason", row.reason());
    }

    private static <T> List<Map<String, @Nullable Object>> list(
            List<T> rows, Function<T, Map<String, @Nullable Object>> object) {
        return rows.stream().map(object).toList();
    }

    private static @Nullable String time(@Nullable Instant time) {
        return time == null ? null : time.truncatedTo(ChronoUnit.MILLIS).toString();
    }

    /** In the order given; null stays, as a key that is sometimes absent is harder to read by program. */
    private static Map<String, @Nullable Object> object(@Nullable Object... keysAndValues) {
        Map<String, @Nullable Object> object = new LinkedHashMap<>();
        for (int i = 0; i < keysAndValues.length; i += 2) {
            object.put(String.valueOf(keysAndValues[i]), keysAndValues[i + 1]);
        }
        return object;
    }
}
