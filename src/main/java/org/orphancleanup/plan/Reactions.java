package org.orphancleanup.plan;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.orphancleanup.catalog.Sql;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * What would react to a plan's writes: automation rules of its models, calendars that records are synchronised with,
 * connectors that poll by {@code write_date}.
 */
final class Reactions {

    /** Odoo's triggers that no write, creation or deletion of a record sets off. */
    private static final Set<String> NOT_BY_WRITES =
            Set.of("on_change", "on_time", "on_time_created", "on_webhook", "on_message_received", "on_message_sent");

    private static final Set<String> BY_DELETION = Set.of("on_unlink");
    private static final Set<String> BY_CREATION = Set.of("on_create", "on_create_or_write");

    /** States of server actions that stay within Odoo's records; all others send, call out, run code, or may. */
    private static final Set<String> HARMLESS =
            Set.of("object_write", "object_create", "object_copy", "remove_followers");

    /** Fields by which Odoo's calendar modules know their record at Google or Microsoft. */
    private static final Set<String> CALENDAR_FIELDS =
            Set.of("google_id", "google_event_id", "microsoft_id", "ms_organizer_event_id", "ms_universal_event_id");

    private final JdbcClient target;
    private final TargetSchema schema;

    Reactions(JdbcClient target, TargetSchema schema) {
        this.target = target;
        this.schema = schema;
    }

    /**
     * Planned repairs of one model.
     *
     * @param written ids of records that are written
     * @param deleted how many are deleted
     */
    record Touched(String model, List<Long> written, long deleted) {}

    /**
     * @param blocked what must not happen unasked
     * @param warnings what will happen, in words
     */
    record Found(List<String> blocked, List<String> warnings) {}

    /**
     * @param made models of which the plan makes placeholders or stand-ins
     * @param allowed {@code allow.automations}
     */
    Found of(List<Touched> touched, Set<String> made, boolean allowed) {
        List<String> blocked = new ArrayList<>();
        List<String> warnings = new ArrayList<>();
        automations(touched, made, allowed, blocked, warnings);
        long stamped = 0;
        for (Touched model : touched) {
            calendars(model, warnings);
            stamped += model.written().size();
        }
        if (stamped > 0) {
            warnings.add(Words.count(stamped, "record")
                    + (stamped == 1 ? " gets" : " get")
                    + " a new write_date, which connectors that poll by it take for news: "
                    + touched.stream()
                            .filter(model -> !model.written().isEmpty())
                            .map(model -> model.written().size() + " of " + model.model())
                            .collect(Collectors.joining(", "))
                    + ".");
        }
        return new Found(blocked, warnings);
    }

    private void automations(
            List<Touched> touched, Set<String> made, boolean allowed, List<String> blocked, List<String> warnings) {
        if (!schema.has("base_automation", "trigger") || !schema.has("ir_act_server", "base_automation_id")) {
            return; // the module is not installed
        }
        Map<String, Set<String>> events = new TreeMap<>();
        touched.forEach(model -> {
            if (!model.written().isEmpty()) {
                events.computeIfAbsent(model.model(), k -> new TreeSet<>()).add("write");
            }
            if (model.deleted() > 0) {
                events.computeIfAbsent(model.model(), k -> new TreeSet<>()).add("unlink");
            }
        });
        made.forEach(
                model -> events.computeIfAbsent(model, k -> new TreeSet<>()).add("create"));
        record Rule(String model, String trigger, String name, Set<String> states) {}
        Map<Long, Rule> rules = new LinkedHashMap<>();
        target.sql("""
                        SELECT a.id, m.model, a.trigger, to_jsonb(a) ->> 'name' AS name, s.state
                          FROM base_automation a
                          JOIN ir_model m ON m.id = a.model_id
                          LEFT JOIN ir_act_server s ON s.base_automation_id = a.id
                         WHERE a.active AND m.model = ANY(:models)
                         ORDER BY m.model, a.id""").param("models", events.keySet().toArray(String[]::new)).query(row -> {
            Rule rule = rules.computeIfAbsent(row.getLong("id"), id -> {
                try {
                    return new Rule(
                            row.getString("model"),
                            row.getString("trigger"),
                            name(row.getString("name")),
                            new TreeSet<>());
                } catch (java.sql.SQLException e) {
                    throw new IllegalStateException(e);
                }
            });
            if (row.getString("state") != null) {
                rule.states().add(row.getString("state"));
            }
        });
        for (Rule rule : rules.values()) {
            Set<String> happens = events.getOrDefault(rule.model(), Set.of());
            boolean reacts = BY_DELETION.contains(rule.trigger())
                    ? happens.contains("unlink")
                    : happens.contains("write") || (happens.contains("create") && BY_CREATION.contains(rule.trigger()));
            if (!reacts || NOT_BY_WRITES.contains(rule.trigger())) {
                continue;
            }
            Set<String> loud = new TreeSet<>(rule.states());
            loud.removeAll(HARMLESS);
            String words =
                    "the automation rule \"" + rule.name() + "\" of " + rule.model() + " (" + rule.trigger() + ")";
            if (loud.isEmpty()) {
                warnings.add(
                        "May react: " + words + ", which changes records (" + String.join(", ", rule.states()) + ").");
            } else if (allowed) {
                warnings.add("May react, by allow.automations: " + words + ", which sends, calls out or runs code ("
                        + String.join(", ", loud) + ").");
            } else {
                blocked.add("May react: " + words + ", which sends, calls out or runs code (" + String.join(", ", loud)
                        + "). Switch the rule off for the time of the run, or set allow.automations: true.");
            }
        }
    }

    /** A translated name is jsonb: any of its languages names it. */
    private static String name(String name) {
        int from = name.indexOf(": \"");
        return name.startsWith("{") && from > 0 ? name.substring(from + 3, name.indexOf('"', from + 3)) : name;
    }

    private void calendars(Touched model, List<String> warnings) {
        String table = schema.table(model.model());
        List<String> fields = CALENDAR_FIELDS.stream()
                .filter(field -> schema.has(table, field))
                .sorted()
                .toList();
        if (fields.isEmpty() || model.written().isEmpty()) {
            return;
        }
        long records = target.sql("SELECT count(*) FROM ONLY " + Sql.quote(table) + " WHERE id = ANY(:ids) AND ("
                        + fields.stream()
                                .map(field -> Sql.quote(field) + " IS NOT NULL")
                                .collect(Collectors.joining(" OR "))
                        + ")")
                .param("ids", model.written().toArray(Long[]::new))
                .query(Long.class)
                .single();
        if (records > 0) {
            warnings.add(Words.count(records, "record") + " of " + model.model()
                    + (records == 1 ? " is" : " are")
                    + " synchronised with a calendar at Google or Microsoft, which gets the change, too.");
        }
    }
}
