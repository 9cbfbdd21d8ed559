package org.orphancleanup.guide;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.orphancleanup.UserError;
import org.orphancleanup.catalog.Catalog;
import org.orphancleanup.catalog.CatalogReader;
import org.orphancleanup.catalog.Reference;
import org.orphancleanup.catalog.ReferenceKind;
import org.orphancleanup.catalog.Sql;
import org.orphancleanup.detect.OrphanLook;
import org.orphancleanup.detect.Traces;
import org.orphancleanup.guide.OnTarget.Referrer;
import org.orphancleanup.plan.OldIds;
import org.orphancleanup.target.Target;
import org.orphancleanup.target.TargetDatabase;
import org.orphancleanup.target.Targets;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Explains violations with what a target's database knows. Reads the database alone and writes nothing anywhere. */
@Component
public class TargetDiagnoser {

    private static final int MOST_IDS = 100;
    private static final int MOST_CHARACTERS = 120;

    private final Targets targets;
    private final CatalogReader reader;
    private final OrphanLook look;

    TargetDiagnoser(Targets targets, CatalogReader reader, OrphanLook look) {
        this.targets = targets;
        this.reader = reader;
        this.look = look;
    }

    /** @throws UserError where there is no such target, or its database cannot be read */
    public List<Diagnosis> explain(String targetName, List<Violation> violations) {
        Target target = targets.get(targetName);
        try (TargetDatabase database = targets.open(target)) {
            Catalog catalog = reader.read(database.dataSource());
            return violations.stream()
                    .map(violation -> Diagnoser.explain(
                            violation, new Asking(targetName, database.dataSource(), catalog, violation).answer()))
                    .toList();
        } catch (DataAccessException e) {
            throw UserError.service(
                    "Odoo's database could not be read: "
                            + e.getMostSpecificCause().getMessage(),
                    e);
        }
    }

    private final class Asking {

        private final String target;
        private final DataSource source;
        private final JdbcClient jdbc;
        private final Catalog catalog;
        private final Violation violation;
        private final List<String> notes = new ArrayList<>();

        private Asking(String target, DataSource source, Catalog catalog, Violation violation) {
            this.target = target;
            this.source = source;
            this.jdbc = JdbcClient.create(source);
            this.catalog = catalog;
            this.violation = violation;
        }

        private OnTarget answer() {
            Reference reference = reference();
            String parentTable = reference != null ? reference.parentTable() : violation.parentTable();
            String parentModel = reference != null ? reference.parentModel() : violation.parentModel();
            if (parentTable == null && parentModel != null) {
                String model = parentModel;
                parentTable = catalog.references().stream()
                        .filter(other -> model.equals(other.parentModel()) && other.parentTable() != null)
                        .map(Reference::parentTable)
                        .findFirst()
                        .orElse(null);
            }
            if (parentModel == null && parentTable != null) {
                String table = parentTable;
                parentModel = catalog.references().stream()
                        .filter(other -> table.equals(other.parentTable()) && other.parentModel() != null)
                        .map(Reference::parentModel)
                        .findFirst()
                        .orElse(null);
            }
            List<Long> ids = ids();
            Boolean exists = parentTable == null || ids.isEmpty() ? null : exists(parentTable, ids);
            OrphanLook.Extent dangling = reference == null || reference.parentTable() == null
                    ? null
                    : read(reference, () -> look.dangling(source, reference));
            boolean gone = Boolean.FALSE.equals(exists);
            return new OnTarget(
                    target,
                    catalog.odooVersion(),
                    reference == null ? null : reference.childModel(),
                    reference == null ? violation.childTable() : reference.childTable(),
                    reference == null ? null : reference.ruleFields().get(0),
                    parentModel,
                    parentTable,
                    reference == null ? null : reference.constraintName(),
                    reference == null ? null : reference.state().code(),
                    reference == null
                            ? null
                            : reference.ondelete() != null ? reference.ondelete() : reference.databaseOndelete(),
                    reference != null && reference.required(),
                    exists,
                    dangling == null ? null : dangling.rows(),
                    dangling == null ? null : dangling.ids(),
                    gone && parentTable != null ? history(parentTable, ids) : null,
                    gone && parentModel != null ? remembered(parentModel, ids.get(0)) : List.of(),
                    ids.isEmpty() ? List.of() : referrers(parentModel, parentTable, ids),
                    List.copyOf(notes));
        }

        /** By the constraint's name, else by table and column, else by model and field. */
        private @Nullable Reference reference() {
            Reference found = null;
            String constraint = violation.constraint();
            String table = violation.childTable();
            String model = violation.childModel();
            String column = violation.column();
            if (constraint != null) {
                found = first(reference -> constraint.equals(reference.constraintName())
                        && (table == null || table.equals(reference.childTable())));
            }
            if (found == null && column != null && table != null) {
                found = first(reference -> table.equals(reference.childTable()) && column.equals(reference.field()));
            }
            if (found == null && column != null && model != null) {
                found = first(reference -> model.equals(reference.childModel())
                        && (column.equals(reference.fieldName()) || column.equals(reference.field())));
            }
            if (found == null && (violation.constraint() != null || column != null)) {
                notes.add("the target has no such reference: " + violation.group());
            }
            return found;
        }

