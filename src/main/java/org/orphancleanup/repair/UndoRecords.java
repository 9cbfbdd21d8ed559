package org.orphancleanup.repair;

import java.sql.Timestamp;
import java.util.ArrayList;
import java.util.LinkedHashMap;
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

/**
 * Makes deleted records anew from their snapshots, with new ids: their fields, lines, relation rows and files; and points what
 * pointed to them and to their lines to the new ones, messages and other records that name them by model and id included.
 */
final class UndoRecords {

    private static final Set<String> NEVER =
            Set.of("id", "create_uid", "create_date", "write_uid", "write_date", "parent_path");

    private static final List<String> OF_A_FILE =
            List.of("name", "description", "type", "url", "mimetype", "public", "company_id");

    private final Session session;
    private final UndoStore store;

    UndoRecords(Session session, UndoStore store) {
        this.session = session;
        this.store = store;
    }

    Result undo(UndoItem item) {
        if (session.rows().read(item.table(), Set.of(), List.of(item.id())).containsKey(item.id())) {
            return Result.undone(item, "a record with its id is there");
        }
        JsonNode snapshot = store.snapshot(item);
        if (snapshot == null) {
            return Result.not(
                    item,
                    Outcome.REFUSED,
                    "Odoo deleted the record by itself while the run repaired another, and may have made its successor; it is"
                            + " not made anew");
        }
        List<String> notes = new ArrayList<>();
        Long known = store.newIdOf(item);
        try {
            long id;
            if (known != null
                    && session.rows()
                            .read(item.table(), Set.of(), List.of(known))
                            .containsKey(known)) {
                id = known;
            } else {
                Map<Long, JsonNode> lines = new LinkedHashMap<>();
                id = create(item, snapshot, null, 0, lines, notes);
                store.newId(item, id);
                lines.forEach((line, of) -> attach(item, of, line, notes));
            }
            attach(item, snapshot, id, notes);
            return new Result(
                    item.no(),
                    Outcome.UNDONE,
                    "made anew as #" + id + (notes.isEmpty() ? "" : "; " + String.join("; ", notes)),
                    id);
        } catch (OdooException e) {
            session.goOnOrThrow(e);
            return Result.not(
                    item,
                    e.kind() == OdooException.Kind.NO_ANSWER ? Outcome.FAILED : Outcome.HELD,
                    "the deleted record could not be made anew. " + PlainWords.of(e));
        }
    }

    /**
     * @param link the field that holds its document; null for the record itself
     * @param document the new id
     * @param made gets the snapshots of the lines that were made with it, by their new ids
     */
    private long create(
            UndoItem item,
            JsonNode snapshot,
            @Nullable String link,
            long document,
            Map<Long, JsonNode> made,
            List<String> notes) {
        String model = snapshot.path("model").asString();
        String table = snapshot.path("table").asString();
        ModelInfo info = session.model(model);
        Map<String, Object> all = new TreeMap<>();
        Set<String> dangling = new TreeSet<>();
        Map<String, JsonNode> translated = new TreeMap<>();
        snapshot.path("row").properties().forEach(column -> {
            String field = column.getKey();
            JsonNode value = column.getValue();
            if (NEVER.contains(field) || !info.has(field) || !info.isStored(field) || info.isDerived(field)) {
                return;
            }
            if (value.isObject() && Set.of("char", "text", "html").contains(String.valueOf(info.type(field)))) {
                translated.put(field, value);
                value.properties().stream()
                        .findFirst()
                        .ifPresent(first -> all.put(field, Values.toRpc(info, field, first.getValue())));
            } else if (Values.isWritable(info, field, value)) {
                all.put(field, Values.toRpc(info, field, value));
                String relation = info.relation(field);
                if ("many2one".equals(info.type(field)) && relation != null && value.isIntegralNumber()) {
                    Long anew = store.newId(relation, value.asLong());
                    if (anew != null) {
                        all.put(field, anew);
                    } else if (!exists(relation, value.asLong())) {
                        dangling.add(field);
                    }
                }
            }
        });
        if (link != null) {
            all.put(link, document);
            dangling.remove(link);
        }
        snapshot.path("relations").forEach(relation -> {
            if (!relation.path("inverse").asBoolean()
                    && model.equals(relation.path("model").asString())) {
                List<Long> there = new ArrayList<>();
                String other = info.relation(relation.path("field").asString());
                relation.path("ids").forEach(id -> {
                    if (other != null && exists(other, id.asLong())) {
                        there.add(id.asLong());
                    }
                });
                all.put(relation.path("field").asString(), List.of(List.of(6, 0, there)));
            }
        });
        Map<String, Object> context = new LinkedHashMap<>(item.context());
        long id = create(item, model, table, info, all, dangling, context, notes);
        for (Map.Entry<String, JsonNode> field : translated.entrySet()) {
            for (Map.Entry<String, JsonNode> language : field.getValue().properties()) {
                Map<String, Object> with = new LinkedHashMap<>(context);
                with.put("lang", language.getKey());
                write(
                        item,
                        model,
                        List.of(id),
                        Map.of(field.getKey(), Values.toRpc(info, field.getKey(), language.getValue())),
                        with,
                        notes);
            }
        }
        for (JsonNode lines : snapshot.path("lines")) {
            for (JsonNode line : lines.path("records")) {
                // Odoo may have made lines of its own along with their document
                long anew = create(item, line, lines.path("field").asString(), id, made, notes);
                made.put(anew, line);
            }
        }
        return id;
    }

