package org.orphancleanup.plan;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.orphancleanup.plan.TargetRows.Row;

/** A record and its orphans while they are decided together; becomes a row of {@code repair}. */
final class ChildRecord {

    final @Nullable String model;
    final String table;
    final long id;
    final List<Part> parts = new ArrayList<>();

    /** What the target's database says of it; null: there is no such row. */
    @Nullable
    Row row;
    /** Its company, where that exists. */
    @Nullable
    Long company;
    /** No wildcard rule deletes it. */
    boolean isProtected;

    ChildRecord(@Nullable String model, String table, long id) {
        this.model = model;
        this.table = table;
        this.id = id;
    }

    boolean isPlanned() {
        return parts.stream().anyMatch(Part::isPlanned);
    }

    boolean isDeleted() {
        return parts.stream().anyMatch(Part::deletesRecord);
    }

    boolean callsOdoo() {
        return parts.stream().anyMatch(Part::callsOdoo);
    }

    /** Nothing is done to this record in Odoo, for this reason; what only reports or marks stays. */
    void refuseCalls(String reason) {
        parts.stream().filter(Part::callsOdoo).forEach(part -> part.refuse(reason));
    }
}
