package org.orphancleanup.plan;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.orphancleanup.catalog.Reference;
import org.orphancleanup.job.JobDefinition.Limits;
import org.orphancleanup.job.PolicyKind;

/** A plan's numbers while it is made, and what its limits say of them. Grows with references and reasons, not with orphans. */
final class PlanCounts {

    private long found;
    private long repairs;
    private long parts;
    private long reported;
    private long refused;
    private long held;
    private long alreadyClean;
    private final Map<PolicyKind, Long> byPolicy = new EnumMap<>(PolicyKind.class);
    private final Map<Integer, Long> byReference = new TreeMap<>();
    private final Map<String, Long> byTable = new TreeMap<>();
    private final Map<String, Long> refusals = new HashMap<>();
    private final Map<String, Long> takenAlong = new TreeMap<>();
    private long deletes;

    void add(ChildRecord record) {
        boolean writesRecord = false;
        for (Part part : record.parts) {
            found++;
            if (part.outcome == Outcome.REPORTED) {
                reported++;
            } else if (part.outcome == Outcome.ALREADY_CLEAN) {
                alreadyClean++;
            } else if (part.outcome == Outcome.REFUSED) {
                refused++;
                refusals.merge(part.reason == null ? "" : part.reason, 1L, Long::sum);
            } else if (part.outcome == Outcome.HELD) {
                held++;
            } else {
                parts++;
                byPolicy.merge(part.policy, 1L, Long::sum);
                byReference.merge(part.reference.no(), 1L, Long::sum);
                if (part.newValue instanceof NewValue.KeepId) {
                    continue; // no row of the child's table is written
                }
                if (part.isRelationRow()) {
                    byTable.merge(part.reference.childTable(), 1L, Long::sum);
                } else {
                    writesRecord = true;
                }
            }
        }
        if (record.isPlanned()) {
            repairs++;
        }
        if (writesRecord) {
            byTable.merge(record.table, 1L, Long::sum);
        }
        if (record.isDeleted()) {
            deletes++;
        }
    }

    void takenAlong(Map<String, Long> rows) {
        rows.forEach((table, count) -> takenAlong.merge(table, count, Long::sum));
    }

    long repairs() {
        return repairs;
    }

    long parts() {
        return parts;
    }

    /** Strictly: a limit of n allows n, and a share has no floor. */
    List<String> blocked(
            Limits limits, Map<Integer, Reference> references, Map<String, Long> rowsByTable, KeepIds keepIds) {
        List<String> blocked = new ArrayList<>();
        long along = takenAlong.values().stream().mapToLong(Long::longValue).sum();
        if (repairs + along + keepIds.parents() > limits.repairsPerRun()) {
            blocked.add("The plan has " + Words.count(repairs, "repair")
                    + (along == 0 ? "" : ", and its deletes take " + Words.count(along, "other row") + " along")
                    + (keepIds.parents() == 0
                            ? ""
                            : ", and " + Words.count(keepIds.parents(), "missing parent") + " to put back")
                    + "; limits.repairs-per-run allows " + limits.repairsPerRun() + ".");
        }
        byReference.forEach((no, count) -> {
            Reference reference = references.get(no);
            if (count > limits.repairsPerReference() && reference != null) {
                blocked.add("The plan repairs " + Words.count(count, "reference") + " of " + Guards.nameOf(reference)
                        + "; limits.repairs-per-reference allows " + limits.repairsPerReference() + ".");
            }
        });
        byTable.forEach((table, count) -> {
            Long rows = rowsByTable.get(table);
            if (rows != null && count > limits.shareOfTable() * rows) {
                blocked.add("The plan repairs " + count + " of the " + Words.count(rows, "row") + " of " + table
                        + String.format(Locale.ROOT, " (%.1f %%)", rows == 0 ? 100.0 : 100.0 * count / rows)
                        + "; limits.share-of-table allows "
                        + String.format(Locale.ROOT, "%.1f %%", 100 * limits.shareOfTable()) + ".");
            }
        });
        return blocked;
    }

    List<String> warnings() {
        List<String> warnings = new ArrayList<>();
        if (deletes > 0) {
            warnings.add(Words.count(deletes, "record")
                    + (deletes == 1 ? " is" : " are")
                    + " deleted. What Odoo cannot delete as it stands is emptied, or re-linked to an existing record, first and"
                    + " then deleted, in one call.");
        }
        if (!takenAlong.isEmpty()) {
            warnings.add("Deleting " + Words.count(deletes, "record") + " takes along: "
                    + takenAlong.entrySet().stream()
                            .map(entry -> Words.count(entry.getValue(), "row") + " of " + entry.getKey())
                            .collect(Collectors.joining(", "))
                    + ".");
        }
        return warnings;
    }

    PlanSummary summary(long runId, String hash, List<String> warnings, List<String> blocked, Instant validUntil) {
        Map<String, Long> sorted = new LinkedHashMap<>();
        refusals.entrySet().stream()
                .sorted(Map.Entry.<String, Long>comparingByValue(Comparator.reverseOrder())
                        .thenComparing(Map.Entry.comparingByKey()))
                .forEach(entry -> sorted.put(entry.getKey(), entry.getValue()));
        return new PlanSummary(
                runId,
                hash,
                found,
                repairs,
                parts,
                reported,
                refused,
                held,
                alreadyClean,
                Map.copyOf(byPolicy),
                sorted,
                warnings,
                blocked,
                validUntil);
    }
}
