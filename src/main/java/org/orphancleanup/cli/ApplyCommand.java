package org.orphancleanup.cli;

import org.orphancleanup.run.Asker;
import org.orphancleanup.run.Progress;
import org.orphancleanup.run.RunResult;
import org.orphancleanup.run.Runs;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(name = "apply", description = "Carry out a plan: repair, verify, report.")
final class ApplyCommand extends RunCommand {

    @Option(
            names = "--plan",
            paramLabel = "ID",
            required = true,
            description = "The number of the run that made the plan.")
    private long plan;

    @Option(names = "--yes", description = "Approve the plan in your name.")
    private boolean yes;

    ApplyCommand(Program program) {
        super(program);
    }

    @Override
    RunResult run(Runs runs, Progress progress) {
        return runs.apply(plan, yes, Asker.atCommandLine(), progress);
    }
}
