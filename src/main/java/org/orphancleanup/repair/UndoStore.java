package org.orphancleanup.repair;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.orphancleanup.catalog.Storage;
import org.orphancleanup.plan.Outcome;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The undone run's journal and the undo's items in our database. */
final class UndoStore {

    private final long runId;
    private final long undone;
    private final JdbcTemplate template;
    private final JdbcClient jdbc;
    private final JsonMapper mapper;
    private final Map<String, Set<Long>> records = new HashMap<>();

    UndoStore(long runId, long undone, JdbcTemplate template, JsonMapper mapper) {
        this.runId = runId;
        this.undone = undone;
        this.template = template;
        this.jdbc = JdbcClient.create(template);
        this.mapper = mapper;
    }

    /** A journal entry of the undone run. {@code outcome} is that of its call; null: its process died over it. */
    record Entry(
            long callId,
            String method,
            String callModel,
            List<Long> written,
            JsonNode arguments,
            Map<String, Object> context,
            @Nullable String outcome,
            long repairNo,
            String model,
            String table,
            long id,
            @Nullable Map<String, JsonNode> before,
            @Nullable Map<String, JsonNode> after,
            boolean gone) {}

    boolean isListed() {
        return jdbc.sql("SELECT EXISTS (SELECT FROM undo_item WHERE run_id = :run)")
                .param("run", runId)
                .query(Boolean.class)
                .single();
    }

    /** Repairs of the undone run for a reference, a record or both. */
    Set<Long> repairs(@Nullable List<Integer> references, @Nullable Long record) {
        return Set.copyOf(jdbc.sql("""
                        SELECT DISTINCT r.no FROM repair r JOIN repair_part p ON p.run_id = r.run_id AND p.repair_no = r.no
                         WHERE r.run_id = :run AND (:record::bigint IS NULL OR r.child_id = :record)
                           AND (:all OR p.reference_no = ANY(:references))""")
                .param("run", undone)
                .param("record", record)
                .param("all", references == null)
                .param("references", references == null ? new Integer[0] : references.toArray(Integer[]::new))
                .query(Long.class)
                .list());
    }

    /** Models of which the undone run planned a repair for a record of this id. */
    List<String> models(long record) {
        return jdbc.sql("""
                        SELECT DISTINCT coalesce(child_model, child_table) FROM repair
                         WHERE run_id = :run AND child_id = :record ORDER BY 1""")
                .param("run", undone)
                .param("record", record)
                .query(String.class)
                .list();
    }

    /** Entries of every call that may have changed something, record by record, each record's in the order of the calls. */
    void entries(@Nullable Set<Long> repairs, Consumer<Entry> consumer) {
        jdbc.sql("""
                        SELECT j.*, c.method, c.model AS call_model, c.record_ids, c.arguments, c.context, c.outcome
                          FROM journal j JOIN journal_call c ON c.id = j.call_id
                         WHERE j.run_id = :run AND (:all OR j.repair_no = ANY(:repairs)) AND c.outcome IS DISTINCT FROM 'refused'
                         ORDER BY j.table_name, j.record_id, j.call_id""")
                .param("run", undone)
                .param("all", repairs == null)
                .param("repairs", repairs == null ? new Long[0] : repairs.toArray(Long[]::new))
                .query(rs -> {
                    consumer.accept(new Entry(
                            rs.getLong("call_id"),
                            rs.getString("method"),
                            rs.getString("call_model"),
                            List.of((Long[]) rs.getArray("record_ids").getArray()),
                            mapper.readTree(rs.getString("arguments")),
                            context(rs.getString("context")),
                            rs.getString("outcome"),
                            rs.getLong("repair_no"),
                            rs.getString("model"),
                            rs.getString("table_name"),
                            rs.getLong("record_id"),
                            row(rs.getString("row_before")),
                            row(rs.getString("row_after")),
                            rs.getBoolean("gone")));
                });
    }

    /** @param ownRows null where it is not known which relation rows it was made with */
    record Made(
            String model,
            long id,
            @Nullable Long missingId,
            long company,
            @Nullable String xmlId,
            @Nullable JsonNode ownRows) {}

