package org.orphancleanup.report;

import java.io.IOException;
import java.io.Writer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.orphancleanup.catalog.ConstraintState;
import org.orphancleanup.catalog.ReferenceKind;
import org.orphancleanup.catalog.Sql;

/**
 * constraints.sql: brings the foreign keys back that Odoo would have and the database does not enforce. First those that
 * new rows obey at once and that need no look at the old ones, then the validation of each; what orphans stand in the
 * way of is there as a comment.
 */
final class ConstraintScript {

    /** What the database does for a foreign key without an action. */
    private static final String NO_ACTION = "no action";

    /** As PostgreSQL 18 takes them: ACCESS EXCLUSIVE on the table, SHARE ROW EXCLUSIVE on the one it points to. */
    private static final String LOCKS_OF_ENFORCED = """
            -- While the old rows are checked nobody reads or writes this table, and nobody writes to the one it points to.
            -- Where that takes too long: DROP the constraint, ADD it again NOT VALID and VALIDATE it, as in the other cases.
            """;

    private ConstraintScript() {}

    /**
     * A foreign key to restore.
     *
     * @param name of the constraint that is there, or that Odoo would give it
     * @param inTheWay orphans by the newest look; null: not read by this run
     * @param ondeleteKnown false: no field tells the action, Odoo's default is taken
     */
    record Key(
            String table,
            String column,
            String parent,
            String name,
            String ondelete,
            ConstraintState state,
            @Nullable Long inTheWay,
            boolean ondeleteKnown) {}

    /** A foreign key whose action is not what Odoo's field declares. */
    record Difference(String table, String column, String parent, String name, String database, String field) {}

    static List<Key> keys(Report report) {
        List<Key> keys = new ArrayList<>();
        Set<List<String>> seen = new HashSet<>();
        for (ReferenceRow row : report.references()) {
            if (restorable(row) && seen.add(List.of(row.childTable(), row.field()))) {
                String parent = row.parentTable() == null ? "" : row.parentTable();
                keys.add(new Key(
                        row.childTable(),
                        row.field(),
                        parent,
                        name(row),
                        ondelete(row),
                        row.state(),
                        inTheWay(report, row),
                        row.ondelete() != null || row.kind() != ReferenceKind.MANY2MANY));
            }
        }
        return keys;
    }

    static List<Difference> differences(Report report) {
        List<Difference> differences = new ArrayList<>();
        for (ReferenceRow row : report.references()) {
            if (row.constraintName() != null
                    && row.databaseOndelete() != null
                    && isKey(row.kind())
                    // what a many2many declares Odoo does not write down, so a restrict there may well be meant
                    && (row.kind() != ReferenceKind.MANY2MANY || row.ondelete() != null)
                    && !ondelete(row).equals(NO_ACTION)
                    && !ondelete(row).equals(row.databaseOndelete())
                    && !declaredByAnother(report, row)) {
                differences.add(new Difference(
                        row.childTable(),
                        row.field(),
                        row.parentTable() == null ? "" : row.parentTable(),
                        row.constraintName(),
                        row.databaseOndelete(),
                        ondelete(row)));
            }
        }
        return differences;
    }

    /** A many2many field of another model declares this table, too, and its action may be the one that the database has. */
    private static boolean declaredByAnother(Report report, ReferenceRow row) {
        return report.leftOut().stream()
                .anyMatch(other -> other.field() != null
                        && row.childTable().equals(other.table())
                        && !Objects.equals(other.model(), row.childModel()));
    }

    private static boolean restorable(ReferenceRow row) {
        return canBeKey(row) && row.state() != ConstraintState.ENFORCED;
    }

    /** Odoo would have a foreign key there. */
    static boolean canBeKey(ReferenceRow row) {
        return isKey(row.kind())
                && row.parentTable() != null
                && !row.parentInherited()
                && row.state() != ConstraintState.IMPOSSIBLE;
    }

    /** The name of the constraint that is there, or that Odoo would give it. */
    static String name(ReferenceRow row) {
        return row.constraintName() == null ? ConstraintName.of(row.childTable(), row.field()) : row.constraintName();
    }

    /** Orphans by the newest look; null: not read by this run. */
    static @Nullable Long inTheWay(Report report, ReferenceRow row) {
        Counts counts = report.tallies().of(row.no());
        return row.skipped() == null && row.rowsRead() != null ? counts.remaining() + counts.fresh() : null;
    }

    private static boolean isKey(ReferenceKind kind) {
        return kind == ReferenceKind.MANY2ONE || kind == ReferenceKind.MANY2MANY || kind == ReferenceKind.AUDIT;
    }

