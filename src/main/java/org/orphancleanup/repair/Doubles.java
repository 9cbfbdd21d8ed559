package org.orphancleanup.repair;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import org.orphancleanup.UserError;
import org.orphancleanup.catalog.Reference;
import org.orphancleanup.catalog.Sql;
import org.orphancleanup.catalog.Storage;
import org.orphancleanup.plan.ProtectedModels;

/**
 * Rows that cannot point where they should, because a row that says the same is there already and a unique index forbids two:
 * a partner follows a record once, so the followers of two lost records become one follower of their placeholder. Such a row
 * is unlinked, as Odoo's own merge does it: only where every column but its id and stamps equals the other's, nothing refers
 * to it, and its model is not protected. The journal holds the row.
 */
final class Doubles {

    static final String RUNG = "says the same as a row that is there: unlinked";

    private static final Set<String> OWN = Set.of("id", "create_uid", "create_date", "write_uid", "write_date");

    private final Session session;
    private final Removals removals;
    private final ConcurrentMap<String, Set<String>> unique = new ConcurrentHashMap<>();

    Doubles(Session session, Removals removals) {
        this.session = session;
        this.removals = removals;
    }

    /** The records but for those that would, all written, say the same as an earlier one of them. */
    List<Repair> distinct(Writes.Unit unit, List<Repair> records) {
        if (records.size() < 2 || !concerns(unit)) {
            return records;
        }
        Map<Long, String> rest = new LinkedHashMap<>();
        session.rows()
                .jdbc()
                .sql("SELECT id, ROW("
                        + others(unit).stream()
                                .map(c -> Sql.quote(c) + "::text")
                                .collect(Collectors.joining(", ")) + ")::text FROM ONLY " + Sql.quote(unit.table())
                        + " WHERE id = ANY(:ids)")
                .param("ids", ids(records))
                .query((rs, n) -> Map.entry(rs.getLong(1), rs.getString(2)))
                .list()
                .forEach(entry -> rest.put(entry.getKey(), entry.getValue()));
        Set<String> seen = new HashSet<>();
        return records.stream()
                .filter(r -> !rest.containsKey(r.id()) || seen.add(rest.get(r.id())))
                .toList();
    }

    /**
     * Unlinks those of the records that would say the same as another row.
     *
     * @return the others, still to be written
     */
    List<Repair> remove(Writes.Unit unit, List<Repair> records, Writes.Result result) {
        if (records.isEmpty() || !concerns(unit) || ProtectedModels.protects(unit.model())) {
            return records;
        }
        List<String> same = new ArrayList<>();
        others(unit)
                .forEach(c ->
                        same.add("d." + Sql.quote(c) + "::text IS NOT DISTINCT FROM o." + Sql.quote(c) + "::text"));
        unit.values().keySet().forEach(c -> same.add("d." + Sql.quote(c) + "::text = :" + c));
        Map<String, Object> values = new LinkedHashMap<>();
        unit.values().forEach((field, value) -> values.put(field, value instanceof Long ? value.toString() : "0"));
        Set<Long> doubles = new LinkedHashSet<>(session.rows()
                .jdbc()
                .sql("SELECT o.id FROM ONLY " + Sql.quote(unit.table())
                        + " o WHERE o.id = ANY(:ids) AND EXISTS (SELECT FROM ONLY " + Sql.quote(unit.table())
                        + " d WHERE d.id <> o.id AND " + String.join(" AND ", same) + ")")
                .param("ids", ids(records))
                .params(values)
                .query(Long.class)
                .list());
        doubles.removeAll(referredTo(unit, doubles));
        List<Repair> found =
                records.stream().filter(r -> doubles.contains(r.id())).toList();
        if (found.isEmpty()) {
            return records;
        }
        Writes.Result unlinked = new Writes.Result();
        removals.removeAsTheyStand(found, unlinked, RUNG);
        result.rungs().putAll(unlinked.rungs());
        return records.stream()
                .filter(r -> !unlinked.rungs().containsKey(r.no()))
                .toList();
    }

    /** Whether ids are written into a column of a unique index, and every column can be compared. */
    private boolean concerns(Writes.Unit unit) {
        ModelInfo info = session.model(unit.model());
        // an emptied id beside a model is 0 in the database, not NULL
        return unit.values().entrySet().stream()
                        .allMatch(
                                e -> e.getValue() instanceof Long || "many2one_reference".equals(info.type(e.getKey())))
                && unit.values().keySet().stream().anyMatch(unique(unit.table())::contains);
    }

    private Set<String> unique(String table) {
        return unique.computeIfAbsent(
                table,
                t -> new LinkedHashSet<>(session.rows()
                        .jdbc()
                        .sql("""
                                SELECT DISTINCT a.attname
                                  FROM pg_class c
                                  JOIN pg_index i ON i.indrelid = c.oid AND i.indisunique AND NOT i.indisprimary
                                  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY(i.indkey)
                                 WHERE c.relname = :table AND c.relnamespace = current_schema()::regnamespace
                                   AND NOT EXISTS (SELECT FROM pg_attribute h
                                                    WHERE h.attrelid = c.oid AND h.attnum > 0 AND NOT h.attisdropped
                                                      AND NOT has_column_privilege(c.oid, h.attnum, 'SELECT'))""")
                        .param("table", t)
                        .query(String.class)
                        .list()));
    }

    private List<String> others(Writes.Unit unit) {
        return session.rows().columns(unit.table()).stream()
                .filter(c -> !OWN.contains(c) && !unit.values().containsKey(c))
                .toList();
    }

    /** By the catalog; where the role may not read who refers to them, they count as referred to. */
    private Set<Long> referredTo(Writes.Unit unit, Set<Long> ids) {
        Set<Long> referred = new HashSet<>();
        DataSource target = session.request().database().dataSource();
        for (Reference reference : session.request().catalog()) {
            boolean concerned =
                    unit.table().equals(reference.parentTable()) || unit.model().equals(reference.parentModel());
            if (concerned && !isOwnRelation(unit, reference)) {
                Set<Long> open = new HashSet<>(ids);
                open.removeAll(referred);
                try {
                    referred.addAll(session.look().named(target, reference, open));
                } catch (UserError e) {
                    return ids;
                }
            }
        }
        return referred;
    }

    /** The rows of the record's own many2many fields go with it. */
    private static boolean isOwnRelation(Writes.Unit unit, Reference reference) {
        return reference.storage() instanceof Storage.RelationRow
                && reference.ruleFields().stream()
                        .anyMatch(name -> name.startsWith(unit.model() + ".")
                                && name.indexOf('.', unit.model().length() + 1) < 0);
    }

    private static Long[] ids(List<Repair> records) {
        return records.stream().map(Repair::id).toArray(Long[]::new);
    }
}
