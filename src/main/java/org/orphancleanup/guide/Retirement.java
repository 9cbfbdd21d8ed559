package org.orphancleanup.guide;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.orphancleanup.UserError;
import org.orphancleanup.catalog.Catalog;
import org.orphancleanup.catalog.CatalogReader;
import org.orphancleanup.catalog.ModelShapes;
import org.orphancleanup.catalog.Reference;
import org.orphancleanup.catalog.ReferenceKind;
import org.orphancleanup.catalog.Sql;
import org.orphancleanup.catalog.Storage;
import org.orphancleanup.detect.OrphanLook;
import org.orphancleanup.run.RecordName;
import org.orphancleanup.run.Retire;
import org.orphancleanup.target.TargetDatabase;
import org.orphancleanup.target.TargetReads;
import org.orphancleanup.target.Targets;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;

/** What refers to a record that somebody wants to be rid of, and what to do about the record. Reads the database alone. */
@Component
public class Retirement {

    /** What Odoo itself keeps with a record and takes away with it. */
    private static final Set<String> BELONGINGS = Set.of(
            "ir.model.data",
            "ir.attachment",
            "mail.message",
            "mail.followers",
            "mail.activity",
            "mail.notification",
            "rating.rating",
            "mail.tracking.value");

    private final Targets targets;
    private final CatalogReader reader;
    private final OrphanLook look;

    Retirement(Targets targets, CatalogReader reader, OrphanLook look) {
        this.targets = targets;
        this.reader = reader;
        this.look = look;
    }

    /**
     * Rows that refer to the record.
     *
     * @param field {@code model.field}
     * @param ondelete what the database, else Odoo's field, does when the record is deleted; null where neither does anything
     * @param effect the same in words
     * @param belongs it is the record's own, and goes with it
     */
    public record Referrer(
            String field,
            String kind,
            long rows,
            @Nullable String ondelete,
            boolean required,
            String effect,
            boolean belongs) {}

    /**
     * @param active null where the model has no such field
     * @param decision {@code archive} or {@code delete}
     * @param words why
     * @param unread references that could not be read, with the reason
     */
    public record Look(
            String target,
            String model,
            String table,
            long id,
            @Nullable Boolean active,
            List<Referrer> referrers,
            String decision,
            String words,
            List<String> unread) {}

    /**
     * @param record {@code model,id}
     * @param into the record that is to take its place; null: none
     * @throws UserError where there is no such record
     */
    public Look look(String targetName, String record, @Nullable Long into) {
        RecordName name = RecordName.of(record);
        String model = name.model();
        long id = name.id();
        try (TargetDatabase database = targets.open(targets.get(targetName))) {
            DataSource source = database.dataSource();
            ModelShapes shapes = ModelShapes.of(source);
            String table = shapes.table(model);
            if (table == null) {
                throw UserError.setting("There is no model " + model + " with a table in target \"" + targetName
                        + "\". Look at its technical name in Odoo's settings.");
            }
            refuseMissing(source, targetName, model, table, id);
            if (into != null) {
                if (into == id) {
                    throw UserError.setting("--merge-into names the record itself. Name the one that is to stay.");
                }
                refuseMissing(source, targetName, model, table, into);
            }
            Boolean active = shapes.hasColumn(table, "active")
                    ? TargetReads.client(source)
                            .sql("SELECT coalesce(active, false) FROM " + Sql.quote(table) + " WHERE id = ?")
                            .param(id)
                            .query(Boolean.class)
                            .single()
                    : null;
            List<String> unread = new ArrayList<>();
            List<Referrer> referrers = referrers(source, model, table, id, unread);
            long others = referrers.stream()
                    .filter(referrer -> !referrer.belongs())
                    .mapToLong(Referrer::rows)
                    .sum();
            boolean delete = into == null && others == 0 && unread.isEmpty();
            return new Look(
                    targetName,
                    model,
                    table,
                    id,
                    active,
                    referrers,
                    delete ? "delete" : "archive",
                    delete
                            ? "nothing but what is its own refers to it, so it can be deleted through the ORM"
                            : others + (others == 1 ? " reference" : " references")
                                    + " to it would be lost or refused by a delete, so it is archived"
                                    + (into == null ? "" : " after they point to " + model + "," + into)
                                    + (active == null
                                            ? "; but " + model + " has no field active, so Odoo cannot archive it"
                                            : ""),
                    List.copyOf(unread));
        } catch (DataAccessException e) {
            throw UserError.service(
                    "Odoo's database could not be read: "
                            + e.getMostSpecificCause().getMessage(),
                    e);
        }
    }

