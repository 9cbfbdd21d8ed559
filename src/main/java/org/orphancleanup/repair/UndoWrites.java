package org.orphancleanup.repair;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.orphancleanup.catalog.Reference;
import org.orphancleanup.catalog.Sql;
import org.orphancleanup.catalog.Storage;
import org.orphancleanup.odoo.OdooException;
import org.orphancleanup.plan.Outcome;
import org.orphancleanup.repair.SideEffects.Watched;
import org.orphancleanup.repair.UndoItem.Result;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.LongNode;
import tools.jackson.databind.node.NullNode;

/**
 * Writes old values back: only where the record is as the run left it, only where the old value still exists or may dangle,
 * and a look at the database after each call decides.
 */
final class UndoWrites {

    private static final String ALONE = "old values restored, each field alone";

    private final Session session;
    private final UndoStore store;
    private final UndoParents parents;
    private final SideEffects effects;
    private final Neighbourhood neighbourhood;
    private final QuietWriter writer;

    UndoWrites(
            Session session,
            UndoStore store,
            UndoParents parents,
            SideEffects effects,
            Neighbourhood neighbourhood,
            QuietWriter writer) {
        this.parents = parents;
        this.writer = writer;
        this.session = session;
        this.store = store;
        this.effects = effects;
        this.neighbourhood = neighbourhood;
    }

    /** Records that get the same values by the same calls. */
    private record Write(Map<String, Object> context, Map<String, JsonNode> values) {}

    List<Result> undo(List<UndoItem> items) {
        ModelInfo info = session.model(items.get(0).model());
        List<Result> results = new ArrayList<>();
        Map<String, List<UndoItem>> byTable = new LinkedHashMap<>();
        items.forEach(item ->
                byTable.computeIfAbsent(item.table(), k -> new ArrayList<>()).add(item));
        byTable.forEach((table, some) -> {
            List<Long> ids = some.stream().map(UndoItem::id).toList();
            Map<Long, Map<String, JsonNode>> rows = read(table, info, ids);
            Map<Long, Map<String, JsonNode>> own = store.ownChanges(table, ids);
            Map<Write, List<UndoItem>> groups = new LinkedHashMap<>();
            for (UndoItem item : some) {
                Map<String, JsonNode> row = rows.get(item.id());
                if (row == null) {
                    results.add(Result.not(
                            item, Outcome.CHANGED_MEANWHILE, "the record was deleted after the run that is undone"));
                    continue;
                }
                Map<String, JsonNode> old = withNewIds(info, item);
                if (left(info, old, row).isEmpty()) {
                    results.add(Result.undone(item, "it was already as before the run"));
                    continue;
                }
                String conflict = changedSince(info, item, old, row, own.get(item.id()));
                if (conflict != null) {
                    results.add(Result.not(item, Outcome.CHANGED_MEANWHILE, conflict));
                    continue;
                }
                String missing = oldValueGone(info, item, old, row);
                if (missing != null) {
                    results.add(Result.not(item, Outcome.REFUSED, missing));
                    continue;
                }
                groups.computeIfAbsent(new Write(item.context(), old), k -> new ArrayList<>())
                        .add(item);
            }
            int most = session.request().job().limits().idsPerCall();
            groups.forEach((write, group) -> {
                for (int from = 0; from < group.size(); from += most) {
                    together(info, write, group.subList(from, Math.min(group.size(), from + most)), results);
                }
            });
        });
        return results;
    }

    private Map<Long, Map<String, JsonNode>> read(String table, ModelInfo info, List<Long> ids) {
        return session.read(info.model(), table, ids);
    }

    /** The old values; where they point to a record that was deleted and made anew, to the new one. */
    private Map<String, JsonNode> withNewIds(ModelInfo info, UndoItem item) {
        Map<String, JsonNode> old = new TreeMap<>(item.restore());
        old.replaceAll((field, value) -> {
            String relation = info.relation(field);
            if (relation == null || !"many2one".equals(info.type(field)) || !value.isIntegralNumber()) {
                return value;
            }
            Long anew = store.newId(relation, value.asLong());
            return anew == null ? value : LongNode.valueOf(anew);
        });
        return old;
    }

