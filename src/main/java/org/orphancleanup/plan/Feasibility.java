package org.orphancleanup.plan;

import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.orphancleanup.catalog.Reference;
import org.orphancleanup.catalog.ReferenceKind;
import org.orphancleanup.catalog.Storage;
import org.orphancleanup.job.JobDefinition.Placeholder;
import org.orphancleanup.job.JobDefinition.Rule;
import org.orphancleanup.job.PolicyKind;
import org.orphancleanup.plan.TargetRows.Named;

/**
 * Whether the policy of one orphan can work at all, and what it puts in place: by Odoo's metadata, the API user's rights and
 * companies, and the guards. What needs a look at many records at once (locks, record rules, what a delete takes along)
 * comes after it.
 */
final class Feasibility {

    private static final String BY_HAND = "; the report has the SQL for it";

    private final TargetSchema schema;
    private final TargetRows rows;
    private final OdooFacts odoo;
    private final Guards guards;
    private final ProtectedModels protectedModels;
    private final KeepIds keepIds;
    private final Map<String, Target> targets = new HashMap<>();

    Feasibility(
            TargetSchema schema,
            TargetRows rows,
            OdooFacts odoo,
            Guards guards,
            ProtectedModels protectedModels,
            KeepIds keepIds) {
        this.keepIds = keepIds;
        this.schema = schema;
        this.rows = rows;
        this.odoo = odoo;
        this.guards = guards;
        this.protectedModels = protectedModels;
    }

    /** Ends the part with a reason, or gives it its new value. */
    void decide(ChildRecord record, Part part) {
        if (part.policy == PolicyKind.REPORT_ONLY) {
            part.end(Outcome.REPORTED, null);
            return;
        }
        boolean keepId = part.rule != null && part.rule.keepId();
        String notConfigured = keepId ? keepIds.notConfigured() : null;
        if (notConfigured != null) {
            part.refuse(notConfigured);
            return;
        }
        if (keepId && part.policy == PolicyKind.ARCHIVE_PARENT) {
            archiveUnderOldId(record, part);
            return;
        }
        String unreachable = part.isRelationRow() ? unreachable(record, part) : null;
        if (unreachable != null) {
            part.hold(unreachable + BY_HAND);
            return;
        }
        String refusal = refusal(record, part);
        if (refusal == null && keepId && part.isPlanned()) {
            putBackFirst(part);
        }
        if (refusal != null) {
            part.refuse(refusal);
        } else if (part.isPlanned() && part.newValue == null) {
            throw new IllegalStateException("no value for policy " + part.policy.code());
        }
    }

    /** Nothing of the child is written, so nothing of it can be in the way: neither rights nor locks nor its company. */
    private void archiveUnderOldId(ChildRecord record, Part part) {
        if (record.model != null && record.row == null && !part.isRelationRow()) {
            part.end(Outcome.ALREADY_CLEAN, "the record is gone since the scan");
            return;
        }
        String refusal = keepIds.refusal(part.reference, part.missingId);
        if (refusal != null) {
            part.refuse(refusal);
            return;
        }
        part.keepId = true;
        part.newValue = new NewValue.KeepId(orNone(companyOf(record, part)));
    }

    private void putBackFirst(Part part) {
        String refusal = keepIds.refusal(part.reference, part.missingId);
        part.keepId = refusal == null;
        part.why += refusal == null
                ? "; keep-id: the missing parent comes back first, and goes again once nothing refers to it"
                : "; without keep-id: " + refusal;
    }

    /** Why no call of Odoo's API reaches a relation row, whatever the policy. */
    private static @Nullable String unreachable(ChildRecord record, Part part) {
        if (record.model == null) {
            return noModel(record);
        }
        if (record.row == null) {
            return "both sides of the relation row are gone, so that Odoo's API cannot reach it";
        }
        return part.reference.fieldName() == null && !isDeclaredByTheMissingSide(part)
                ? "no field of " + record.model + " declares the relation table " + part.reference.childTable()
                : null;
    }

    private static String noModel(ChildRecord record) {
        return "no model of Odoo owns the table " + record.table + ", so that its API cannot reach it";
    }

    private static boolean isDeclaredByTheMissingSide(Part part) {
        return part.reference.ruleFields().stream()
                .anyMatch(name -> name.startsWith(part.reference.parentModel() + "."));
    }

