package org.orphancleanup.repair;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.orphancleanup.catalog.Reference;
import org.orphancleanup.job.PolicyKind;
import org.orphancleanup.plan.NewValue;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;

/** The plan's repairs in our database. */
final class RepairStore implements ReturningParents {

    private static final String OPEN =
            " NOT r.done AND EXISTS (SELECT FROM repair_part p WHERE p.run_id = r.run_id AND p.repair_no = r.no AND p.outcome IS NULL)";

    private final long runId;
    private final JdbcTemplate template;
    private final JdbcClient jdbc;
    private final Map<Integer, Reference> references = new HashMap<>();

    RepairStore(RepairRequest request, JdbcTemplate template) {
        this.runId = request.runId();
        this.template = template;
        this.jdbc = JdbcClient.create(template);
        request.references().forEach(r -> references.put(r.no(), r));
    }

    /** The next open repairs, all of one level, in the plan's order. */
    List<Repair> next(int most) {
        List<Repair> found = jdbc.sql("SELECT r.* FROM repair r WHERE r.run_id = :run AND" + OPEN
                        + " AND r.level = (SELECT min(level) FROM repair r WHERE r.run_id = :run AND" + OPEN
                        + ") ORDER BY r.kind_key, r.no LIMIT :most")
                .param("run", runId)
                .param("most", most)
                .query((rs, n) -> repair(rs))
                .list();
        return withParts(found);
    }

    private static Repair repair(ResultSet rs) throws SQLException {
        return new Repair(
                rs.getLong("no"),
                rs.getString("child_model"),
                rs.getString("child_table"),
                rs.getLong("child_id"),
                rs.getLong("company_id"),
                rs.getString("kind_key"),
                List.of());
    }

    private List<Repair> withParts(List<Repair> repairs) {
        if (repairs.isEmpty()) {
            return repairs;
        }
        Map<Long, List<Repair.Part>> parts = new LinkedHashMap<>();
        jdbc.sql(
                        "SELECT * FROM repair_part WHERE run_id = :run AND repair_no = ANY(:nos) ORDER BY repair_no, reference_no, missing_id")
                .param("run", runId)
                .param("nos", repairs.stream().map(Repair::no).toArray(Long[]::new))
                .query(rs -> {
                    Reference reference = references.get(rs.getInt("reference_no"));
                    if (reference == null) {
                        throw new IllegalStateException("the plan names reference " + rs.getInt("reference_no")
                                + ", which the catalog of its run does not have");
                    }
                    boolean open = rs.getString("outcome") == null;
                    parts.computeIfAbsent(rs.getLong("repair_no"), k -> new ArrayList<>())
                            .add(new Repair.Part(
                                    reference,
                                    rs.getLong("missing_id"),
                                    PolicyKind.of(rs.getString("policy")),
                                    open ? NewValue.of(rs.getString("new_value")) : null,
                                    (Integer) rs.getObject("rule_line"),
                                    rs.getBoolean("keep_id")));
                });
        return repairs.stream()
                .map(r -> r.with(parts.getOrDefault(r.no(), List.of())))
                .toList();
    }

    /** In one statement a table: a batch has hundreds of records, and Odoo waits meanwhile. */
    void record(List<Repair> repairs, List<PartResult> parts) {
        jdbc.sql("UPDATE repair SET done = true WHERE run_id = :run AND no = ANY(:nos)")
                .param("run", runId)
                .param("nos", repairs.stream().map(Repair::no).toArray(Long[]::new))
                .update();
        jdbc.sql("""
                UPDATE repair_part p SET outcome = r.outcome, reason = coalesce(r.reason, p.reason), rung = r.rung
                  FROM unnest(:nos::bigint[], :references::integer[], :missing::bigint[], :outcomes::text[], :reasons::text[],
                         :rungs::text[]) r(repair_no, reference_no, missing_id, outcome, reason, rung)
                 WHERE p.run_id = :run AND p.repair_no = r.repair_no AND p.reference_no = r.reference_no
                   AND p.missing_id = r.missing_id""")
                .param("run", runId)
                .param("nos", parts.stream().map(PartResult::repairNo).toArray(Long[]::new))
                .param(
                        "references",
                        parts.stream().map(p -> p.part().referenceNo()).toArray(Integer[]::new))
                .param("missing", parts.stream().map(p -> p.part().missingId()).toArray(Long[]::new))
                .param(
                        "outcomes",
                        parts.stream()
                                .map(p ->
                                        p.outcome() == null ? null : p.outcome().code())
                                .toArray(String[]::new))
                .param("reasons", parts.stream().map(PartResult::reason).toArray(String[]::new))
                .param("rungs", parts.stream().map(PartResult::rung).toArray(String[]::new))
                .update();
    }