    /** Columns that are not as they were. */
    private static Set<String> left(ModelInfo info, Map<String, JsonNode> old, Map<String, JsonNode> row) {
        Set<String> left = new TreeSet<>();
        old.forEach((column, value) -> {
            JsonNode is = row.getOrDefault(column, NullNode.getInstance());
            // 5 is 5.00; and no write can hold a fraction of a second
            boolean same = is.isNumber() && value.isNumber()
                    ? is.decimalValue().compareTo(value.decimalValue()) == 0
                    : is.equals(value) || Values.toRpc(info, column, is).equals(Values.toRpc(info, column, value));
            if (!same) {
                left.add(column);
            }
        });
        return left;
    }

    /** @param own the row after this undo's own last call that touched it, which counts as no change */
    private @Nullable String changedSince(
            ModelInfo info,
            UndoItem item,
            Map<String, JsonNode> old,
            Map<String, JsonNode> row,
            @Nullable Map<String, JsonNode> own) {
        Map<String, JsonNode> expect = own == null ? item.expect() : own;
        Set<String> changed = new TreeSet<>();
        for (String column : left(info, expect, row)) {
            boolean ours = old.containsKey(column);
            boolean isBack = ours && !left(info, old, row).contains(column);
            // what Odoo computes drifts by itself; what nothing computes was written by somebody
            if (!isBack && (ours || (!UndoItem.STAMPS.contains(column) && info.has(column) && info.isBase(column)))) {
                changed.add(column);
            }
        }
        return changed.isEmpty()
                ? null
                : "somebody changed " + String.join(", ", changed)
                        + " after the run that is undone; look at the record, and set "
                        + String.join(", ", old.keySet()) + " back by hand where that is still right";
    }

    /** An old value that cannot come back is told before anything is tried. */
    private @Nullable String oldValueGone(
            ModelInfo info, UndoItem item, Map<String, JsonNode> old, Map<String, JsonNode> row) {
        for (String field : left(info, old, row)) {
            JsonNode value = Objects.requireNonNull(old.get(field));
            String relation = info.relation(field);
            if (relation == null || !"many2one".equals(info.type(field)) || !value.isIntegralNumber()) {
                continue;
            }
            String parent = parentTable(item.table(), field, relation);
            if (parent == null || exists(parent, value.asLong())) {
                continue;
            }
            if (!store.wasMissing(relation, value.asLong())) {
                return "the old value of " + field + ", " + relation + " #" + value.asLong()
                        + ", no longer exists: it was deleted after the run that is undone";
            }
            String constraint = foreignKey(item.table(), field);
            if (constraint != null) {
                return "the old value of " + field + ", " + relation + " #" + value.asLong()
                        + ", is still missing, and the foreign key " + constraint
                        + " lets no value be written that does not exist: " + parents.reason(relation, value.asLong());
            }
        }
        return null;
    }

    private @Nullable String parentTable(String table, String field, String relation) {
        return session.request().references().stream()
                .filter(r -> r.childTable().equals(table) && field.equals(r.fieldName()))
                .map(Reference::parentTable)
                .filter(Objects::nonNull)
                .findFirst()
                .orElseGet(() -> {
                    String name = relation.replace('.', '_');
                    return session.rows().columns(name).contains("id") ? name : null;
                });
    }

    private boolean exists(String table, long id) {
        return session.rows()
                .jdbc()
                .sql("SELECT EXISTS (SELECT FROM " + Sql.quote(table) + " WHERE id = :id)")
                .param("id", id)
                .query(Boolean.class)
                .single();
    }

    private @Nullable String foreignKey(String table, String column) {
        return foreignKey(session, table, column);
    }

    /** The name of the foreign key on a column; null if there is none. */
    static @Nullable String foreignKey(Session session, String table, String column) {
        return session.rows()
                .jdbc()
                .sql("""
                        SELECT k.conname FROM pg_constraint k
                          JOIN pg_class c ON c.oid = k.conrelid AND c.relnamespace = current_schema()::regnamespace
                          JOIN pg_attribute a ON a.attrelid = c.oid AND k.conkey = ARRAY[a.attnum]
                         WHERE k.contype = 'f' AND c.relname = :table AND a.attname = :column LIMIT 1""")
                .param("table", table)
                .param("column", column)
                .query(String.class)
                .optional()
                .orElse(null);
    }