    private @Nullable String refusal(ChildRecord record, Part part) {
        String model = record.model;
        if (model == null) {
            return noModel(record) + BY_HAND;
        }
        if (record.row == null) {
            part.end(Outcome.ALREADY_CLEAN, "the record is gone since the scan");
            return null;
        }
        if (part.policy == PolicyKind.BY_ONDELETE) {
            return "the field declares no ondelete that could be followed: give this reference a policy of its own";
        }
        String problem = odoo.model(model).problem();
        if (problem != null) {
            return problem;
        }
        String kind = byKind(part);
        if (kind != null) {
            return kind;
        }
        String company = company(record, part);
        if (company != null) {
            return company;
        }
        return switch (part.policy) {
            case NULL_OUT -> nullOut(model, part);
            case DELETE -> part.isRelationRow() ? nullOut(model, part) : delete(record, model, part);
            case RELINK -> relink(record, model, part);
            case ARCHIVE_PARENT -> archiveParent(record, model, part);
            case QUARANTINE -> quarantine(model, part);
            case REPORT_ONLY, BY_ONDELETE -> throw new IllegalStateException(part.policy.code());
        };
    }

    /** What no policy, or none that writes the reference, can do with this kind of reference. */
    private static @Nullable String byKind(Part part) {
        Reference reference = part.reference;
        boolean writesReference = part.policy == PolicyKind.NULL_OUT
                || part.policy == PolicyKind.RELINK
                || part.policy == PolicyKind.ARCHIVE_PARENT;
        if (reference.kind() == ReferenceKind.AUDIT && writesReference) {
            return "Odoo ignores create_uid and write_uid in a write; keep-id is the way";
        }
        if (reference.storage() instanceof Storage.CompanyKey) {
            return "the value belongs to a company that is gone, so that Odoo's API cannot reach it" + BY_HAND;
        }
        if (reference.childTable().equals("ir_property")
                && reference.field().equals("res_id")
                && part.policy == PolicyKind.NULL_OUT) {
            return "a property without its record would become the default of all records: delete it instead";
        }
        if (part.policy == PolicyKind.QUARANTINE && part.isRelationRow()) {
            return "a relation row is no record that could be quarantined: use delete, null-out or relink";
        }
        return null;
    }

    private @Nullable String company(ChildRecord record, Part part) {
        if (record.company != null && !odoo.companies().contains(record.company)) {
            return lacks(record.company);
        }
        if (part.reference.storage() instanceof Storage.CompanyValue value
                && !odoo.companies().contains(value.company())) {
            return lacks(value.company());
        }
        return null;
    }

    private static String lacks(long company) {
        return "the API user lacks the company " + company + ": add it to the user's companies";
    }

    /** The field through which the API writes the reference. */
    private @Nullable String field(String model, Part part) {
        String field = part.reference.fieldName();
        if (field == null) {
            return part.isRelationRow()
                    ? null // the missing record's side declares it, and the row goes from there
                    : model + " has no field for the column " + part.reference.field() + BY_HAND;
        }
        if (!odoo.hasField(model, field)) {
            return "the API user does not see the field " + model + "." + field
                    + ": it is restricted to groups, or its module is not installed any more";
        }
        return null;
    }

    private @Nullable String mayWrite(String model) {
        return odoo.may(model, "write") ? null : "the API user may not write " + model;
    }

    private static @Nullable String first(@Nullable String... reasons) {
        for (String reason : reasons) {
            if (reason != null) {
                return reason;
            }
        }
        return null;
    }

    private @Nullable String nullOut(String model, Part part) {
        Reference reference = part.reference;
        String reason = first(field(model, part), guards.widening(reference), mayWrite(model));
        if (reason != null) {
            return reason;
        }
        if (!part.isRelationRow()
                && (reference.required()
                        || odoo.is(model, Objects.requireNonNull(reference.fieldName()), "required"))) {
            return "the field is required and cannot be emptied: use relink, archive-parent, quarantine or delete";
        }
        part.newValue = new NewValue.Empty();
        return null;
    }

    private @Nullable String delete(ChildRecord record, String model, Part part) {
        String reason = first(
                guards.widening(part.reference),
                guards.deletedRule(part.reference),
                odoo.may(model, "unlink") ? null : "the API user may not delete " + model);
        if (reason == null && !Rules.namesLiterally(part.rule, model) && !guards.protectionIsLifted(model)) {
            String attachedTo = record.row == null ? null : record.row.attachedTo();
            if (attachedTo != null && protectedModels.contains(attachedTo) && !guards.protectionIsLifted(attachedTo)) {
                reason = "an attachment of the protected model " + attachedTo + " is never deleted by a wildcard rule"
                        + literally(model);
            } else if (record.isProtected) {
                reason = model + " is protected, and never deleted by a wildcard rule" + literally(model);
            }
        }
        if (reason != null) {
            return reason;
        }
        part.newValue = new NewValue.Unlink();
        return null;
    }

    private static String literally(String model) {
        return ": a rule with model: " + model + " does it, or allow.protected: [" + model + "]";
    }

