package org.orphancleanup.target;

/**
 * The separate write connection of a target. It can do one thing alone, what {@code keep-id} needs and no API offers: copy a
 * row within its table under another id.
 */
public interface TargetWriter extends AutoCloseable {

    /**
     * @param values JSON object of the columns that differ from the source's row, {@code id} among them; null empties
     * @return false when there is no such source
     * @throws org.orphancleanup.UserError when the connection is refused, or leads to another database than the target's
     * @throws org.springframework.dao.DataAccessException when the database refuses the row
     */
    boolean copyRow(String table, long source, String values);

    @Override
    void close();
}
