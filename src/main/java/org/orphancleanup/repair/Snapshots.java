package org.orphancleanup.repair;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.orphancleanup.catalog.Reference;
import org.orphancleanup.catalog.Sql;
import org.orphancleanup.catalog.Storage;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * All there is to know of a record before it is deleted or taken out of use: {@code row}, its fields; {@code lines}, the records
 * that are deleted with it; {@code pointing}, the records that point to it and stay; {@code relations}, what its relation rows
 * link it with; {@code attachments}; {@code attached}, ids of messages, followers and the like, which Odoo deletes with it. Only what the API user may read, and no secrets.
 */
final class Snapshots {

    private static final int DEEPEST = 4;

    /** A record's files are read into memory, and kept with it, up to this size together. */
    static final long MOST_BYTES = 32L * 1024 * 1024;

    private final Session session;
    private final ConcurrentMap<String, List<Link>> links = new ConcurrentHashMap<>();
    private final ConcurrentMap<String, List<Relation>> relations = new ConcurrentHashMap<>();

    Snapshots(Session session) {
        this.session = session;
    }

    /** {@code field} of {@code model} points to the record. */
    private record Link(String model, String table, String field, boolean cascade) {}

    /**
     * @param owner the model whose many2many field it is: the record's own, or the one on the other side
     * @param own column with the record's id
     */
    private record Relation(String owner, String field, String table, String own, String other, boolean inverse) {}

    /** By record id; a record that is gone has none. */
    Map<Long, ObjectNode> of(String model, String table, Collection<Long> ids, boolean withFiles) {
        return of(model, table, ids, withFiles, 1);
    }

    private Map<Long, ObjectNode> of(String model, String table, Collection<Long> ids, boolean withFiles, int depth) {
        Map<Long, ObjectNode> snapshots = new LinkedHashMap<>();
        Set<String> readable = session.readable(model);
        if (readable.isEmpty()) {
            return snapshots;
        }
        session.rows().read(table, readable, ids).forEach((id, row) -> {
            ObjectNode snapshot = session.mapper().createObjectNode();
            snapshot.put("model", model);
            snapshot.put("table", table);
            ObjectNode fields = snapshot.putObject("row");
            row.forEach(fields::set);
            snapshots.put(id, snapshot);
        });
        if (snapshots.isEmpty()) {
            return snapshots;
        }
        for (Link link : links.computeIfAbsent(model, this::linksOf)) {
            addLinked(link, snapshots, withFiles, depth);
        }
        for (Relation relation : relations.computeIfAbsent(model, this::relationsOf)) {
            addRelated(relation, snapshots);
        }
        addAttachments(model, snapshots, withFiles);
        addAttached(model, snapshots);
        return snapshots;
    }

    private void addAttached(String model, Map<Long, ObjectNode> snapshots) {
        for (Reference reference : session.request().catalog()) {
            if (!model.equals(reference.parentModel())
                    || !(reference.storage() instanceof Storage.ModelAndId pair)
                    || pair.table().equals("ir_attachment")
                    || !session.rows().columns(pair.table()).containsAll(Set.of("id", pair.idColumn()))) {
                continue;
            }
            Map<Long, List<Long>> found = new HashMap<>();
            session.rows()
                    .jdbc()
                    .sql("SELECT " + Sql.quote(pair.idColumn()) + ", id FROM ONLY " + Sql.quote(pair.table())
                            + " WHERE "
                            + Sql.quote(pair.modelColumn()) + " = :model AND " + Sql.quote(pair.idColumn())
                            + " = ANY(:ids) ORDER BY id")
                    .param("model", pair.model())
                    .param("ids", snapshots.keySet().toArray(Long[]::new))
                    .query(rs -> {
                        found.computeIfAbsent(rs.getLong(1), k -> new ArrayList<>())
                                .add(rs.getLong(2));
                    });
            found.forEach((id, ids) -> {
                ObjectNode entry = array(snapshots, id, "attached").addObject();
                entry.put("model", reference.childModel()).put("table", pair.table());
                Map<Long, ObjectNode> records = new LinkedHashMap<>();
                ArrayNode list = entry.putArray("records");
                ids.forEach(one -> records.put(one, list.addObject().put("id", one)));
                for (Relation relation :
                        relations.computeIfAbsent(String.valueOf(reference.childModel()), this::relationsOf)) {
                    addRelated(relation, records);
                }
            });
        }
    }

    private void addLinked(Link link, Map<Long, ObjectNode> snapshots, boolean withFiles, int depth) {
        Map<Long, List<Long>> children = new HashMap<>();
        session.rows()
                .jdbc()
                .sql("SELECT id, " + Sql.quote(link.field()) + " FROM ONLY " + Sql.quote(link.table()) + " WHERE "
                        + Sql.quote(link.field()) + " = ANY(:ids) ORDER BY id")
                .param("ids", snapshots.keySet().toArray(Long[]::new))
                .query(rs -> {
                    children.computeIfAbsent(rs.getLong(2), k -> new ArrayList<>())
                            .add(rs.getLong(1));
                });
        children.forEach((id, found) -> {
            ObjectNode entry = session.mapper().createObjectNode();
            entry.put("model", link.model()).put("table", link.table()).put("field", link.field());
            if (link.cascade() && depth < DEEPEST) {
                ArrayNode records = entry.putArray("records");
                of(link.model(), link.table(), found, withFiles, depth + 1)
                        .values()
                        .forEach(records::add);
                array(snapshots, id, "lines").add(entry);
            } else {
                ArrayNode list = entry.putArray("ids");
                found.forEach(list::add);
                array(snapshots, id, "pointing").add(entry);
            }
        });
    }