    private @Nullable String quarantine(String model, Part part) {
        boolean archives = odoo.hasField(model, "active") && odoo.is(model, "active", "store");
        if (archives && guards.activeIsAState(model) && !Rules.namesLiterally(part.rule, model)) {
            archives = false;
            part.why += "; only marked, as active is a business state of " + model;
        }
        if (archives) {
            String reason = mayWrite(model);
            if (reason != null) {
                return reason;
            }
        }
        part.newValue = new NewValue.Quarantine(archives);
        return null;
    }

    /** The model that a new parent would be of. */
    private @Nullable String parent(Part part) {
        String model = part.reference.parentModel();
        if (model == null || part.reference.parentTable() == null) {
            return model == null
                    ? "no model of Odoo owns the parent table"
                    : "the model " + model + " does not exist any more: there is nothing to point to";
        }
        return null;
    }

    private static long orNone(@Nullable Long company) {
        return company == null ? 0 : company;
    }

    private static @Nullable Long companyOf(ChildRecord record, Part part) {
        return part.reference.storage() instanceof Storage.CompanyValue value
                ? Long.valueOf(value.company())
                : record.company;
    }

    private @Nullable String relink(ChildRecord record, String model, Part part) {
        String reason = first(field(model, part), parent(part), mayWrite(model));
        if (reason != null) {
            return reason;
        }
        String parentModel = Objects.requireNonNull(part.reference.parentModel());
        Long company = companyOf(record, part);
        if (part.mapped != null) {
            return existing(part, part.mapped, company);
        }
        Rule rule = part.rule;
        Placeholder named = rule == null ? null : rule.placeholder();
        if (named != null && named.id() != null) {
            return existing(part, String.valueOf(named.id()), company);
        }
        if (named != null && named.xmlId() != null && named.create() == null) {
            return existing(part, named.xmlId(), company);
        }
        if (named != null && named.xmlId() != null && rows.named(named.xmlId()) != null) {
            // made by an earlier run, or by a person: it is found again when the plan is applied
            reason = existing(part, named.xmlId(), company);
        } else {
            reason = first(guards.meaningful(parentModel), mayCreate(parentModel));
        }
        if (reason != null) {
            return reason;
        }
        boolean auto = named == null || named.equals(Placeholder.AUTO);
        part.newValue = new NewValue.Placeholder(orNone(company), auto || rule == null ? 0 : rule.number());
        return null;
    }

    private @Nullable String mayCreate(String model) {
        String problem = odoo.model(model).problem();
        return problem != null
                ? problem
                : odoo.may(model, "create")
                        ? null
                        : "the API user may not create " + model + ", so that none can be made";
    }

    /** A record that a person named, as far as it is known whatever the orphan. */
    private record Target(
            @Nullable String refusal, long id, @Nullable Long company) {}

    private @Nullable String existing(Part part, String name, @Nullable Long company) {
        Reference reference = part.reference;
        Target target = targets.computeIfAbsent(reference.parentModel() + " " + name, k -> look(reference, name));
        if (target.refusal() != null) {
            return target.refusal();
        }
        if (company != null && target.company() != null && !company.equals(target.company())) {
            return reference.parentModel() + " " + name + " belongs to company " + target.company()
                    + ", the record to company " + company;
        }
        part.newValue = new NewValue.Existing(target.id());
        return null;
    }

    private Target look(Reference reference, String name) {
        String model = Objects.requireNonNull(reference.parentModel());
        String table = Objects.requireNonNull(reference.parentTable());
        long id;
        if (name.matches("\\d+")) {
            id = Long.parseLong(name);
        } else {
            Named named = rows.named(name);
            if (named == null) {
                return new Target("there is no external id " + name, 0, null);
            }
            if (!named.model().equals(model)) {
                return new Target(name + " is a " + named.model() + ", not a " + model, 0, null);
            }
            id = named.id();
        }
        Boolean exists = rows.exists(table, id);
        if (exists == null) {
            return new Target(
                    "the database role may not read " + table + ", so that nobody knows whether " + name + " exists",
                    0,
                    null);
        }
        return exists
                ? new Target(null, id, rows.company(table, id))
                : new Target("there is no " + model + " " + name, 0, null);
    }

    private @Nullable String archiveParent(ChildRecord record, String model, Part part) {
        String reason = first(field(model, part), parent(part), mayWrite(model));
        if (reason != null) {
            return reason;
        }
        String parentModel = Objects.requireNonNull(part.reference.parentModel());
        reason = first(guards.meaningful(parentModel), mayCreate(parentModel));
        if (reason != null) {
            return reason;
        }
        part.newValue = new NewValue.StandIn(orNone(companyOf(record, part)));
        return null;
    }
}
