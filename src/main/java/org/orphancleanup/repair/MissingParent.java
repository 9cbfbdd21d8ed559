package org.orphancleanup.repair;

/**
 * A missing record that a rule puts back under its old id.
 *
 * @param company of all that refer to it; 0 where they have none, or several
 * @param stays archived, as the result of archive-parent; else it goes again once nothing refers to it
 * @param open something that refers to it is still to be repaired
 */
record MissingParent(String model, String table, long id, long company, boolean stays, boolean open) {

    Key key() {
        return new Key(model, id);
    }

    /** What the stand-in is called. */
    String label() {
        return "Recovered " + model + " #" + id;
    }

    record Key(String model, long id) {}
}
