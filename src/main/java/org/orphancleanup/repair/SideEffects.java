package org.orphancleanup.repair;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.orphancleanup.job.JobDefinition;
import org.orphancleanup.odoo.OdooException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.NullNode;

/**
 * Compares rows before and after a write: the written records', and for a canary those of its documents and lines. What
 * changed besides the intended is restored where the definition says {@code preserve}; what stays changed is reported.
 */
final class SideEffects {

    private static final Set<String> STAMPS = Set.of("write_uid", "write_date");

    private final Session session;
    private final RepairStore store;
    private final QuietWriter writer;

    SideEffects(Session session, RepairStore store, QuietWriter writer) {
        this.writer = writer;
        this.session = session;
        this.store = store;
    }

    /**
     * A record whose row is compared.
     *
     * @param repairNo the repair it is reported under
     */
    record Watched(long repairNo, String model, String table, long id) {}

    /**
     * Makes a call that the journal keeps with these rows before and after it.
     *
     * @return the rows after it; one that is gone has none
     */
    Map<Watched, Map<String, JsonNode>> carryOut(
            Journal.Call call, Map<Watched, Map<String, JsonNode>> before, Runnable send) {
        Map<Watched, Map<String, JsonNode>> after = new LinkedHashMap<>();
        session.journal().carryOut(call, before, Map.of(), send, () -> {
            after.putAll(reread(before.keySet()));
            return Journal.changes(before, after);
        });
        return after;
    }

    /**
     * What a write changed besides.
     *
     * @param changed fields that are not derived, by row, before anything was restored
     * @param lasting those of them that could not be restored, though a write can set such a value exactly
     */
    record Besides(Map<Watched, Set<String>> changed, Map<Watched, Set<String>> lasting) {

        private static final Besides NOTHING = new Besides(Map.of(), Map.of());
    }

    /** @param sent fields the write itself sent */
    Besides settle(
            Map<Watched, Map<String, JsonNode>> before,
            Map<Watched, Map<String, JsonNode>> after,
            Set<Watched> written,
            Set<String> sent,
            Map<String, Object> context) {
        reportVanished(before, after);
        Map<Watched, Set<String>> changed = changes(before, after, written, sent);
        if (changed.isEmpty()) {
            return Besides.NOTHING;
        }
        Map<Watched, Set<String>> notDerived = new LinkedHashMap<>();
        changed.forEach((row, fields) -> fields.stream()
                .filter(field -> !session.model(row.model()).isDerived(field))
                .forEach(field -> notDerived
                        .computeIfAbsent(row, k -> new LinkedHashSet<>())
                        .add(field)));
        Map<Watched, Map<String, JsonNode>> now = after;
        if (session.request().job().sideEffects() == JobDefinition.SideEffects.PRESERVE && !notDerived.isEmpty()) {
            restore(before, after, changed, context);
            now = reread(changed.keySet());
        }
        Map<Watched, Set<String>> lasting = new LinkedHashMap<>();
        for (Map.Entry<Watched, Set<String>> entry :
                changes(before, now, written, sent).entrySet()) {
            Watched row = entry.getKey();
            ModelInfo info = session.model(row.model());
            for (String field : entry.getValue()) {
                JsonNode was = value(before, row, field);
                session.journal()
                        .changedBesides(
                                row.repairNo(),
                                row.model(),
                                row.id(),
                                field,
                                was,
                                value(now, row, field),
                                info.isDerived(field));
                if (!info.isDerived(field) && Values.isExact(info, field, was)) {
                    lasting.computeIfAbsent(row, k -> new LinkedHashSet<>()).add(field);
                }
            }
        }
        return new Besides(notDerived, lasting);
    }

    /** Tells what a deletion changed in the documents it took lines from; what went with it is told elsewhere. */
    void afterDeletion(Map<Watched, Map<String, JsonNode>> before, Map<Watched, Map<String, JsonNode>> after) {
        changes(before, after, Set.of(), Set.of())
                .forEach((row, fields) -> fields.forEach(field -> session.journal()
                        .changedBesides(
                                row.repairNo(),
                                row.model(),
                                row.id(),
                                field,
                                value(before, row, field),
                                value(after, row, field),
                                session.model(row.model()).followsDeletion(field))));
    }

    /** A row that is gone, such as a tax line that Odoo made anew, is reported by its id. */
    private void reportVanished(Map<Watched, Map<String, JsonNode>> before, Map<Watched, Map<String, JsonNode>> after) {
        Set<Watched> missing = new LinkedHashSet<>(before.keySet());
        missing.removeAll(after.keySet());
        missing.removeAll(reread(missing).keySet());
        for (Watched row : missing) {
            session.journal()
                    .changedBesides(
                            row.repairNo(),
                            row.model(),
                            row.id(),
                            "id",
                            value(before, row, "id"),
                            NullNode.getInstance(),
                            false);
        }
    }