    /** One call for all of them; those it did not bring back one by one. */
    private void together(ModelInfo info, Write write, List<UndoItem> items, List<Result> results) {
        if (items.size() == 1) {
            results.add(alone(info, write, items.get(0)));
            return;
        }
        try {
            for (Call call : calls(info, write.values(), write.values().keySet(), write.context())) {
                call(info, items, call, "old values restored");
            }
        } catch (OdooException e) {
            session.goOnOrThrow(e);
            if (e.kind() != OdooException.Kind.NO_ANSWER) {
                int half = items.size() / 2;
                together(info, write, items.subList(0, half), results);
                together(info, write, items.subList(half, items.size()), results);
                return;
            }
        }
        Map<Long, Map<String, JsonNode>> rows = read(
                items.get(0).table(), info, items.stream().map(UndoItem::id).toList());
        for (UndoItem item : items) {
            Map<String, JsonNode> row = rows.get(item.id());
            results.add(
                    row != null && left(info, write.values(), row).isEmpty()
                            ? Result.undone(item, null)
                            : alone(info, write, item));
        }
    }

    /** @param values as sent in one call */
    private record Call(Map<String, Object> values, Map<String, Object> context) {}

    /** What has to be sent for these fields: one call, and one more per language or company of values kept by such. */
    private List<Call> calls(
            ModelInfo info, Map<String, JsonNode> old, Set<String> fields, Map<String, Object> context) {
        Map<String, Object> plain = new TreeMap<>();
        Map<Map<String, Object>, Map<String, Object>> keyed = new LinkedHashMap<>();
        for (String field : fields) {
            JsonNode value = old.getOrDefault(field, NullNode.getInstance());
            boolean perCompany = isPerCompany(info, field);
            if (perCompany || (value.isObject() && isText(info, field))) {
                value.properties().forEach(entry -> {
                    Map<String, Object> with = new LinkedHashMap<>(context);
                    if (perCompany) {
                        with.put("allowed_company_ids", List.of(Long.parseLong(entry.getKey())));
                    } else {
                        with.put("lang", entry.getKey());
                    }
                    keyed.computeIfAbsent(with, k -> new TreeMap<>())
                            .put(field, Values.toRpc(info, field, entry.getValue()));
                });
            } else if (Values.isWritable(info, field, value)) {
                plain.put(field, Values.toRpc(info, field, value));
            }
        }
        List<Call> calls = new ArrayList<>();
        if (!plain.isEmpty()) {
            calls.add(new Call(plain, context));
        }
        keyed.forEach((with, values) -> calls.add(new Call(values, with)));
        return calls;
    }

    private static boolean isPerCompany(ModelInfo info, String field) {
        JsonNode attributes = info.fields().get(field);
        return attributes != null && attributes.path("company_dependent").asBoolean(false);
    }

    private static boolean isText(ModelInfo info, String field) {
        return Set.of("char", "text", "html").contains(String.valueOf(info.type(field)));
    }

