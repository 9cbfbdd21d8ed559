package org.orphancleanup.repair;

import org.jspecify.annotations.Nullable;

/**
 * A missing record that a rule puts back under its old id.
 *
 * @param company of all that refer to it; 0 where they have none, or several
 * @param stays archived, as the result of archive-parent; else it goes again once nothing refers to it
 * @param open something that refers to it is still to be repaired
 * @param name it had, where that is known
 */
record MissingParent(
        String model,
        String table,
        long id,
        long company,
        boolean stays,
        boolean open,
        @Nullable String name) {

    MissingParent(String model, String table, long id, long company, boolean stays, boolean open) {
        this(model, table, id, company, stays, open, null);
    }

    MissingParent named(String known) {
        return new MissingParent(model, table, id, company, stays, open, known);
    }

    Key key() {
        return new Key(model, id);
    }

    /** What the stand-in is called. */
    String label() {
        String what = "Recovered " + model + " #" + id;
        return name == null ? what : name + " (" + what + ")";
    }

    record Key(String model, long id) {}
}
