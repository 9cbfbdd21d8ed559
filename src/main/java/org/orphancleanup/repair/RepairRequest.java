package org.orphancleanup.repair;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.orphancleanup.catalog.Reference;
import org.orphancleanup.job.JobDefinition;
import org.orphancleanup.odoo.OdooClient;
import org.orphancleanup.target.Target.KeepIdThrough;
import org.orphancleanup.target.TargetDatabase;
import org.orphancleanup.target.TargetWriter;

/**
 * What a repair works with.
 *
 * @param references those the run reads, by their numbers in the plan
 * @param catalog every reference of the target, those the run does not read among them
 * @param keepIdThrough the way that keep-id goes; null: none
 * @param writer with {@link KeepIdThrough#WRITE_CONNECTION}
 * @param plannedAt when the plan was made; a record that somebody else changed since is left alone
 */
public record RepairRequest(
        long runId,
        JobDefinition job,
        TargetDatabase database,
        OdooClient odoo,
        List<Reference> references,
        List<Reference> catalog,
        Instant plannedAt,
        @Nullable KeepIdThrough keepIdThrough,
        @Nullable TargetWriter writer) {

    public RepairRequest {
        references = List.copyOf(references);
        catalog = List.copyOf(catalog);
    }

    /** Without keep-id. */
    public RepairRequest(
            long runId,
            JobDefinition job,
            TargetDatabase database,
            OdooClient odoo,
            List<Reference> references,
            Instant plannedAt) {
        this(runId, job, database, odoo, references, references, plannedAt, null, null);
    }

    /** The same for another run. */
    RepairRequest of(long run) {
        return new RepairRequest(run, job, database, odoo, references, catalog, plannedAt, keepIdThrough, writer);
    }
}
