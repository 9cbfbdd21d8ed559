package org.orphancleanup.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/** The command line: parses, runs one command, ends in an exit code. */
public final class Cli {

    /** {@code --any.spring.property=value}; none of our options has a dot in its name. */
    private static final Pattern SPRING = Pattern.compile("--[\\w\\-\\[\\]]+(\\.[\\w\\-\\[\\]]+)+=.*", Pattern.DOTALL);

    private final Class<?> application;
    private final Map<String, Object> settings;
    private final PrintStream out;
    private final PrintStream err;

    /**
     * @param application the class Spring starts from
     * @param settings Spring properties that give way to the ones of the command line
     */
    public Cli(Class<?> application, Map<String, Object> settings, PrintStream out, PrintStream err) {
        this.application = application;
        this.settings = settings;
        this.out = out;
        this.err = err;
    }

    /** Ends the process. Standard output and error are UTF-8, whatever the locale. */
    public static void main(Class<?> application, String... arguments) {
        PrintStream out = utf8(FileDescriptor.out);
        PrintStream err = utf8(FileDescriptor.err);
        System.setOut(out);
        System.setErr(err);
        System.exit(new Cli(application, Map.of(), out, err).run(arguments));
    }

    private static PrintStream utf8(FileDescriptor descriptor) {
        return new PrintStream(new FileOutputStream(descriptor), true, StandardCharsets.UTF_8);
    }

    public int run(String... arguments) {
        List<String> springs = new ArrayList<>();
        List<String> ours = new ArrayList<>();
        for (String argument : arguments) {
            (SPRING.matcher(argument).matches() ? springs : ours).add(argument);
        }
        Console console = new Console(out, err);
        Program program = new Program(application, settings, springs, console);
        MainCommand main = new MainCommand(program);
        CommandLine commands = new CommandLine(main)
                .addSubcommand("serve", new ServeCommand(program))
                .addSubcommand("demo", new DemoCommand(program))
                .addSubcommand("scan", new ScanCommand(program))
                .addSubcommand("plan", new PlanCommand(program))
                .addSubcommand("apply", new ApplyCommand(program))
                .addSubcommand("cleanup", new CleanupCommand(program))
                .addSubcommand("undo", new UndoCommand(program))
                .addSubcommand("diagnose", new DiagnoseCommand(program))
                .addSubcommand("check-import", new CheckImportCommand(program))
                .addSubcommand("retire", new RetireCommand(program))
                .addSubcommand("upgrade-check", new UpgradeCheckCommand(program))
                .addSubcommand("quarantine", QuarantineCommand.withSubcommands(program))
                .addSubcommand("check", new CheckCommand(program))
                .addSubcommand("hash", new HashCommand(console));
        commands.getSubcommands().values().stream()
                .flatMap(command -> Stream.concat(Stream.of(command), command.getSubcommands().values().stream()))
                .forEach(command -> command.getCommandSpec()
                        .addOption(OptionSpec.builder("--help")
                                .usageHelp(true)
                                .description("Show this help.")
                                .build()));
        commands.setUsageHelpWidth(120)
                .setOut(console.outWriter())
                .setErr(console.errWriter())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setExecutionExceptionHandler((e, command, parsed) -> Failures.report(e, program, console));
        // without a command the program serves, and hands options it does not know on to Spring
        boolean serves = ours.isEmpty()
                || ours.get(0).startsWith("--")
                        && !List.of("--help", "--version").contains(ours.get(0));
        if (serves) {
            ours.add(0, "serve");
        }
        return commands.execute(ours.toArray(String[]::new));
    }
}