    /** One record, by ever smaller steps. */
    private Result alone(ModelInfo info, Write write, UndoItem item) {
        Map<String, JsonNode> old = write.values();
        Map<String, JsonNode> original = new HashMap<>(item.expect());
        original.putAll(old);
        Set<String> base = new TreeSet<>(old.keySet());
        base.removeIf(field -> !info.isBase(field) || field.equals("parent_path"));
        Set<String> together = new TreeSet<>(old.keySet());
        together.remove("parent_path"); // follows its parent, or is set when all else is
        Set<String> kept = new TreeSet<>(together);
        kept.addAll(info.dependents(together));
        List<Set<String>> rungs = new ArrayList<>(List.of(together, kept));
        if (!base.isEmpty()) {
            rungs.add(base);
        }
        old.keySet().forEach(field -> rungs.add(Set.of(field)));
        String error = null;
        boolean unknown = false;
        Set<Set<String>> tried = new LinkedHashSet<>();
        Set<String> left = new TreeSet<>(old.keySet());
        for (Set<String> rung : rungs) {
            Set<String> wanted = new TreeSet<>(rung);
            if (rung.size() == 1) {
                wanted.retainAll(left);
            }
            if (wanted.isEmpty() || !tried.add(wanted)) {
                continue;
            }
            // what one call leaves the next one sends, as long as that helps
            while (!wanted.isEmpty()) {
                try {
                    for (Call call : calls(info, original, wanted, write.context())) {
                        call(info, List.of(item), call, rung.size() == 1 ? ALONE : "old values restored");
                    }
                } catch (OdooException e) {
                    session.goOnOrThrow(e);
                    error = error == null ? PlainWords.of(e) : error;
                    unknown |= e.kind() == OdooException.Kind.NO_ANSWER;
                }
                Map<String, JsonNode> row =
                        read(item.table(), info, List.of(item.id())).get(item.id());
                if (row == null) {
                    return Result.not(item, Outcome.FAILED, "the record is gone after old values were written to it");
                }
                Set<String> now = left(info, old, row);
                if (now.isEmpty()) {
                    return Result.undone(item, null);
                }
                wanted = now.size() < left.size() ? new TreeSet<>(now) : new TreeSet<>();
                left = now;
            }
        }
        Set<String> real = new TreeSet<>(left);
        // Odoo writes no empty number, only 0
        real.removeIf(field -> info.isDerived(field)
                || Values.isNoNumber(info, field, old.getOrDefault(field, NullNode.getInstance())));
        if (real.isEmpty()) {
            return Result.undone(
                    item,
                    "but for " + String.join(", ", left)
                            + ", which Odoo computes itself, or which was an empty number that no write can empty");
        }
        String reason = String.join(", ", left) + (left.size() == 1 ? " is" : " are")
                + " not as before the run. "
                + (error == null ? "Odoo answered yes, and the database shows otherwise" : error)
                + stillMissing(info, item, old, left);
        return Result.not(item, unknown ? Outcome.FAILED : Outcome.HELD, reason);
    }

    /** Whether an old value's record is missing, why it did not come back meanwhile, and what would help. */
    private String stillMissing(ModelInfo info, UndoItem item, Map<String, JsonNode> old, Set<String> left) {
        for (String field : left) {
            JsonNode value = old.getOrDefault(field, NullNode.getInstance());
            String relation = info.relation(field);
            if (relation != null && "many2one".equals(info.type(field)) && value.isIntegralNumber()) {
                String parent = parentTable(item.table(), field, relation);
                if (parent != null && !exists(parent, value.asLong())) {
                    return ". The old value " + relation + " #" + value.asLong() + " is missing: "
                            + parents.reason(relation, value.asLong());
                }
            }
        }
        return "";
    }

    /** One write with its journal; what it changes besides is set back. */
    private void call(ModelInfo info, List<UndoItem> items, Call call, String rung) {
        session.brake().check();
        String table = items.get(0).table();
        List<Long> ids = items.stream().map(UndoItem::id).toList();
        Set<Watched> written = new LinkedHashSet<>();
        // what this undo sets right itself, before or after, is no side effect
        Map<String, Set<Long>> own = store.records();
        Watch watch = effects.watch(() -> {
            Map<Watched, Map<String, JsonNode>> before = new LinkedHashMap<>();
            Map<Long, Map<String, JsonNode>> rows = read(table, info, ids);
            for (UndoItem item : items) {
                Map<String, JsonNode> row = rows.get(item.id());
                if (row != null) {
                    Watched watched = new Watched(item.no(), item.model(), table, item.id());
                    before.put(watched, row);
                    written.add(watched);
                }
            }
            before.putAll(neighbourhood.read(items.get(0).no(), info.model(), table, ids));
            return before;
        });
        Map<Watched, Map<String, JsonNode>> after = effects.carryOut(
                new Journal.Call(info.model(), "write", ids, call.values(), call.context(), rung),
                watch,
                written,
                call.values().keySet(),
                () -> writer.write(info.model(), ids, call.values(), call.context()));
        watch.before()
                .keySet()
                .removeIf(row -> !written.contains(row)
                        && own.getOrDefault(row.table(), Set.of()).contains(row.id()));
        Set<String> sent = new LinkedHashSet<>(call.values().keySet());
        items.forEach(item -> sent.addAll(item.restore().keySet()));
        effects.settle(watch, after, written, sent, Set.of(), call.context());
    }

