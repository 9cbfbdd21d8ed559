package org.orphancleanup.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.orphancleanup.report.ReportWriter;
import org.orphancleanup.run.FailedRun;
import org.orphancleanup.run.Progress;
import org.orphancleanup.run.RunResult;
import org.orphancleanup.run.Runs;
import org.springframework.context.ConfigurableApplicationContext;
import picocli.CommandLine.Option;

/** A command that is a run and ends in a report. */
abstract class RunCommand implements Callable<Integer> {

    @Option(names = "--json", description = "Print the result as JSON on standard output, and nothing else there.")
    private boolean json;

    private final Program program;

    RunCommand(Program program) {
        this.program = program;
    }

    abstract RunResult run(Runs runs, Progress progress);

    /** Where the files of the report go; null: into the data directory alone. */
    @Nullable
    Path out() {
        return null;
    }

    /**
     * The report of a run, where the person wants it, too.
     *
     * @param report where the run has written it
     * @return where to look
     */
    static Path putReport(ConfigurableApplicationContext context, Path report, @Nullable Path out) {
        if (out == null) {
            return report;
        }
        context.getBean(ReportWriter.class).copy(report, out);
        return out;
    }

    static void tell(Console console, RunResult result, Path place) {
        console.print("Run " + result.runId() + ": " + result.message());
        console.print("Report: " + place.toAbsolutePath().normalize().resolve("report.html"));
    }

    /** What there is of a run that failed goes where the person looks for it. */
    private void reportFailed(ConfigurableApplicationContext context, FailedRun failed) {
        Path out = out();
        if (out == null) {
            return;
        }
        try {
            context.getBean(ReportWriter.class).write(failed.runId(), out);
            program.console()
                    .error("Report of what there is: "
                            + out.toAbsolutePath().normalize().resolve("report.html"));
        } catch (RuntimeException e) {
            failed.addSuppressed(e); // what failed first is what is told
        }
    }

    @Override
    public Integer call() throws IOException {
        try (ConfigurableApplicationContext context = program.start()) {
            RunResult result;
            try (ProgressLines progress = program.console().progress(json)) {
                result = run(context.getBean(Runs.class), progress);
            } catch (FailedRun e) {
                reportFailed(context, e);
                throw e;
            }
            Path place = putReport(context, result.report(), out());
            if (json) {
                program.console()
                        .print(Files.readString(result.report().resolve("report.json"))
                                .stripTrailing());
            } else {
                tell(program.console(), result, place);
            }
            return result.exitCode();
        }
    }
}