    /** Whether this run has made a call already. */
    boolean hasStarted() {
        return jdbc.sql("SELECT EXISTS (SELECT FROM journal_call WHERE run_id = :run)")
                .param("run", runId)
                .query(Boolean.class)
                .single();
    }

    /** Whether the note of a repair was posted, or may have been. */
    boolean hasNote(long repairNo) {
        return jdbc.sql(
                        "SELECT EXISTS (SELECT FROM journal_call WHERE run_id = :run AND method = 'message_post' AND rung = :rung AND outcome IS DISTINCT FROM 'refused')")
                .param("run", runId)
                .param("rung", Notes.note(repairNo))
                .query(Boolean.class)
                .single();
    }

    /** Every planned part without an outcome, reference by reference. */
    void planned(Consumer<Planned> consumer) {
        jdbc.sql("""
                SELECT p.repair_no, p.reference_no, p.missing_id, r.child_id
                  FROM repair_part p JOIN repair r ON r.run_id = p.run_id AND r.no = p.repair_no
                 WHERE p.run_id = :run AND p.outcome IS NULL AND p.new_value IS NOT NULL
                 ORDER BY p.reference_no, p.repair_no""").param("run", runId).query(rs -> {
            consumer.accept(new Planned(
                    rs.getLong("repair_no"),
                    rs.getInt("reference_no"),
                    rs.getLong("missing_id"),
                    rs.getLong("child_id")));
        });
    }

    record Planned(long repairNo, int referenceNo, long missingId, long childId) {}

    Reference reference(int no) {
        Reference reference = references.get(no);
        if (reference == null) {
            throw new IllegalStateException("no reference has the number " + no);
        }
        return reference;
    }

    /**
     * Opens again what the ORM held, as other repairs may have cleared its way.
     *
     * @return how many repairs
     */
    int reopenHeld() {
        int repairs = jdbc.sql("""
                UPDATE repair r SET done = false
                 WHERE run_id = :run AND done
                   AND EXISTS (SELECT FROM repair_part p WHERE p.run_id = r.run_id AND p.repair_no = r.no AND p.outcome = 'held'
                                  AND p.new_value IS NOT NULL)""").param("run", runId).update();
        jdbc.sql("UPDATE repair_part SET outcome = NULL, rung = NULL WHERE run_id = :run AND outcome = 'held'"
                        + " AND new_value IS NOT NULL")
                .param("run", runId)
                .update();
        return repairs;
    }

    /** Parents that a rule puts back under their old ids, whether they are back or not. */
    @Override
    public List<MissingParent> missingParents() {
        record Row(Reference reference, long id, long company, boolean stays, boolean open) {}
        Map<MissingParent.Key, List<Row>> rows = new LinkedHashMap<>();
        jdbc.sql("""
                SELECT p.reference_no, p.missing_id, coalesce(r.company_id, 0), bool_or(p.new_value LIKE 'keep-id%'),
                       bool_or(p.outcome IS NULL)
                  FROM repair_part p JOIN repair r ON r.run_id = p.run_id AND r.no = p.repair_no
                 WHERE p.run_id = :run AND p.keep_id AND p.outcome IS DISTINCT FROM 'already-clean'
                   AND p.outcome IS DISTINCT FROM 'refused'
                 GROUP BY 1, 2, 3 ORDER BY 1, 2, 3""").param("run", runId).query(rs -> {
            Reference reference = reference(rs.getInt(1));
            Row row = new Row(reference, rs.getLong(2), rs.getLong(3), rs.getBoolean(4), rs.getBoolean(5));
            rows.computeIfAbsent(
                            new MissingParent.Key(String.valueOf(reference.parentModel()), row.id()),
                            k -> new ArrayList<>())
                    .add(row);
        });
        List<MissingParent> parents = new ArrayList<>();
        rows.forEach((key, group) -> {
            Set<Long> companies = new HashSet<>();
            group.forEach(row -> companies.add(row.company()));
            companies.remove(0L);
            parents.add(new MissingParent(
                    key.model(),
                    String.valueOf(group.get(0).reference().parentTable()),
                    key.id(),
                    companies.size() == 1 ? companies.iterator().next() : 0,
                    group.stream().anyMatch(Row::stays),
                    group.stream().anyMatch(Row::open)));
        });
        return parents;
    }

    /** References of the plan that point to a missing record. */
    @Override
    public List<Reference> referencesTo(String parentModel, long missingId) {
        return jdbc
                .sql(
                        "SELECT DISTINCT reference_no FROM repair_part WHERE run_id = :run AND missing_id = :id ORDER BY 1")
                .param("run", runId)
                .param("id", missingId)
                .query(Integer.class)
                .list()
                .stream()
                .map(this::reference)
                .filter(reference -> parentModel.equals(reference.parentModel()))
                .toList();
    }