    /** Stand-ins and placeholders that the undone run made, the latest first. */
    List<Made> made() {
        return jdbc.sql("SELECT * FROM stand_in WHERE run_id = :run AND made ORDER BY ctid DESC")
                .param("run", undone)
                .query((rs, n) -> made(rs))
                .list();
    }

    Made made(UndoItem item) {
        return jdbc.sql(
                        "SELECT * FROM stand_in WHERE run_id = :run AND made AND parent_model = :model AND new_id = :id LIMIT 1")
                .param("run", undone)
                .param("model", item.model())
                .param("id", item.id())
                .query((rs, n) -> made(rs))
                .single();
    }

    private Made made(ResultSet rs) throws SQLException {
        String own = rs.getString("own_rows");
        return new Made(
                rs.getString("parent_model"),
                rs.getLong("new_id"),
                rs.getObject("missing_id", Long.class),
                rs.getLong("company_id"),
                rs.getString("xml_id"),
                own == null ? null : mapper.readTree(own));
    }

    /** Whether repairs of the scope concern this missing record, or one of this model where {@code missing} is null. */
    boolean concerns(Set<Long> repairs, String parentModel, @Nullable Long missing) {
        return jdbc.sql("""
                        SELECT EXISTS (SELECT FROM repair_part p
                          JOIN reference f ON f.run_id = p.run_id AND f.no = p.reference_no
                         WHERE p.run_id = :run AND p.repair_no = ANY(:repairs) AND f.parent_model = :model
                           AND (:missing::bigint IS NULL OR p.missing_id = :missing))""")
                .param("run", undone)
                .param("repairs", repairs.toArray(Long[]::new))
                .param("model", parentModel)
                .param("missing", missing)
                .query(Boolean.class)
                .single();
    }

    void list(List<UndoItem> items) {
        template.batchUpdate(
                """
                INSERT INTO undo_item (run_id, no, kind, repair_no, call_id, model, table_name, record_id, restore, expect, context)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?::jsonb, ?::jsonb, ?::jsonb)""",
                items.stream()
                        .map(i -> new Object[] {
                            runId,
                            i.no(),
                            i.kind().code(),
                            i.repairNo(),
                            i.callId(),
                            i.model(),
                            i.table(),
                            i.id(),
                            mapper.writeValueAsString(i.restore()),
                            mapper.writeValueAsString(i.expect()),
                            mapper.writeValueAsString(i.context())
                        })
                        .toList());
    }

    long items() {
        return jdbc.sql("SELECT count(*) FROM undo_item WHERE run_id = :run")
                .param("run", runId)
                .query(Long.class)
                .single();
    }

    /** The next open items, all of one kind and model. */
    List<UndoItem> next(int most) {
        List<UndoItem> open = jdbc.sql(
                        "SELECT * FROM undo_item WHERE run_id = :run AND outcome IS NULL ORDER BY no LIMIT :most")
                .param("run", runId)
                .param("most", most)
                .query((rs, n) -> item(rs))
                .list();
        List<UndoItem> alike = new ArrayList<>();
        for (UndoItem item : open) {
            if (!alike.isEmpty()
                    && (alike.get(0).kind() != item.kind()
                            || !alike.get(0).model().equals(item.model()))) {
                break;
            }
            alike.add(item);
        }
        return alike;
    }

    private UndoItem item(ResultSet rs) throws SQLException {
        return new UndoItem(
                rs.getLong("no"),
                UndoItem.Kind.of(rs.getString("kind")),
                rs.getLong("repair_no"),
                rs.getLong("call_id"),
                rs.getString("model"),
                rs.getString("table_name"),
                rs.getLong("record_id"),
                known(rs.getString("restore")),
                known(rs.getString("expect")),
                context(rs.getString("context")));
    }

    /** The records that this undo sets right, by table. */
    Map<String, Set<Long>> records() {
        if (records.isEmpty()) {
            jdbc.sql("SELECT table_name, record_id FROM undo_item WHERE run_id = :run AND kind = 'values'")
                    .param("run", runId)
                    .query(rs -> {
                        records.computeIfAbsent(rs.getString(1), k -> new HashSet<>())
                                .add(rs.getLong(2));
                    });
        }
        return records;
    }

