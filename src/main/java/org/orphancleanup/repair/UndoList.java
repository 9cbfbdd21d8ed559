package org.orphancleanup.repair;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.orphancleanup.repair.UndoStore.Entry;
import tools.jackson.databind.JsonNode;

/**
 * Works out from the journal what a run changed in sum, record by record: what it set and set back itself is no change. What
 * was done last is undone first.
 */
final class UndoList {

    private final Session session;
    private final UndoStore store;
    private final @Nullable Set<Long> repairs;
    private final List<UndoItem> items = new ArrayList<>();
    private final List<Entry> chain = new ArrayList<>();

    /** @param repairs of the undone run; null: all of them */
    UndoList(Session session, UndoStore store, @Nullable Set<Long> repairs) {
        this.session = session;
        this.store = store;
        this.repairs = repairs;
    }

    List<UndoItem> make() {
        store.entries(repairs, entry -> {
            if (!chain.isEmpty()
                    && (chain.get(0).id() != entry.id() || !chain.get(0).table().equals(entry.table()))) {
                close();
            }
            chain.add(entry);
        });
        close();
        items.sort(Comparator.comparing(UndoItem::kind)
                .thenComparing(Comparator.comparingLong(UndoItem::callId).reversed())
                .thenComparing(UndoItem::model)
                .thenComparingLong(UndoItem::id));
        for (UndoStore.Made made : store.made()) {
            if (repairs == null || store.concerns(repairs, made.model(), made.missingId())) {
                items.add(new UndoItem(
                        0,
                        UndoItem.Kind.STAND_IN,
                        0,
                        0,
                        made.model(),
                        session.table(made.model()),
                        made.id(),
                        Map.of(),
                        Map.of(),
                        Map.of()));
            }
        }
        List<UndoItem> numbered = new ArrayList<>();
        for (UndoItem item : items) {
            numbered.add(item.numbered(numbered.size() + 1L));
        }
        return numbered;
    }

    private void add(
            UndoItem.Kind kind, long repair, Entry entry, Map<String, JsonNode> restore, Map<String, JsonNode> expect) {
        items.add(new UndoItem(
                0,
                kind,
                repair,
                entry.callId(),
                entry.model(),
                entry.table(),
                entry.id(),
                restore,
                expect,
                entry.context()));
    }

    private void close() {
        if (chain.isEmpty()) {
            return;
        }
        if (isRelation(chain.get(0))) {
            chain.forEach(this::relationRow);
        } else {
            record();
        }
        chain.clear();
    }

    private static boolean isRelation(Entry entry) {
        Map<String, JsonNode> row = entry.before() == null ? entry.after() : entry.before();
        return row != null && !row.containsKey("id");
    }

    private void relationRow(Entry entry) {
        Map<String, JsonNode> before = entry.before();
        Map<String, JsonNode> after = entry.after();
        // a call over which its process died: whether the row went is seen when it is undone
        if (before != null && (entry.gone() || entry.outcome() == null)) {
            add(UndoItem.Kind.ROW_REMOVED, entry.repairNo(), entry, before, Map.of());
        } else if (before == null && after != null && !after.isEmpty()) {
            add(UndoItem.Kind.ROW_ADDED, entry.repairNo(), entry, after, Map.of());
        }
    }

    private void record() {
        Map<String, JsonNode> first = null;
        Map<String, JsonNode> last = null;
        long repair = 0;
        Entry latest = chain.get(chain.size() - 1);
        for (Entry entry : chain) {
            repair = repair == 0 ? entry.repairNo() : repair;
            if (entry.gone() || (entry.method().equals("unlink") && isGone(entry))) {
                add(
                        UndoItem.Kind.RECORD,
                        repair,
                        entry,
                        first == null ? Objects.requireNonNullElse(entry.before(), Map.of()) : first,
                        Map.of());
                return;
            }
            Map<String, JsonNode> before = entry.before();
            if (before == null) {
                continue;
            }
            first = first == null ? before : first;
            last = new LinkedHashMap<>(before);
            if (entry.after() != null) {
                last.putAll(entry.after());
            } else if (entry.outcome() == null) {
                last.putAll(doneBeforeTheEnd(entry, before));
            }
        }
        if (first == null || last == null) {
            return;
        }
        Map<String, JsonNode> restore = new TreeMap<>();
        for (Map.Entry<String, JsonNode> column : first.entrySet()) {
            JsonNode now = last.get(column.getKey());
            if (now != null && !now.equals(column.getValue()) && !UndoItem.STAMPS.contains(column.getKey())) {
                restore.put(column.getKey(), column.getValue());
            }
        }
        if (!restore.isEmpty()) {
            add(UndoItem.Kind.VALUES, repair, latest, restore, last);
        }
    }

    private boolean isGone(Entry entry) {
        return entry.outcome() == null
                && session.rows()
                        .read(entry.table(), Set.of(), List.of(entry.id()))
                        .isEmpty();
    }

    /** The process died over this call, and nobody looked what it did: what is as it was sent is taken for its work. */
    private Map<String, JsonNode> doneBeforeTheEnd(Entry entry, Map<String, JsonNode> before) {
        if (!entry.model().equals(entry.callModel()) || !entry.written().contains(entry.id())) {
            return Map.of();
        }
        ModelInfo info = session.model(entry.model());
        Map<String, JsonNode> now = session.rows()
                .read(entry.table(), info.fields().keySet(), List.of(entry.id()))
                .getOrDefault(entry.id(), Map.of());
        Map<String, JsonNode> done = new HashMap<>();
        entry.arguments().properties().forEach(sent -> {
            JsonNode is = now.get(sent.getKey());
            if (is != null
                    && !is.equals(before.get(sent.getKey()))
                    && session.mapper()
                            .valueToTree(Values.toRpc(info, sent.getKey(), is))
                            .equals(sent.getValue())) {
                done.put(sent.getKey(), is);
            }
        });
        return done;
    }
}
