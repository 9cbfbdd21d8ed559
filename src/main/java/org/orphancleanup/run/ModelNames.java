package org.orphancleanup.run;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import javax.sql.DataSource;
import org.orphancleanup.UserError;
import org.orphancleanup.job.JobDefinition;
import org.orphancleanup.job.UnknownNames;
import org.orphancleanup.target.TargetReads;

/** A rule for a model that the target does not have would never match, and nobody would notice. */
final class ModelNames {

    private ModelNames() {}

    /** @throws UserError naming every model that the definition names and the target does not have */
    static void check(DataSource target, JobDefinition job) {
        if (job.mentions().isEmpty()) {
            return;
        }
        Set<String> models = new HashSet<>(TargetReads.client(target)
                .sql("SELECT model FROM ir_model")
                .query(String.class)
                .list());
        List<String> problems = UnknownNames.in(job, models);
        if (!problems.isEmpty()) {
            throw UserError.setting(String.join("\n", problems));
        }
    }
}
