package org.orphancleanup.run;

import java.time.Clock;
import java.util.Objects;
import org.orphancleanup.UserError;
import org.orphancleanup.catalog.Catalog;
import org.orphancleanup.catalog.CatalogReader;
import org.orphancleanup.plan.Planner;
import org.springframework.stereotype.Component;

/** A plan is applied only as it was made, and to the Odoo it was made for. */
@Component
class PlanCheck {

    private final CatalogReader reader;
    private final Planner planner;
    private final RunStore store;
    private final Clock clock;

    PlanCheck(CatalogReader reader, Planner planner, RunStore store, Clock clock) {
        this.reader = reader;
        this.planner = planner;
        this.store = store;
        this.clock = clock;
    }

    /**
     * @param resumed it was begun in time, and is only carried on
     * @return the target's catalog as it is now
     * @throws UserError when the plan no longer holds
     */
    Catalog check(OpenRun run, PlanStore.Plan plan, boolean resumed) {
        String again = " Make a new one with plan --job " + run.job().name() + ".";
        if (!resumed && clock.instant().isAfter(plan.validUntil())) {
            throw UserError.setting("The plan of run " + run.id() + " was valid until " + plan.validUntil()
                    + " (plan-valid-for)." + again);
        }
        if (!planner.currentHash(run.id()).equals(plan.hash())) {
            throw UserError.setting("The plan of run " + run.id()
                    + " was changed in our database after it was made (its hash differs)." + again);
        }
        Catalog catalog = reader.read(run.database().dataSource());
        String planned = store.find(run.id()).orElseThrow().modulesHash();
        if (!Objects.equals(catalog.modulesHash(), planned)) {
            throw UserError.setting("Modules were installed, removed or upgraded on target \""
                    + run.target().name() + "\" since the plan of run " + run.id() + " was made." + again);
        }
        if (!catalog.pendingModules().isEmpty()) {
            throw UserError.setting("Nothing is written while modules of target \""
                    + run.target().name()
                    + "\" are about to be installed, upgraded or removed: "
                    + String.join(", ", catalog.pendingModules())
                    + ". Let Odoo finish that (or cancel it in Apps), then make a new plan.");
        }
        return catalog;
    }
}
