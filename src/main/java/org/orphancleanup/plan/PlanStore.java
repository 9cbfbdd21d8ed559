package org.orphancleanup.plan;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.PreparedStatement;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcTemplate;

/** The tables {@code plan}, {@code repair} and {@code repair_part} of one run. Works in the caller's transaction. */
final class PlanStore {

    private static final int FETCH = 2_000;

    private final JdbcTemplate jdbc;
    private final long runId;

    PlanStore(JdbcTemplate jdbc, long runId) {
        this.jdbc = jdbc;
        this.runId = runId;
    }

    void clear() {
        for (String table : List.of("repair_part", "repair", "plan")) {
            jdbc.update("DELETE FROM " + table + " WHERE run_id = ?", runId);
        }
    }

    /** Numbers of the references that have orphans. */
    Set<Integer> damagedReferences() {
        return new TreeSet<>(jdbc.queryForList(
                "SELECT DISTINCT reference_no FROM orphan WHERE run_id = ? AND look = 0", Integer.class, runId));
    }

    /** Rows of each table as the scan counted them. */
    Map<String, Long> rowsByTable() {
        Map<String, Long> rows = new HashMap<>();
        jdbc.query(
                "SELECT child_table, max(rows_read) FROM reference WHERE run_id = ? AND rows_read IS NOT NULL GROUP BY 1",
                row -> {
                    rows.put(row.getString(1), row.getLong(2));
                },
                runId);
        return rows;
    }

    /** What the plan writes and deletes through Odoo, by model. */
    List<Reactions.Touched> touched() {
        Map<String, List<Long>> written = new TreeMap<>();
        Map<String, Long> deleted = new HashMap<>();
        jdbc.query(
                """
                SELECT r.child_model, r.child_id, bool_or(p.new_value = 'unlink')
                  FROM repair r JOIN repair_part p ON p.run_id = r.run_id AND p.repair_no = r.no
                 WHERE r.run_id = ? AND r.child_model IS NOT NULL AND p.new_value IS NOT NULL
                   AND p.new_value <> 'quarantine:mark' AND p.new_value NOT LIKE 'keep-id:%'
                 GROUP BY r.child_model, r.child_id ORDER BY 1, 2""",
                row -> {
                    written.computeIfAbsent(row.getString(1), k -> new ArrayList<>());
                    if (row.getBoolean(3)) {
                        deleted.merge(row.getString(1), 1L, Long::sum);
                    } else {
                        written.getOrDefault(row.getString(1), List.of()).add(row.getLong(2));
                    }
                },
                runId);
        return written.entrySet().stream()
                .map(entry -> new Reactions.Touched(
                        entry.getKey(), entry.getValue(), deleted.getOrDefault(entry.getKey(), 0L)))
                .toList();
    }

    /** Models of which placeholders or stand-ins may be made. */
    Set<String> made() {
        return new TreeSet<>(jdbc.queryForList("""
                SELECT DISTINCT f.parent_model FROM repair_part p
                  JOIN reference f ON f.run_id = p.run_id AND f.no = p.reference_no
                 WHERE p.run_id = ? AND f.parent_model IS NOT NULL
                   AND (p.new_value LIKE 'placeholder:%' OR p.new_value LIKE 'stand-in:%' OR p.new_value LIKE 'keep-id:%'
                        OR p.keep_id)""", String.class, runId));
    }

    interface OrphanReader {
        void orphan(int referenceNo, long childId, long missingId);
    }

    /**
     * Streams the run's orphans so that those of one record follow each other.
     *
     * @param groups reference number to the number of the model and table that its records are of; other references are left out
     */
    void orphans(Map<Integer, Integer> groups, OrphanReader reader) {
        Integer[] references = groups.keySet().toArray(Integer[]::new);
        Integer[] numbers = groups.values().toArray(Integer[]::new);
        jdbc.query(
                connection -> {
                    // a relation table without a key can hold the same dangling pair twice: one part repairs both
                    PreparedStatement statement = connection.prepareStatement("""
                            SELECT DISTINCT g.number, o.child_id, o.reference_no, o.missing_id
                              FROM orphan o JOIN unnest(?, ?) g (reference_no, number) ON g.reference_no = o.reference_no
                             WHERE o.run_id = ? AND o.look = 0
                             ORDER BY 1, 2, 3, 4""");
                    statement.setArray(1, connection.createArrayOf("integer", references));
                    statement.setArray(2, connection.createArrayOf("integer", numbers));
                    statement.setLong(3, runId);
                    statement.setFetchSize(FETCH);
                    return statement;
                },
                row -> {
                    reader.orphan(row.getInt(3), row.getLong(2), row.getLong(4));
                });
    }

