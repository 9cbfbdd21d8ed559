package org.orphancleanup.repair;

import java.sql.Timestamp;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.orphancleanup.odoo.OdooException;
import org.orphancleanup.repair.SideEffects.Watched;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The journal, by record: the rows that a call may change, neighbours included, as they were before it and what differs after
 * it; the chain of these is what an undo goes back along. Every call is written down, with the rows before, in a transaction of
 * its own before it is made, so that no crash leaves a change that nobody wrote down.
 */
final class Journal {

    private final long runId;
    private final JdbcTemplate jdbc;
    private final TransactionTemplate own;
    private final JsonMapper mapper;
    private final Clock clock;

    Journal(long runId, JdbcTemplate jdbc, PlatformTransactionManager transactions, JsonMapper mapper, Clock clock) {
        this.runId = runId;
        this.jdbc = jdbc;
        this.own = new TransactionTemplate(transactions);
        this.own.setPropagationBehavior(TransactionDefinition.PROPAGATION_REQUIRES_NEW);
        this.mapper = mapper;
        this.clock = clock;
    }

    /** A call that is to be written down. */
    record Call(
            String model,
            String method,
            List<Long> ids,
            Object arguments,
            Map<String, Object> context,
            @Nullable String rung) {}

    /** Writes a call down that changes no row anybody looks at again, and makes it. A refusal is written down and thrown. */
    <T> T carryOut(Call call, Supplier<T> send) {
        List<T> answer = new ArrayList<>(1);
        carryOut(call, Map.of(), Map.of(), () -> answer.add(send.get()), Map::of);
        return answer.get(0);
    }

    /**
     * Writes a call down and makes it. A refusal is written down and thrown.
     *
     * @param rows those the call may change, as they are; null for a record that has none
     * @param snapshots all there is to know of a record that the call deletes
     * @param after looks what changed, as {@link #done} takes it; asked too where no answer came, as the call may have done its
     *     work all the same
     */
    void carryOut(
            Call call,
            Map<Watched, ? extends @Nullable Map<String, JsonNode>> rows,
            Map<Watched, JsonNode> snapshots,
            Runnable send,
            Supplier<Map<Watched, @Nullable Map<String, JsonNode>>> after) {
        long id = begin(
                call.model(),
                call.method(),
                call.ids(),
                call.arguments(),
                call.context(),
                call.rung(),
                rows,
                snapshots);
        long started = System.nanoTime();
        try {
            send.run();
        } catch (OdooException e) {
            refused(id, millisSince(started), e, e.kind() == OdooException.Kind.NO_ANSWER ? after.get() : Map.of());
            throw e;
        } catch (Watch.Overtaken e) {
            notSent(id, millisSince(started), String.valueOf(e.getMessage()));
            throw e;
        }
        done(id, millisSince(started), after.get());
    }

    static long millisSince(long started) {
        return (System.nanoTime() - started) / 1_000_000;
    }

    /**
     * @param rows those the call may change, as they are; null for a record that has none
     * @return the call's number
     */
    long begin(
            String model,
            String method,
            List<Long> ids,
            Object arguments,
            Map<String, Object> context,
            @Nullable String rung,
            Map<Watched, ? extends @Nullable Map<String, JsonNode>> rows) {
        return begin(model, method, ids, arguments, context, rung, rows, Map.of());
    }

    /** @param snapshots all there is to know of a record that the call deletes */
    long begin(
            String model,
            String method,
            List<Long> ids,
            Object arguments,
            Map<String, Object> context,
            @Nullable String rung,
            Map<Watched, ? extends @Nullable Map<String, JsonNode>> rows,
            Map<Watched, JsonNode> snapshots) {
        Long id = own.execute(status -> {
            Long call = JdbcClient.create(jdbc)
                    .sql("""
                            INSERT INTO journal_call (run_id, at, model, method, record_ids, arguments, context, rung)
                            VALUES (:run, :at, :model, :method, :ids, :arguments::jsonb, :context::jsonb, :rung)
                            RETURNING id""")
                    .param("run", runId)
                    .param("at", Timestamp.from(clock.instant()))
                    .param("model", model)
                    .param("method", method)
                    .param("ids", ids.toArray(Long[]::new))
                    .param("arguments", mapper.writeValueAsString(arguments))
                    .param("context", mapper.writeValueAsString(context))
                    .param("rung", rung)
                    .query(Long.class)
                    .single();
            List<Watched> records = List.copyOf(rows.keySet());
            JdbcClient.create(jdbc)
                    .sql("""
                            INSERT INTO journal (call_id, run_id, repair_no, model, table_name, record_id, row_before, snapshot)
                            SELECT :call, :run, r.repair_no, r.model, r.table_name, r.record_id, r.row_before::jsonb, r.snapshot::jsonb
                              FROM unnest(:repairs::bigint[], :models::text[], :tables::text[], :ids::bigint[], :before::text[],
                                     :snapshots::text[]) r(repair_no, model, table_name, record_id, row_before, snapshot)""")
                    .param("call", call)
                    .param("run", runId)
                    .param("repairs", records.stream().map(Watched::repairNo).toArray(Long[]::new))
                    .param("models", records.stream().map(Watched::model).toArray(String[]::new))
                    .param("tables", records.stream().map(Watched::table).toArray(String[]::new))
                    .param("ids", records.stream().map(Watched::id).toArray(Long[]::new))
                    .param("before", json(records, rows))
                    .param("snapshots", json(records, snapshots))
                    .update();
            return call;
        });
        return Objects.requireNonNull(id);
    }

