package org.orphancleanup.detect;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import javax.sql.DataSource;
import org.orphancleanup.UserError;
import org.orphancleanup.catalog.Reference;
import org.springframework.stereotype.Component;

/** The second look at single orphans, before and after a repair: asks the database anew each time. */
@Component
public class OrphanLook {

    private static final int AT_ONCE = 5_000;

    /** One row's dangling reference: the id of the row (for a relation row of the side that exists) and the missing id. */
    public record Key(long childId, long missingId) {}

    /**
     * Which of the given orphans still dangle: the row is there, still names that id, and nothing has it.
     *
     * @throws UserError where the target cannot be read
     */
    public Set<Key> stillDangling(DataSource target, Reference reference, Collection<Key> keys) {
        Set<Key> dangling = new HashSet<>();
        List<Key> asked = new ArrayList<>(new LinkedHashSet<>(keys));
        if (asked.isEmpty()) {
            return dangling;
        }
        OrphanSql orphans = OrphanSql.of(reference);
        String sql = orphans.select(orphans.childId() + " = ANY (?) AND " + orphans.missingId() + " = ANY (?)");
        try (Connection connection = target.getConnection();
                PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int from = 0; from < asked.size(); from += AT_ONCE) {
                look(connection, statement, asked.subList(from, Math.min(from + AT_ONCE, asked.size())), dangling);
            }
        } catch (SQLException e) {
            throw UserError.service(
                    "Odoo's database could not be read (" + reference.childTable() + ", " + reference.field() + "): "
                            + e.getMessage(),
                    e);
        }
        return dangling;
    }

    private static void look(Connection connection, PreparedStatement statement, List<Key> keys, Set<Key> dangling)
            throws SQLException {
        Set<Key> asked = new HashSet<>(keys);
        statement.setArray(
                1,
                connection.createArrayOf(
                        "bigint", keys.stream().map(Key::childId).distinct().toArray()));
        statement.setArray(
                2,
                connection.createArrayOf(
                        "bigint", keys.stream().map(Key::missingId).distinct().toArray()));
        try (ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
                Key key = new Key(rows.getLong(1), rows.getLong(2));
                if (asked.contains(key)) {
                    dangling.add(key);
                }
            }
        }
    }
}
