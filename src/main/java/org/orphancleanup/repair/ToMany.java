package org.orphancleanup.repair;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.orphancleanup.catalog.Sql;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * The many2many fields that Odoo computes and stores, as part of a row: the taxes of an order line follow its product as its
 * price does. A value is the ids in their order, without those that are missing.
 */
final class ToMany {

    private final Rows rows;
    private final ConcurrentMap<String, List<Relation>> relations = new ConcurrentHashMap<>();

    ToMany(Rows rows) {
        this.rows = rows;
    }

    private record Relation(String field, String table, String own, String other, String otherTable) {}

    /** Adds the fields to these rows, by id. */
    void add(ModelInfo info, Map<Long, Map<String, JsonNode>> found) {
        if (found.isEmpty()) {
            return;
        }
        for (Relation relation : relations.computeIfAbsent(info.model(), m -> relationsOf(info))) {
            Map<Long, ArrayNode> ids = read(relation, found.keySet());
            found.forEach(
                    (id, row) -> row.put(relation.field(), ids.getOrDefault(id, JsonNodeFactory.instance.arrayNode())));
        }
    }

    private Map<Long, ArrayNode> read(Relation relation, Collection<Long> ids) {
        Map<Long, ArrayNode> found = new LinkedHashMap<>();
        String own = "r." + Sql.quote(relation.own());
        String other = "r." + Sql.quote(relation.other());
        rows.jdbc()
                .sql("SELECT " + own + ", " + other + " FROM ONLY " + Sql.quote(relation.table()) + " r WHERE " + own
                        + " = ANY(:ids) AND EXISTS (SELECT FROM " + Sql.quote(relation.otherTable())
                        + " o WHERE o.id = "
                        + other + ") ORDER BY 1, 2")
                .param("ids", ids.toArray(Long[]::new))
                .query(rs -> {
                    found.computeIfAbsent(rs.getLong(1), k -> JsonNodeFactory.instance.arrayNode())
                            .add(rs.getLong(2));
                });
        return found;
    }

    private List<Relation> relationsOf(ModelInfo info) {
        List<String> fields = info.fields().keySet().stream()
                .filter(field -> "many2many".equals(info.type(field)) && info.isStored(field) && !info.isBase(field))
                .toList();
        if (fields.isEmpty()) {
            return List.of();
        }
        return rows.jdbc()
                .sql("""
                        SELECT f.name, f.relation_table, f.column1, f.column2, o.relname
                          FROM ir_model_fields f
                          JOIN pg_class r ON r.relname = f.relation_table AND r.relkind = 'r'
                               AND r.relnamespace = current_schema()::regnamespace
                          JOIN pg_class o ON o.relname = replace(f.relation, '.', '_') AND o.relkind = 'r'
                               AND o.relnamespace = current_schema()::regnamespace
                         WHERE f.model = :model AND f.name IN (:fields) AND f.column1 IS NOT NULL AND f.column2 IS NOT NULL
                           AND has_table_privilege(r.oid, 'SELECT') AND has_column_privilege(o.oid, 'id', 'SELECT')
                         ORDER BY f.name""")
                .param("model", info.model())
                .param("fields", fields)
                .query((rs, n) -> new Relation(
                        rs.getString(1), rs.getString(2), rs.getString(3), rs.getString(4), rs.getString(5)))
                .list();
    }
}
