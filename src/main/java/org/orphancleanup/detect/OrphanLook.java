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
import org.jspecify.annotations.Nullable;
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
        return look(target, reference, keys, true);
    }

    /**
     * Which of the given rows still name that id, whether anything has it or not.
     *
     * @throws UserError where the target cannot be read
     */
    public Set<Key> stillPointing(DataSource target, Reference reference, Collection<Key> keys) {
        return look(target, reference, keys, false);
    }

    /**
     * The rows of this reference that name an id, whether anything has it or not.
     *
     * @throws UserError where the target cannot be read
     */
    public Set<Long> naming(DataSource target, Reference reference, long id) {
        OrphanSql orphans = OrphanSql.of(reference);
        Set<Long> rows = new LinkedHashSet<>();
        try (Connection connection = target.getConnection();
                PreparedStatement statement =
                        connection.prepareStatement(orphans.selectPointing(orphans.missingId() + " = ?"))) {
            statement.setLong(1, id);
            try (ResultSet found = statement.executeQuery()) {
                while (found.next()) {
                    rows.add(found.getLong(1));
                }
            }
        } catch (SQLException e) {
            throw unreadable(reference, e);
        }
        return rows;
    }

    /**
     * Which of these ids rows of this reference name, whether anything has them or not.
     *
     * @throws UserError where the target cannot be read
     */
    public Set<Long> named(DataSource target, Reference reference, Collection<Long> ids) {
        Set<Long> named = new HashSet<>();
        if (ids.isEmpty()) {
            return named;
        }
        OrphanSql orphans = OrphanSql.of(reference);
        try (Connection connection = target.getConnection();
                PreparedStatement statement =
                        connection.prepareStatement(orphans.selectPointing(orphans.missingId() + " = ANY (?)"))) {
            statement.setArray(1, connection.createArrayOf("bigint", ids.toArray()));
            try (ResultSet found = statement.executeQuery()) {
                while (found.next()) {
                    named.add(found.getLong(2));
                }
            }
        } catch (SQLException e) {
            throw unreadable(reference, e);
        }
        return named;
    }

    /** How many rows of a reference dangle, and how many different ids they miss. */
    public record Extent(long rows, long ids) {}

    /** @throws UserError where the target cannot be read */
    public Extent dangling(DataSource target, Reference reference) {
        return extent(target, reference, OrphanSql.of(reference).select(null), null);
    }

    /**
     * How many rows of this reference name any id, whether anything has it or not.
     *
     * @throws UserError where the target cannot be read
     */
    public Extent naming(DataSource target, Reference reference) {
        return extent(target, reference, OrphanSql.of(reference).selectPointing(null), null);
    }

    /**
     * How many rows of this reference name these ids, whether anything has them or not.
     *
     * @throws UserError where the target cannot be read
     */
    public Extent naming(DataSource target, Reference reference, Collection<Long> ids) {
        OrphanSql orphans = OrphanSql.of(reference);
        return extent(target, reference, orphans.selectPointing(orphans.missingId() + " = ANY (?)"), ids);
    }

    private static Extent extent(
            DataSource target, Reference reference, String select, @Nullable Collection<Long> ids) {
        String sql = "SELECT count(*), count(DISTINCT missing_id) FROM (" + select + ") found";
        try (Connection connection = target.getConnection();
                PreparedStatement statement = connection.prepareStatement(sql)) {
            if (ids != null) {
                statement.setArray(1, connection.createArrayOf("bigint", ids.toArray()));
            }
            try (ResultSet found = statement.executeQuery()) {
                found.next();
                return new Extent(found.getLong(1), found.getLong(2));
            }
        } catch (SQLException e) {
            throw unreadable(reference, e);
        }
    }

    private static UserError unreadable(Reference reference, SQLException e) {
        return UserError.service(
                "Odoo's database could not be read (" + reference.childTable() + ", " + reference.field() + "): "
                        + e.getMessage(),
                e);
    }

    private static Set<Key> look(DataSource target, Reference reference, Collection<Key> keys, boolean onlyDangling) {
        Set<Key> dangling = new HashSet<>();
        List<Key> asked = new ArrayList<>(new LinkedHashSet<>(keys));
        if (asked.isEmpty()) {
            return dangling;
        }
        OrphanSql orphans = OrphanSql.of(reference);
        String limit = orphans.childId() + " = ANY (?) AND " + orphans.missingId() + " = ANY (?)";
        String sql = onlyDangling ? orphans.select(limit) : orphans.selectPointing(limit);
        try (Connection connection = target.getConnection();
                PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int from = 0; from < asked.size(); from += AT_ONCE) {
                look(connection, statement, asked.subList(from, Math.min(from + AT_ONCE, asked.size())), dangling);
            }
        } catch (SQLException e) {
            throw unreadable(reference, e);
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
