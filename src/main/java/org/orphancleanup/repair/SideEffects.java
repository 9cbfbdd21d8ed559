package org.orphancleanup.repair;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
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

    /** Rows to be compared around calls, read now. */
    Watch watch(Supplier<Map<Watched, Map<String, JsonNode>>> read) {
        return Watch.of(session, read);
    }

    /**
     * Makes a call that the journal keeps with these rows before and after it. Of a row that somebody else wrote meanwhile the
     * journal keeps what was sent alone: an undo must not take his edit back.
     *
     * @param written rows it writes
     * @param sent fields it sends, of {@code written}
     * @return the rows after it; one that is gone has none
     * @throws Watch.Overtaken where nothing was sent, as somebody else wrote one of {@code written} meanwhile
     */
    Map<Watched, Map<String, JsonNode>> carryOut(
            Journal.Call call, Watch watch, Set<Watched> written, Set<String> sent, Runnable send) {
        Map<Watched, Map<String, JsonNode>> after = new LinkedHashMap<>();
        session.journal().carryOut(call, watch.before(), Map.of(), () -> watch.over(written, true, send), () -> {
            after.putAll(reread(watch.before().keySet()));
            return withoutOthers(watch, written, sent, Journal.changes(watch.before(), after));
        });
        return after;
    }

    private static Map<Watched, @Nullable Map<String, JsonNode>> withoutOthers(
            Watch watch,
            Set<Watched> written,
            Set<String> sent,
            Map<Watched, @Nullable Map<String, JsonNode>> changes) {
        for (Watched row : watch.others()) {
            Map<String, JsonNode> changed = changes.get(row);
            if (changed != null) {
                Map<String, JsonNode> own = new LinkedHashMap<>(changed);
                own.keySet().retainAll(written.contains(row) ? sent : Set.of());
                changes.put(row, own);
            }
        }
        return changes;
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

    /**
     * Sets back what the watched calls changed besides, and reports what stays changed. What others wrote meanwhile stays.
     *
     * @param intended fields the calls were to change, of {@code written}
     * @param along further fields they sent, with the values these had
     */
    Besides settle(
            Watch watch,
            Map<Watched, Map<String, JsonNode>> after,
            Set<Watched> written,
            Set<String> intended,
            Set<String> along,
            Map<String, Object> context) {
        Map<Watched, Map<String, JsonNode>> before = new LinkedHashMap<>(watch.before());
        reportVanished(before, after);
        reportOthers(watch, after, written, intended, along);
        before.keySet().removeAll(watch.others());
        Map<Watched, Set<String>> changed = changes(before, after, written, intended);
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
            Set<Watched> others = restore(before, after, changed, context);
            now = reread(changed.keySet());
            changed.keySet().removeAll(others);
            before.keySet().removeAll(others);
        }
        Map<Watched, Set<String>> lasting = new LinkedHashMap<>();
        for (Map.Entry<Watched, Set<String>> entry :
                changes(before, now, written, intended).entrySet()) {
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
                                info.isDerived(field),
                                false);
                if (!info.isDerived(field) && Values.isExact(info, field, was)) {
                    lasting.computeIfAbsent(row, k -> new LinkedHashSet<>()).add(field);
                }
            }
        }
        return new Besides(notDerived, lasting);
    }

    /**
     * Of a row that somebody else wrote meanwhile nobody can tell which of the changes are his; and where our call came after him,
     * what it sent may have covered what he wrote.
     */
    private void reportOthers(
            Watch watch,
            Map<Watched, Map<String, JsonNode>> after,
            Set<Watched> written,
            Set<String> intended,
            Set<String> along) {
        Map<Watched, Map<String, JsonNode>> rows = new LinkedHashMap<>(watch.before());
        rows.keySet().retainAll(watch.others());
        Map<Watched, Set<String>> fields = changes(rows, after, written, intended);
        watch.overwritten().stream()
                .filter(written::contains)
                .forEach(row ->
                        fields.computeIfAbsent(row, k -> new LinkedHashSet<>()).addAll(along));
        fields.forEach((row, names) -> {
            ModelInfo info = session.model(row.model());
            names.stream()
                    .filter(field -> !info.isDerived(field))
                    .forEach(field -> byOthers(row, field, value(rows, row, field), value(after, row, field)));
        });
    }

    private void byOthers(Watched row, String field, JsonNode before, JsonNode after) {
        session.journal().changedBesides(row.repairNo(), row.model(), row.id(), field, before, after, false, true);
    }

    /** Tells what a deletion changed in the documents it took lines from; what went with it is told elsewhere. */
    void afterDeletion(Watch watch, Set<Watched> around) {
        Map<Watched, Map<String, JsonNode>> before = new LinkedHashMap<>(watch.before());
        before.keySet().retainAll(around);
        Map<Watched, Map<String, JsonNode>> after = reread(before.keySet());
        changes(before, after, Set.of(), Set.of())
                .forEach((row, fields) -> fields.forEach(field -> session.journal()
                        .changedBesides(
                                row.repairNo(),
                                row.model(),
                                row.id(),
                                field,
                                value(before, row, field),
                                value(after, row, field),
                                session.model(row.model()).followsDeletion(field),
                                watch.others().contains(row))));
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
                            false,
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

    /** @return rows that somebody else wrote meanwhile */
    private Set<Watched> restore(
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
        Set<Watched> others = new LinkedHashSet<>();
        // what one of these calls changes in rows that are still to come is no stranger's work
        Map<Watched, Map<String, JsonNode>> expected = new LinkedHashMap<>(after);
        calls.forEach((call, rows) -> {
            Set<Watched> open = new LinkedHashSet<>(rows);
            open.removeAll(others);
            while (!open.isEmpty()) {
                Watch watch = watch(() -> reread(changed.keySet()));
                Map<Watched, Map<String, JsonNode>> now = watch.before();
                Set<Watched> his = open.stream()
                        .filter(row -> !Objects.equals(expected.get(row), now.get(row)))
                        .collect(Collectors.toSet());
                his.forEach(row -> giveWay(row, changed, before, now, others));
                open.removeAll(his);
                open.removeIf(row -> call.values().keySet().stream()
                        .allMatch(field -> value(before, row, field).equals(value(now, row, field))));
                if (open.isEmpty()) {
                    return;
                }
                try {
                    Map<Watched, Map<String, JsonNode>> restored =
                            restore(call.model(), call.values(), watch, open, context);
                    restored.keySet().removeAll(watch.others());
                    expected.putAll(restored);
                    watch.others().stream()
                            .filter(open::contains)
                            .forEach(row -> giveWay(row, changed, before, reread(Set.of(row)), others));
                    open.clear();
                } catch (Watch.Overtaken e) {
                    e.changed().forEach(row -> giveWay(row, changed, before, reread(Set.of(row)), others));
                    open.removeAll(e.changed());
                }
            }
        });
        return others;
    }

    private void giveWay(
            Watched row,
            Map<Watched, Set<String>> changed,
            Map<Watched, Map<String, JsonNode>> before,
            Map<Watched, Map<String, JsonNode>> now,
            Set<Watched> others) {
        others.add(row);
        ModelInfo info = session.model(row.model());
        changed.getOrDefault(row, Set.of()).stream()
                .filter(field ->
                        !info.isDerived(field) && !value(before, row, field).equals(value(now, row, field)))
                .forEach(field -> byOthers(row, field, value(before, row, field), value(now, row, field)));
    }

    private Map<Watched, Map<String, JsonNode>> restore(
            String model, Map<String, Object> values, Watch watch, Set<Watched> rows, Map<String, Object> context) {
        List<Long> ids = rows.stream().map(Watched::id).toList();
        try {
            return carryOut(
                    new Journal.Call(model, "write", ids, values, context, "old values restored"),
                    watch,
                    rows,
                    values.keySet(),
                    () -> writer.write(model, ids, values, context));
        } catch (OdooException e) {
            session.goOnOrThrow(e); // what could not be restored is reported as changed
            return new LinkedHashMap<>();
        }
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