    /** Odoo's own defaults where the field says nothing: relation rows cascade, create_uid and write_uid are emptied. */
    private static String ondelete(ReferenceRow row) {
        if (row.ondelete() != null) {
            return row.ondelete();
        }
        return switch (row.kind()) {
            case MANY2MANY -> "cascade";
            case AUDIT -> "set null";
            default -> NO_ACTION;
        };
    }

    static void write(Report report, Writer out) throws IOException {
        List<Key> keys = keys(report);
        List<Difference> differences = differences(report);
        String relationRows = relationRows(report);
        out.write(header(report));
        if (!keys.isEmpty() || !differences.isEmpty() || !relationRows.isEmpty()) {
            // before what is a comment, too: the DBA may take its marks away
            out.write("SET lock_timeout = '5s';\n\nSET statement_timeout = 0;\n\n");
        }
        out.write(relationRows);
        if (keys.isEmpty()) {
            out.write("-- Nothing to restore: every foreign key that Odoo would have is there, valid and enforced.\n");
        } else {
            out.write("-- Part 1: new and changed rows obey from here on. Old rows are not looked at.\n\n");
            for (Key key : keys) {
                out.write(begin(key));
            }
            out.write("-- Part 2: the old rows are checked, one constraint at a time.\n\n");
            for (Key key : keys) {
                out.write(prove(key));
            }
        }
        out.write(differencesAsComment(differences));
    }

    /**
     * Rows of relation tables that are left after the run. They carry no ORM rule, so removing them bypasses none; it is
     * the DBA's decision all the same, so the statements are there as comments.
     */
    private static String relationRows(Report report) {
        StringBuilder text = new StringBuilder();
        for (ReferenceRow row : report.references()) {
            long left = report.tallies().of(row.no()).remaining();
            if (row.kind() == ReferenceKind.MANY2MANY && row.parentTable() != null && left > 0) {
                text.append(comment(Words.count(left, "row", "rows") + " of " + Sql.quote(row.childTable())
                                + " without " + row.parentModel() + ":"))
                        .append(commentedOut(
                                "DELETE FROM ONLY %s child WHERE child.%s IS NOT NULL\n    AND NOT EXISTS (SELECT FROM %s parent WHERE parent.\"id\" = child.%s);"
                                        .formatted(
                                                Sql.quote(row.childTable()),
                                                Sql.quote(row.field()),
                                                Sql.quote(row.parentTable()),
                                                Sql.quote(row.field()))))
                        .append("\n");
            }
        }
        return text.isEmpty() ? "" : """
                -- Part 0: relation rows whose other side is missing and that stayed. Nothing else is to be lost by removing
                -- them, but whether it is done is yours to decide: take the comment marks away, and run them before part 2.

                """ + text;
    }

    private static String header(Report report) {
        RunFacts run = report.run();
        String database = run.targetDatabase().isEmpty() ? "" : "database " + run.targetDatabase() + ", ";
        return comment("Foreign keys for %starget %s, as run %d of odoo-orphan-cleanup saw it."
                        .formatted(database, run.target(), run.id()))
                + comment("Written " + Words.time(report.writtenAt(), report.zone())
                        + ". Read it before you run it: other work may have gone on since.")
                + """
                --
                -- Run it as the owner of the tables, in the database of that target:
                --     psql -v ON_ERROR_STOP=1 -d DATABASE -f constraints.sql
                -- and not inside one transaction (no --single-transaction): each statement then holds its locks
                -- for itself alone. ADD CONSTRAINT blocks writers of both tables for a moment, VALIDATE blocks
                -- none; ENFORCED says beside it what it blocks. A statement that waits 5 seconds for its lock gives up and the script stops: go on from it.
                -- Names are looked up along the search path.

                """;
    }

    /** Part 1. */
    private static String begin(Key key) {
        String table = Sql.quote(key.table());
        String name = Sql.quote(key.name());
        return switch (key.state()) {
            case MISSING ->
                (key.ondeleteKnown()
                                ? ""
                                : comment(
                                        "Odoo's tables do not tell what the field of this relation says: cascade unless"
                                                + " it says restrict, which an upgrade of its module brings back."))
                        + "ALTER TABLE %s %s;\n\n"
                                .formatted(table, add(key.name(), key.column(), key.parent(), key.ondelete()));
            case TRIGGERS_DISABLED -> enableTriggers(key);
            case NOT_VALID -> comment(name + " is there; new rows obey it already.") + "\n";
            case NOT_ENFORCED ->
                comment(name + " can be enforced only together with the check of the old rows: part 2.") + "\n";
            case ENFORCED, IMPOSSIBLE -> "";
        };
    }

    private static String add(String name, String column, String parent, String ondelete) {
        return "ADD CONSTRAINT %s\n    FOREIGN KEY (%s) REFERENCES %s (\"id\")%s NOT VALID"
                .formatted(
                        Sql.quote(name),
                        Sql.quote(column),
                        Sql.quote(parent),
                        ondelete.equals(NO_ACTION) ? "" : " ON DELETE " + ondelete.toUpperCase(Locale.ROOT));
    }

