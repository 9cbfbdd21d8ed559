package org.orphancleanup.plan;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.orphancleanup.UserError;
import org.orphancleanup.catalog.Reference;
import org.orphancleanup.catalog.Sql;
import org.orphancleanup.catalog.Storage;
import org.orphancleanup.job.JobDefinition;
import org.orphancleanup.job.PolicyKind;
import org.orphancleanup.job.UnknownNames;
import org.orphancleanup.plan.DeleteConsequences.Toll;
import org.orphancleanup.plan.TargetRows.Row;
import org.orphancleanup.plan.TargetSchema.Check;
import org.orphancleanup.target.TargetReads;
import org.springframework.jdbc.core.simple.JdbcClient;

/** The making of one plan: its caches, its counts, and one batch of records at a time. */
final class Planning {

    /** Records decided together: one look at the database and at Odoo serves all of them. */
    private static final int BATCH = 500;

    private final PlanRequest request;
    private final JobDefinition job;
    private final PlanStore store;
    private final Instant now;

    private final Map<Integer, Reference> references = new HashMap<>();
    private final JdbcClient target;
    private final TargetSchema schema;
    private final TargetRows rows;
    private final OdooFacts odoo;
    private final Guards guards;
    private final ProtectedModels protectedModels;
    private final LockedDocuments lockedDocuments;
    private final DeleteConsequences consequences;
    private final KeepIds keepIds;
    private final Rules rules;
    private final Feasibility feasibility;
    private final Levels levels;
    private final Set<Integer> damaged;

    private final PlanCounts counts = new PlanCounts();
    private long lastNo;

    Planning(PlanRequest request, PlanStore store, List<NamedRecords.Named> named, Instant now) {
        this.request = request;
        this.job = request.job();
        this.store = store;
        this.now = now;
        request.references().forEach(reference -> references.put(reference.no(), reference));
        this.target = TargetReads.client(request.database().dataSource());
        this.schema = new TargetSchema(target, request.references());
        this.rows = new TargetRows(target, schema);
        this.odoo = new OdooFacts(request.odoo());
        this.guards = new Guards(job.allow());
        this.protectedModels = new ProtectedModels(schema);
        this.lockedDocuments = new LockedDocuments(target, schema);
        this.consequences = new DeleteConsequences(target, schema, protectedModels, guards);
        this.rules = new Rules(job, named, now);
        this.keepIds = new KeepIds(
                new OldIds(target),
                odoo,
                guards,
                request.keepIdThrough(),
                request.job().recoverPersons());
        this.feasibility = new Feasibility(schema, rows, odoo, guards, protectedModels, keepIds);
        this.damaged = store.damagedReferences();
        this.levels = new Levels(
                request.references(),
                damaged.stream()
                        .map(this::reference)
                        .map(Reference::childModel)
                        .filter(Objects::nonNull)
                        .collect(Collectors.toSet()));
    }

    /** A rule for a model that the target does not have would never match, and nobody would notice. */
    private void refuseUnknownNames() {
        if (!schema.has("ir_model", "model")) {
            return;
        }
        Set<String> models = new HashSet<>(
                target.sql("SELECT model FROM ir_model").query(String.class).list());
        List<String> problems = UnknownNames.in(job, models);
        if (!problems.isEmpty()) {
            throw UserError.setting(String.join("\n", problems));
        }
    }

    private Reference reference(int no) {
        Reference reference = references.get(no);
        if (reference == null) {
            throw new IllegalStateException(
                    "run " + request.runId() + " has orphans of reference " + no + ", which its catalog does not have");
        }
        return reference;
    }

    /** Whose record an orphan is. */
    private record Owner(@Nullable String model, String table) {}

    /** A relation row belongs to the record on its existing side; where no model has that side, to its own table. */
    private Owner owner(Reference reference) {
        String model = reference.childModel();
        return reference.storage() instanceof Storage.RelationRow && model != null
                ? new Owner(model, schema.table(model))
                : new Owner(model, reference.childTable());
    }

    PlanSummary make() {
        refuseUnknownNames();
        store.clear();
        Map<Owner, Set<Integer>> byOwner = new TreeMap<>((a, b) -> {
            int byModel = String.valueOf(a.model()).compareTo(String.valueOf(b.model()));
            return byModel != 0 ? byModel : a.table().compareTo(b.table());
        });
        damaged.forEach(no -> byOwner.computeIfAbsent(owner(reference(no)), k -> new TreeSet<>())
                .add(no));
        Map<Integer, Integer> groups = new LinkedHashMap<>();
        List<Owner> owners = new ArrayList<>(byOwner.keySet());
        for (int i = 0; i < owners.size(); i++) {
            for (int no : byOwner.getOrDefault(owners.get(i), Set.of())) {
                groups.put(no, i);
            }
        }
        List<ChildRecord> batch = new ArrayList<>();
        store.orphans(groups, (referenceNo, childId, missingId) -> {
            Owner owner = owners.get(groups.getOrDefault(referenceNo, 0));
            ChildRecord last = batch.isEmpty() ? null : batch.get(batch.size() - 1);
            boolean sameOwner =
                    last != null && last.table.equals(owner.table()) && Objects.equals(last.model, owner.model());
            if (last == null || !sameOwner || last.id != childId) {
                if (!batch.isEmpty() && (!sameOwner || batch.size() >= BATCH)) {
                    decide(batch);
                    batch.clear();
                }
                last = new ChildRecord(owner.model(), owner.table(), childId);
                batch.add(last);
            }
            last.parts.add(new Part(reference(referenceNo), missingId));
        });
        if (!batch.isEmpty()) {
            decide(batch);
        }
        return finish();
    }