    /** A repair ready to be stored. */
    record Numbered(long no, ChildRecord record, String kindKey, int level) {}

    void add(List<Numbered> repairs) {
        List<Object[]> parts = new ArrayList<>();
        List<Object[]> records = new ArrayList<>();
        for (Numbered repair : repairs) {
            ChildRecord record = repair.record();
            records.add(new Object[] {
                runId,
                repair.no(),
                record.model,
                record.table,
                record.id,
                record.company,
                repair.kindKey(),
                repair.level(),
                !record.isPlanned()
            });
            for (Part part : record.parts) {
                parts.add(new Object[] {
                    runId,
                    repair.no(),
                    part.reference.no(),
                    part.missingId,
                    part.policy.code(),
                    part.rule == null ? null : part.rule.line(),
                    part.why,
                    part.newValue == null ? null : part.newValue.code(),
                    part.outcome == null ? null : part.outcome.code(),
                    part.reason,
                    part.keepId
                });
            }
        }
        jdbc.batchUpdate("""
                INSERT INTO repair (run_id, no, child_model, child_table, child_id, company_id, kind_key, level, done)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)""", records);
        jdbc.batchUpdate("""
                INSERT INTO repair_part (run_id, repair_no, reference_no, missing_id, policy, rule_line, why, new_value,
                    outcome, reason, keep_id)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""", parts);
    }

    void finish(
            String hash,
            long repairs,
            long parts,
            List<String> blocked,
            List<String> warnings,
            Instant now,
            Instant validUntil) {
        // the repairs go by these tables at once: without figures PostgreSQL would read them whole for every batch
        jdbc.execute("ANALYZE repair, repair_part");
        jdbc.update(connection -> {
            PreparedStatement statement = connection.prepareStatement("""
                    INSERT INTO plan (run_id, hash, status, repairs, parts, blocked, warnings, created_at, valid_until)
                    VALUES (?, ?, 'waiting', ?, ?, ?, ?, ?, ?)""");
            statement.setLong(1, runId);
            statement.setString(2, hash);
            statement.setLong(3, repairs);
            statement.setLong(4, parts);
            statement.setArray(5, connection.createArrayOf("text", blocked.toArray()));
            statement.setArray(6, connection.createArrayOf("text", warnings.toArray()));
            statement.setTimestamp(7, Timestamp.from(now));
            statement.setTimestamp(8, Timestamp.from(validUntil));
            return statement;
        });
    }

    /**
     * SHA-256, in hexadecimal, over what the plan would do, in a fixed order: records and their parts with policy, reason and
     * new value. What becomes of them is not part of it.
     */
    String hash() {
        MessageDigest digest = sha256();
        jdbc.query(
                connection -> {
                    PreparedStatement statement = connection.prepareStatement("""
                            SELECT r.child_model, r.child_table, r.child_id, r.company_id, r.kind_key, r.level,
                                   p.reference_no, p.missing_id, p.policy, p.rule_line, p.why, p.new_value,
                                   p.keep_id
                              FROM repair r JOIN repair_part p ON p.run_id = r.run_id AND p.repair_no = r.no
                             WHERE r.run_id = ?
                             ORDER BY r.no, p.reference_no, p.missing_id""");
                    statement.setLong(1, runId);
                    statement.setFetchSize(FETCH);
                    return statement;
                },
                row -> {
                    for (int i = 1; i <= 13; i++) {
                        add(digest, row.getString(i));
                    }
                });
        return HexFormat.of().formatHex(digest.digest());
    }

    /** With its length, so that no two rows read alike. */
    private static void add(MessageDigest digest, @Nullable String value) {
        byte[] bytes = value == null ? new byte[0] : value.getBytes(StandardCharsets.UTF_8);
        digest.update(((value == null ? "-" : String.valueOf(bytes.length)) + ":").getBytes(StandardCharsets.UTF_8));
        digest.update(bytes);
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
