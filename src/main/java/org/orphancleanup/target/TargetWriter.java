package org.orphancleanup.target;

import java.util.List;

/**
 * The separate write connection of a target. It can do what {@code keep-id} needs and no API offers, and nothing else: copy a
 * row within its table under another id, and, for an undo, take such a row away again without the ORM.
 */
public interface TargetWriter extends AutoCloseable {

    /**
     * @param values JSON object of the columns that differ from the source's row, {@code id} among them; null empties
     * @return false when there is no such source
     * @throws org.orphancleanup.UserError when the connection is refused, or leads to another database than the target's
     * @throws org.springframework.dao.DataAccessException when the database refuses the row
     */
    boolean copyRow(String table, long source, String values);

    /** A column that refers to a table by a foreign key. */
    record Key(String table, String column) {}

    /**
     * Deletes one row and nothing else: not where a row refers to it by one of these keys, as the database would then delete or
     * empty that one, too.
     *
     * @return whether a row was deleted
     * @throws org.springframework.dao.DataAccessException when the database refuses it
     */
    boolean removeRow(String table, long id, List<Key> unlessReferred);

    @Override
    void close();
}
