package org.orphancleanup.run;

import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.List;
import org.orphancleanup.job.JobDefinition;
import org.orphancleanup.job.PolicyKind;

/** Definitions for tests. */
final class Definitions {

    private Definitions() {}

    static JobDefinition with(JobDefinition.Backup backup) {
        return with(
                backup,
                new JobDefinition.Approval(JobDefinition.Approval.Kind.REQUIRED, 0),
                JobDefinition.SecondPerson.NONE);
    }

    static JobDefinition with(JobDefinition.Approval approval, JobDefinition.SecondPerson second) {
        return with(new JobDefinition.Backup(true, null, null, List.of()), approval, second);
    }

    private static JobDefinition with(
            JobDefinition.Backup backup, JobDefinition.Approval approval, JobDefinition.SecondPerson second) {
        return new JobDefinition(
                "nightly",
                Path.of("jobs/nightly.yaml"),
                "name: nightly",
                "production",
                null,
                ZoneOffset.UTC,
                true,
                new JobDefinition.References(List.of("*"), List.of()),
                List.of(),
                PolicyKind.REPORT_ONLY,
                approval,
                second,
                new JobDefinition.Allow(List.of(), List.of(), List.of(), List.of(), false, false),
                Duration.ofHours(24),
                new JobDefinition.Limits(100, 100, 0.2, null, 200, 2, null),
                JobDefinition.SideEffects.PRESERVE,
                false,
                backup,
                List.of());
    }
}
