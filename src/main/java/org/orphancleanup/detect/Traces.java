package org.orphancleanup.detect;

import java.math.BigDecimal;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * What other records still tell of one that is gone. Each question reads a table that an Odoo without the module does not
 * have, or that the role may not read: the caller looks first, or lives with the {@code DataAccessException}.
 */
public final class Traces {

    private final JdbcClient jdbc;

    /** @param jdbc of the target */
    public Traces(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** @param source the record and field that kept it */
    public record Trace(@Nullable String text, String source) {}

    /** The last value of a tracked field, in the column of its type. */
    public record TrackedValue(
            String field,
            long number,
            @Nullable BigDecimal decimal,
            @Nullable String text,
            @Nullable String longText,
            @Nullable String time,
            String source) {}

    public List<TrackedValue> tracked(String model, long id) {
        return jdbc.sql("""
                SELECT DISTINCT ON (f.name) f.name, t.id, t.new_value_integer, t.new_value_float, t.new_value_char,
                       t.new_value_text, t.new_value_datetime::text
                  FROM mail_tracking_value t
                  JOIN mail_message m ON m.id = t.mail_message_id
                  JOIN ir_model_fields f ON f.id = t.field_id
                 WHERE m.model = :model AND m.res_id = :id AND f.model = :model
                 ORDER BY f.name, t.id DESC""")
                .param("model", model)
                .param("id", id)
                .query((rs, n) -> new TrackedValue(
                        rs.getString(1),
                        rs.getLong(3),
                        rs.getBigDecimal(4),
                        rs.getString(5),
                        rs.getString(6),
                        rs.getString(7),
                        "mail.tracking.value #" + rs.getLong(2)))
                .list();
    }

    /** Tracking of other records tells names of those they pointed to; one trace at most. */
    public List<Trace> trackedElsewhere(String model, long id) {
        return jdbc.sql("""
                        SELECT t.id, CASE WHEN t.new_value_integer = :id THEN t.new_value_char ELSE t.old_value_char END
                          FROM mail_tracking_value t
                         WHERE :id IN (t.new_value_integer, t.old_value_integer)
                           AND t.field_id IN (SELECT f.id FROM ir_model_fields f
                                               WHERE f.relation = :model AND f.ttype = 'many2one')
                         ORDER BY t.id DESC LIMIT 1""")
                .param("model", model)
                .param("id", id)
                .query((rs, n) -> new Trace(rs.getString(2), "mail.tracking.value #" + rs.getLong(1)))
                .list();
    }

    /** A message keeps the name of the record it was written on; one trace at most. */
    public List<Trace> recordName(String model, long id) {
        return jdbc.sql("""
                        SELECT m.id, m.record_name FROM mail_message m
                         WHERE m.model = :model AND m.res_id = :id AND m.record_name <> '' ORDER BY m.id DESC LIMIT 1""")
                .param("model", model)
                .param("id", id)
                .query((rs, n) -> new Trace(rs.getString(2), "mail.message #" + rs.getLong(1) + ", record_name"))
                .list();
    }

    /**
     * Its external id; one trace at most.
     *
     * @param ours the module of our own external ids, which tell nothing
     */
    public List<Trace> externalId(String model, long id, String ours) {
        return jdbc.sql("""
                        SELECT module || '.' || name FROM ir_model_data
                         WHERE model = :model AND res_id = :id AND module NOT IN ('__export__', :ours) ORDER BY id LIMIT 1""")
                .param("model", model)
                .param("id", id)
                .param("ours", ours)
                .query((rs, n) -> new Trace(rs.getString(1), "its external id"))
                .list();
    }

    /** Names of the files that were attached to it. */
    public List<Trace> attachments(String model, long id) {
        return jdbc.sql("""
                        SELECT id, name FROM ir_attachment
                         WHERE res_model = :model AND res_id = :id AND res_field IS NULL ORDER BY id DESC LIMIT 3""")
                .param("model", model)
                .param("id", id)
                .query((rs, n) ->
                        new Trace(rs.getString(2), "ir.attachment #" + rs.getLong(1) + ", a file attached to it"))
                .list();
    }
}
