package org.orphancleanup.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
        name = "odoo-orphan-cleanup",
        description = "Finds every dangling reference in an Odoo database and repairs it through Odoo's own ORM.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        synopsisSubcommandLabel = "[COMMAND]",
        footer = {
            "",
            "Without a command the program serves its web page. Exit codes: 0 nothing (left) to repair; 1 orphans remain;",
            "2 options, files, settings, a refused key; 3 a service is unreachable or the run failed; 4 waiting for approval.",
            "--any.spring.property=VALUE is understood everywhere, such as --orphan.data-dir=DIR."
        })
final class MainCommand implements Runnable {

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    MainCommand(Program program) {}

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "Missing command.");
    }
}
