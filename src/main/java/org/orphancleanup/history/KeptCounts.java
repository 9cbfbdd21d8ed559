package org.orphancleanup.history;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.orphancleanup.report.Counts;
import org.orphancleanup.report.RunCounts;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** Counts once, when a run ends, what lists and the overview show of it: a run may have a million findings. */
@Component
public class KeptCounts {

    private static final TypeReference<LinkedHashMap<String, Long>> COUNTS = new TypeReference<>() {};

    /**
     * References that both runs read, by both numbers. Numbers are given anew by each run; a reference is known by where it
     * stands and what it points to.
     */
    private static final String BOTH = """
            WITH here AS (SELECT no, kind, child_table, field, coalesce(parent_model, parent_table, '') AS parent
                            FROM reference WHERE run_id = :run AND skipped IS NULL AND rows_read IS NOT NULL),
                 there AS (SELECT no, kind, child_table, field, coalesce(parent_model, parent_table, '') AS parent
                             FROM reference WHERE run_id = :before AND skipped IS NULL AND rows_read IS NOT NULL),
                 pair AS (SELECT min(here.no) AS no, there.no AS old
                            FROM here JOIN there USING (kind, child_table, field, parent) GROUP BY there.no),
                 now AS (SELECT DISTINCT o.reference_no, o.child_id, o.missing_id FROM orphan o
                          WHERE o.run_id = :run AND o.look = :look AND o.reference_no IN (SELECT no FROM pair)),
                 was AS (SELECT DISTINCT pair.no AS reference_no, o.child_id, o.missing_id FROM orphan o
                           JOIN pair ON pair.old = o.reference_no
                          WHERE o.run_id = :before AND o.look = :lookBefore),
                 both_of AS (SELECT reference_no, now.child_id IS NOT NULL AS is_now, was.child_id IS NOT NULL AS was
                               FROM now
                               FULL JOIN was USING (reference_no, child_id, missing_id))
            """;

    private final JdbcClient jdbc;
    private final RunCounts counts;
    private final JsonMapper json;

    KeptCounts(JdbcClient jdbc, RunCounts counts, JsonMapper json) {
        this.jdbc = jdbc;
        this.counts = counts;
        this.json = json;
    }

    /** How many dangled at one run, the other, and both; of references that both read. */
    public record Difference(long came, long persisted, long resolved) {}

    public record ReferenceDifference(
            int referenceNo, String reference, String parent, long came, long persisted, long resolved) {}

    /** Of a run that has ended; a later call replaces what an earlier one kept. */
    public void keep(long run) {
        Counts total = counts.read(run);
        jdbc.sql("""
                        UPDATE run SET counts = CAST(:counts AS jsonb), found = :found, repaired = :repaired,
                            remaining = :remaining,
                            took_ms = (extract(epoch FROM ended_at - started_at) * 1000)::bigint
                         WHERE id = :run""")
                .param("counts", json.writeValueAsString(total.asMap()))
                .param("found", total.found())
                .param("repaired", total.repaired())
                .param("remaining", total.remaining() + total.fresh())
                .param("run", run)
                .update();
        before(run).ifPresent(before -> {
            Difference difference = compare(run, before);
            jdbc.sql("UPDATE run SET compared_with = ?, came = ?, persisted = ?, resolved = ? WHERE id = ?")
                    .param(before)
                    .param(difference.came())
                    .param(difference.persisted())
                    .param(difference.resolved())
                    .param(run)
                    .update();
        });
    }

    /** As kept; counted now for a run that is under way. */
    public Map<String, Long> of(long run) {
        return jdbc.sql("SELECT counts FROM run WHERE id = ? AND counts IS NOT NULL")
                .param(run)
                .query(String.class)
                .optional()
                .<Map<String, Long>>map(text -> json.readValue(text, COUNTS))
                .orElseGet(() -> counts.read(run).asMap());
    }

    /** The latest run before it that read the same target to the end. */
    private Optional<Long> before(long run) {
        return jdbc.sql("""
                        SELECT earlier.id FROM run earlier JOIN run ON run.id = :run
                         WHERE earlier.id < run.id AND earlier.target = run.target
                           AND earlier.target_fingerprint = run.target_fingerprint
                           AND earlier.command IN ('scan', 'plan', 'cleanup', 'demo') AND run.command IN ('scan', 'plan', 'cleanup', 'demo')
                           AND earlier.found IS NOT NULL
                         ORDER BY earlier.id DESC LIMIT 1""").param("run", run).query(Long.class).optional();
    }

    public Difference compare(long run, long before) {
        return jdbc.sql(BOTH + """
                        SELECT count(*) FILTER (WHERE is_now AND NOT was), count(*) FILTER (WHERE is_now AND was),
                               count(*) FILTER (WHERE was AND NOT is_now) FROM both_of""")
                .param("run", run)
                .param("before", before)
                .param("look", look(run))
                .param("lookBefore", look(before))
                .query((row, number) -> new Difference(row.getLong(1), row.getLong(2), row.getLong(3)))
                .single();
    }

    /** Reference by reference, those with the most that came first. */
    public List<ReferenceDifference> compareReferences(long run, long before) {
        return jdbc.sql(BOTH + """
                        SELECT f.no, coalesce(f.child_model, f.child_table) || '.' || coalesce(f.field_name, f.field) AS name,
                               coalesce(f.parent_model, f.parent_table, 'unknown model') AS parent,
                               count(*) FILTER (WHERE is_now AND NOT was) AS came,
                               count(*) FILTER (WHERE is_now AND was) AS persisted,
                               count(*) FILTER (WHERE was AND NOT is_now) AS resolved
                          FROM both_of JOIN reference f ON f.run_id = :run AND f.no = both_of.reference_no
                         GROUP BY 1, 2, 3 ORDER BY came DESC, resolved DESC, name LIMIT 500""")
                .param("run", run)
                .param("before", before)
                .param("look", look(run))
                .param("lookBefore", look(before))
                .query((row, number) -> new ReferenceDifference(
                        row.getInt(1),
                        row.getString(2),
                        row.getString(3),
                        row.getLong(4),
                        row.getLong(5),
                        row.getLong(6)))
                .list();
    }

    /** The last look that was completed: after the repairs where there were some. */
    private int look(long run) {
        return jdbc.sql("""
                        SELECT coalesce(max(look), 0) FROM (
                            SELECT look FROM scan_slice WHERE run_id = ? GROUP BY look HAVING bool_and(done)) looks""").param(run).query(Integer.class).single();
    }
}
