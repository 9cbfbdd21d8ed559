package org.orphancleanup.repair;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.orphancleanup.catalog.Reference;
import org.orphancleanup.catalog.Sql;
import org.orphancleanup.catalog.Storage;
import org.orphancleanup.repair.UndoStore.Difference;
import tools.jackson.databind.JsonNode;

/**
 * What is not as it was before the undone run, looked up in the database when all is taken back: every row that run or undo
 * touched, compared with what the journal keeps of it, field by field; rows that came or went; and relation rows of those.
 * Write stamps are no difference.
 */
final class UndoDifferences {

    private static final int LONGEST = 2_000;

    private final Session session;
    private final UndoStore store;
    private final UndoStore.Times times;
    private final Map<String, String> models;

    UndoDifferences(Session session, UndoStore store) {
        this.session = session;
        this.store = store;
        this.times = store.times();
        this.models = Arrivals.models(session);
    }

    /** @param repairs of the undone run; null: all of it */
    void find(@Nullable Set<Long> repairs) {
        Map<String, Map<Long, Map<String, JsonNode>>> records = new TreeMap<>();
        Map<String, String> of = new HashMap<>();
        List<UndoStore.Touched> pairs = new ArrayList<>();
        store.deleted(this::deleted);
        store.touched(repairs, touched -> {
            if (touched.pair() != null) {
                pairs.add(touched);
            } else if (touched.before() != null) {
                of.put(touched.table(), touched.model());
                records.computeIfAbsent(touched.table(), k -> new LinkedHashMap<>())
                        .putIfAbsent(touched.id(), touched.before());
            }
        });
        Map<String, Set<Long>> own = new HashMap<>();
        records.forEach((table, rows) -> {
            String model = String.valueOf(of.get(table));
            List<Long> ids = new ArrayList<>(rows.keySet());
            for (int from = 0; from < ids.size(); from += 1000) {
                List<Long> some = ids.subList(from, Math.min(ids.size(), from + 1000));
                Map<Long, Map<String, JsonNode>> now = session.read(model, table, some);
                some.forEach(id -> compare(model, table, id, rows.getOrDefault(id, Map.of()), now.get(id), own));
            }
        });
        pairs.forEach(this::comparePair);
        came(own);
        dangling();
    }

    private void compare(
            String model,
            String table,
            long id,
            Map<String, JsonNode> before,
            @Nullable Map<String, JsonNode> now,
            Map<String, Set<Long>> own) {
        if (now == null) {
            // one that the undone run or the undo made itself is no difference when it is gone
            if (!store.standIns(model).contains(id) && !cameMeanwhile(before)) {
                add(model, table, id, "id", Long.toString(id), null, "the record is gone");
            }
            return;
        }
        if (store.standIns(model).contains(id)) {
            own.computeIfAbsent(table, k -> new TreeSet<>()).add(id);
            return; // as a row that came
        }
        before.forEach((field, was) -> {
            JsonNode is = now.get(field);
            if (is != null && !UndoItem.STAMPS.contains(field) && !same(was, is)) {
                add(model, table, id, field, Journal.text(was), Journal.text(is), null);
            }
        });
    }

    private boolean cameMeanwhile(Map<String, JsonNode> row) {
        JsonNode by = row.get("create_uid");
        JsonNode at = row.get("create_date");
        if (by == null
                || at == null
                || !at.isString()
                || by.asLong(0) != session.odoo().uid()) {
            return false;
        }
        Instant made = LocalDateTime.parse(at.asString()).toInstant(ZoneOffset.UTC);
        return !made.isBefore(times.undoneFrom().toInstant())
                        && (times.undoneTo() == null
                                || !made.isAfter(times.undoneTo().toInstant()))
                || !made.isBefore(times.undoFrom().toInstant());
    }

    private static boolean same(JsonNode was, JsonNode is) {
        if (was.isArray() && is.isArray()) {
            return was.toString().equals(is.toString());
        }
        return was.isNumber() && is.isNumber() ? was.decimalValue().compareTo(is.decimalValue()) == 0 : was.equals(is);
    }

    private void comparePair(UndoStore.Touched touched) {
        Map<String, JsonNode> pair = touched.pair();
        if (pair == null) {
            return;
        }
        List<String> columns = List.copyOf(pair.keySet());
        boolean there = session.rows()
                .jdbc()
                .sql("SELECT EXISTS (SELECT FROM " + Sql.quote(touched.table()) + " WHERE "
                        + columns.stream()
                                .map(column -> Sql.quote(column) + "::text = "
                                        + Sql.literal(
                                                String.valueOf(pair.get(column)).replace("\"", "")))
                                .collect(Collectors.joining(" AND "))
                        + ")")
                .query(Boolean.class)
                .single();
        if (there != (touched.before() != null)) {
            String row = session.mapper().writeValueAsString(pair);
            add(
                    touched.model(),
                    touched.table(),
                    touched.id(),
                    row,
                    there ? null : row,
                    there ? row : null,
                    there ? "the relation row was not there" : "the relation row is gone");
        }
    }

    /** A deleted record has a new id at best, and so has what went with it. */
    private void deleted(UndoItem item, @Nullable Long newId) {
        if (session.rows().read(item.table(), Set.of(), List.of(item.id())).containsKey(item.id())) {
            return;
        }
        JsonNode snapshot = store.snapshot(item);
        String anew = newId == null ? "deleted" : "deleted, and made anew as #" + newId;
        if (snapshot == null) {
            add(item.model(), item.table(), item.id(), "id", Long.toString(item.id()), null, anew);
        } else {
            gone(snapshot, anew);
        }
    }

