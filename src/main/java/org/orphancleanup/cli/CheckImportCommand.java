package org.orphancleanup.cli;

import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.orphancleanup.UserError;
import org.orphancleanup.guide.ImportCheck;
import org.orphancleanup.guide.ImportResult;
import org.springframework.context.ConfigurableApplicationContext;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.json.JsonMapper;

@Command(
        name = "check-import",
        description = {
            "Say before anything is loaded what of import files would fail: columns that are no fields, references that",
            "resolve neither in the database nor in the other files, required fields missing, and the order to load in.",
            "Files are CSV or XLSX in Odoo's format (field, field/id, field/.id), named after their model or MODEL=FILE."
        },
        footer = {
            "",
            "Exit codes: 0 nothing would fail; 1 something would; 2 options, files, settings; 3 the target is unreachable.",
            "Examples:",
            "  check-import --target staging res.partner.csv sale.order=orders.xlsx",
            "  check-import --target staging --json-values - < values.json"
        })
final class CheckImportCommand implements Callable<Integer> {

    static final class Input {

        @Parameters(arity = "1..*", paramLabel = "FILE", description = "FILE or MODEL=FILE.")
        @Nullable
        List<String> files;

        @Option(
                names = "--json-values",
                paramLabel = "FILE",
                description = "{\"model\": …, \"values\": {…}}, an array of them, or one a line; - is standard input.")
        @Nullable
        String values;
    }

    @ArgGroup(multiplicity = "1")
    @SuppressWarnings("NullAway.Init") // set by picocli
    private Input input;

    @Option(names = "--target", paramLabel = "T", required = true, description = "A target of the configuration.")
    @SuppressWarnings("NullAway.Init") // set by picocli
    private String target;

    @Option(names = "--json", description = "Print the result as JSON on standard output, and nothing else there.")
    private boolean json;

    private final Program program;

    CheckImportCommand(Program program) {
        this.program = program;
    }

    @Override
    public Integer call() throws IOException {
        try (ConfigurableApplicationContext context = program.start()) {
            ImportResult result = check(context.getBean(ImportCheck.class));
            if (json) {
                program.console().print(new JsonMapper().writeValueAsString(result));
            } else {
                print(result);
            }
            return result.hasProblems() ? 1 : 0;
        }
    }

    private ImportResult check(ImportCheck check) throws IOException {
        if (input.files != null) {
            return check.files(
                    target, input.files.stream().map(ImportCheck.ModelFile::of).toList());
        }
        String name = String.valueOf(input.values);
        if (name.equals("-")) {
            return check.values(target, "standard input", new InputStreamReader(System.in, StandardCharsets.UTF_8));
        }
        Path file = Path.of(name);
        if (!Files.isRegularFile(file) || !Files.isReadable(file)) {
            throw UserError.setting("The file " + file + " is not there or cannot be read. Check its name and rights.");
        }
        try (Reader reader = Files.newBufferedReader(file)) {
            return check.values(target, name, reader);
        }
    }

    private void print(ImportResult result) {
        Console console = program.console();
        result.files()
                .forEach(file -> console.print(file.file() + (file.model().isEmpty() ? "" : ": " + file.model()) + ", "
                        + file.rows() + (file.rows() == 1 ? " row" : " rows")));
        for (ImportResult.Problem problem : result.problems()) {
            console.print("%-7s  %s%s: %s%s%s"
                    .formatted(
                            problem.level(),
                            problem.file(),
                            problem.column() == null ? "" : ", " + problem.column(),
                            problem.words(),
                            problem.firstRow() == null
                                    ? ""
                                    : " (" + problem.rows() + (problem.rows() == 1 ? " row" : " rows") + ", first "
                                            + problem.firstRow() + ")",
                            problem.examples().isEmpty() ? "" : ": " + String.join(", ", problem.examples())));
        }
        result.notes().forEach(note -> console.print("note     " + note));
        if (result.order().size() > 1) {
            console.print("Load in this order:");
            int number = 0;
            for (ImportResult.Step step : result.order()) {
                number++;
                console.print("  " + number + ". " + step.file()
                        + (step.without().isEmpty() ? "" : " without " + String.join(", ", step.without()))
                        + (step.only().isEmpty() ? "" : " again, with " + String.join(", ", step.only()) + " alone"));
            }
        }
        console.print(result.hasProblems() ? "Something would fail." : "Nothing here would fail.");
    }
}
