package org.orphancleanup.plan;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.orphancleanup.job.PolicyKind;

/**
 * A plan in numbers. Counts are of references, but for {@code repairs}, which are records.
 *
 * @param found every orphan of the scan: {@code parts} + {@code reported} + {@code refused} + {@code held} +
 *     {@code alreadyClean}
 * @param repairs records that would be written
 * @param parts references they repair
 * @param held relation rows that no call of Odoo's API reaches: the report has the SQL for the DBA
 * @param byPolicy {@code parts} by policy
 * @param refusals reason to count, the most frequent first
 * @param blocked limits the plan exceeds, in plain words; it cannot be applied while there are any
 */
public record PlanSummary(
        long runId,
        String hash,
        long found,
        long repairs,
        long parts,
        long reported,
        long refused,
        long held,
        long alreadyClean,
        Map<PolicyKind, Long> byPolicy,
        Map<String, Long> refusals,
        List<String> warnings,
        List<String> blocked,
        Instant validUntil) {}