    /** With its dangling values where Odoo lets them be; else without. */
    private long create(
            UndoItem item,
            String model,
            String table,
            ModelInfo info,
            Map<String, Object> all,
            Set<String> dangling,
            Map<String, Object> context,
            List<String> notes) {
        Map<String, Object> written = new TreeMap<>(all);
        written.keySet().removeIf(field -> !info.isBase(field) && Boolean.FALSE.equals(all.get(field)));
        Map<String, Object> base = new TreeMap<>(all);
        base.keySet().removeIf(field -> !info.isBase(field));
        OdooException refused = null;
        for (boolean withDangling : dangling.isEmpty() ? new boolean[] {true} : new boolean[] {true, false}) {
            for (Map<String, Object> values : List.of(written, base)) {
                Map<String, Object> sent = new TreeMap<>(values);
                if (withDangling && dangling.stream().anyMatch(f -> UndoWrites.foreignKey(session, table, f) != null)) {
                    continue;
                }
                if (!withDangling) {
                    dangling.forEach(field -> sent.put(field, false));
                }
                Long adopted = madeBefore(item, model, table, sent, info);
                if (adopted != null) {
                    return adopted;
                }
                try {
                    long id = create(item, model, sent, context);
                    if (!withDangling) {
                        notes.add(model + " without " + String.join(", ", dangling)
                                + ", as what it pointed to is missing");
                    }
                    return id;
                } catch (OdooException e) {
                    session.goOnOrThrow(e);
                    refused = refused == null ? e : refused;
                    if (e.kind() == OdooException.Kind.NO_ANSWER) {
                        Long made = madeBefore(item, model, table, sent, info);
                        if (made != null) {
                            return made;
                        }
                        throw e;
                    }
                }
            }
        }
        throw Objects.requireNonNull(refused);
    }

    private long create(UndoItem item, String model, Map<String, Object> values, Map<String, Object> context) {
        session.brake().check();
        Journal.Call call = new Journal.Call(model, "create", List.of(), values, context, "made anew #" + item.id());
        return session.journal().carryOut(call, () -> session.odoo().create(model, values, context));
    }

    /** The record of a create whose answer was lost, by this process or one that died: it holds what was sent. */
    private @Nullable Long madeBefore(
            UndoItem item, String model, String table, Map<String, Object> sent, ModelInfo info) {
        Timestamp lost = store.lostCreate(model, "made anew #" + item.id());
        if (lost == null) {
            return null;
        }
        List<Long> ids = session.rows()
                .jdbc()
                .sql("SELECT id FROM ONLY " + Sql.quote(table)
                        + " WHERE create_uid = :uid AND create_date >= (:at::timestamptz AT TIME ZONE 'UTC') - interval '1 minute'"
                        + " ORDER BY id")
                .param("uid", session.odoo().uid())
                .param("at", lost)
                .query(Long.class)
                .list();
        for (Map.Entry<Long, Map<String, JsonNode>> row :
                session.rows().read(table, info.fields().keySet(), ids).entrySet()) {
            boolean same = sent.entrySet().stream()
                    .filter(e -> row.getValue().containsKey(e.getKey()))
                    .filter(e -> Values.isWritable(
                            info,
                            e.getKey(),
                            Objects.requireNonNull(row.getValue().get(e.getKey()))))
                    .allMatch(e -> String.valueOf(e.getValue())
                            .equals(String.valueOf(Values.toRpc(
                                    info,
                                    e.getKey(),
                                    Objects.requireNonNull(row.getValue().get(e.getKey()))))));
            if (same && store.isNobodys(model, row.getKey())) {
                return row.getKey();
            }
        }
        return null;
    }

    /** What hung on the record. Each piece is looked for first, so that it is done once. */
    private void attach(UndoItem item, JsonNode snapshot, long id, List<String> notes) {
        long old = snapshot.path("row").path("id").asLong(item.id());
        for (JsonNode pointing : snapshot.path("pointing")) {
            repoint(item, pointing, old, id, notes);
        }
        for (JsonNode relation : snapshot.path("relations")) {
            if (relation.path("inverse").asBoolean()) {
                List<Long> owners = new ArrayList<>();
                String model = relation.path("model").asString();
                relation.path("ids").forEach(owner -> {
                    if (exists(model, owner.asLong())) {
                        owners.add(owner.asLong());
                    }
                });
                if (!owners.isEmpty()) {
                    write(
                            item,
                            model,
                            owners,
                            Map.of(relation.path("field").asString(), List.of(List.of(4, id, 0))),
                            item.context(),
                            notes);
                }
            }
        }
        String model = snapshot.path("model").asString(item.model());
        for (Reference reference : session.request().catalog()) {
            if (model.equals(reference.parentModel()) && reference.storage() instanceof Storage.ModelAndId pair) {
                nameAnew(item, reference, pair, old, id, notes);
            }
        }
        for (JsonNode file : snapshot.path("attachments")) {
            attachFile(item, model, file, id, notes);
        }
    }

