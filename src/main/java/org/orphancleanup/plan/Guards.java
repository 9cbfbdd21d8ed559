package org.orphancleanup.plan;

import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.orphancleanup.catalog.Reference;
import org.orphancleanup.job.Glob;
import org.orphancleanup.job.JobDefinition.Allow;

/**
 * The guards that hold whatever the rules say, until the definition's {@code allow} lifts them by name. Each answers with a
 * reason that ends in the way to lift it, or with null where it has nothing to say.
 */
final class Guards {

    /** Parents that mean something by themselves: a made-up one would be worse than none. {@code ir.*} besides. */
    private static final Set<String> MEANINGFUL = Set.of(
            "account.account",
            "account.journal",
            "account.tax",
            "account.tax.group",
            "res.company",
            "res.currency",
            "res.groups",
            "stock.location",
            "stock.warehouse",
            "uom.category",
            "uom.uom");

    /** Models whose {@code active} is a business state: an archived lead is a lost one, an archived cron does not run. */
    private static final Set<String> ACTIVE_IS_A_STATE = Set.of(
            "base.automation", "crm.lead", "ir.cron", "mail.activity", "res.users", "stock.warehouse.orderpoint");

    private final Allow allow;

    Guards(Allow allow) {
        this.allow = allow;
    }

    /** Emptying the reference, or deleting what it stands on, would give somebody more than he had. */
    @Nullable
    String widening(Reference reference) {
        String model = reference.childModel();
        String parent = reference.parentModel();
        if (model == null || parent == null || isNamed(allow.widening(), reference)) {
            return null;
        }
        String what;
        if (parent.equals("res.company")) {
            what = "without its company a record is everybody's";
        } else if (parent.equals("res.groups") && !model.equals("res.users") && !model.equals("res.groups")) {
            what = "without its group what " + model + " restricts is open to everybody";
        } else if (parent.equals("res.users") && (isTechnical(model) || isChannel(model))) {
            what = "without its user what " + model + " restricts to one user is everybody's";
        } else {
            return null;
        }
        return what + "; allow.widening: [" + nameOf(reference) + "] lifts this";
    }

    /** A record rule restricts: without it more is visible. */
    @Nullable
    String deletedRule(Reference reference) {
        if (!"ir.rule".equals(reference.childModel()) || isNamed(allow.widening(), reference)) {
            return null;
        }
        return "without the record rule more is visible to everybody; allow.widening: [ir.rule] lifts this";
    }

    private static boolean isTechnical(String model) {
        return model.startsWith("ir.");
    }

    private static boolean isChannel(String model) {
        return model.equals("discuss.channel") || model.equals("mail.channel");
    }

    /** A parent of this model must not be made up. */
    @Nullable
    String meaningful(String parentModel) {
        if (!(MEANINGFUL.contains(parentModel) || isTechnical(parentModel))
                || Glob.matchesAny(allow.autoPlaceholder(), parentModel)) {
            return null;
        }
        return "a made-up " + parentModel
                + " would carry a meaning of its own: name an existing record; allow.auto-placeholder: [" + parentModel
                + "] lifts this";
    }

    /** {@code active} of this model says something of the business, not of the record's use. */
    boolean activeIsAState(String model) {
        return ACTIVE_IS_A_STATE.contains(model);
    }

    boolean locksAreLifted(Reference reference) {
        return isNamed(allow.lockedDocuments(), reference);
    }

    boolean protectionIsLifted(String model) {
        return Glob.matchesAny(allow.protectedModels(), model);
    }

    /** Globs of {@code model} or {@code model.field}. */
    private static boolean isNamed(List<String> globs, Reference reference) {
        return (reference.childModel() != null && Glob.matchesAny(globs, reference.childModel()))
                || Glob.matchesAny(globs, nameOf(reference));
    }

    /** The field of the record's own side, as it stands in a definition. */
    static String nameOf(Reference reference) {
        if (reference.childModel() == null) {
            return reference.ruleFields().isEmpty()
                    ? reference.childTable() + "." + reference.field()
                    : reference.ruleFields().get(0);
        }
        return reference.childModel() + "."
                + (reference.fieldName() == null ? reference.field() : reference.fieldName());
    }
}
