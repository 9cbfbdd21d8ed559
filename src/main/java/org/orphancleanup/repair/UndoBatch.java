package org.orphancleanup.repair;

import java.util.List;

/** Items of one kind that are undone together, and what became of them. */
public final class UndoBatch {

    private final List<UndoItem> items;
    private final List<UndoItem.Result> results;

    UndoBatch(List<UndoItem> items) {
        this(items, List.of());
    }

    private UndoBatch(List<UndoItem> items, List<UndoItem.Result> results) {
        this.items = List.copyOf(items);
        this.results = List.copyOf(results);
    }

    UndoBatch with(List<UndoItem.Result> outcome) {
        return new UndoBatch(items, outcome);
    }

    List<UndoItem> items() {
        return items;
    }

    List<UndoItem.Result> results() {
        return results;
    }

    UndoItem item(long no) {
        return items.stream().filter(item -> item.no() == no).findFirst().orElseThrow();
    }

    /** For progress lines. */
    public int size() {
        return items.size();
    }
}