    /** Records of one model and table. */
    private void decide(List<ChildRecord> batch) {
        String table = batch.get(0).table;
        String model = batch.get(0).model;
        Map<Long, Row> found = model == null ? Map.of() : rows.read(table, ids(batch));
        for (ChildRecord record : batch) {
            record.row = found.get(record.id);
            Long company = record.row == null ? null : record.row.company();
            record.company = company != null && rows.companyExists(company) ? company : null;
            record.parts.forEach(part -> rules.choose(part, record.row));
        }
        if (model != null) {
            markProtected(model, table, batch);
        }
        for (ChildRecord record : batch) {
            record.parts.forEach(part -> feasibility.decide(record, part));
        }
        if (model != null) {
            refuseChecked(table, batch);
            refuseLocked(table, batch);
            refuseHidden(model, batch);
            refuseCostlyDeletes(model, table, batch);
        }
        batch.forEach(Planning::settle);
        List<PlanStore.Numbered> repairs = new ArrayList<>();
        for (ChildRecord record : batch) {
            repairs.add(new PlanStore.Numbered(
                    ++lastNo,
                    record,
                    record.isPlanned() ? KindKey.of(record) : "",
                    record.isPlanned() && model != null ? levels.of(model) : 0));
            counts.add(record);
            record.parts.forEach(keepIds::count);
        }
        store.add(repairs);
    }

    private static List<Long> ids(Collection<ChildRecord> records) {
        return records.stream().map(record -> record.id).toList();
    }

    private void markProtected(String model, String table, List<ChildRecord> batch) {
        List<ChildRecord> deleted = batch.stream()
                .filter(record -> record.parts.stream().anyMatch(Part::deletesRecord))
                .toList();
        if (deleted.isEmpty() || !protectedModels.contains(model)) {
            return;
        }
        if (!schema.has(table, "id")) {
            deleted.forEach(record -> record.isProtected = true);
            return;
        }
        Set<Long> ids = new HashSet<>(target.sql("SELECT t.id FROM ONLY " + Sql.quote(table)
                        + " t WHERE t.id = ANY(:ids) AND " + protectedModels.condition(model, table))
                .param("ids", ids(deleted).toArray(Long[]::new))
                .query(Long.class)
                .list());
        deleted.forEach(record -> record.isProtected = ids.contains(record.id));
    }

    /** The database's own checks refuse some empty values that no field calls required (an order line's product). */
    private void refuseChecked(String table, List<ChildRecord> batch) {
        Map<String, Map<Long, Part>> emptied = new TreeMap<>();
        for (ChildRecord record : batch) {
            for (Part part : record.parts) {
                if (part.newValue instanceof NewValue.Empty && !part.isRelationRow()) {
                    String column = part.reference.storage() instanceof Storage.ModelAndId value
                            ? value.idColumn()
                            : part.reference.field();
                    emptied.computeIfAbsent(column, k -> new HashMap<>()).put(record.id, part);
                }
            }
        }
        emptied.forEach((column, parts) -> {
            for (Check check : schema.checks(table, column)) {
                TreeSet<String> others = new TreeSet<>(check.columns());
                others.add("id");
                others.remove(column);
                boolean zero = parts.values().stream()
                        .anyMatch(part -> part.reference.storage() instanceof Storage.ModelAndId);
                String quoted = Sql.quote(column);
                target.sql("SELECT id FROM (SELECT "
                                + others.stream().map(Sql::quote).collect(Collectors.joining(", ")) + ", "
                                // Odoo empties an id beside a model name with 0
                                + (zero ? quoted + " * 0" : "nullif(" + quoted + ", " + quoted + ")") + " AS " + quoted
                                + " FROM ONLY " + Sql.quote(table) + " WHERE id = ANY(:ids)) emptied WHERE NOT ("
                                + check.expression() + ")")
                        .param("ids", parts.keySet().toArray(Long[]::new))
                        .query(Long.class)
                        .list()
                        .forEach(
                                id -> Objects.requireNonNull(parts.get(id))
                                        .refuse(
                                                "the database's check " + check.name()
                                                        + " does not let it be empty: use relink, archive-parent, quarantine or delete"));
            }
        });
    }

    private void refuseLocked(String table, List<ChildRecord> batch) {
        List<ChildRecord> written =
                batch.stream().filter(ChildRecord::callsOdoo).toList();
        Map<Long, String> locked = lockedDocuments.among(table, ids(written));
        for (ChildRecord record : written) {
            String reason = locked.get(record.id);
            if (reason == null) {
                continue;
            }
            for (Part part : record.parts) {
                if (part.callsOdoo() && !guards.locksAreLifted(part.reference)) {
                    part.refuse(reason + "; allow.locked-documents: [" + record.model + "] lifts this");
                }
            }
        }
    }

