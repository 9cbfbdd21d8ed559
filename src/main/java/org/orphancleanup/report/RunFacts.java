package org.orphancleanup.report;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcOperations;

/** The run and, where it has one, its plan. */
record RunFacts(
        long id,
        String job,
        String target,
        @Nullable String targetUrl,
        String targetDatabase,
        String command,
        String startedThrough,
        String askedBy,
        String definition,
        String status,
        @Nullable String message,
        boolean dryRun,
        @Nullable ZoneId timeZone,
        @Nullable String odooVersion,
        @Nullable String modulesHash,
        @Nullable String backup,
        Instant startedAt,
        @Nullable Instant endedAt,
        @Nullable PlanFacts plan) {

    record PlanFacts(
            String hash,
            String status,
            long repairs,
            List<String> blocked,
            List<String> warnings,
            Instant createdAt,
            Instant validUntil,
            @Nullable String approvedBy,
            @Nullable Instant approvedAt,
            @Nullable String approvalNote) {}

    /** @throws IllegalArgumentException when there is no such run */
    static RunFacts read(JdbcOperations jdbc, long runId) {
        return jdbc.query("""
                        SELECT run.*, plan.hash, plan.status AS plan_status, plan.repairs, plan.blocked, plan.warnings,
                               plan.created_at, plan.valid_until, plan.approved_by, plan.approved_at, plan.approval_note
                        FROM run LEFT JOIN plan ON plan.run_id = run.id WHERE run.id = ?""", (row, number) -> of(row), runId).stream()
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("there is no run " + runId));
    }

    private static RunFacts of(ResultSet row) throws SQLException {
        String hash = row.getString("hash");
        PlanFacts plan = hash == null
                ? null
                : new PlanFacts(
                        hash,
                        row.getString("plan_status"),
                        row.getLong("repairs"),
                        texts(row, "blocked"),
                        texts(row, "warnings"),
                        instant(row, "created_at"),
                        instant(row, "valid_until"),
                        row.getString("approved_by"),
                        optionalInstant(row, "approved_at"),
                        row.getString("approval_note"));
        String zone = row.getString("time_zone");
        return new RunFacts(
                row.getLong("id"),
                row.getString("job"),
                row.getString("target"),
                row.getString("target_url"),
                row.getString("target_database"),
                row.getString("command"),
                row.getString("started_through"),
                row.getString("asked_by"),
                row.getString("definition"),
                row.getString("status"),
                row.getString("message"),
                row.getBoolean("dry_run"),
                zone == null ? null : ZoneId.of(zone),
                row.getString("odoo_version"),
                row.getString("modules_hash"),
                row.getString("backup"),
                instant(row, "started_at"),
                optionalInstant(row, "ended_at"),
                plan);
    }

    static List<String> texts(ResultSet row, String column) throws SQLException {
        return List.of((String[]) row.getArray(column).getArray());
    }

    private static Instant instant(ResultSet row, String column) throws SQLException {
        return row.getObject(column, OffsetDateTime.class).toInstant();
    }

    private static @Nullable Instant optionalInstant(ResultSet row, String column) throws SQLException {
        OffsetDateTime time = row.getObject(column, OffsetDateTime.class);
        return time == null ? null : time.toInstant();
    }
}
