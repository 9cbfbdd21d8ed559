package org.orphancleanup.guide;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What to do about a violation, in the order a careful administrator would try it. */
final class Remedies {

    private static final String PROGRAM = "java -jar odoo-orphan-cleanup.jar ";

    private final Violation violation;
    private final @Nullable String childModel;
    private final @Nullable String parentModel;
    private final @Nullable OnTarget onTarget;
    private final List<Remedy> list = new ArrayList<>();

    Remedies(
            Violation violation,
            @Nullable String childModel,
            @Nullable String parentModel,
            @Nullable OnTarget onTarget) {
        this.violation = violation;
        this.childModel = childModel;
        this.parentModel = parentModel;
        this.onTarget = onTarget;
    }

    List<Remedy> list() {
        switch (violation.kind()) {
            case MISSING_PARENT -> missingParent();
            case REFERENCED -> referenced();
            case FOREIGN_KEY -> foreignKey();
            case CONSTRAINT_NOT_ADDED -> notAdded();
            case CONSTRAINT_IMPOSSIBLE -> impossible();
            case NOT_NULL -> notNull();
            case NULL_ROWS -> nullRows();
            case MISSING_RECORD -> missingRecord();
            case NO_MATCH -> noMatch();
        }
        return List.copyOf(list);
    }

    private void missingParent() {
        if (Boolean.TRUE.equals(exists())) {
            say(parent()
                    + " is there now: it was not when the row was written (another transaction had not ended, or the"
                    + " rows came in the wrong order). Do the same again");
            dangling();
            return;
        }
        if (onTarget == null) {
            askTarget("Look whether " + parent() + " exists, who else refers to it, and what it was");
        }
        say("Correct what is sent: the id in " + column() + " must be one of " + parents()
                + ". Ids differ between databases, so name records by external id where it comes from elsewhere,"
                + " and load parents before their children");
        say("Where the record is new, let its own transaction commit before another one refers to it");
        if (onTarget != null && onTarget.required()) {
            say(column() + " is required: without a parent the row cannot be written");
        } else {
            say("Where nobody needs the reference, leave " + column() + " empty");
        }
        if (others() > 0) {
            say(others() + " rows refer to " + parent() + " already, although it is gone");
        }
        dangling();
    }

    private void referenced() {
        if (onTarget == null) {
            askTarget("See everything that refers to " + parent());
        }
        say("Archive it instead of deleting it: Odoo hides what is archived, and all that refers to it stays whole");
        if (onTarget != null && onTarget.required()) {
            say(column() + " is required and protects " + parents()
                    + ": where the record must go, point its children to another one in Odoo first, then delete it");
        } else {
            say("Where it must go, point " + column()
                    + " of its children to another record, or empty it, in Odoo first");
        }
        say(
                "Never delete it by SQL with triggers or foreign keys switched off: that is how dangling references are made");
    }

    private void foreignKey() {
        if (onTarget == null) {
            askTarget(
                    "Odoo hides which of both it was; the server log has PostgreSQL's own words. Look what the database says");
        }
        say("When a record was being deleted: archive it instead, or point to another one in " + column() + " first");
        say("When a record was being written or imported: " + column()
                + " named a record that does not exist. Correct the id");
        dangling();
    }

    private void notAdded() {
        if (onTarget == null) {
            askTarget("Count the rows that dangle, and see what they miss");
        } else if (onTarget.dangling() != null && onTarget.dangling() == 0) {
            say("No row of " + column()
                    + " dangles any more: do again what failed (a restore, an upgrade, a module's update)");
            constraint();
            return;
        }
        repair(true);
        constraint();
        say("Then do again what failed: a module's update (-u), the upgrade, the restore");
    }

    private void impossible() {
        say(
                "The key that is referred to must be unique and of the same type: compare both columns, and look for a primary"
                        + " key on id that a restore or an import has lost"
                        + (violation.parentTable() == null ? "" : " (table " + violation.parentTable() + ")"));
        if (violation.parentTable() != null) {
            String table = identifier(violation.parentTable());
            list.add(Remedy.command(
                    "Ids that stand there twice keep a primary key from being made",
                    "SELECT id, count(*) FROM " + table + " GROUP BY id HAVING count(*) > 1"));
        }
    }

    private void notNull() {
        say("When a record was being written or imported: give " + column() + " a value");
        say("When a record was being deleted: a row that needs it would have lost " + column()
                + ". Archive the record instead, or point those rows to another one first");
        if (onTarget == null && column() != null) {
            askTarget("See whether the field is required, and to what it refers");
        }
    }

    private void nullRows() {
        if (violation.childTable() != null && violation.column() != null) {
            list.add(Remedy.command(
                    "See the rows without a value",
                    "SELECT id FROM " + identifier(violation.childTable()) + " WHERE " + identifier(violation.column())
                            + " IS NULL"));
        }
        say("Fill " + column() + " in Odoo (or by import), then update the module again (-u)");
    }

