package org.orphancleanup.repair;

import java.time.Instant;
import java.util.List;
import org.orphancleanup.catalog.Reference;
import org.orphancleanup.job.JobDefinition;
import org.orphancleanup.odoo.OdooClient;
import org.orphancleanup.target.TargetDatabase;

/**
 * What a repair works with.
 *
 * @param references those the run reads, by their numbers in the plan
 * @param plannedAt when the plan was made; a record that somebody else changed since is left alone
 */
public record RepairRequest(
        long runId,
        JobDefinition job,
        TargetDatabase database,
        OdooClient odoo,
        List<Reference> references,
        Instant plannedAt) {

    public RepairRequest {
        references = List.copyOf(references);
    }

    /** The same for another run. */
    RepairRequest of(long run) {
        return new RepairRequest(run, job, database, odoo, references, plannedAt);
    }
}