    /** @param changed the columns that differ from the row before; null where the row is gone */
    void done(long call, long millis, Map<Watched, ? extends @Nullable Map<String, JsonNode>> changed) {
        own.executeWithoutResult(status -> {
            jdbc.update("UPDATE journal_call SET outcome = 'done', millis = ? WHERE id = ?", millis, call);
            after(call, changed);
        });
    }

    private void after(long call, Map<Watched, ? extends @Nullable Map<String, JsonNode>> changed) {
        List<Watched> records = List.copyOf(changed.keySet());
        JdbcClient.create(jdbc)
                .sql("""
                        UPDATE journal j SET row_after = r.row_after::jsonb, gone = r.row_after IS NULL
                          FROM unnest(:tables::text[], :ids::bigint[], :after::text[]) r(table_name, record_id, row_after)
                         WHERE j.call_id = :call AND j.table_name = r.table_name AND j.record_id = r.record_id""")
                .param("tables", records.stream().map(Watched::table).toArray(String[]::new))
                .param("ids", records.stream().map(Watched::id).toArray(Long[]::new))
                .param("after", json(records, changed))
                .param("call", call)
                .update();
        forgetUntouched(call);
    }

    private String[] json(List<Watched> records, Map<Watched, ?> values) {
        return records.stream()
                .map(record -> {
                    Object value = values.get(record);
                    return value == null ? null : mapper.writeValueAsString(value);
                })
                .toArray(String[]::new);
    }

    /** Neighbours that a call left alone are nothing to remember. */
    private void forgetUntouched(long call) {
        jdbc.update("""
                DELETE FROM journal j USING journal_call c
                 WHERE c.id = j.call_id AND j.call_id = ? AND NOT j.gone AND coalesce(j.row_after, '{}') = '{}'
                   AND NOT (j.model = c.model AND j.record_id = ANY(c.record_ids))""", call);
    }

    void refused(long call, long millis, OdooException error) {
        refused(call, millis, error, Map.of());
    }

    /** @param changed what the call did all the same, where no answer came */
    void refused(
            long call,
            long millis,
            OdooException error,
            Map<Watched, ? extends @Nullable Map<String, JsonNode>> changed) {
        own.executeWithoutResult(status -> {
            jdbc.update(
                    "UPDATE journal_call SET outcome = ?, millis = ?, error_class = ?, error = ?, traceback = ? WHERE id = ?",
                    error.kind() == OdooException.Kind.NO_ANSWER ? "no-answer" : "refused",
                    millis,
                    error.errorClass(),
                    PlainWords.of(error),
                    error.traceback(),
                    call);
            after(call, changed);
        });
    }

    /** No call of Odoo's: the database refused the one statement that keep-id needs, or somebody else was faster. */
    void notSent(long call, long millis, String error) {
        own.executeWithoutResult(status -> jdbc.update(
                "UPDATE journal_call SET outcome = 'refused', millis = ?, error = ? WHERE id = ?",
                millis,
                error,
                call));
    }

    /**
     * Parents come back from here on, or all that belongs to it is done. Where a run ends in between, whichever way, the next one
     * of its job must finish it: a parent that is back hides what dangled, and a new plan would find nothing to do.
     */
    void keepId(boolean open) {
        own.executeWithoutResult(status -> jdbc.update("UPDATE run SET keep_id_open = ? WHERE id = ?", open, runId));
    }

    /** A call over which its process died, and which the database shows to have done its work. */
    void doneAfterAll(String model, String method, long record) {
        own.executeWithoutResult(status -> jdbc.update(
                "UPDATE journal_call SET outcome = 'done' WHERE run_id = ? AND model = ? AND method = ? AND record_ids = ARRAY[?]"
                        + " AND outcome IS NULL",
                runId,
                model,
                method,
                record));
    }