    private void gone(JsonNode snapshot, String why) {
        String model = snapshot.path("model").asString("");
        long id = snapshot.path("row").path("id").asLong();
        add(model, snapshot.path("table").asString(""), id, "id", Long.toString(id), null, why);
        String with = "went with " + model + " #" + id;
        relationsGone(snapshot, id, with);
        snapshot.path("attachments")
                .forEach(file -> add(
                        "ir.attachment",
                        "ir_attachment",
                        file.path("id").asLong(),
                        "id",
                        file.path("id").toString(),
                        null,
                        with));
        snapshot.path("attached").forEach(kind -> attachedGone(kind, with));
        snapshot.path("lines").forEach(lines -> lines.path("records").forEach(line -> gone(line, with)));
    }

    private void attachedGone(JsonNode kind, String with) {
        String model = kind.path("model").asString("");
        String table = kind.path("table").asString("");
        Map<Long, JsonNode> records = new LinkedHashMap<>();
        kind.path("records").forEach(record -> records.put(record.path("id").asLong(), record));
        records.keySet()
                .removeAll(session.rows()
                        .read(table, Set.of(), List.copyOf(records.keySet()))
                        .keySet());
        records.forEach((id, record) -> {
            add(model, table, id, "id", Long.toString(id), null, with);
            relationsGone(record, id, with);
        });
    }

    private void relationsGone(JsonNode record, long id, String with) {
        record.path("relations")
                .forEach(relation -> add(
                        relation.path("model").asString(""),
                        relation.path("table").asString(""),
                        id,
                        relation.path("field").asString(""),
                        relation.path("ids").toString(),
                        null,
                        with));
    }

    /** Relation rows of what was made and went again, left where a foreign key is missing. */
    private void dangling() {
        for (Reference reference : session.request().references()) {
            if (reference.storage() instanceof Storage.RelationRow row && reference.parentTable() != null) {
                session.rows()
                        .jdbc()
                        .sql("SELECT " + Sql.quote(row.column()) + ", " + Sql.quote(row.ownerColumn()) + " FROM "
                                + Sql.quote(row.table()) + " r WHERE NOT EXISTS (SELECT FROM "
                                + Sql.quote(reference.parentTable()) + " p WHERE p.id = r." + Sql.quote(row.column())
                                + ") LIMIT " + Arrivals.LATEST)
                        .query(rs -> {
                            link(reference, row, rs.getLong(1), rs.getLong(2));
                        });
            }
        }
    }

    private void link(Reference reference, Storage.RelationRow row, long id, long other) {
        if (!store.orphans(reference.no(), id).contains(other)) { // else it dangled there before
            add(
                    reference.childModel(),
                    row.table(),
                    id,
                    row.column() + " " + id + ", " + row.ownerColumn() + " " + other,
                    null,
                    Long.toString(other),
                    "the relation row was not there");
        }
    }

    /** Rows that the API user made while the run or its undo was at work, and what links them. */
    private void came(Map<String, Set<Long>> own) {
        models.forEach((table, model) -> {
            Set<String> columns = session.rows().columns(table);
            Set<Long> ids = new TreeSet<>(own.getOrDefault(table, Set.of()));
            if (columns.containsAll(Set.of("id", "create_uid", "create_date"))) {
                ids.addAll(session.rows()
                        .jdbc()
                        .sql("SELECT id FROM (SELECT id, create_uid, create_date FROM ONLY " + Sql.quote(table)
                                + " ORDER BY id DESC LIMIT :latest) x WHERE " + UndoStore.Times.CAME)
                        .param("latest", Arrivals.LATEST)
                        .params(times.parameters(session.odoo().uid()))
                        .query(Long.class)
                        .list());
            }
            ids.forEach(id -> add(model, table, id, "id", null, Long.toString(id), "the record was not there"));
            if (!ids.isEmpty()) {
                links(model, ids);
            }
        });
        if (session.rows().columns("ir_model_data").contains("create_date")) {
            names();
        }
        store.deleted((item, newId) -> {
            if (newId != null) {
                add(item.model(), item.table(), newId, "id", null, Long.toString(newId), "made anew of #" + item.id());
                links(item.model(), Set.of(newId));
            }
        });
    }

    /** Odoo gives the external ids of what is loaded nobody as their maker. */
    private void names() {
        session.rows()
                .jdbc()
                .sql("SELECT id FROM ir_model_data WHERE module = :module AND (create_date IS NULL OR create_date >="
                        + " (:from::timestamptz AT TIME ZONE 'UTC'))")
                .param("module", StandIns.MODULE)
                .param("from", times.undoneFrom())
                .query(Long.class)
                .list()
                .forEach(id -> add(
                        "ir.model.data",
                        "ir_model_data",
                        id,
                        "id",
                        null,
                        Long.toString(id),
                        "the record was not there"));
    }

    private void links(String model, Set<Long> ids) {
        for (Reference reference : session.request().catalog()) {
            if (model.equals(reference.parentModel()) && reference.storage() instanceof Storage.RelationRow row) {
                session.rows()
                        .jdbc()
                        .sql("SELECT " + Sql.quote(row.column()) + ", " + Sql.quote(row.ownerColumn()) + " FROM "
                                + Sql.quote(row.table()) + " WHERE " + Sql.quote(row.column()) + " = ANY(:ids)")
                        .param("ids", ids.toArray(Long[]::new))
                        .query(rs -> {
                            link(reference, row, rs.getLong(1), rs.getLong(2));
                        });
            }
        }
    }

    private void add(
            @Nullable String model,
            String table,
            long id,
            String field,
            @Nullable String before,
            @Nullable String after,
            @Nullable String why) {
        store.difference(new Difference(model, table, id, field, cut(before), cut(after), why));
    }

    private static @Nullable String cut(@Nullable String text) {
        return text == null || text.length() <= LONGEST ? text : text.substring(0, LONGEST - 1) + "…";
    }
}