    @Override
    public Set<MissingParent.Key> putBack() {
        return putBack(jdbc, runId);
    }

    /** Parents for which this run has begun an INSERT. */
    static Set<MissingParent.Key> putBack(JdbcClient jdbc, long runId) {
        Set<MissingParent.Key> put = new HashSet<>();
        jdbc.sql("SELECT model, record_ids[1] FROM journal_call WHERE run_id = :run AND method = :method"
                        + " AND outcome IS DISTINCT FROM 'refused'")
                .param("run", runId)
                .param("method", PuttingBack.RUNG)
                .query(rs -> {
                    put.add(new MissingParent.Key(rs.getString(1), rs.getLong(2)));
                });
        return put;
    }

    /** Records that refer to what is put back, by table; of each table no more than so many. */
    @Override
    public Map<String, List<SideEffects.Watched>> childrenOfMissing(int most) {
        Map<String, List<SideEffects.Watched>> children = new LinkedHashMap<>();
        jdbc.sql("""
                SELECT child_table, child_model, child_id, no
                  FROM (SELECT r.*, row_number() OVER (PARTITION BY r.child_table ORDER BY r.no) AS rank
                          FROM repair r
                         WHERE r.run_id = :run AND r.child_model IS NOT NULL
                           AND EXISTS (SELECT FROM repair_part p WHERE p.run_id = r.run_id AND p.repair_no = r.no AND p.keep_id)) r
                 WHERE rank <= :most ORDER BY 1, 3""").param("run", runId).param("most", most).query(rs -> {
            children.computeIfAbsent(rs.getString(1), k -> new ArrayList<>())
                    .add(new SideEffects.Watched(rs.getLong(4), rs.getString(2), rs.getString(1), rs.getLong(3)));
        });
        return children;
    }

    /** Open and held repairs of these records, for knots. */
    List<Repair> unfinished(String model, List<Long> ids) {
        return withParts(jdbc.sql(
                        "SELECT r.* FROM repair r WHERE r.run_id = :run AND r.child_model = :model AND r.child_id = ANY(:ids) AND"
                                + OPEN)
                .param("run", runId)
                .param("model", model)
                .param("ids", ids.toArray(Long[]::new))
                .query((rs, n) -> repair(rs))
                .list());
    }

    /** All that is planned for a record. */
    List<Repair> of(String table, long id) {
        return withParts(jdbc.sql(
                        "SELECT * FROM repair WHERE run_id = :run AND child_table = :table AND child_id = :id ORDER BY no")
                .param("run", runId)
                .param("table", table)
                .param("id", id)
                .query((rs, n) -> repair(rs))
                .list());
    }

    /** Whether something planned for a record ended otherwise than repaired. */
    boolean isLeft(Repair repair) {
        return jdbc.sql("SELECT EXISTS (SELECT FROM repair_part WHERE run_id = :run AND repair_no = :no"
                        + " AND outcome NOT IN ('repaired', 'already-clean'))")
                .param("run", runId)
                .param("no", repair.no())
                .query(Boolean.class)
                .single();
    }

    /** Columns of these records that dangled when the run looked first, by record id. */
    Map<Long, Set<String>> danglingFields(String table, List<Long> ids) {
        Map<Long, Set<String>> fields = new HashMap<>();
        jdbc.sql("""
                SELECT r.child_id, p.reference_no
                  FROM repair r JOIN repair_part p ON p.run_id = r.run_id AND p.repair_no = r.no
                 WHERE r.run_id = :run AND r.child_table = :table AND r.child_id = ANY(:ids)""")
                .param("run", runId)
                .param("table", table)
                .param("ids", ids.toArray(Long[]::new))
                .query(rs -> {
                    String field = reference(rs.getInt(2)).fieldName();
                    if (field != null) {
                        fields.computeIfAbsent(rs.getLong(1), k -> new HashSet<>())
                                .add(field);
                    }
                });
        return fields;
    }

    /** Those of a table's records that the plan deletes for their own sake. */
    Set<Long> deletes(String table, Set<Long> ids) {
        return Set.copyOf(jdbc.sql("""
                SELECT DISTINCT r.child_id
                  FROM repair r JOIN repair_part p ON p.run_id = r.run_id AND p.repair_no = r.no
                 WHERE r.run_id = :run AND r.child_table = :table AND r.child_id = ANY(:ids) AND p.new_value = :unlink""")
                .param("run", runId)
                .param("table", table)
                .param("ids", ids.toArray(Long[]::new))
                .param("unlink", new NewValue.Unlink().code())
                .query(Long.class)
                .list());
    }
}