    /** A call over which its process died, and which the database shows to have done nothing. */
    void notDone(String model, String method, long record) {
        own.executeWithoutResult(status -> jdbc.update(
                "UPDATE journal_call SET outcome = 'refused', error = 'the run ended before it was carried out' WHERE run_id = ?"
                        + " AND model = ? AND method = ? AND record_ids = ARRAY[?] AND outcome IS NULL",
                runId,
                model,
                method,
                record));
    }

    void standInRemoved(String parentModel, long id) {
        own.executeWithoutResult(status -> jdbc.update(
                "DELETE FROM stand_in WHERE run_id = ? AND parent_model = ? AND new_id = ?", runId, parentModel, id));
    }

    void changedBesides(
            long repairNo, String model, long record, String field, JsonNode before, JsonNode after, boolean derived) {
        changedBesides(repairNo, model, record, field, before, after, derived, false);
    }

    /** @param byOthers somebody else wrote the record at the same moment, and nobody can tell whose change it is */
    void changedBesides(
            long repairNo,
            String model,
            long record,
            String field,
            JsonNode before,
            JsonNode after,
            boolean derived,
            boolean byOthers) {
        own.executeWithoutResult(status ->
                jdbc.update("""
                INSERT INTO changed_besides (run_id, repair_no, model, record_id, field, before, after, derived, by_others)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (run_id, model, record_id, field)
                DO UPDATE SET after = excluded.after, by_others = changed_besides.by_others OR excluded.by_others""", runId, repairNo, model, record, field, text(before), text(after), derived, byOthers));
    }

    void standIn(
            String parentModel,
            @Nullable Long missingId,
            long company,
            @Nullable String xmlId,
            long newId,
            @Nullable String name,
            boolean made) {
        own.executeWithoutResult(status -> {
            // the same one may be met again after a restart: made stays as it was first written
            int known = jdbc.update(
                    "UPDATE stand_in SET name = name WHERE run_id = ? AND parent_model = ? AND new_id = ? AND missing_id IS NOT DISTINCT FROM ?",
                    runId,
                    parentModel,
                    newId,
                    missingId);
            if (known == 0) {
                jdbc.update(
                        "INSERT INTO stand_in (run_id, parent_model, missing_id, company_id, xml_id, new_id, name, made) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                        runId,
                        parentModel,
                        missingId,
                        company == 0 ? null : company,
                        xmlId,
                        newId,
                        name,
                        made);
            }
        });
    }

    /** What came back with a record that was put back under its old id. */
    void recalled(String parentModel, long id, List<Recollections.Recalled> values) {
        if (!values.isEmpty()) {
            own.executeWithoutResult(status -> jdbc.update(
                    "UPDATE stand_in SET recalled = ?::jsonb WHERE run_id = ? AND parent_model = ? AND new_id = ?",
                    mapper.writeValueAsString(values),
                    runId,
                    parentModel,
                    id));
        }
    }

    /** The relation rows that a stand-in was made with, which are no use of it: their number by table and column. */
    void ownRows(String parentModel, long newId, Map<String, Long> rows) {
        own.executeWithoutResult(status -> jdbc.update(
                "UPDATE stand_in SET own_rows = ?::jsonb WHERE run_id = ? AND parent_model = ? AND new_id = ? AND made",
                mapper.writeValueAsString(rows),
                runId,
                parentModel,
                newId));
    }

    /** What differs, for {@link #done}: null where a row is gone, nothing where it is as it was. */
    static Map<Watched, @Nullable Map<String, JsonNode>> changes(
            Map<Watched, ? extends @Nullable Map<String, JsonNode>> before, Map<Watched, Map<String, JsonNode>> after) {
        Map<Watched, @Nullable Map<String, JsonNode>> changed = new LinkedHashMap<>();
        before.forEach((record, was) -> {
            Map<String, JsonNode> is = after.get(record);
            if (was != null) {
                changed.put(record, is == null ? null : difference(was, is));
            }
        });
        return changed;
    }

    /** The columns of {@code after} that differ from {@code before}. */
    static Map<String, JsonNode> difference(Map<String, JsonNode> before, Map<String, JsonNode> after) {
        Map<String, JsonNode> changed = new TreeMap<>();
        after.forEach((column, value) -> {
            if (!value.equals(before.get(column))) {
                changed.put(column, value);
            }
        });
        return new LinkedHashMap<>(changed);
    }

    /** A value as it is shown. */
    static @Nullable String text(JsonNode value) {
        return value.isNull() ? null : value.isString() ? value.asString() : value.toString();
    }
}
