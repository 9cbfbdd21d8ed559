package org.orphancleanup.sandbox;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Messages, followers and tracking values that writes leave behind unless the context keeps them quiet. */
final class Tracking {

    private final Environment env;
    private final Map<Rec, Map<String, @Nullable Object>> before = new LinkedHashMap<>();

    Tracking(Environment env) {
        this.env = env;
    }

    /** Remembers tracked values, and reads the related ones, as tracking does. */
    void before(Model model, List<Rec> records, Set<String> written) {
        if (!model.thread() || quiet()) {
            return;
        }
        List<ModelField> tracked = model.fields().stream()
                .filter(field -> field.tracking() && !field.isMany())
                .toList();
        if (tracked.stream().noneMatch(field -> written.contains(field.name()))) {
            return;
        }
        for (Rec record : records) {
            if (before.containsKey(record)) {
                continue;
            }
            Map<String, @Nullable Object> values = new LinkedHashMap<>();
            for (ModelField field : tracked) {
                values.put(field.name(), env.raw(record, field));
            }
            before.put(record, values);
        }
    }

    private boolean quiet() {
        return env.flag("tracking_disable") || env.flag("mail_notrack");
    }

    /** At the end of the call: what changed becomes a message, with the names of the old and new records. */
    void after() {
        Map<Rec, Map<String, @Nullable Object>> remembered = new LinkedHashMap<>(before);
        before.clear();
        remembered.forEach((record, values) -> {
            if (env.existing(record.model(), List.of(record.id())).isEmpty()) {
                return;
            }
            List<ModelField> changed = new ArrayList<>();
            for (String name : values.keySet()) {
                ModelField field = Objects.requireNonNull(record.model().field(name));
                if (field.stored() && !Objects.equals(values.get(name), env.raw(record, field))) {
                    changed.add(field);
                }
            }
            if (changed.isEmpty()) {
                return;
            }
            long message = message(record, "");
            for (ModelField field : changed) {
                trackingValue(message, record, field, values.get(field.name()));
            }
        });
    }

    private void trackingValue(long message, Rec record, ModelField field, @Nullable Object old) {
        Object fresh = env.raw(record, field);
        boolean number = field.isMany2one()
                || field.type().equals("integer")
                || field.type().equals("boolean");
        env.update(
                "INSERT INTO mail_tracking_value (field_id, mail_message_id, old_value_integer, new_value_integer,"
                        + " old_value_char, new_value_char, create_uid, create_date, write_uid, write_date)"
                        + " SELECT f.id, ?, ?, ?, ?, ?, ?, ?::timestamp, ?, ?::timestamp FROM ir_model_fields f"
                        + " WHERE f.model = ? AND f.name = ?",
                Arrays.asList(
                        message,
                        number ? asNumber(old) : null,
                        number ? asNumber(fresh) : null,
                        name(field, old),
                        name(field, fresh),
                        env.user.id(),
                        env.now(),
                        env.user.id(),
                        env.now(),
                        record.model().name(),
                        field.name()));
    }

    private static @Nullable Integer asNumber(@Nullable Object value) {
        return value instanceof Boolean flag
                ? (Integer) (flag ? 1 : 0)
                : value instanceof Long id ? id.intValue() : null;
    }

    private @Nullable String name(ModelField field, @Nullable Object value) {
        if (value == null) {
            return null;
        }
        if (!field.isMany2one()) {
            return value.toString();
        }
        Rec other = env.rec(Objects.requireNonNull(field.to()), (Long) value);
        if (field.trackingForgives()
                && env.existing(other.model(), List.of(other.id())).isEmpty()) {
            return "";
        }
        return env.displayName(other);
    }

    void created(Rec record) {
        if (!record.model().thread() || env.flag("tracking_disable")) {
            return;
        }
        if (!env.flag("mail_create_nosubscribe")) {
            env.update(
                    "INSERT INTO mail_followers (res_model, res_id, partner_id) SELECT ?, ?, ? WHERE NOT EXISTS (SELECT 1 FROM"
                            + " mail_followers WHERE res_model = ? AND res_id = ? AND partner_id = ?)",
                    List.of(
                            record.model().name(),
                            record.id(),
                            env.user.partner(),
                            record.model().name(),
                            record.id(),
                            env.user.partner()));
        }
        if (!env.flag("mail_create_nolog")) {
            message(record, record.model().title() + " created");
        }
    }

    private long message(Rec record, String body) {
        // the record's own name is read, and with it the names it is made of
        env.displayName(record);
        long id = env.number("SELECT nextval(pg_get_serial_sequence(?, 'id'))", "mail_message");
        env.update(
                "INSERT INTO mail_message (id, model, res_id, body, message_type, author_id, date, create_uid, create_date,"
                        + " write_uid, write_date) VALUES (?, ?, ?, ?, 'notification', ?, ?::timestamp, ?, ?::timestamp, ?,"
                        + " ?::timestamp)",
                List.of(
                        id,
                        record.model().name(),
                        record.id(),
                        body,
                        env.user.partner(),
                        env.now(),
                        env.user.id(),
                        env.now(),
                        env.user.id(),
                        env.now()));
        return id;
    }
}
