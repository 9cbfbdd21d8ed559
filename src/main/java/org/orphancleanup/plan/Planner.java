package org.orphancleanup.plan;

import java.time.Clock;
import java.util.Objects;
import javax.sql.DataSource;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Makes a run's plan: every orphan of its first look becomes part of a repair, decided, checked for feasibility, counted and
 * hashed. Reads the target's database and asks Odoo for its metadata; writes nothing in either.
 */
@Component
public class Planner {

    private final JdbcTemplate ours;
    private final TransactionTemplate transaction;
    private final NamedRecords named;
    private final Clock clock;

    Planner(DataSource ours, PlatformTransactionManager transactions, NamedRecords named, Clock clock) {
        this.ours = new JdbcTemplate(ours);
        this.transaction = new TransactionTemplate(transactions);
        this.named = named;
        this.clock = clock;
    }

    /**
     * Replaces an earlier plan of the run. All in one transaction of our database (the caller's, if there is one), in
     * constant memory.
     *
     * @throws org.orphancleanup.UserError when a mapping file cannot be read, or the definition names a model that the target does not have
     * @throws org.orphancleanup.odoo.OdooException when Odoo does not answer
     */
    public PlanSummary plan(PlanRequest request) {
        return Objects.requireNonNull(transaction.execute(status -> new Planning(
                        request,
                        new PlanStore(ours, request.runId()),
                        named.ofTarget(request.database().fingerprint()),
                        clock.instant())
                .make()));
    }

    /** The hash of the run's repairs as they are stored now; a plan whose own hash differs must not be applied. */
    public String currentHash(long runId) {
        return Objects.requireNonNull(transaction.execute(status -> new PlanStore(ours, runId).hash()));
    }
}
