package org.orphancleanup.cli;

import java.util.concurrent.Callable;
import org.orphancleanup.run.Checks;
import org.springframework.context.ConfigurableApplicationContext;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.json.JsonMapper;

@Command(
        name = "check",
        description = "Look at a target's connections, rights and versions, and at a job's definition.")
final class CheckCommand implements Callable<Integer> {

    @ArgGroup(multiplicity = "1")
    @SuppressWarnings("NullAway.Init") // set by picocli
    private Subject subject;

    @Option(names = "--json", description = "Print the result as JSON on standard output, and nothing else there.")
    private boolean json;

    private final Program program;

    CheckCommand(Program program) {
        this.program = program;
    }

    @Override
    public Integer call() {
        try (ConfigurableApplicationContext context = program.start()) {
            Checks.Result result = context.getBean(Checks.class).check(subject.target, subject.job);
            if (json) {
                program.console().print(context.getBean(JsonMapper.class).writeValueAsString(result));
            } else {
                result.findings()
                        .forEach(finding ->
                                program.console().print("%-7s  %s".formatted(finding.level(), finding.words())));
            }
            return result.exitCode();
        }
    }
}
