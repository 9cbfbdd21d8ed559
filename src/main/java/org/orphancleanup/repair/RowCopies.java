package org.orphancleanup.repair;

import java.util.List;
import java.util.Map;
import org.orphancleanup.target.TargetWriter;

/** What no API of Odoo offers: a row copied within its table under another id, and taken away again without the ORM. */
interface RowCopies {

    /** Which of both ways, in words. */
    String words();

    /**
     * @param values of the columns that differ, {@code id} among them
     * @return false when there is no such source
     */
    boolean copy(String model, String table, long source, Map<String, Object> values);

    /**
     * Deletes one row and nothing else; not where a row refers to it by one of these keys.
     *
     * @return false when nothing was deleted
     */
    boolean remove(String model, String table, long id, List<TargetWriter.Key> unlessReferred);

    /** What a run that died left behind. */
    void sweep();

    /** After the last copy, also after a failure. */
    void end();
}
