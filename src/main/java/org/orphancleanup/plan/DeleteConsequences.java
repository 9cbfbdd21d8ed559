package org.orphancleanup.plan;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.orphancleanup.catalog.Sql;
import org.orphancleanup.plan.TargetSchema.Cascade;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * What a delete takes along: rows that the database's own foreign keys cascade to, over as many steps as there are, and what
 * Odoo removes with a record (attachments, messages, activities, followers).
 */
final class DeleteConsequences {

    /** Steps of a cascade; Odoo's own models need four or five. */
    private static final int DEEPEST = 12;
    /** Rows that one batch of deletes may take along before nobody wants to count on. */
    private static final int MOST = 200_000;

    private final JdbcClient jdbc;
    private final TargetSchema schema;
    private final ProtectedModels protectedModels;
    private final Guards guards;

    DeleteConsequences(JdbcClient jdbc, TargetSchema schema, ProtectedModels protectedModels, Guards guards) {
        this.jdbc = jdbc;
        this.schema = schema;
        this.protectedModels = protectedModels;
        this.guards = guards;
    }

    /** Of one deleted record: rows by table, and why it must not be deleted. */
    static final class Toll {
        final Map<String, Long> rows = new TreeMap<>();

        @Nullable
        String refusal;

        private void add(String table, long count) {
            rows.merge(table, count, Long::sum);
        }
    }

    private record Reached(long root, long id) {}

    /** By id of the records that would be deleted. */
    Map<Long, Toll> of(String model, String table, Collection<Long> ids) {
        Map<Long, Toll> tolls = new HashMap<>();
        ids.forEach(id -> tolls.put(id, new Toll()));
        Map<String, List<Reached>> frontier = new TreeMap<>();
        frontier.put(table, ids.stream().map(id -> new Reached(id, id)).toList());
        Map<String, Set<Reached>> seen = new HashMap<>();
        seen.put(table, new HashSet<>(frontier.get(table)));
        long[] budget = {MOST};
        for (int depth = 0; depth < DEEPEST && !frontier.isEmpty(); depth++) {
            Map<String, List<Reached>> next = new TreeMap<>();
            frontier.forEach((parent, reached) -> {
                for (Cascade cascade : schema.cascades(parent)) {
                    List<Reached> found = step(cascade, reached, tolls, budget);
                    Set<Reached> known = seen.computeIfAbsent(cascade.table(), k -> new HashSet<>());
                    for (Reached row : found) {
                        if (known.add(row)) {
                            next.computeIfAbsent(cascade.table(), k -> new ArrayList<>())
                                    .add(row);
                            toll(tolls, row.root()).add(cascade.table(), 1);
                        }
                    }
                }
            });
            if (budget[0] < 0) {
                tolls.values()
                        .forEach(toll -> toll.refusal = "deleting these records would take more than " + MOST
                                + " other rows along: delete those by a rule of their own first");
                return tolls;
            }
            frontier = next;
        }
        attached(model, tolls, "ir_attachment", "res_model", "res_id");
        attached(model, tolls, "mail_message", "model", "res_id");
        attached(model, tolls, "mail_activity", "res_model", "res_id");
        attached(model, tolls, "mail_followers", "res_model", "res_id");
        return tolls;
    }

    private static Toll toll(Map<Long, Toll> tolls, long root) {
        return tolls.computeIfAbsent(root, k -> new Toll());
    }

    /** Rows of one table that go with the rows reached so far; of a relation table only their number. */
    private List<Reached> step(Cascade cascade, List<Reached> reached, Map<Long, Toll> tolls, long[] budget) {
        String table = cascade.table();
        Long[] roots = reached.stream().map(Reached::root).toArray(Long[]::new);
        Long[] ids = reached.stream().map(Reached::id).toArray(Long[]::new);
        List<Reached> found = new ArrayList<>();
        if (!schema.has(table, cascade.column())) {
            return found;
        }
        String join = " FROM unnest(CAST(:roots AS bigint[]), CAST(:ids AS bigint[])) f (root, id) JOIN ONLY "
                + Sql.quote(table) + " t ON t." + Sql.quote(cascade.column()) + " = f.id";
        if (!schema.has(table, "id")) {
            jdbc.sql("SELECT f.root, count(*)" + join + " GROUP BY f.root")
                    .param("roots", roots)
                    .param("ids", ids)
                    .query(row -> {
                        toll(tolls, row.getLong(1)).add(table, row.getLong(2));
                    });
            return found;
        }
        String model = schema.model(table);
        String guarded = guards.protectionIsLifted(model) ? "false" : protectedModels.condition(model, table);
        jdbc.sql("SELECT f.root, t.id, " + guarded + join + " LIMIT " + (MOST + 1))
                .param("roots", roots)
                .param("ids", ids)
                .query(row -> {
                    found.add(new Reached(row.getLong(1), row.getLong(2)));
                    if (row.getBoolean(3)) {
                        Toll toll = toll(tolls, row.getLong(1));
                        toll.refusal = "deleting it would take records of the protected model " + model
                                + " along; allow.protected: [" + model + "] lifts this";
                    }
                });
        budget[0] -= found.size();
        return found;
    }

    /** What hangs on a record by model name and id. */
    private void attached(String model, Map<Long, Toll> tolls, String table, String modelColumn, String idColumn) {
        if (!schema.has(table, modelColumn, idColumn)) {
            return;
        }
        jdbc.sql("SELECT " + Sql.quote(idColumn) + ", count(*) FROM " + Sql.quote(table) + " WHERE "
                        + Sql.quote(modelColumn) + " = :model AND " + Sql.quote(idColumn) + " = ANY(:ids) GROUP BY 1")
                .param("model", model)
                .param("ids", tolls.keySet().toArray(Long[]::new))
                .query(row -> {
                    toll(tolls, row.getLong(1)).add(table, row.getLong(2));
                });
    }
}