    void record(List<UndoItem.Result> results) {
        template.batchUpdate(
                "UPDATE undo_item SET outcome = ?, reason = ?, new_id = coalesce(?, new_id) WHERE run_id = ? AND no = ?",
                results.stream()
                        .map(r -> new Object[] {r.outcome().code(), r.reason(), r.newId(), runId, r.no()})
                        .toList());
    }

    void forget(UndoItem item) {
        template.update("DELETE FROM undo_item WHERE run_id = ? AND no = ?", runId, item.no());
    }

    /** The id that this or an earlier undo of the run gave a deleted record. */
    @Nullable
    Long newId(String model, long oldId) {
        return jdbc.sql("""
                        SELECT i.new_id FROM undo_item i JOIN run r ON r.id = i.run_id
                         WHERE r.undo_of = :undone AND i.kind = 'record' AND i.model = :model AND i.record_id = :id AND i.new_id IS NOT NULL
                         ORDER BY i.run_id DESC LIMIT 1""")
                .param("undone", undone)
                .param("model", model)
                .param("id", oldId)
                .query(Long.class)
                .optional()
                .orElse(null);
    }

    void newId(UndoItem item, long id) {
        template.update("UPDATE undo_item SET new_id = ? WHERE run_id = ? AND no = ?", id, runId, item.no());
    }

    @Nullable
    Long newIdOf(UndoItem item) {
        return newId(item.model(), item.id());
    }

    @Nullable
    JsonNode snapshot(UndoItem item) {
        return jdbc.sql("""
                        SELECT snapshot::text FROM journal
                         WHERE call_id = :call AND table_name = :table AND record_id = :id AND snapshot IS NOT NULL""")
                .param("call", item.callId())
                .param("table", item.table())
                .param("id", item.id())
                .query(String.class)
                .optional()
                .map(mapper::readTree)
                .orElse(null);
    }

    /** What this undo's own calls made of a record, as far as they changed it. */
    Map<Long, Map<String, JsonNode>> ownChanges(String table, List<Long> ids) {
        Map<Long, Map<String, JsonNode>> rows = new HashMap<>();
        jdbc.sql("""
                        SELECT record_id, row_before::text, row_after::text FROM journal
                         WHERE run_id = :run AND table_name = :table AND record_id = ANY(:ids) AND row_before IS NOT NULL
                           AND row_after IS NOT NULL ORDER BY call_id""")
                .param("run", runId)
                .param("table", table)
                .param("ids", ids.toArray(Long[]::new))
                .query(rs -> {
                    Map<String, JsonNode> row = known(rs.getString(2));
                    row.putAll(known(rs.getString(3)));
                    rows.put(rs.getLong(1), row);
                });
        return rows;
    }

    /** Whether a record was missing when the undone run looked first, whichever reference told so. */
    boolean wasMissing(String parentModel, long missing) {
        return jdbc.sql("""
                        SELECT EXISTS (SELECT FROM orphan o JOIN reference f ON f.run_id = o.run_id AND f.no = o.reference_no
                         WHERE o.run_id = :run AND o.look = 0 AND f.parent_model = :parent AND o.missing_id = :missing)""")
                .param("run", undone)
                .param("parent", parentModel)
                .param("missing", missing)
                .query(Boolean.class)
                .single();
    }

    /**
     * Children of a reference that dangled to this missing record when the undone run looked first. One that released a
     * quarantined record looked at that alone, and the one that put it there at all.
     */
    Set<Long> orphans(int referenceNo, long missing) {
        return Set.copyOf(jdbc.sql("""
                        SELECT DISTINCT o.child_id FROM orphan o
                          JOIN reference f ON f.run_id = o.run_id AND f.no = o.reference_no
                          JOIN reference asked ON asked.run_id = :run AND asked.no = :no AND asked.child_table = f.child_table
                               AND asked.field = f.field AND asked.kind = f.kind
                         WHERE o.run_id IN (SELECT :run UNION SELECT run_id FROM quarantine WHERE release_run = :run)
                           AND o.look = 0 AND o.missing_id = :missing""")
                .param("run", undone)
                .param("no", referenceNo)
                .param("missing", missing)
                .query(Long.class)
                .list());
    }

