package org.orphancleanup.plan;

import java.util.List;
import org.orphancleanup.catalog.Reference;
import org.orphancleanup.job.JobDefinition;
import org.orphancleanup.odoo.OdooClient;
import org.orphancleanup.target.TargetDatabase;

/**
 * What a plan is made of.
 *
 * @param runId the run whose orphans of look 0 are planned
 * @param references every reference of the run's catalog; those that were not read may be among them, and tell which table
 *     a model has
 */
public record PlanRequest(
        long runId, JobDefinition job, TargetDatabase database, OdooClient odoo, List<Reference> references) {

    public PlanRequest {
        references = List.copyOf(references);
    }
}
