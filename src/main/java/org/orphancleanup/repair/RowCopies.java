package org.orphancleanup.repair;

import java.util.Map;

/** The one thing that no API of Odoo offers: a row copied within its table under another id. */
interface RowCopies {

    /** Which of both ways, in words. */
    String words();

    /**
     * @param values of the columns that differ, {@code id} among them
     * @return false when there is no such source
     */
    boolean copy(String model, String table, long source, Map<String, Object> values);

    /** What a run that died left behind. */
    void sweep();

    /** After the last copy, also after a failure. */
    void end();
}
