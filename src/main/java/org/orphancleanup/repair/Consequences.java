package org.orphancleanup.repair;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.LongNode;
import tools.jackson.databind.node.NullNode;

/**
 * What a deletion did besides, looked up in the database after it: records that went with the deleted one, and references to it
 * that were emptied. What the plan deletes for its own sake is no consequence.
 */
final class Consequences {

    private final Session session;
    private final RepairStore store;

    Consequences(Session session, RepairStore store) {
        this.session = session;
        this.store = store;
    }

    private record Place(String model, String table) {}

    private record Pointing(String model, String table, String field) {}

    /** Writes down what became of all that a deleted record's snapshot names. */
    void tell(long repairNo, JsonNode snapshot) {
        Map<Place, Set<Long>> along = new LinkedHashMap<>();
        Map<Pointing, Map<Long, Long>> pointing = new LinkedHashMap<>();
        collect(snapshot, along, pointing);
        along.forEach((place, ids) -> gone(repairNo, place, ids));
        pointing.forEach((place, ids) -> emptied(repairNo, place, ids));
    }

    private static void collect(
            JsonNode snapshot, Map<Place, Set<Long>> along, Map<Pointing, Map<Long, Long>> pointing) {
        long own = snapshot.path("row").path("id").asLong();
        for (JsonNode lines : snapshot.path("lines")) {
            lines.path("records").forEach(line -> {
                add(
                        along,
                        line.path("model"),
                        line.path("table"),
                        line.path("row").path("id"));
                collect(line, along, pointing);
            });
        }
        for (JsonNode file : snapshot.path("attachments")) {
            along.computeIfAbsent(new Place("ir.attachment", "ir_attachment"), k -> new TreeSet<>())
                    .add(file.path("id").asLong());
        }
        for (JsonNode kind : snapshot.path("attached")) {
            kind.path("records")
                    .forEach(record -> add(along, kind.path("model"), kind.path("table"), record.path("id")));
        }
        for (JsonNode entry : snapshot.path("pointing")) {
            Map<Long, Long> ids = pointing.computeIfAbsent(
                    new Pointing(
                            entry.path("model").asString(""),
                            entry.path("table").asString(""),
                            entry.path("field").asString("")),
                    k -> new TreeMap<>());
            entry.path("ids").forEach(id -> ids.put(id.asLong(), own));
        }
    }

    private static void add(Map<Place, Set<Long>> along, JsonNode model, JsonNode table, JsonNode id) {
        along.computeIfAbsent(new Place(model.asString(""), table.asString("")), k -> new TreeSet<>())
                .add(id.asLong());
    }

    private void gone(long repairNo, Place place, Set<Long> ids) {
        Set<Long> gone = new TreeSet<>(ids);
        gone.removeAll(session.rows().read(place.table(), Set.of(), ids).keySet());
        if (gone.isEmpty()) {
            return;
        }
        gone.removeAll(store.deletes(place.table(), gone));
        gone.forEach(id -> session.journal()
                .changedBesides(
                        repairNo, place.model(), id, "id", LongNode.valueOf(id), NullNode.getInstance(), false));
    }

    private void emptied(long repairNo, Pointing place, Map<Long, Long> ids) {
        if (!session.readable(place.model()).contains(place.field())) {
            return;
        }
        session.rows().read(place.table(), Set.of(place.field()), ids.keySet()).forEach((id, row) -> {
            JsonNode now = row.get(place.field());
            if (now != null && now.isNull()) {
                session.journal()
                        .changedBesides(
                                repairNo,
                                place.model(),
                                id,
                                place.field(),
                                LongNode.valueOf(ids.getOrDefault(id, 0L)),
                                now,
                                false);
            }
        });
    }
}
