package org.orphancleanup.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import org.orphancleanup.database.DataDirectory;
import org.orphancleanup.job.JobDefinition;
import org.orphancleanup.job.JobDefinitions;
import org.orphancleanup.report.Counts;
import org.orphancleanup.report.RunCounts;
import org.orphancleanup.run.Asker;
import org.orphancleanup.run.RunResult;
import org.orphancleanup.run.Runs;
import org.orphancleanup.sandbox.Sandbox;
import org.orphancleanup.sandbox.SandboxOptions;
import org.orphancleanup.target.Secret;
import org.orphancleanup.target.Target;
import org.springframework.beans.factory.support.DefaultSingletonBeanRegistry;
import org.springframework.context.ConfigurableApplicationContext;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "demo",
        description = "A damaged sandbox Odoo, one full cleanup of it, and the report. Needs nothing but Java.")
final class DemoCommand implements Callable<Integer> {

    private static final String NAME = "demo";

    @Option(names = "--exit", description = "End after the run instead of serving the web page.")
    private boolean exit;

    @Option(
            names = "--port",
            paramLabel = "N",
            defaultValue = "8080",
            description = "Port of the web page; 0: any free one. Default: 8080.")
    private int port;

    @Option(names = "--reset", description = "Make the sandbox anew, damaged again.")
    private boolean reset;

    @Option(names = "--json", description = "Print the result as JSON on standard output, and nothing else there.")
    private boolean json;

    private final Program program;

    DemoCommand(Program program) {
        this.program = program;
    }

    /** Held references are part of the demo: what ran through ends in 0. */
    @Override
    public Integer call() throws IOException, InterruptedException {
        try (ConfigurableApplicationContext context = exit
                ? program.start()
                // schedules of jobs that a serve left in our database are none of the demo's business
                : program.startServing(Map.of(
                        "server.port", port, "spring.quartz.auto-startup", "false", "orphan.web.open", "true"))) {
            Console console = program.console();
            DataDirectory directory = context.getBean(DataDirectory.class);
            Sandbox sandbox = Sandbox.start(SandboxOptions.in(directory.demo())
                    .programs(directory.path().resolve("database"))
                    .reset(reset));
            // on Ctrl-C it is ended by the context, after the run that uses it
            ((DefaultSingletonBeanRegistry) context.getBeanFactory()).registerDisposableBean("sandbox", sandbox::close);
            RunResult result;
            try (ProgressLines progress = console.progress(json)) {
                result = context.getBean(Runs.class)
                        .cleanup(
                                definition(context.getBean(JobDefinitions.class)),
                                target(sandbox),
                                NAME,
                                true,
                                null,
                                null,
                                Asker.atCommandLine(),
                                progress);
            }
            if (json) {
                console.print(
                        Files.readString(result.report().resolve("report.json")).stripTrailing());
            } else {
                print(context.getBean(RunCounts.class).read(result.runId()), result);
            }
            if (!exit) {
                String page = ServeCommand.address(context);
                if (!json) {
                    console.print("Web page: " + page + " (Ctrl-C ends)");
                }
                ServeCommand.untilClosed(context);
            }
            return 0;
        }
    }

    private void print(Counts counts, RunResult result) {
        Console console = program.console();
        console.print("Run " + result.runId() + ": " + result.message());
        counts.asMap().forEach((name, count) -> {
            if (count > 0) {
                console.print("  %-16s %6d".formatted(name, count));
            }
        });
        if (counts.repaired() == 0) {
            console.print("Nothing was left to repair beyond what Odoo refuses; --reset makes the sandbox anew.");
        }
        console.print("Report: " + result.report().resolve("report.html"));
    }

    private static JobDefinition definition(JobDefinitions definitions) throws IOException {
        try (InputStream file = Sandbox.class.getResourceAsStream("demo-job.yaml")) {
            if (file == null) {
                throw new IllegalStateException("demo-job.yaml is missing from the jar");
            }
            return definitions.parse(new String(file.readAllBytes(), StandardCharsets.UTF_8), Path.of("demo-job.yaml"));
        }
    }

    private static Target target(Sandbox sandbox) {
        return new Target(
                NAME,
                new Target.Jdbc(sandbox.jdbcUrl(), sandbox.jdbcUser(), new Secret(sandbox.jdbcPassword())),
                new Target.Api(
                        sandbox.url(),
                        sandbox.database(),
                        sandbox.login(),
                        new Secret(sandbox.apiKey()),
                        Target.Protocol.AUTO),
                null,
                null);
    }
}