        private @Nullable Reference first(java.util.function.Predicate<Reference> wanted) {
            return catalog.references().stream().filter(wanted).findFirst().orElse(null);
        }

        /** The key where it is one; a violation of another column than id says nothing of a record. */
        private List<Long> ids() {
            String key = violation.kind() == ViolationKind.NO_MATCH ? null : violation.key();
            if (key == null || !key.matches("\\d{1,18}(, \\d{1,18})*")) {
                return List.of();
            }
            return Arrays.stream(key.split(", "))
                    .map(Long::valueOf)
                    .limit(MOST_IDS)
                    .toList();
        }

        private @Nullable Boolean exists(String table, List<Long> ids) {
            try {
                long there = jdbc.sql("SELECT count(*) FROM " + Sql.quote(table) + " WHERE id IN (:ids)")
                        .param("ids", ids)
                        .query(Long.class)
                        .single();
                return there == ids.size();
            } catch (DataAccessException e) {
                notes.add("the table " + table + " could not be read: "
                        + e.getMostSpecificCause().getMessage());
                return null;
            }
        }

        private <T> @Nullable T read(Reference reference, Supplier<T> question) {
            String reason = catalog.unreadable().get(reference.no());
            if (reason != null) {
                notes.add(reason);
                return null;
            }
            try {
                return question.get();
            } catch (UserError e) {
                notes.add(String.valueOf(e.getMessage()));
                return null;
            }
        }

        private String history(String table, List<Long> ids) {
            try {
                OptionalLong last = new OldIds(jdbc).lastGiven(table);
                if (last.isEmpty()) {
                    return "whether the id was ever given cannot be told: the role may not read the sequence of "
                            + table;
                }
                long largest = ids.stream().mapToLong(Long::longValue).max().orElse(0);
                return largest > last.getAsLong()
                        ? "the table " + table + " has given ids up to " + last.getAsLong() + " so far: " + largest
                                + " was never one of them, so it comes from elsewhere"
                        : "the table " + table + " has given ids up to " + last.getAsLong()
                                + " so far, so the record can have existed and been deleted";
            } catch (DataAccessException e) {
                return "whether the id was ever given cannot be told: "
                        + e.getMostSpecificCause().getMessage();
            }
        }

        private List<String> remembered(String model, long id) {
            Traces traces = new Traces(jdbc);
            List<String> told = new ArrayList<>();
            tell(
                    told,
                    () -> traces.tracked(model, id).stream()
                            .map(value -> new Traces.Trace(
                                    Objects.requireNonNullElse(
                                            value.text(), Objects.requireNonNullElse(value.longText(), "")),
                                    value.source() + ", its " + value.field()))
                            .toList());
            tell(told, () -> traces.recordName(model, id));
            tell(told, () -> traces.trackedElsewhere(model, id));
            tell(told, () -> traces.externalId(model, id, ""));
            tell(told, () -> traces.attachments(model, id));
            return List.copyOf(told);
        }

        private void tell(List<String> told, Supplier<List<Traces.Trace>> source) {
            try {
                for (Traces.Trace trace : source.get()) {
                    String text = trace.text() == null ? "" : trace.text().strip();
                    if (!text.isEmpty()) {
                        String line = text.lines().findFirst().orElse("");
                        told.add((line.length() > MOST_CHARACTERS ? line.substring(0, MOST_CHARACTERS) + "…" : line)
                                + " (" + trace.source() + ")");
                    }
                }
            } catch (DataAccessException e) {
                // a module that is not installed, or a table the role may not read, remembers nothing
            }
        }

        private List<Referrer> referrers(@Nullable String model, @Nullable String table, List<Long> ids) {
            List<Referrer> referrers = new ArrayList<>();
            for (Reference reference : catalog.references()) {
                boolean same = table != null && reference.parentTable() != null
                        ? table.equals(reference.parentTable())
                        : model != null && model.equals(reference.parentModel());
                if (!same || reference.kind() == ReferenceKind.INHERITANCE && reference.parentTable() == null) {
                    continue;
                }
                OrphanLook.Extent naming = read(reference, () -> look.naming(source, reference, ids));
                if (naming != null && naming.rows() > 0) {
                    referrers.add(new Referrer(
                            reference.ruleFields().get(0),
                            naming.rows(),
                            reference.ondelete() != null ? reference.ondelete() : reference.databaseOndelete(),
                            reference.required()));
                }
            }
            return List.copyOf(referrers);
        }
    }
}
