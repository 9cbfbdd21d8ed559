package org.orphancleanup.repair;

import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.orphancleanup.catalog.Reference;
import org.orphancleanup.catalog.Sql;
import org.orphancleanup.catalog.Storage;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.node.LongNode;
import tools.jackson.databind.node.NullNode;

/**
 * Records that Odoo made by itself while this run's calls were at work, such as a message that it posts whatever the context says,
 * or a line it makes anew. Stand-ins are listed by themselves, and what was made together with one belongs to it.
 */
final class Arrivals {

    /** They are looked for among so many latest ones of each table. */
    static final int LATEST = 10_000;

    /** Odoo's transaction begins within the call; clocks are compared to about this. */
    private static final Duration TOLERANCE = Duration.ofMillis(100);

    private final Session session;
    private final JdbcClient ours;
    private final TreeMap<Instant, Instant> calls = new TreeMap<>();

    Arrivals(Session session, JdbcClient ours) {
        this.session = session;
        this.ours = ours;
    }

    /** Writes them down as what changed besides. Can be done again. */
    void tell() {
        readCalls();
        if (calls.isEmpty()) {
            return;
        }
        Map<String, Set<Long>> standIns = new HashMap<>();
        Set<Instant> madeWith = standIns(standIns);
        Map<String, String> models = models(session);
        models.forEach((table, model) -> {
            if (!session.rows().columns(table).containsAll(Set.of("id", "create_uid", "create_date"))) {
                return;
            }
            session.rows()
                    .jdbc()
                    .sql("SELECT id, create_date FROM (SELECT id, create_uid, create_date FROM ONLY " + Sql.quote(table)
                            + (table.equals("ir_model_data") // a stand-in's external id is listed with it
                                    ? " WHERE module <> " + Sql.literal(StandIns.MODULE)
                                    : "")
                            + " ORDER BY id DESC LIMIT :latest) x WHERE create_uid = :uid AND create_date >="
                            + " (:from::timestamptz AT TIME ZONE 'UTC')")
                    .param("latest", LATEST)
                    .param("uid", session.odoo().uid())
                    .param("from", Timestamp.from(calls.firstKey()))
                    .query(rs -> {
                        long id = rs.getLong(1);
                        Instant made = rs.getObject(2, LocalDateTime.class).toInstant(ZoneOffset.UTC);
                        if (isOurs(made)
                                && !madeWith.contains(made)
                                && !standIns.getOrDefault(model, Set.of()).contains(id)) {
                            session.journal()
                                    .changedBesides(
                                            0, model, id, "id", NullNode.getInstance(), LongNode.valueOf(id), false);
                        }
                    });
        });
    }

    /** The models of the tables that hold references, by table. */
    static Map<String, String> models(Session session) {
        Map<String, String> models = new TreeMap<>();
        for (Reference reference : session.request().catalog()) {
            if (reference.childModel() != null && !(reference.storage() instanceof Storage.RelationRow)) {
                models.put(reference.childTable(), reference.childModel());
            }
        }
        return models;
    }

    private boolean isOurs(Instant made) {
        Map.Entry<Instant, Instant> call = calls.floorEntry(made);
        return call != null && !made.isAfter(call.getValue());
    }

    /** When calls were at work, by the target's clock; notes that were asked for are meant. */
    private void readCalls() {
        Duration ahead = Duration.between(
                session.clock().instant(),
                session.rows()
                        .jdbc()
                        .sql("SELECT clock_timestamp()")
                        .query(Timestamp.class)
                        .single()
                        .toInstant());
        Duration skew = ahead.abs().compareTo(TOLERANCE) < 0 ? Duration.ZERO : ahead;
        ours.sql("""
                        SELECT at, at + coalesce(millis, 0) * interval '1 millisecond' FROM journal_call
                         WHERE run_id = :run AND outcome = 'done' AND method <> 'message_post' ORDER BY at""").param("run", session.request().runId()).query(rs -> {
            Instant from = rs.getTimestamp(1).toInstant().plus(skew).minus(TOLERANCE);
            Instant to = rs.getTimestamp(2).toInstant().plus(skew).plus(TOLERANCE);
            Map.Entry<Instant, Instant> last = calls.lastEntry();
            if (last == null || last.getValue().isBefore(from)) {
                calls.put(from, to);
            } else if (last.getValue().isBefore(to)) {
                calls.put(last.getKey(), to);
            }
        });
    }

    /** @return when they were made */
    private Set<Instant> standIns(Map<String, Set<Long>> ids) {
        ours.sql("SELECT parent_model, new_id FROM stand_in WHERE run_id = :run AND made")
                .param("run", session.request().runId())
                .query(rs -> {
                    ids.computeIfAbsent(rs.getString(1), k -> new HashSet<>()).add(rs.getLong(2));
                });
        Set<Instant> made = new HashSet<>();
        ids.forEach((model, some) -> {
            String table = session.table(model);
            if (session.rows().columns(table).contains("create_date")) {
                session.rows()
                        .jdbc()
                        .sql("SELECT DISTINCT create_date FROM ONLY " + Sql.quote(table)
                                + " WHERE id = ANY(:ids) AND create_date IS NOT NULL")
                        .param("ids", some.toArray(Long[]::new))
                        .query((rs, n) -> rs.getObject(1, LocalDateTime.class).toInstant(ZoneOffset.UTC))
                        .list()
                        .forEach(made::add);
            }
        });
        return made;
    }
}
