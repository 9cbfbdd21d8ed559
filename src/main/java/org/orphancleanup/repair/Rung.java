package org.orphancleanup.repair;

import java.util.ArrayList;
import java.util.List;

/**
 * One way to write a record's dangling fields. The ladder is measured, see FACTS.md: the plainest first, and each next one
 * only where the one before was refused or left something dangling.
 *
 * @param keep old values of the fields that depend on the written ones are sent along
 * @param archivedToo computed fields see archived records
 * @param accounting with the context that lets accounting documents be written; only where the guard is lifted
 */
record Rung(Fields fields, boolean keep, boolean archivedToo, boolean accounting) {

    enum Fields {
        BASE("base fields"),
        /** Base fields, and computed ones that lost another record than these: what lost the same one follows by itself. */
        ROOTS("base fields and computed ones that lost another record"),
        ALL("all dangling fields together"),
        EACH("each field alone"),
        /** Odoo 19 takes an empty value over a dangling company-dependent one for no change at all. */
        EXISTING_FIRST("an existing record first, then emptied");

        private final String words;

        Fields(String words) {
            this.words = words;
        }
    }

    /** How many rungs, from the first, are tried again once what stood in the way may be gone. */
    static final int AGAIN = 3;

    static final Rung PLAIN = new Rung(Fields.BASE, false, false, false);

    /**
     * @param accounting the guard on locked documents is lifted for the model
     * @param perCompany the fields hold a value per company, and are to be emptied
     */
    static List<Rung> ladder(boolean accounting, boolean perCompany) {
        List<Rung> ladder = new ArrayList<>(List.of(
                PLAIN,
                new Rung(Fields.ROOTS, false, false, false),
                new Rung(Fields.ALL, false, false, false),
                new Rung(Fields.EACH, false, false, false),
                new Rung(Fields.BASE, true, false, false),
                new Rung(Fields.ROOTS, true, false, false),
                new Rung(Fields.ALL, true, false, false)));
        if (perCompany) {
            ladder.add(new Rung(Fields.EXISTING_FIRST, false, false, false));
        }
        if (accounting) {
            ladder.add(new Rung(Fields.BASE, false, false, true));
            ladder.add(new Rung(Fields.ALL, true, false, true));
        }
        ladder.add(new Rung(Fields.BASE, false, true, false));
        ladder.add(new Rung(Fields.ALL, false, true, false));
        return ladder;
    }

    String words() {
        return fields.words
                + (keep ? ", old values sent along" : "")
                + (accounting ? ", accounting context" : "")
                + (archivedToo ? ", archived records seen" : "");
    }
}
