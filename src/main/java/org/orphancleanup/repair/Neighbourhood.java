package org.orphancleanup.repair;

import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.orphancleanup.catalog.Sql;
import org.orphancleanup.repair.SideEffects.Watched;
import tools.jackson.databind.JsonNode;

/**
 * The records that a write of a record may change along with it: the documents it belongs to, and the lines of both. What
 * belongs to what is read from Odoo's metadata: a line's many2one to its document cascades.
 */
final class Neighbourhood {

    private static final int MOST_ROWS = 2000;

    private final Session session;
    private final ConcurrentMap<String, List<Link>> lines = new ConcurrentHashMap<>();
    private final ConcurrentMap<String, List<Link>> documents = new ConcurrentHashMap<>();

    Neighbourhood(Session session) {
        this.session = session;
    }

    /** @param column of the line, holds its document */
    private record Link(String model, String table, String column) {}

    /** The models of the documents a model's records belong to, by the field that names the document. */
    Map<String, String> documents(String model) {
        Map<String, String> found = new LinkedHashMap<>();
        documents.computeIfAbsent(model, this::documentsOf).forEach(link -> found.put(link.column(), link.model()));
        return found;
    }

    /**
     * Rows around these records, themselves left out.
     *
     * @param no the repair or undo item they are read for
     */
    Map<Watched, Map<String, JsonNode>> read(long no, String model, String table, Collection<Long> ids) {
        Map<String, Set<Long>> roots = new LinkedHashMap<>();
        Map<String, String> tables = new LinkedHashMap<>();
        roots.put(model, new TreeSet<>(ids));
        tables.put(model, table);
        for (Link link : documents.computeIfAbsent(model, this::documentsOf)) {
            List<Long> found = ids(table, link.column(), "id", ids);
            if (!found.isEmpty()) {
                roots.computeIfAbsent(link.model(), k -> new TreeSet<>()).addAll(found);
                tables.put(link.model(), link.table());
            }
        }
        Map<String, Set<Long>> around = new LinkedHashMap<>();
        Map<String, Set<Long>> all = new LinkedHashMap<>(roots);
        roots.forEach((root, rootIds) -> {
            for (Link link : lines.computeIfAbsent(root, this::linesOf)) {
                List<Long> found = ids(link.table(), "id", link.column(), rootIds);
                around.computeIfAbsent(link.model(), k -> new TreeSet<>()).addAll(found);
                tables.put(link.model(), link.table());
            }
        });
        around.forEach((key, value) -> all.merge(key, value, (a, b) -> {
            Set<Long> both = new TreeSet<>(a);
            both.addAll(b);
            return both;
        }));
        Map<Watched, Map<String, JsonNode>> rows = new LinkedHashMap<>();
        Set<Long> own = new HashSet<>(ids);
        all.forEach((name, set) -> {
            String of = tables.getOrDefault(name, "");
            Set<String> readable = session.readable(name);
            List<Long> wanted = set.stream()
                    .filter(id -> !(name.equals(model) && own.contains(id)))
                    .limit(MOST_ROWS)
                    .toList();
            if (!readable.isEmpty()) {
                session.read(name, of, wanted).forEach((id, row) -> rows.put(new Watched(no, name, of, id), row));
            }
        });
        return rows;
    }

    private List<Long> ids(String table, String result, String by, Collection<Long> ids) {
        return session.rows()
                .jdbc()
                .sql("SELECT DISTINCT " + Sql.quote(result) + " FROM ONLY " + Sql.quote(table) + " WHERE "
                        + Sql.quote(by) + " = ANY(:ids) AND " + Sql.quote(result) + " IS NOT NULL LIMIT " + MOST_ROWS)
                .param("ids", ids.toArray(Long[]::new))
                .query(Long.class)
                .list();
    }

    private List<Link> linesOf(String model) {
        return links("""
                SELECT DISTINCT l.model, c.relname, l.name
                  FROM ir_model_fields f
                  JOIN ir_model_fields l ON l.model = f.relation AND l.name = f.relation_field
                  JOIN pg_class c ON c.relname = replace(l.model, '.', '_') AND c.relkind = 'r'
                       AND c.relnamespace = current_schema()::regnamespace
                  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = l.name AND NOT a.attisdropped
                 WHERE f.model = :model AND f.ttype = 'one2many' AND l.ttype = 'many2one' AND l.store
                   AND l.on_delete = 'cascade'
                 ORDER BY 1, 3""", model);
    }

    private List<Link> documentsOf(String model) {
        return links("""
                SELECT DISTINCT f.relation, c.relname, f.name
                  FROM ir_model_fields f
                  JOIN pg_class c ON c.relname = replace(f.relation, '.', '_') AND c.relkind = 'r'
                       AND c.relnamespace = current_schema()::regnamespace
                  JOIN pg_class own ON own.relname = replace(f.model, '.', '_') AND own.relkind = 'r'
                       AND own.relnamespace = current_schema()::regnamespace
                  JOIN pg_attribute a ON a.attrelid = own.oid AND a.attname = f.name AND NOT a.attisdropped
                 WHERE f.model = :model AND f.ttype = 'many2one' AND f.store AND f.on_delete = 'cascade'
                   AND f.relation <> f.model
                 ORDER BY 1, 3""", model);
    }

    private List<Link> links(String sql, String model) {
        return session.rows()
                .jdbc()
                .sql(sql)
                .param("model", model)
                .query((rs, n) -> new Link(rs.getString(1), rs.getString(2), rs.getString(3)))
                .list();
    }
}
