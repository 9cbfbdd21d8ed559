package org.orphancleanup.repair;

import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.orphancleanup.catalog.Sql;

/** The one2many fields of models, with where the lines are stored. */
final class LineFields {

    private final Session session;
    private final ConcurrentMap<String, List<Lines>> lines = new ConcurrentHashMap<>();

    LineFields(Session session) {
        this.session = session;
    }

    /**
     * A one2many field: {@code model}'s records hold their document in {@code inverse}.
     *
     * @param owned the document's deletion is meant to delete them
     */
    record Lines(String field, String model, String table, String inverse, boolean owned) {}

    List<Lines> of(String model) {
        return lines.computeIfAbsent(
                model,
                m -> session.rows()
                        .jdbc()
                        .sql("""
                                SELECT f.name, f.relation, c.relname, f.relation_field,
                                       EXISTS (SELECT FROM ir_model_fields l
                                                WHERE l.model = f.relation AND l.name = f.relation_field
                                                  AND l.ttype = 'many2one' AND l.on_delete = 'cascade')
                                  FROM ir_model_fields f
                                  JOIN pg_class c ON c.relname = replace(f.relation, '.', '_') AND c.relkind = 'r'
                                       AND c.relnamespace = current_schema()::regnamespace
                                  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = f.relation_field AND NOT a.attisdropped
                                 WHERE f.model = :model AND f.ttype = 'one2many' AND f.relation_field IS NOT NULL
                                 ORDER BY f.name""")
                        .param("model", m)
                        .query((rs, n) -> new Lines(
                                rs.getString(1), rs.getString(2), rs.getString(3), rs.getString(4), rs.getBoolean(5)))
                        .list());
    }

    /** The lines that a document has. */
    List<Long> ids(Lines lines, long document) {
        return session.rows()
                .jdbc()
                .sql("SELECT id FROM ONLY " + Sql.quote(lines.table()) + " WHERE " + Sql.quote(lines.inverse())
                        + " = :id ORDER BY id")
                .param("id", document)
                .query(Long.class)
                .list();
    }
}