    /** Only the triggers of this constraint, on both tables: those that somebody else switched off stay off. */
    private static String enableTriggers(Key key) {
        String constraint = "conrelid = %s::regclass AND conname = %s"
                .formatted(literal(Sql.quote(key.table())), literal(key.name()));
        StringBuilder tag = new StringBuilder("$enable");
        while (constraint.contains(tag)) {
            tag.append('_');
        }
        tag.append('$');
        return comment("The triggers of " + Sql.quote(key.name()) + " are switched off. Needs a superuser.")
                + """
                DO %1$s
                DECLARE
                    off record;
                BEGIN
                    FOR off IN
                        SELECT tgrelid::regclass AS on_table, tgname FROM pg_trigger
                        WHERE tgenabled IN ('D', 'R')
                          AND tgconstraint = (SELECT oid FROM pg_constraint
                                              WHERE %2$s)
                    LOOP
                        EXECUTE format('ALTER TABLE %%s ENABLE TRIGGER %%I', off.on_table, off.tgname);
                    END LOOP;
                END
                %1$s;

                """.formatted(tag, constraint);
    }

    /** Part 2. */
    private static String prove(Key key) {
        String statement = switch (key.state()) {
            case MISSING, NOT_VALID ->
                "ALTER TABLE %s VALIDATE CONSTRAINT %s;\n\n".formatted(Sql.quote(key.table()), Sql.quote(key.name()));
            case NOT_ENFORCED ->
                LOCKS_OF_ENFORCED
                        + "ALTER TABLE %s ALTER CONSTRAINT %s ENFORCED;\n\n"
                                .formatted(Sql.quote(key.table()), Sql.quote(key.name()));
            // PostgreSQL holds it to be valid, so VALIDATE would look at nothing.
            case TRIGGERS_DISABLED, ENFORCED, IMPOSSIBLE -> "";
        };
        Long inTheWay = key.inTheWay();
        if (inTheWay != null && inTheWay == 0) {
            return statement;
        }
        String why = inTheWay == null
                ? "Not read by this run, so orphans may stand in the way of " + Sql.quote(key.name())
                        + "; see them with"
                : "%s still %s in the way of %s; to see %s:"
                        .formatted(
                                Words.count(inTheWay, "orphan", "orphans"),
                                inTheWay == 1 ? "stands" : "stand",
                                Sql.quote(key.name()),
                                inTheWay == 1 ? "it" : "them");
        return comment(why) + commentedOut(look(key)) + (statement.isEmpty() ? "" : commentedOut(statement.strip()))
                + "\n";
    }

    private static String look(Key key) {
        return "SELECT child.* FROM ONLY %s child WHERE child.%s IS NOT NULL\n    AND NOT EXISTS (SELECT FROM %s parent WHERE parent.\"id\" = child.%s);"
                .formatted(
                        Sql.quote(key.table()),
                        Sql.quote(key.column()),
                        Sql.quote(key.parent()),
                        Sql.quote(key.column()));
    }

    private static String differencesAsComment(List<Difference> differences) {
        StringBuilder text = new StringBuilder();
        if (!differences.isEmpty()) {
            text.append(
                    "-- For knowledge: ON DELETE of the database is not what Odoo's field declares. Odoo mends this when\n"
                            + "-- the module is upgraded; the statements below do the same now. DROP blocks all use of both tables for a\n"
                            + "-- moment, once it has its locks.\n");
            for (Difference difference : differences) {
                text.append(comment("%s on %s: %s, the field says %s"
                        .formatted(
                                Sql.quote(difference.name()),
                                Sql.quote(difference.table()),
                                difference.database(),
                                difference.field())));
                String table = Sql.quote(difference.table());
                String name = Sql.quote(difference.name());
                text.append(
                        commentedOut("ALTER TABLE %s DROP CONSTRAINT %s, %s;\nALTER TABLE %s VALIDATE CONSTRAINT %s;"
                                .formatted(
                                        table,
                                        name,
                                        add(
                                                difference.name(),
                                                difference.column(),
                                                difference.parent(),
                                                difference.field()),
                                        table,
                                        name)));
            }
        }
        return text.toString();
    }

    /** On one line, whatever is in a name: what follows a line break would be run. */
    private static String comment(String text) {
        return "-- " + text.replaceAll("\\R", " ") + "\n";
    }

    private static String commentedOut(String statement) {
        return statement.lines().map(line -> "--   " + line + "\n").reduce("", String::concat);
    }

    private static String literal(String text) {
        return "'" + text.replace("'", "''") + "'";
    }
}