    /** Whether a record referred to a missing one, by whichever reference. */
    boolean wasOrphan(String model, long id, String parentModel, long missing) {
        return jdbc.sql("""
                        SELECT EXISTS (SELECT FROM orphan o JOIN reference f ON f.run_id = o.run_id AND f.no = o.reference_no
                         WHERE o.run_id = :run AND o.look = 0 AND f.child_model = :model AND f.parent_model = :parent
                           AND o.child_id = :id AND o.missing_id = :missing)""")
                .param("run", undone)
                .param("model", model)
                .param("parent", parentModel)
                .param("id", id)
                .param("missing", missing)
                .query(Boolean.class)
                .single();
    }

    /** Records of a model that the undone run or this undo made to stand in for others. */
    Set<Long> standIns(String model) {
        return Set.copyOf(jdbc.sql(
                        "SELECT DISTINCT new_id FROM stand_in WHERE run_id IN (:run, :undone) AND made AND parent_model = :model")
                .param("run", runId)
                .param("undone", undone)
                .param("model", model)
                .query(Long.class)
                .list());
    }

    /** A missing record that one of this undo's records referred to, and the company of that one; 0: none. */
    interface OrphanSink {
        void accept(int referenceNo, Restored restored, long missing, long company);
    }

    /** What an undo's items restore of one record: {@code table.column} and {@code table.column=value}. */
    static final class Restored {

        private final Set<String> columns = new HashSet<>();
        private boolean all;

        private void add(UndoItem item) {
            item.restore().forEach((column, value) -> {
                columns.add(item.table() + "." + column);
                columns.add(item.table() + "." + column + "=" + value.asString(value.toString()));
            });
        }

        /** Whether this missing id is among what comes back, where the reference keeps it. */
        boolean names(Storage storage, long missing) {
            String at = storage.table() + ".";
            if (all) {
                return true;
            }
            if (storage instanceof Storage.Column one) {
                return columns.contains(at + one.column() + "=" + missing);
            }
            if (storage instanceof Storage.RelationRow row) {
                return columns.contains(at + row.column() + "=" + missing);
            }
            return storage.columns().stream().anyMatch(column -> columns.contains(at + column));
        }
    }

    /** @param nested tells the records of a snapshot */
    void orphansOfItems(BiConsumer<JsonNode, BiConsumer<String, Long>> nested, OrphanSink sink) {
        Map<String, Map<Long, Restored>> records = new LinkedHashMap<>();
        jdbc.sql("SELECT * FROM undo_item WHERE run_id = :run AND kind <> 'stand-in' ORDER BY no")
                .param("run", runId)
                .query((rs, n) -> item(rs))
                .list()
                .forEach(item -> {
                    if (item.kind() == UndoItem.Kind.RECORD) {
                        BiConsumer<String, Long> whole = (model, id) -> restored(records, model, id).all = true;
                        whole.accept(item.model(), item.id());
                        JsonNode snapshot = snapshot(item);
                        if (snapshot != null) {
                            nested.accept(snapshot, whole);
                        }
                    } else {
                        restored(records, item.model(), item.id()).add(item);
                    }
                });
        records.forEach((model, restored) -> jdbc.sql("""
                        SELECT DISTINCT o.reference_no, o.missing_id, o.child_id, coalesce(r.company_id, 0)
                          FROM orphan o
                          JOIN reference f ON f.run_id = o.run_id AND f.no = o.reference_no
                          LEFT JOIN repair r ON r.run_id = o.run_id AND r.child_table = f.child_table AND r.child_id = o.child_id
                         WHERE o.run_id = :run AND o.look = 0 AND f.child_model = :model AND o.child_id = ANY(:ids)
                         ORDER BY 1, 2, 3""")
                .param("run", undone)
                .param("model", model)
                .param("ids", restored.keySet().toArray(Long[]::new))
                .query(rs -> {
                    sink.accept(
                            rs.getInt(1),
                            Objects.requireNonNull(restored.get(rs.getLong(3))),
                            rs.getLong(2),
                            rs.getLong(4));
                }));
    }

    private static Restored restored(Map<String, Map<Long, Restored>> records, String model, long id) {
        return records.computeIfAbsent(model, k -> new HashMap<>()).computeIfAbsent(id, k -> new Restored());
    }