    /** The API user must be able to reach the records themselves, by the record rules. */
    private void refuseHidden(String model, List<ChildRecord> batch) {
        refuseHidden(
                model, "unlink", batch.stream().filter(ChildRecord::isDeleted).toList(), Part::deletesRecord);
        refuseHidden(
                model,
                "write",
                batch.stream()
                        .filter(record -> record.parts.stream().anyMatch(Planning::writes))
                        .toList(),
                Planning::writes);
    }

    private static boolean writes(Part part) {
        return part.callsOdoo() && !part.deletesRecord();
    }

    private void refuseHidden(String model, String operation, List<ChildRecord> records, Predicate<Part> concerned) {
        if (records.isEmpty()) {
            return;
        }
        Set<Long> allowed = new HashSet<>(odoo.allowed(model, operation, ids(records)));
        if (operation.equals("unlink")) {
            allowed.addAll(relinkedFirst(model, records, allowed));
        }
        for (ChildRecord record : records) {
            if (!allowed.contains(record.id)) {
                record.parts.stream()
                        .filter(concerned)
                        .forEach(
                                part -> part.refuse("record rules of Odoo hide it from the API user, or do not let him "
                                        + operation + " it"));
            }
        }
    }

    /**
     * What hangs on a missing record by its name, such as a message, Odoo lets nobody delete in some versions: who may write it
     * may link it to an existing record, and as that Odoo looks at his rights to delete it.
     */
    private Set<Long> relinkedFirst(String model, List<ChildRecord> records, Set<Long> allowed) {
        List<ChildRecord> hanging = records.stream()
                .filter(record -> !allowed.contains(record.id)
                        && record.parts.stream()
                                .anyMatch(part ->
                                        part.deletesRecord() && part.reference.storage() instanceof Storage.ModelAndId))
                .toList();
        return hanging.isEmpty() ? Set.of() : odoo.allowed(model, "write", ids(hanging));
    }

    private void refuseCostlyDeletes(String model, String table, List<ChildRecord> batch) {
        List<ChildRecord> deleted =
                batch.stream().filter(ChildRecord::isDeleted).toList();
        if (deleted.isEmpty()) {
            return;
        }
        Map<Long, Toll> tolls = consequences.of(model, table, ids(deleted));
        for (ChildRecord record : deleted) {
            Toll toll = tolls.get(record.id);
            String refusal = toll == null ? null : toll.refusal;
            if (refusal != null) {
                record.parts.stream().filter(Part::deletesRecord).forEach(part -> part.refuse(refusal));
            } else if (toll != null) {
                counts.takenAlong(toll.rows);
            }
        }
    }

    /**
     * Several fields of one record: a delete takes them all along, and a quarantined record is left as it is. What only
     * reports stays a report.
     */
    private static void settle(ChildRecord record) {
        Part winner = record.parts.stream()
                .filter(Part::deletesRecord)
                .findFirst()
                .or(() -> record.parts.stream()
                        .filter(part -> part.isPlanned() && part.policy == PolicyKind.QUARANTINE)
                        .findFirst())
                .orElse(null);
        if (winner == null) {
            return;
        }
        for (Part part : record.parts) {
            boolean stays = part.outcome == Outcome.REPORTED
                    || part.outcome == Outcome.ALREADY_CLEAN
                    || ((part.outcome == Outcome.REFUSED || part.outcome == Outcome.HELD)
                            && winner.policy != PolicyKind.DELETE);
            if (stays) {
                continue;
            }
            if (part.isPlanned() && part.policy == winner.policy && !part.isRelationRow()) {
                part.newValue = winner.newValue;
                continue;
            }
            part.why += "; " + part.policy.code() + " gives way to " + winner.policy.code() + " of "
                    + Guards.nameOf(winner.reference) + " (" + winner.why + ")";
            part.policy = winner.policy;
            part.rule = winner.rule;
            part.newValue = winner.newValue;
            part.outcome = null;
            part.reason = null;
        }
    }

    private PlanSummary finish() {
        List<String> blocked = new ArrayList<>(counts.blocked(job.limits(), references, store.rowsByTable(), keepIds));
        List<String> warnings = new ArrayList<>(counts.warnings());
        String putBack = keepIds.words();
        if (putBack != null) {
            warnings.add(putBack);
        }
        Reactions.Found reactions = new Reactions(target, schema)
                .of(store.touched(), store.made(), job.allow().automations());
        blocked.addAll(reactions.blocked());
        warnings.addAll(reactions.warnings());
        if (job.allow().messages()) {
            warnings.add(
                    "Each repaired record whose model keeps messages gets an internal note (allow.messages); nobody is"
                            + " notified.");
        }
        String hash = store.hash();
        Instant validUntil = now.plus(job.planValidFor());
        store.finish(hash, counts.repairs(), counts.parts(), blocked, warnings, now, validUntil);
        return counts.summary(request.runId(), hash, warnings, blocked, validUntil);
    }
}