    private static void refuseMissing(DataSource source, String target, String model, String table, long id) {
        boolean there = TargetReads.client(source)
                .sql("SELECT EXISTS (SELECT FROM " + Sql.quote(table) + " WHERE id = ?)")
                .param(id)
                .query(Boolean.class)
                .single();
        if (!there) {
            throw UserError.setting("There is no " + model + " " + id + " in target \"" + target
                    + "\". What still refers to a record that is gone: diagnose, scan.");
        }
    }

    private List<Referrer> referrers(DataSource source, String model, String table, long id, List<String> unread) {
        Catalog catalog = reader.read(source);
        List<Referrer> found = new ArrayList<>();
        for (Reference reference : catalog.references()) {
            if (!table.equals(reference.parentTable()) || reference.storage() instanceof Storage.CompanyKey) {
                continue;
            }
            String reason = catalog.unreadable().get(reference.no());
            if (reason != null) {
                unread.add(reference.ruleFields().get(0) + ": " + reason);
                continue;
            }
            Set<Long> rows = look.naming(source, reference, id);
            long others = rows.stream()
                    .filter(row -> row != id || !table.equals(reference.childTable()))
                    .count();
            if (others > 0) {
                String ondelete =
                        reference.databaseOndelete() != null ? reference.databaseOndelete() : reference.ondelete();
                boolean belongs = belongs(reference, model);
                found.add(new Referrer(
                        reference.ruleFields().get(0),
                        reference.kind().code(),
                        others,
                        ondelete,
                        reference.required(),
                        effect(reference, ondelete, belongs),
                        belongs));
            }
        }
        found.sort(Comparator.comparing(Referrer::belongs)
                .thenComparing(referrer -> -referrer.rows())
                .thenComparing(Referrer::field));
        return found;
    }

    /** What hangs on the record by its name, its own lists, and the lines it owns for Odoo's purposes alone. */
    private static boolean belongs(Reference reference, String model) {
        if (reference.kind() == ReferenceKind.MANY2MANY) {
            return reference.ruleFields().stream()
                    .anyMatch(field -> field.startsWith(model + ".") && field.indexOf('.', model.length() + 1) < 0);
        }
        return reference.kind() == ReferenceKind.MANY2ONE_REFERENCE
                && BELONGINGS.contains(String.valueOf(reference.childModel()));
    }

    private static String effect(Reference reference, @Nullable String ondelete, boolean belongs) {
        return switch (reference.kind()) {
            case MANY2MANY -> belongs ? "a list of its own, removed with it" : "removed from the other side's list";
            case MANY2ONE_REFERENCE ->
                belongs ? "goes with it" : "left dangling, unless the model cleans up after itself";
            case REFERENCE, COMPANY_DEPENDENT -> "left dangling, or refused by the model";
            case INHERITANCE -> "left dangling: no foreign key can guard it";
            case MANY2ONE, AUDIT -> {
                if (ondelete == null) {
                    yield "left dangling: no foreign key guards it";
                }
                yield switch (ondelete) {
                    case "cascade" -> "deleted with it";
                    case "set null" -> "emptied";
                    default -> "keeps it from being deleted";
                };
            }
        };
    }

    /** What is to be done, as a run does it. Audit columns cannot be written, and what is its own stays with it. */
    public static Retire plan(Look look, @Nullable Long into, @Nullable String base) {
        List<String> relinked = into == null
                ? List.of()
                : look.referrers().stream()
                        .filter(referrer ->
                                !referrer.belongs() && !referrer.kind().equals(ReferenceKind.AUDIT.code()))
                        .map(Referrer::field)
                        .distinct()
                        .toList();
        return new Retire(
                look.target(),
                base,
                look.model(),
                look.table(),
                look.id(),
                look.decision().equals("delete"),
                into,
                relinked);
    }
}
