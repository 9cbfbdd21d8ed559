package org.orphancleanup.cli;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.orphancleanup.run.Asker;
import org.orphancleanup.run.Progress;
import org.orphancleanup.run.RunResult;
import org.orphancleanup.run.Runs;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "cleanup",
        description =
                "Scan, plan, apply, verify, report. A run of the job that a dead process left behind is finished.")
final class CleanupCommand extends RunCommand {

    @Option(
            names = "--job",
            paramLabel = "J",
            required = true,
            description = "A job definition: a name in the jobs directory, or a file.")
    @SuppressWarnings("NullAway.Init") // set by picocli
    private String job;

    @Option(names = "--dry-run", description = "End with the plan; write nothing.")
    private boolean dryRun;

    @Option(names = "--yes", description = "Approve the plan in your name.")
    private boolean yes;

    @Mixin
    private final BackupOption backup = new BackupOption();

    @Option(
            names = "--filestore",
            paramLabel = "DIR",
            description = "Compare attachments with their files there: the filestore's folder of this database.")
    private @Nullable Path filestore;

    @Option(names = "--out", paramLabel = "DIR", description = "Write the report's files there; made when missing.")
    private @Nullable Path out;

    CleanupCommand(Program program) {
        super(program);
    }

    @Override
    RunResult run(Runs runs, Progress progress) {
        return runs.cleanup(job, dryRun, yes, backup.reason(), filestore, Asker.atCommandLine(), progress);
    }

    @Override
    @Nullable
    Path out() {
        return out;
    }
}