    /** What still names the old record by model and id, as Odoo left it behind, names the new one. */
    private void nameAnew(
            UndoItem item, Reference reference, Storage.ModelAndId pair, long old, long id, List<String> notes) {
        String model = reference.childModel();
        if (model == null || !session.rows().columns(pair.table()).contains("id")) {
            return;
        }
        List<Long> left = session.rows()
                .jdbc()
                .sql("SELECT id FROM ONLY " + Sql.quote(pair.table()) + " WHERE " + Sql.quote(pair.modelColumn())
                        + " = :model AND " + Sql.quote(pair.idColumn()) + " = :old ORDER BY id")
                .param("model", pair.model())
                .param("old", old)
                .query(Long.class)
                .list();
        if (!left.isEmpty()) {
            write(item, model, left, Map.of(pair.idColumn(), id), item.context(), notes);
        }
    }

    private void repoint(UndoItem item, JsonNode pointing, long old, long id, List<String> notes) {
        String model = pointing.path("model").asString();
        String table = pointing.path("table").asString();
        String field = pointing.path("field").asString();
        List<Long> ids = new ArrayList<>();
        pointing.path("ids").forEach(child -> ids.add(child.asLong()));
        // emptied by the deletion, or left dangling; what points elsewhere now was set by somebody
        List<Long> free = session.rows()
                .jdbc()
                .sql("SELECT id FROM ONLY " + Sql.quote(table) + " WHERE id = ANY(:ids) AND (" + Sql.quote(field)
                        + " IS NULL OR " + Sql.quote(field) + " = :old)")
                .param("ids", ids.toArray(Long[]::new))
                .param("old", old)
                .query(Long.class)
                .list();
        if (!free.isEmpty()) {
            write(item, model, free, Map.of(field, id), item.context(), notes);
        }
    }

    private void attachFile(UndoItem item, String model, JsonNode file, long id, List<String> notes) {
        boolean there = session.rows()
                .jdbc()
                .sql(
                        "SELECT EXISTS (SELECT FROM ir_attachment WHERE res_model = :model AND res_id = :id AND name = :name)")
                .param("model", model)
                .param("id", id)
                .param("name", file.path("name").asString())
                .query(Boolean.class)
                .single();
        if (there) {
            return;
        }
        ModelInfo info = session.model("ir.attachment");
        Map<String, Object> values = new TreeMap<>();
        for (String field : OF_A_FILE) {
            if (file.has(field) && info.has(field)) {
                values.put(field, Values.toRpc(info, field, file.get(field)));
            }
        }
        values.put("res_model", model);
        values.put("res_id", id);
        if (file.has("datas")) {
            values.put("datas", file.get("datas").asString());
        }
        try {
            // the contents stay in the snapshot, and out of the journal's arguments
            Map<String, Object> told = new TreeMap<>(values);
            told.remove("datas");
            Journal.Call call =
                    new Journal.Call("ir.attachment", "create", List.of(), told, item.context(), "file attached anew");
            session.journal().carryOut(call, () -> session.odoo().create("ir.attachment", values, item.context()));
        } catch (OdooException e) {
            session.goOnOrThrow(e);
            notes.add("file " + file.path("name").asString() + " not attached: " + PlainWords.of(e));
        }
    }

    private void write(
            UndoItem item,
            String model,
            List<Long> ids,
            Map<String, Object> values,
            Map<String, Object> context,
            List<String> notes) {
        session.brake().check();
        String table = session.table(model);
        Map<Watched, Map<String, JsonNode>> before = new LinkedHashMap<>();
        Set<String> readable = session.model(model).fields().keySet();
        session.rows()
                .read(table, readable, ids)
                .forEach((id, row) -> before.put(new Watched(item.no(), model, table, id), row));
        long call = session.journal()
                .begin(model, "write", ids, values, context, "points to #" + item.id() + " made anew", before);
        long started = System.nanoTime();
        try {
            session.odoo().write(model, ids, values, context);
            Map<Watched, Map<String, JsonNode>> after = new LinkedHashMap<>();
            session.rows()
                    .read(table, readable, ids)
                    .forEach((id, row) -> after.put(new Watched(item.no(), model, table, id), row));
            session.journal().done(call, Journal.millisSince(started), Journal.changes(before, after));
        } catch (OdooException e) {
            session.journal().refused(call, Journal.millisSince(started), e);
            session.goOnOrThrow(e);
            notes.add(model + " " + ids + " not linked again: " + PlainWords.of(e));
        }
    }

    private boolean exists(String model, long id) {
        String table = session.table(model);
        return session.rows().columns(table).contains("id")
                && session.rows()
                        .jdbc()
                        .sql("SELECT EXISTS (SELECT FROM " + Sql.quote(table) + " WHERE id = :id)")
                        .param("id", id)
                        .query(Boolean.class)
                        .single();
    }
}