    private static JsonNode value(Map<Watched, Map<String, JsonNode>> rows, Watched row, String field) {
        return rows.getOrDefault(row, Map.of()).getOrDefault(field, NullNode.getInstance());
    }

    /** Fields that differ and were not meant to: neither sent, nor dangling before, nor a stamp. */
    private Map<Watched, Set<String>> changes(
            Map<Watched, Map<String, JsonNode>> before,
            Map<Watched, Map<String, JsonNode>> after,
            Set<Watched> written,
            Set<String> sent) {
        Map<Watched, Set<String>> changed = new LinkedHashMap<>();
        before.forEach((row, was) -> {
            Map<String, JsonNode> is = after.get(row);
            if (is == null) {
                return;
            }
            Set<String> fields = new LinkedHashSet<>(Journal.difference(was, is).keySet());
            fields.removeAll(STAMPS);
            if (written.contains(row)) {
                fields.removeAll(sent);
            }
            if (!fields.isEmpty()) {
                changed.put(row, fields);
            }
        });
        if (changed.isEmpty()) {
            return changed;
        }
        Map<String, List<Long>> ids = changed.keySet().stream()
                .collect(Collectors.groupingBy(Watched::table, Collectors.mapping(Watched::id, Collectors.toList())));
        Map<String, Map<Long, Set<String>>> dangling = new LinkedHashMap<>();
        ids.forEach((table, list) -> dangling.put(table, store.danglingFields(table, list)));
        changed.forEach((row, fields) ->
                fields.removeAll(dangling.getOrDefault(row.table(), Map.of()).getOrDefault(row.id(), Set.of())));
        changed.values().removeIf(Set::isEmpty);
        return changed;
    }

    private void restore(
            Map<Watched, Map<String, JsonNode>> before,
            Map<Watched, Map<String, JsonNode>> after,
            Map<Watched, Set<String>> changed,
            Map<String, Object> context) {
        record Call(String model, Map<String, Object> values) {}
        Map<Call, List<Watched>> calls = new LinkedHashMap<>();
        changed.forEach((row, fields) -> {
            ModelInfo info = session.model(row.model());
            Map<String, Object> old = new LinkedHashMap<>();
            for (String field : fields) {
                JsonNode value = value(before, row, field);
                if (!info.isDerived(field)
                        && Values.isWritable(info, field, value)
                        && !(Values.isNoNumber(info, field, value) && isZero(value(after, row, field)))) {
                    old.put(field, Values.toRpc(info, field, value));
                }
            }
            if (!old.isEmpty()) {
                calls.computeIfAbsent(new Call(row.model(), old), k -> new ArrayList<>())
                        .add(row);
            }
        });
        calls.forEach((call, rows) -> {
            List<Long> ids = rows.stream().map(Watched::id).toList();
            Map<Watched, Map<String, JsonNode>> journalled = new LinkedHashMap<>();
            rows.forEach(row -> journalled.put(row, after.getOrDefault(row, Map.of())));
            long id = session.journal()
                    .begin(call.model(), "write", ids, call.values(), context, "old values restored", journalled);
            long started = System.nanoTime();
            try {
                writer.write(call.model(), ids, call.values(), context);
                session.journal()
                        .done(
                                id,
                                Journal.millisSince(started),
                                Journal.changes(journalled, reread(journalled.keySet())));
            } catch (OdooException e) {
                // what could not be restored is reported as changed
                session.journal().refused(id, Journal.millisSince(started), e);
                session.goOnOrThrow(e);
            }
        });
    }

    /** Odoo writes no empty number, only 0; so an empty one that became 0 cannot be restored. */
    private static boolean isZero(JsonNode value) {
        return value.isNumber() && value.decimalValue().signum() == 0 || value.isBoolean() && !value.asBoolean();
    }

    Map<Watched, Map<String, JsonNode>> reread(Set<Watched> rows) {
        Map<Watched, Map<String, JsonNode>> now = new LinkedHashMap<>();
        rows.stream().collect(Collectors.groupingBy(Watched::table)).forEach((table, watched) -> {
            Map<Long, Map<String, JsonNode>> read = session.read(
                    watched.get(0).model(),
                    table,
                    watched.stream().map(Watched::id).toList());
            watched.forEach(row -> {
                Map<String, JsonNode> found = read.get(row.id());
                if (found != null) {
                    now.put(row, found);
                }
            });
        });
        return now;
    }
}