    /** @param field {@code id}: the row itself came or went */
    record Difference(
            @Nullable String model,
            String table,
            long id,
            String field,
            @Nullable String before,
            @Nullable String after,
            @Nullable String why) {}

    /** What is told first about a field stays. */
    void difference(Difference difference) {
        template.update(
                """
                INSERT INTO undo_difference (run_id, model, table_name, record_id, field, before, after, why)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING""",
                runId,
                difference.model(),
                difference.table(),
                difference.id(),
                difference.field(),
                difference.before(),
                difference.after(),
                difference.why());
    }

    /**
     * A row as it was before the undone run, or where that never touched it, before this undo first did.
     *
     * @param before null for a pair of a relation row that was not there
     * @param pair of a relation row, both columns; null for a record
     */
    record Touched(
            String model,
            String table,
            long id,
            @Nullable Map<String, JsonNode> before,
            @Nullable Map<String, JsonNode> pair) {}

    /** @param repairs of the undone run; null: all of it */
    void touched(@Nullable Set<Long> repairs, Consumer<Touched> consumer) {
        jdbc.sql("""
                        SELECT DISTINCT ON (table_name, record_id, pair) model, table_name, record_id, row_before::text, pair
                          FROM (SELECT j.*,
                                       CASE WHEN NOT jsonb_exists(coalesce(j.row_before, j.row_after), 'id')
                                            THEN coalesce(j.row_before, j.row_after)::text END AS pair
                                  FROM journal j JOIN journal_call c ON c.id = j.call_id
                                 WHERE ((j.run_id = :undone AND (:all OR j.repair_no = ANY(:repairs)))
                                        OR (j.run_id = :run AND jsonb_exists(coalesce(j.row_before, '{}'), 'id')))
                                   AND c.outcome IS DISTINCT FROM 'refused' AND c.method <> :away) j
                         WHERE row_before IS NOT NULL OR pair IS NOT NULL
                         ORDER BY table_name, record_id, pair, call_id""")
                .param("undone", undone)
                .param("run", runId)
                .param("away", PuttingBack.AWAY) // what keep-id had put back was not there before either
                .param("all", repairs == null)
                .param("repairs", repairs == null ? new Long[0] : repairs.toArray(Long[]::new))
                .query(rs -> {
                    consumer.accept(new Touched(
                            rs.getString("model"),
                            rs.getString("table_name"),
                            rs.getLong("record_id"),
                            row(rs.getString("row_before")),
                            row(rs.getString("pair"))));
                });
    }

    /** Times in which the undone run or this undo was at work. */
    record Times(Timestamp undoneFrom, @Nullable Timestamp undoneTo, Timestamp undoFrom) {

        /** SQL that a row was made by {@code :uid} in them. */
        static final String CAME = """
                create_uid = :uid AND (create_date BETWEEN (:from::timestamptz AT TIME ZONE 'UTC') AND (:to::timestamptz AT TIME ZONE 'UTC')
                 OR create_date >= (:again::timestamptz AT TIME ZONE 'UTC'))""";

        Map<String, Object> parameters(long uid) {
            return Map.of(
                    "uid", uid, "from", undoneFrom, "to", undoneTo == null ? undoFrom : undoneTo, "again", undoFrom);
        }
    }

    Times times() {
        return jdbc.sql(
                        "SELECT u.started_at, u.ended_at, r.started_at FROM run r, run u WHERE r.id = :run AND u.id = :undone")
                .param("run", runId)
                .param("undone", undone)
                .query((rs, n) -> new Times(rs.getTimestamp(1), rs.getTimestamp(2), rs.getTimestamp(3)))
                .single();
    }

    /** What this undo made in place of deleted records of a model. */
    Set<Long> madeAnew(String model) {
        return Set.copyOf(jdbc.sql(
                        "SELECT new_id FROM undo_item WHERE run_id = :run AND kind = 'record' AND model = :model AND new_id IS NOT NULL")
                .param("run", runId)
                .param("model", model)
                .query(Long.class)
                .list());
    }

    /** Items of deleted records, with their snapshots and the ids of what was made in their place. */
    void deleted(BiConsumer<UndoItem, @Nullable Long> consumer) {
        jdbc.sql("SELECT * FROM undo_item WHERE run_id = :run AND kind = 'record' ORDER BY no")
                .param("run", runId)
                .query((rs, n) -> {
                    consumer.accept(item(rs), rs.getObject("new_id", Long.class));
                    return 0;
                })
                .list();
    }

