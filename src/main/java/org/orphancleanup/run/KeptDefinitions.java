package org.orphancleanup.run;

import java.nio.file.Path;
import org.orphancleanup.job.JobDefinition;
import org.orphancleanup.job.JobDefinitions;
import org.springframework.stereotype.Component;

/** The definition that a run was made with: what is approved is carried out by it, whatever its file has become since. */
@Component
class KeptDefinitions {

    private final JobDefinitions definitions;

    KeptDefinitions(JobDefinitions definitions) {
        this.definitions = definitions;
    }

    JobDefinition of(Run run) {
        return run.definitionFile() == null
                ? definitions.parse(run.definition(), Path.of(run.job() + ".yaml"))
                : definitions.parse(run.definition(), Path.of(run.definitionFile()));
    }
}
