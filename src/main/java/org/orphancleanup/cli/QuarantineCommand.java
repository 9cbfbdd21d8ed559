package org.orphancleanup.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.orphancleanup.UserError;
import org.orphancleanup.run.Asker;
import org.orphancleanup.run.Progress;
import org.orphancleanup.run.Quarantine;
import org.orphancleanup.run.RunResult;
import org.orphancleanup.run.Runs;
import org.orphancleanup.target.Targets;
import org.springframework.context.ConfigurableApplicationContext;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import tools.jackson.databind.json.JsonMapper;

@Command(
        name = "quarantine",
        description = "The records that are out of use: list them, release one by another policy, or restore it.",
        synopsisSubcommandLabel = "COMMAND")
final class QuarantineCommand implements Runnable {

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    static CommandLine withSubcommands(Program program) {
        return new CommandLine(new QuarantineCommand())
                .addSubcommand("list", new ListCommand(program))
                .addSubcommand("release", new ReleaseCommand(program))
                .addSubcommand("restore", new RestoreCommand(program));
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "Say what to do: quarantine list, release or restore.");
    }

    @Command(name = "list", description = "The records of a target that are in quarantine, the latest first.")
    static final class ListCommand implements Callable<Integer> {

        @Option(names = "--target", paramLabel = "T", required = true, description = "A configured target.")
        @SuppressWarnings("NullAway.Init") // set by picocli
        private String target;

        @Option(names = "--all", description = "Those that were released or restored, too.")
        private boolean all;

        @Option(names = "--json", description = "Print the result as JSON on standard output, and nothing else there.")
        private boolean json;

        private final Program program;

        ListCommand(Program program) {
            this.program = program;
        }

        @Override
        public Integer call() {
            try (ConfigurableApplicationContext context = program.start()) {
                context.getBean(Targets.class).get(target);
                List<Quarantine.Entry> entries =
                        context.getBean(Quarantine.class).list(target, all);
                if (json) {
                    program.console().print(context.getBean(JsonMapper.class).writeValueAsString(entries));
                    return Runs.CLEAN;
                }
                if (entries.isEmpty()) {
                    program.console().print("No record of target \"" + target + "\" is in quarantine.");
                }
                entries.forEach(entry -> program.console().print(line(entry)));
                return Runs.CLEAN;
            }
        }

        private static String line(Quarantine.Entry entry) {
            String comment = entry.comment();
            return "%-40s  %-8s  %-8s  run %d, %s%s"
                    .formatted(
                            entry.model() + "," + entry.record(),
                            entry.status(),
                            entry.archived() ? "archived" : "marked",
                            entry.run(),
                            entry.since(),
                            comment == null ? "" : ", " + entry.decidedBy() + ": " + comment);
        }
    }

    /** Which record, and why. */
    static final class Decision {

        @Option(names = "--target", paramLabel = "T", required = true, description = "The record's target.")
        @SuppressWarnings("NullAway.Init") // set by picocli
        private String target;

        @Option(
                names = "--record",
                paramLabel = "MODEL,ID",
                required = true,
                description = "A record in quarantine, such as res.partner,45.")
        @SuppressWarnings("NullAway.Init") // set by picocli
        private String record;

        @Option(names = "--comment", paramLabel = "TEXT", required = true, description = "Why; kept with the record.")
        @SuppressWarnings("NullAway.Init") // set by picocli
        private String comment;

        @Option(names = "--out", paramLabel = "DIR", description = "Write the report's files there, too.")
        private @Nullable Path out;

        private String comment() {
            if (comment.isBlank()) {
                throw UserError.setting("--comment needs words, such as --comment \"customer confirmed\".");
            }
            return comment;
        }
    }

    @Command(
            name = "release",
            description = {
                "Carry another policy out on a record in quarantine, and put it back into use.",
                "It stays in quarantine where something of it still dangles (exit code 1)."
            })
    static final class ReleaseCommand extends RunCommand {

        @Mixin
        private final Decision decision = new Decision();

        @Option(
                names = "--policy",
                paramLabel = "P",
                required = true,
                description = "null-out, relink, archive-parent, delete or by-ondelete.")
        @SuppressWarnings("NullAway.Init") // set by picocli
        private String policy;

        @Option(names = "--keep-id", description = "The missing parent comes back under its old id first.")
        private boolean keepId;

        @Option(
                names = "--to",
                paramLabel = "ID",
                description = "With relink: the record to point to; without, a placeholder.")
        private @Nullable Long to;

        @Option(names = "--yes", description = "Approve the plan in your name.")
        private boolean yes;

        @Mixin
        private final BackupOption backup = new BackupOption();

        ReleaseCommand(Program program) {
            super(program);
        }

        @Override
        RunResult run(Runs runs, Progress progress) {
            return runs.releaseQuarantined(
                    decision.target,
                    decision.record,
                    new Runs.Release(policy, keepId, to, decision.comment()),
                    yes,
                    backup.reason(),
                    Asker.atCommandLine(),
                    progress);
        }

        @Override
        @Nullable
        Path out() {
            return decision.out;
        }
    }

    @Command(
            name = "restore",
            description = {
                "Put a record in quarantine back into use as it was; what dangles in it dangles again.",
                "The next run of the job quarantines it again, unless its rules say otherwise."
            })
    static final class RestoreCommand extends RunCommand {

        @Mixin
        private final Decision decision = new Decision();

        RestoreCommand(Program program) {
            super(program);
        }

        @Override
        RunResult run(Runs runs, Progress progress) {
            return runs.restoreQuarantined(
                    decision.target, decision.record, decision.comment(), Asker.atCommandLine(), progress);
        }

        @Override
        @Nullable
        Path out() {
            return decision.out;
        }
    }
}