    private void missingRecord() {
        if (Boolean.TRUE.equals(exists())) {
            say(parent() + " is there now. Reload the page, or do the same again");
            return;
        }
        if (onTarget == null) {
            askTarget("Look who refers to it, and what it was");
        }
        say("Reload the page: a form, a bookmark, a link in a mail or an automation may still name it");
        if (onTarget != null && others() == 0) {
            say(
                    "Nothing in the database refers to it, so the id comes from outside: a browser, an integration, a cron's or"
                            + " server action's code");
            return;
        }
        repair(false);
    }

    private void noMatch() {
        String value = violation.key() == null ? "it" : "'" + violation.key() + "'";
        say("Look whether " + value + " is what the column promises: field holds a name, field/id an external id"
                + " (module.name), field/.id a database id");
        say("Load the file with the records it names first, in a call that was saved: parents before children");
        say("Names must match exactly one record that the user may see; an archived one is not found");
    }

    /** What the same reference has besides, and how to clean it. */
    private void dangling() {
        if (onTarget != null && onTarget.dangling() != null && onTarget.dangling() > 0) {
            repair(true);
        }
    }

    private void repair(boolean sameReference) {
        String field = sameReference ? field() : "*";
        String target = target();
        String name = sameReference && field != null ? "repair-" + slug(field) : "repair-missing-" + slug(parents());
        list.add(Remedy.command(
                "Find all that dangles; nothing is changed", PROGRAM + "scan --target " + target + " --out out"));
        if (field == null) {
            return;
        }
        String when = sameReference ? "{ field: \"" + field + "\" }" : "{ parent: " + parents() + " }";
        String job = """
                name: %s
                target: %s
                references: { include: ["%s"] }
                rules:
                  - when: %s
                    policy: archive-parent   # or: null-out, relink (mapping: FILE where you know the right ones), delete
                    # keep-id: true          # the strongest: missing parents come back under their old ids
                approval: required
                backup: { newest: { glob: "/backups/*.dump", max-age: 24h } }   # where yours lie
                """.formatted(name, target, field, when);
        list.add(new Remedy(
                "Save this as jobs/" + name + ".yaml and see what it would do",
                PROGRAM + "cleanup --job " + name + " --dry-run --out out",
                job));
        list.add(Remedy.command(
                "Rehearse it on a restored copy, then let a person approve the plan",
                PROGRAM + "apply --plan ID --yes"));
    }

    private void constraint() {
        String child =
                onTarget != null && onTarget.childTable() != null ? onTarget.childTable() : violation.childTable();
        String parent =
                onTarget != null && onTarget.parentTable() != null ? onTarget.parentTable() : violation.parentTable();
        if (child == null || violation.column() == null || violation.constraint() == null) {
            say("The report's constraints.sql restores the constraint");
            return;
        }
        String table = "ALTER TABLE " + identifier(child);
        String key = identifier(violation.constraint());
        if (onTarget != null && "not-valid".equals(onTarget.constraintState())) {
            list.add(Remedy.command("Validate the constraint", table + " VALIDATE CONSTRAINT " + key));
        } else if (onTarget != null && "enforced".equals(onTarget.constraintState())) {
            say("The constraint " + violation.constraint() + " is there and enforced now");
        } else if (parent != null) {
            String action = action();
            list.add(Remedy.command(
                    "Restore the constraint (the report's constraints.sql does it for all of them)",
                    table + " ADD CONSTRAINT " + key + " FOREIGN KEY (" + identifier(violation.column())
                            + ") REFERENCES " + identifier(parent) + " (id)" + action + " NOT VALID; " + table
                            + " VALIDATE CONSTRAINT " + key));
        }
    }

    private String action() {
        String ondelete = onTarget == null ? null : onTarget.ondelete();
        return ondelete == null || ondelete.equals("no action")
                ? ""
                : " ON DELETE " + ondelete.toUpperCase(Locale.ROOT);
    }

    private void askTarget(String words) {
        list.add(Remedy.command(words, PROGRAM + "diagnose --target T TEXT"));
    }

    private void say(String words) {
        list.add(Remedy.of(words));
    }

    private @Nullable Boolean exists() {
        return onTarget == null ? null : onTarget.parentExists();
    }

    private long others() {
        return onTarget == null
                ? 0
                : onTarget.referrers().stream()
                        .mapToLong(OnTarget.Referrer::rows)
                        .sum();
    }

    private String target() {
        return onTarget == null ? "T" : onTarget.target();
    }

    private String parents() {
        return parentModel != null
                ? parentModel
                : violation.parentTable() != null ? violation.parentTable() : "the other table";
    }

    private String parent() {
        return violation.key() == null ? "the record" : parents() + " #" + violation.key();
    }

    private String column() {
        if (violation.label() != null && violation.column() == null) {
            return "'" + violation.label() + "'";
        }
        String column = field();
        return column != null ? column : "the referring column";
    }

    /** As a rule of a job names it. */
    private @Nullable String field() {
        if (onTarget != null && onTarget.field() != null) {
            return onTarget.field();
        }
        if (violation.column() == null) {
            return null;
        }
        String place = childModel != null ? childModel : violation.childTable();
        return place == null ? violation.column() : place + "." + violation.column();
    }

    private static String slug(String text) {
        return text.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-");
    }

    private static String identifier(String name) {
        return org.orphancleanup.catalog.Sql.quote(name);
    }
}
