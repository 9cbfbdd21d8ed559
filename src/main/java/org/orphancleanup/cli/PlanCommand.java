package org.orphancleanup.cli;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.orphancleanup.run.Asker;
import org.orphancleanup.run.Progress;
import org.orphancleanup.run.RunResult;
import org.orphancleanup.run.Runs;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "plan",
        description = "Scan, and plan what would be repaired. Changes nothing; apply carries the plan out.")
final class PlanCommand extends RunCommand {

    @Option(
            names = "--job",
            paramLabel = "J",
            required = true,
            description = "A job definition: a name in the jobs directory, or a file.")
    @SuppressWarnings("NullAway.Init") // set by picocli
    private String job;

    @Option(
            names = "--filestore",
            paramLabel = "DIR",
            description = "Compare attachments with their files there: the filestore's folder of this database.")
    private @Nullable Path filestore;

    @Option(names = "--out", paramLabel = "DIR", description = "Write the report's files there; made when missing.")
    private @Nullable Path out;

    PlanCommand(Program program) {
        super(program);
    }

    @Override
    RunResult run(Runs runs, Progress progress) {
        return runs.plan(job, filestore, Asker.atCommandLine(), progress);
    }

    @Override
    @Nullable
    Path out() {
        return out;
    }
}
