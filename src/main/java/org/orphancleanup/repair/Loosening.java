package org.orphancleanup.repair;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.orphancleanup.catalog.ConstraintState;
import org.orphancleanup.catalog.Reference;
import org.orphancleanup.catalog.ReferenceKind;
import org.orphancleanup.catalog.Sql;
import org.orphancleanup.catalog.Storage;
import org.orphancleanup.repair.SideEffects.Watched;
import tools.jackson.databind.JsonNode;

/**
 * What is done to a record so that Odoo can delete it: an override of {@code unlink} that reads the missing record fails, and
 * so does a document whose lines stay because their foreign key is gone. So the reference is emptied, or linked to an existing
 * record, and the lines are deleted, all of it within the call that deletes the record: what that cannot do leaves no trace.
 */
final class Loosening {

    private final Session session;
    private final Carriers carriers;
    private final LineFields lineFields;
    private final Map<List<Object>, Long> existing = new ConcurrentHashMap<>();

    Loosening(Session session, Carriers carriers, LineFields lineFields) {
        this.session = session;
        this.carriers = carriers;
        this.lineFields = lineFields;
    }

    /** How the dangling fields of the record are written first. */
    enum Way {
        AS_IT_STANDS("unlink"),
        EMPTIED("emptied first, then deleted"),
        LINKED("re-linked first, then deleted"),
        /** Computed fields, which follow the others in {@link #LINKED}, are written as well. */
        ALL_LINKED("re-linked in all its fields first, then deleted");

        private final String words;

        Way(String words) {
            this.words = words;
        }

        String words() {
            return words;
        }
    }

    /**
     * @param values of the record
     * @param parents the existing records that it points to for the moment, of no repair alone
     */
    record Values(Map<String, Object> values, Set<Watched> parents) {}

    /**
     * What a way writes; null where it is none for this record.
     *
     * @param deleted by the same call, none of which it may point to
     */
    @Nullable
    Values values(Repair repair, Way way, List<Long> deleted) {
        Map<String, Object> values = new LinkedHashMap<>();
        Set<Watched> parents = new LinkedHashSet<>();
        if (way == Way.AS_IT_STANDS) {
            return new Values(values, Set.of());
        }
        String model = Objects.requireNonNull(repair.model());
        if (carriers.hasAutomations(model)) {
            return null;
        }
        ModelInfo info = session.model(model);
        for (Repair.Part part : repair.parts()) {
            Reference reference = part.reference();
            String field = reference.fieldName();
            if (part.newValue() == null || field == null || !isWritten(reference) || !info.has(field)) {
                continue;
            }
            if (way == Way.EMPTIED) {
                if (reference.required() || info.isRequired(field)) {
                    return null;
                }
                values.put(field, false);
                continue;
            }
            Long id = existing(repair, reference, deleted);
            if (id == null) {
                return null;
            }
            values.put(
                    field,
                    reference.storage() instanceof Storage.ModelCommaId ? reference.parentModel() + "," + id : id);
            parents.add(new Watched(
                    0, String.valueOf(reference.parentModel()), String.valueOf(reference.parentTable()), id));
        }
        if (way != Way.ALL_LINKED) {
            Map<String, Object> base = new LinkedHashMap<>(values);
            base.keySet().removeIf(field -> !info.isBase(field));
            if (!base.isEmpty()) {
                values = base;
            }
        } else if (values.keySet().stream().allMatch(info::isBase)) {
            return null; // no more than LINKED
        }
        return values.isEmpty() ? null : new Values(values, parents);
    }

    private static boolean isWritten(Reference reference) {
        return reference.kind() != ReferenceKind.AUDIT
                && !(reference.storage() instanceof Storage.RelationRow)
                && !(reference.storage() instanceof Storage.CompanyKey);
    }

    /**
     * An existing record to point to for the moment: our own placeholder or stand-in where there is one, of the record's company
     * or of none, and never a document that has left its draft.
     */
    private @Nullable Long existing(Repair repair, Reference reference, List<Long> deleted) {
        String table = reference.parentTable();
        String model = reference.parentModel();
        if (table == null || model == null) {
            return null;
        }
        List<Object> key = List.of(table, repair.company());
        Long known = existing.get(key);
        boolean own = table.equals(repair.table());
        if (known != null && !own) {
            return known;
        }
        Set<String> columns = session.rows().columns(table);
        List<String> conditions = new ArrayList<>(List.of("true"));
        if (columns.contains("state")) {
            conditions.add("p.state::text = 'draft'");
        }
        if (own) {
            conditions.add("p.id <> ALL(:deleted)");
        }
        if (columns.contains("company_id") && repair.company() != 0) {
            conditions.add("(p.company_id IS NULL OR p.company_id = " + repair.company() + ")");
        }
        Long id = session.rows()
                .jdbc()
                .sql("SELECT p.id FROM " + Sql.quote(table) + " p WHERE " + String.join(" AND ", conditions)
                        + " ORDER BY EXISTS (SELECT FROM ir_model_data d WHERE d.module = :module AND d.model = :model"
                        + " AND d.res_id = p.id) DESC, "
                        + (columns.contains("active") ? "p.active DESC NULLS LAST, " : "")
                        + "p.id LIMIT 1")
                .param("deleted", deleted.toArray(Long[]::new))
                .param("module", StandIns.MODULE)
                .param("model", model)
                .query(Long.class)
                .optional()
                .orElse(null);
        if (id != null) {
            existing.put(key, id);
        }
        return id;
    }

    /** Another pass: a placeholder may have been made, or a record be gone. */
    void tryAgain() {
        existing.clear();
    }

    /**
     * Lines that the record's deletion is meant to take along and that the database would leave behind, as commands by one2many
     * field.
     */
    Map<String, List<Object>> lines(Repair repair) {
        Map<String, List<Object>> commands = new LinkedHashMap<>();
        for (LineFields.Lines lines : lineFields.of(Objects.requireNonNull(repair.model()))) {
            if (lines.owned() && !isEnforced(lines)) {
                List<Object> own = new ArrayList<>();
                lineFields.ids(lines, repair.id()).forEach(id -> own.add(List.of(2, id, 0)));
                if (!own.isEmpty()) {
                    commands.put(lines.field(), own);
                }
            }
        }
        return commands;
    }

    private boolean isEnforced(LineFields.Lines lines) {
        return session.request().catalog().stream()
                .filter(reference -> reference.childTable().equals(lines.table())
                        && reference.field().equals(lines.inverse()))
                .anyMatch(reference -> reference.state() == ConstraintState.ENFORCED
                        || reference.state() == ConstraintState.NOT_VALID);
    }

    /** The rows of the existing records, to be compared. */
    Map<Watched, Map<String, JsonNode>> rows(Set<Watched> records) {
        Map<Watched, Map<String, JsonNode>> rows = new LinkedHashMap<>();
        records.forEach(record -> session.read(record.model(), record.table(), List.of(record.id()))
                .forEach((id, row) -> rows.put(record, row)));
        return rows;
    }
}
