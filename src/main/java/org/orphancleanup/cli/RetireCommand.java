package org.orphancleanup.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.orphancleanup.guide.Retirement;
import org.orphancleanup.run.Asker;
import org.orphancleanup.run.RunResult;
import org.orphancleanup.run.Runs;
import org.springframework.context.ConfigurableApplicationContext;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.json.JsonMapper;

@Command(
        name = "retire",
        description = {
            "Take a record out of use without leaving anything that dangles: say what refers to it, then archive it, or",
            "delete it through the ORM where nothing but its own does. With --merge-into, what refers to it points to that",
            "record first. A run like any other: plan, backup gate, journal, report, undo."
        },
        footer = {
            "",
            "Exit codes: 0 the record is out of use (--list: nothing else refers to it); 1 it is not, or something could not",
            "be linked elsewhere; 2 options, files, settings; 3 a service is unreachable; 4 waiting for approval. Example:",
            "  retire --target production --record res.partner,45 --merge-into 46 --job nightly --yes"
        })
final class RetireCommand implements Callable<Integer> {

    static final class How {

        @Option(names = "--list", description = "Only say what refers to it; reads the database alone.")
        boolean list;

        @Option(names = "--dry-run", description = "End with the plan; nothing is written.")
        boolean dryRun;

        @Option(names = "--yes", description = "Approve the plan in your name.")
        boolean yes;
    }

    @Option(names = "--target", paramLabel = "T", required = true, description = "The record's target.")
    @SuppressWarnings("NullAway.Init") // set by picocli
    private String target;

    @Option(
            names = "--record",
            paramLabel = "MODEL,ID",
            required = true,
            description = "The record, such as res.partner,45.")
    @SuppressWarnings("NullAway.Init") // set by picocli
    private String record;

    @Option(
            names = "--merge-into",
            paramLabel = "ID",
            description = "The record of the same model that takes its place.")
    private @Nullable Long into;

    @Option(
            names = "--job",
            paramLabel = "J",
            description = "The job definition whose backup gate, approval, limits and guards hold.")
    private @Nullable String job;

    @ArgGroup
    private How how = new How();

    @Mixin
    private final BackupOption backup = new BackupOption();

    @Option(names = "--out", paramLabel = "DIR", description = "Write the report's files there, too.")
    private @Nullable Path out;

    @Option(names = "--json", description = "Print the result as JSON on standard output, and nothing else there.")
    private boolean json;

    private final Program program;

    RetireCommand(Program program) {
        this.program = program;
    }

    @Override
    public Integer call() throws IOException {
        try (ConfigurableApplicationContext context = program.start()) {
            Retirement.Look look = context.getBean(Retirement.class).look(target, record, into);
            if (!json) {
                print(look);
            }
            if (how.list) {
                if (json) {
                    program.console().print(new JsonMapper().writeValueAsString(look));
                }
                return look.referrers().stream().allMatch(Retirement.Referrer::belongs)
                                && look.unread().isEmpty()
                        ? 0
                        : 1;
            }
            RunResult result;
            try (ProgressLines progress = program.console().progress(json)) {
                result = context.getBean(Runs.class)
                        .retire(
                                Retirement.plan(look, into, job),
                                how.dryRun,
                                how.yes,
                                backup.reason(),
                                Asker.atCommandLine(),
                                progress);
            }
            report(look, result, RunCommand.putReport(context, result.report(), out));
            return result.exitCode();
        }
    }

    private void print(Retirement.Look look) {
        Console console = program.console();
        for (Retirement.Referrer referrer : look.referrers()) {
            console.print("%8d  %s: %s%s"
                    .formatted(
                            referrer.rows(),
                            referrer.field(),
                            referrer.effect(),
                            referrer.required() && !referrer.belongs() ? " (required)" : ""));
        }
        look.unread().forEach(reason -> console.print("not read  " + reason));
        console.print(look.model() + "," + look.id() + (Boolean.FALSE.equals(look.active()) ? ", archived already" : "")
                + ": " + look.words() + ".");
    }

    private void report(Retirement.Look look, RunResult result, Path place) throws IOException {
        if (json) {
            JsonMapper mapper = new JsonMapper();
            Map<String, Object> both = new LinkedHashMap<>();
            both.put("look", look);
            both.put("exitCode", result.exitCode());
            both.put("message", result.message());
            both.put("report", mapper.readTree(Files.readString(result.report().resolve("report.json"))));
            program.console().print(mapper.writeValueAsString(both));
            return;
        }
        RunCommand.tell(program.console(), result, place);
    }
}