    private void addRelated(Relation relation, Map<Long, ObjectNode> snapshots) {
        Map<Long, List<Long>> others = new HashMap<>();
        session.rows()
                .jdbc()
                .sql("SELECT " + Sql.quote(relation.own()) + ", " + Sql.quote(relation.other()) + " FROM "
                        + Sql.quote(relation.table()) + " WHERE " + Sql.quote(relation.own()) + " = ANY(:ids)")
                .param("ids", snapshots.keySet().toArray(Long[]::new))
                .query(rs -> {
                    others.computeIfAbsent(rs.getLong(1), k -> new ArrayList<>())
                            .add(rs.getLong(2));
                });
        others.forEach((id, found) -> {
            ObjectNode entry = array(snapshots, id, "relations").addObject();
            entry.put("model", relation.owner())
                    .put("field", relation.field())
                    .put("table", relation.table())
                    .put("inverse", relation.inverse());
            ArrayNode list = entry.putArray("ids");
            found.forEach(list::add);
        });
    }

    private void addAttachments(String model, Map<Long, ObjectNode> snapshots, boolean withFiles) {
        List<Long> ids = session.rows()
                .jdbc()
                .sql(
                        "SELECT id FROM ir_attachment WHERE res_model = :model AND res_id = ANY(:ids) AND res_field IS NULL ORDER BY id")
                .param("model", model)
                .param("ids", snapshots.keySet().toArray(Long[]::new))
                .query(Long.class)
                .list();
        if (ids.isEmpty()) {
            return;
        }
        Set<String> readable = session.readable("ir.attachment");
        session.rows().read("ir_attachment", readable, ids).forEach((id, row) -> {
            ObjectNode attachment = session.mapper().createObjectNode();
            row.forEach(attachment::set);
            attachment.remove("index_content");
            JsonNode owner = row.get("res_id");
            if (owner == null || !snapshots.containsKey(owner.asLong())) {
                return;
            }
            if (withFiles
                    && "binary"
                            .equals(row.getOrDefault("type", attachment.nullNode())
                                    .asString(""))) {
                JsonNode size = row.get("file_size");
                if (size != null && size.asLong() > MOST_BYTES) {
                    attachment.put("too-large", true);
                } else {
                    session.odoo().read("ir.attachment", List.of(id), List.of("datas"), Map.of()).stream()
                            .map(file -> file.get("datas"))
                            .filter(data -> data != null && data.isString())
                            .forEach(data -> attachment.set("datas", data));
                }
            }
            array(snapshots, owner.asLong(), "attachments").add(attachment);
        });
    }

    private static ArrayNode array(Map<Long, ObjectNode> snapshots, long id, String name) {
        ObjectNode snapshot = java.util.Objects.requireNonNull(snapshots.get(id));
        return snapshot.has(name) ? (ArrayNode) snapshot.get(name) : snapshot.putArray(name);
    }

    private List<Link> linksOf(String model) {
        return session.rows()
                .jdbc()
                .sql("""
                        SELECT DISTINCT f.model, c.relname, f.name, coalesce(f.on_delete, '') = 'cascade'
                          FROM ir_model_fields f
                          JOIN pg_class c ON c.relname = replace(f.model, '.', '_') AND c.relkind = 'r'
                               AND c.relnamespace = current_schema()::regnamespace
                          JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = f.name AND NOT a.attisdropped
                               AND a.atttypid IN ('int4'::regtype, 'int8'::regtype)
                         WHERE f.relation = :model AND f.ttype = 'many2one' AND f.store
                           AND f.name NOT IN ('create_uid', 'write_uid')
                         ORDER BY 1, 3""")
                .param("model", model)
                .query((rs, n) -> new Link(rs.getString(1), rs.getString(2), rs.getString(3), rs.getBoolean(4)))
                .list();
    }

    /** Each relation table once, through a field of the model's own where it has one. */
    private List<Relation> relationsOf(String model) {
        Map<List<String>, Relation> found = new LinkedHashMap<>();
        session.rows().jdbc().sql("""
                        SELECT f.model, f.name, f.relation_table, f.column1, f.column2, f.model <> :model AS inverse
                          FROM ir_model_fields f
                          JOIN pg_class c ON c.relname = f.relation_table AND c.relkind = 'r'
                               AND c.relnamespace = current_schema()::regnamespace
                         WHERE f.ttype = 'many2many' AND f.store AND f.column1 IS NOT NULL AND f.column2 IS NOT NULL
                           AND (f.model = :model OR f.relation = :model)
                           AND NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'id' AND NOT a.attisdropped)
                         ORDER BY inverse, f.relation_table, f.id""").param("model", model).query(rs -> {
            boolean inverse = rs.getBoolean(6);
            String own = rs.getString(inverse ? 5 : 4);
            String other = rs.getString(inverse ? 4 : 5);
            found.putIfAbsent(
                    List.of(rs.getString(3), own),
                    new Relation(rs.getString(1), rs.getString(2), rs.getString(3), own, other, inverse));
        });
        return List.copyOf(found.values());
    }
}