    void restored(String table, List<Long> ids) {
        template.update(
                "UPDATE quarantine SET status = 'restored' WHERE run_id = ? AND table_name = ? AND record_id = ANY(?) AND status = 'open'",
                undone,
                table,
                ids.toArray(Long[]::new));
    }

    /** Records that were only marked in our database have nothing to be undone in Odoo. */
    void finishQuarantines(@Nullable Set<Long> repairs) {
        template.update("""
                UPDATE quarantine SET status = 'restored'
                 WHERE run_id = ? AND status = 'open' AND NOT archived AND (? OR repair_no = ANY(?))""", undone, repairs == null, repairs == null ? new Long[0] : repairs.toArray(Long[]::new));
        template.update("""
                UPDATE repair_part p SET undone_by = ?
                  FROM quarantine q WHERE q.run_id = p.run_id AND q.repair_no = p.repair_no AND q.status = 'restored'
                   AND p.run_id = ? AND p.outcome = 'quarantined'""", runId, undone);
    }

    /** A record that the undone run released is in quarantine again, where all that run did is undone. */
    void quarantineAgain() {
        template.update("""
                UPDATE quarantine q SET status = 'open'
                 WHERE q.release_run = ? AND q.status = 'released'
                   AND NOT EXISTS (SELECT FROM undo_item i WHERE i.run_id = ?
                         AND (i.outcome IS DISTINCT FROM 'undone' OR i.kind = 'record'))
                   AND NOT EXISTS (SELECT FROM quarantine o WHERE o.target_fingerprint = q.target_fingerprint
                         AND o.table_name = q.table_name AND o.record_id = q.record_id AND o.status = 'open')""", undone, runId);
    }

    /** When a create of this undo was begun whose answer never came. */
    @Nullable
    Timestamp lostCreate(String model, String rung) {
        return jdbc.sql("""
                        SELECT min(at) FROM journal_call WHERE run_id IN (SELECT id FROM run WHERE undo_of = :undone)
                           AND model = :model AND method = 'create' AND rung = :rung
                           AND (outcome IS NULL OR outcome = 'no-answer')""")
                .param("undone", undone)
                .param("model", model)
                .param("rung", rung)
                .query((rs, n) -> rs.getTimestamp(1))
                .list()
                .get(0);
    }

    /** No item of an undo counts this record as its own. */
    boolean isNobodys(String model, long id) {
        return !jdbc.sql("SELECT EXISTS (SELECT FROM undo_item WHERE model = :model AND new_id = :id)")
                .param("model", model)
                .param("id", id)
                .query(Boolean.class)
                .single();
    }

    /** Parts whose repairs had nothing left of them, of which every item is undone. */
    void mark(@Nullable Set<Long> repairs) {
        template.update(
                """
                UPDATE repair_part p SET undone_by = ?
                 WHERE p.run_id = ? AND (? OR p.repair_no = ANY(?)) AND p.outcome IN ('repaired', 'quarantined')
                   AND EXISTS (SELECT FROM undo_item i WHERE i.run_id = ? AND i.repair_no = p.repair_no)
                   AND NOT EXISTS (SELECT FROM undo_item i WHERE i.run_id = ? AND i.repair_no = p.repair_no AND i.outcome <> ?)""",
                runId,
                undone,
                repairs == null,
                repairs == null ? new Long[0] : repairs.toArray(Long[]::new),
                runId,
                runId,
                Outcome.UNDONE.code());
    }

    private Map<String, Object> context(String json) {
        Map<String, Object> context = new LinkedHashMap<>();
        mapper.readTree(json).properties().forEach(e -> context.put(e.getKey(), e.getValue()));
        return context;
    }

    private @Nullable Map<String, JsonNode> row(@Nullable String json) {
        return json == null ? null : known(json);
    }

    private Map<String, JsonNode> known(String json) {
        Map<String, JsonNode> row = new LinkedHashMap<>();
        mapper.readTree(json).properties().forEach(e -> row.put(e.getKey(), e.getValue()));
        return row;
    }
}