    /** The pair of a relation row put back or taken away, through whichever side has a field for it. */
    Result relationRow(UndoItem item) {
        boolean add = item.kind() == UndoItem.Kind.ROW_REMOVED;
        Reference reference = session.request().references().stream()
                .filter(r -> r.storage() instanceof Storage.RelationRow row
                        && row.table().equals(item.table())
                        && item.restore().keySet().equals(Set.of(row.ownerColumn(), row.column()))
                        && Objects.requireNonNull(item.restore().get(row.ownerColumn()))
                                        .asLong()
                                == item.id()
                        && item.model().equals(r.childModel()))
                .findFirst()
                .orElse(null);
        if (reference == null) {
            return Result.not(item, Outcome.HELD, "the run's catalog no longer knows this relation row");
        }
        Storage.RelationRow storage = (Storage.RelationRow) reference.storage();
        long other =
                Objects.requireNonNull(item.restore().get(storage.column())).asLong();
        if (RelationRows.exists(session, storage, item.id(), other) == add) {
            return Result.undone(item, "it was already as before the run");
        }
        String parent = reference.parentTable();
        if (add && parent != null && !exists(parent, other)) {
            String constraint = foreignKey(storage.table(), storage.column());
            if (constraint != null) {
                return Result.not(
                        item,
                        Outcome.REFUSED,
                        "the row would link to " + reference.parentModel() + " #" + other
                                + ", which is still missing, and the foreign key " + constraint
                                + " lets no such row be written: "
                                + parents.reason(String.valueOf(reference.parentModel()), other));
            }
        }
        String error = null;
        String inverse = RelationRows.inverseField(reference);
        List<Object> command = List.of(add ? 4 : 3);
        String field = reference.fieldName();
        record Way(String model, long id, String field, long linked) {}
        List<Way> ways = new ArrayList<>();
        if (field != null) {
            ways.add(new Way(item.model(), item.id(), field, other));
        }
        if (inverse != null && reference.parentModel() != null) {
            ways.add(new Way(reference.parentModel(), other, inverse, item.id()));
        }
        for (Way way : ways) {
            Map<String, Object> values = Map.of(way.field(), List.of(List.of(command.get(0), way.linked(), 0)));
            session.brake().check();
            Watched watched = new Watched(item.no(), item.model(), item.table(), item.id());
            Map<Watched, @Nullable Map<String, JsonNode>> before = new LinkedHashMap<>();
            before.put(watched, add ? null : item.restore());
            long id = session.journal()
                    .begin(
                            way.model(),
                            "write",
                            List.of(way.id()),
                            values,
                            item.context(),
                            add ? "relation row put back" : "relation row removed",
                            before);
            long started = System.nanoTime();
            try {
                session.odoo().write(way.model(), List.of(way.id()), values, item.context());
                boolean done = RelationRows.exists(session, storage, item.id(), other) == add;
                Map<Watched, @Nullable Map<String, JsonNode>> changed = new LinkedHashMap<>();
                changed.put(watched, !done ? Map.of() : add ? item.restore() : null);
                session.journal().done(id, Journal.millisSince(started), changed);
                if (done) {
                    return Result.undone(item, null);
                }
            } catch (OdooException e) {
                session.journal().refused(id, Journal.millisSince(started), e);
                session.goOnOrThrow(e);
                error = error == null ? PlainWords.of(e) : error;
            }
        }
        return Result.not(
                item,
                Outcome.HELD,
                "no API call " + (add ? "puts back" : "removes") + " this relation row (table " + storage.table() + ")"
                        + (error == null ? "" : ". " + error));
    }
}
