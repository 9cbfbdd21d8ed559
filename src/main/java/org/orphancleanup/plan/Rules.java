package org.orphancleanup.plan;

import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.orphancleanup.catalog.Reference;
import org.orphancleanup.catalog.ReferenceKind;
import org.orphancleanup.job.Glob;
import org.orphancleanup.job.JobDefinition;
import org.orphancleanup.job.JobDefinition.Rule;
import org.orphancleanup.job.JobDefinition.When;
import org.orphancleanup.job.Mapping;
import org.orphancleanup.job.PolicyKind;
import org.orphancleanup.plan.TargetRows.Row;

/** Chooses the policy of an orphan: the first rule that matches, else the default. */
final class Rules {

    private final JobDefinition job;
    private final Instant now;
    private final Map<Path, Mapping> mappings = new HashMap<>();
    /** By {@code model,id} of the missing record. */
    private final Map<String, NamedRecords.Named> named = new HashMap<>();

    /** By reference number: the rules whose conditions on the reference hold, in order. */
    private final Map<Integer, List<Rule>> candidates = new HashMap<>();

    Rules(JobDefinition job, List<NamedRecords.Named> namedRecords, Instant now) {
        namedRecords.forEach(each -> named.put(each.parentModel() + "," + each.missing(), each));
        this.job = job;
        this.now = now;
        for (Rule rule : job.rules()) {
            if (rule.mapping() != null) {
                mappings.computeIfAbsent(rule.mapping(), Mapping::read);
            }
        }
    }

    /** Sets policy, rule and why of a part. */
    void choose(Part part, @Nullable Row row) {
        NamedRecords.Named right = named.get(part.reference.parentModel() + "," + part.missingId);
        // who made a record is history, whoever is right now
        if (right != null && part.reference.kind() != ReferenceKind.AUDIT) {
            part.policy = PolicyKind.RELINK;
            part.mapped = Long.toString(right.record());
            part.why = "the right record was named by " + right.by()
                    + (right.comment() == null ? "" : ": " + right.comment());
            return;
        }
        for (Rule rule : candidates.computeIfAbsent(part.reference.no(), no -> candidates(part.reference))) {
            if (!matches(rule.when(), row)) {
                continue;
            }
            if (rule.mapping() != null && rule.policy() == PolicyKind.RELINK) {
                // what the file does not name goes on to the next rule
                Mapping mapping = mappings.computeIfAbsent(rule.mapping(), Mapping::read);
                String parentModel = part.reference.parentModel();
                String mapped = parentModel == null
                        ? null
                        : mapping.find(parentModel, part.missingId).orElse(null);
                if (mapped == null) {
                    continue;
                }
                part.mapped = mapped;
            }
            part.rule = rule;
            part.policy = rule.policy();
            part.why = named(rule) + " (" + words(rule.when()) + ")"
                    + (part.mapped == null ? "" : ", mapped to " + part.mapped);
            resolveOndelete(part);
            return;
        }
        part.policy = job.fallback();
        part.why = job.rules().isEmpty() ? "the default" : "no rule matches: the default";
        resolveOndelete(part);
    }

    /** In a definition of one line, which no rule has for itself, the number tells them apart. */
    private String named(Rule rule) {
        boolean alone = job.rules().stream()
                        .filter(other -> other.line() == rule.line())
                        .count()
                == 1;
        return "rule " + (alone ? "" : rule.number() + " ") + "at line " + rule.line();
    }

    /** What the field's own {@code ondelete} would have done; stays {@code by-ondelete} where it declares none. */
    private static void resolveOndelete(Part part) {
        if (part.policy != PolicyKind.BY_ONDELETE) {
            return;
        }
        Reference reference = part.reference;
        if (part.isRelationRow()) {
            part.policy = PolicyKind.DELETE;
            part.why += "; by-ondelete removes a relation row";
            return;
        }
        if (reference.kind() == ReferenceKind.MANY2ONE_REFERENCE
                || reference.kind() == ReferenceKind.REFERENCE
                || reference.ondelete() == null) {
            return;
        }
        switch (reference.ondelete()) {
            case "set null" -> part.policy = PolicyKind.NULL_OUT;
            case "cascade" -> part.policy = PolicyKind.DELETE;
            case "restrict" -> part.policy = PolicyKind.ARCHIVE_PARENT;
            default -> {
                return;
            }
        }
        part.why += "; the field's ondelete is " + reference.ondelete();
    }

    private List<Rule> candidates(Reference reference) {
        List<Rule> found = new ArrayList<>();
        for (Rule rule : job.rules()) {
            if (matches(rule.when(), reference)) {
                found.add(rule);
            }
        }
        return found;
    }

    private static boolean matches(When when, Reference reference) {
        return (when.model() == null || matches(when.model(), reference.childModel()))
                && (when.field() == null
                        || reference.ruleFields().stream().anyMatch(name -> Glob.matches(when.field(), name)))
                && (when.parent() == null || matches(when.parent(), reference.parentModel()))
                && (when.kind() == null || when.kind() == reference.kind())
                && (when.ondelete() == null || when.ondelete().equals(reference.ondelete()))
                && (when.required() == null || when.required() == reference.required());
    }

    private static boolean matches(String glob, @Nullable String model) {
        return Glob.matches(glob, model == null ? "" : model);
    }

    private boolean matches(When when, @Nullable Row row) {
        if (!when.companies().isEmpty()) {
            Long company = row == null ? null : row.company();
            if (!when.companies().contains(company == null ? 0L : company)) {
                return false;
            }
        }
        if (when.minimumAge() != null) {
            // a record of unknown age counts as young: the rule was meant for old ones alone
            return row != null && row.created() != null && !row.created().isAfter(now.minus(when.minimumAge()));
        }
        return true;
    }

    private static String words(When when) {
        List<String> words = new ArrayList<>();
        add(words, "model", when.model());
        add(words, "field", when.field());
        add(words, "parent", when.parent());
        add(words, "kind", when.kind() == null ? null : when.kind().code());
        add(words, "ondelete", when.ondelete());
        add(words, "required", when.required());
        add(words, "company", when.companies().isEmpty() ? null : when.companies());
        add(words, "minimum age", when.minimumAge() == null ? null : Words.of(when.minimumAge()));
        return words.isEmpty() ? "matches everything" : String.join(", ", words);
    }

    private static void add(List<String> words, String name, @Nullable Object value) {
        if (value != null) {
            words.add(name + " " + value);
        }
    }

    /** The rule spells the model out, so that the person who wrote it meant this very model. */
    static boolean namesLiterally(@Nullable Rule rule, @Nullable String model) {
        if (rule == null || model == null) {
            return false;
        }
        if (model.equals(rule.when().model())) {
            return true;
        }
        String field = rule.when().field();
        return field != null
                && field.lastIndexOf('.') >= 0
                && field.substring(0, field.lastIndexOf('.')).equals(model);
    }
}
