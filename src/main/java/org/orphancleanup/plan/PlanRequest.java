package org.orphancleanup.plan;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.orphancleanup.catalog.Reference;
import org.orphancleanup.job.JobDefinition;
import org.orphancleanup.odoo.OdooClient;
import org.orphancleanup.target.Target.KeepIdThrough;
import org.orphancleanup.target.TargetDatabase;

/**
 * What a plan is made of.
 *
 * @param runId the run whose orphans of look 0 are planned
 * @param references every reference of the run's catalog; those that were not read may be among them, and tell which table
 *     a model has
 * @param keepIdThrough the way that the target has for keep-id; null: none
 */
public record PlanRequest(
        long runId,
        JobDefinition job,
        TargetDatabase database,
        OdooClient odoo,
        List<Reference> references,
        @Nullable KeepIdThrough keepIdThrough) {

    public PlanRequest {
        references = List.copyOf(references);
    }
}
