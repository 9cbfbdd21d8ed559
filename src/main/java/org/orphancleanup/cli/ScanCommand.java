package org.orphancleanup.cli;

import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.orphancleanup.run.Asker;
import org.orphancleanup.run.Progress;
import org.orphancleanup.run.RunResult;
import org.orphancleanup.run.Runs;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(name = "scan", description = "Find dangling references. Reads the database alone and changes nothing.")
final class ScanCommand extends RunCommand {

    static final class Depth {

        @Option(names = "--full", required = true, description = "Read every reference (the default for --target).")
        boolean full;

        @Option(
                names = "--trust",
                required = true,
                description = "Skip references whose foreign key PostgreSQL enforces.")
        boolean trust;
    }

    @ArgGroup(multiplicity = "1")
    @SuppressWarnings("NullAway.Init") // set by picocli
    private Subject subject;

    @ArgGroup
    private @Nullable Depth depth;

    @Option(
            names = "--filestore",
            paramLabel = "DIR",
            description = "Compare attachments with their files there: the filestore's folder of this database.")
    private @Nullable Path filestore;

    @Option(names = "--out", paramLabel = "DIR", description = "Write the report's files there; made when missing.")
    private @Nullable Path out;

    ScanCommand(Program program) {
        super(program);
    }

    @Override
    RunResult run(Runs runs, Progress progress) {
        Boolean full = depth == null ? null : Boolean.valueOf(depth.full);
        return subject.target != null
                ? runs.scanTarget(subject.target, full == null || full, filestore, Asker.atCommandLine(), progress)
                : runs.scanJob(Objects.requireNonNull(subject.job), full, filestore, Asker.atCommandLine(), progress);
    }

    @Override
    @Nullable
    Path out() {
        return out;
    }
}
