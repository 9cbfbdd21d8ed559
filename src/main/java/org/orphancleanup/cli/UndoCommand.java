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
        name = "undo",
        description = {
            "Take back what a run did, from its journal, the last first.",
            "What somebody changed since is left alone. Exit code 1: something could not be taken back."
        })
final class UndoCommand extends RunCommand {

    @Option(names = "--run", paramLabel = "ID", required = true, description = "The run to undo.")
    private long run;

    @Option(
            names = "--reference",
            paramLabel = "R",
            description = "Only repairs of this reference, as the report names it: model.field.")
    private @Nullable String reference;

    @Option(names = "--record", paramLabel = "ID", description = "Only repairs of the record with this id.")
    private @Nullable Long record;

    @Option(names = "--out", paramLabel = "DIR", description = "Write the report there, too.")
    private @Nullable Path out;

    UndoCommand(Program program) {
        super(program);
    }

    @Override
    RunResult run(Runs runs, Progress progress) {
        return runs.undo(run, reference, record, Asker.atCommandLine(), progress);
    }

    @Override
    @Nullable
    Path out() {
        return out;
    }
}
