package org.orphancleanup.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.orphancleanup.UserError;
import org.orphancleanup.guide.Diagnoser;
import org.orphancleanup.guide.Diagnosis;
import org.orphancleanup.guide.TargetDiagnoser;
import org.orphancleanup.guide.Violation;
import org.orphancleanup.guide.ViolationLog;
import org.springframework.context.ConfigurableApplicationContext;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.json.JsonMapper;

@Command(
        name = "diagnose",
        description = {
            "Explain a foreign key, not-null or MissingError: what refers to what, and what to do about it.",
            "Takes PostgreSQL's text in any language, psycopg2's, a traceback, an RPC error body, an import's messages.",
            "Without --target the text alone is read, and no database is needed or started."
        },
        footer = {
            "",
            "Exit codes: 0 explained; 1 (with --target) rows dangle in the same reference; 2 nothing recognised, or the file",
            "cannot be read; 3 the target is unreachable. Examples:",
            "  diagnose 'insert or update on table \"sale_order\" violates foreign key constraint \"sale_order_partner_id_fkey\"'",
            "  psql -f restore.sql 2>&1 | diagnose --target production",
            "  diagnose --log /var/log/odoo/odoo-server.log"
        })
final class DiagnoseCommand implements Callable<Integer> {

    static final class Source {

        @Parameters(
                arity = "0..1",
                paramLabel = "TEXT",
                description = "The error's text. Without it, or with -, standard input is read.")
        @Nullable
        String text;

        @Option(names = "--file", paramLabel = "FILE", description = "Read the error's text from a file.")
        @Nullable
        Path file;

        @Option(
                names = "--log",
                paramLabel = "FILE",
                description = "Read a whole server or database log and group its violations by constraint.")
        @Nullable
        Path log;
    }

    @ArgGroup
    private @Nullable Source source;

    @Option(
            names = "--target",
            paramLabel = "T",
            description = "Ask this target's database too: what exists, what dangles, who else refers to it.")
    private @Nullable String target;

    @Option(names = "--json", description = "Print the result as JSON on standard output, and nothing else there.")
    private boolean json;

    private final Program program;

    DiagnoseCommand(Program program) {
        this.program = program;
    }

    @Override
    public Integer call() throws IOException {
        if (source != null && source.log != null) {
            return log(source.log);
        }
        List<Violation> violations = new Diagnoser().read(text());
        if (violations.isEmpty()) {
            throw UserError.setting(
                    "Nothing recognised: no foreign key, not-null or MissingError in this text. Paste it"
                            + " whole, with the line that begins with DETAIL where there is one; a whole log goes with --log FILE.");
        }
        List<Diagnosis> diagnoses = explain(violations);
        if (json) {
            print(Map.of("diagnoses", diagnoses));
        } else {
            diagnoses.forEach(diagnosis -> DiagnosisText.of(diagnosis).forEach(program.console()::print));
        }
        return exitCode(diagnoses);
    }

    private int log(Path file) throws IOException {
        ViolationLog.Summary summary;
        try (InputStream in = open(file);
                BufferedReader reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
            summary = ViolationLog.read(reader);
        }
        List<Diagnosis> diagnoses = explain(ViolationLog.examples(summary));
        if (json) {
            Map<String, Object> result = new LinkedHashMap<>();
            result.put("log", summary);
            result.put("diagnoses", diagnoses);
            print(result);
        } else {
            DiagnosisText.of(summary, diagnoses).forEach(program.console()::print);
        }
        return exitCode(diagnoses);
    }

    private List<Diagnosis> explain(List<Violation> violations) {
        if (target == null) {
            return violations.stream()
                    .map(violation -> Diagnoser.explain(violation, null))
                    .toList();
        }
        try (ConfigurableApplicationContext context = program.start()) {
            return context.getBean(TargetDiagnoser.class).explain(target, violations);
        }
    }

    private static int exitCode(List<Diagnosis> diagnoses) {
        return diagnoses.stream()
                        .anyMatch(diagnosis -> diagnosis.onTarget() != null
                                && diagnosis.onTarget().dangling() != null
                                && diagnosis.onTarget().dangling() > 0)
                ? 1
                : 0;
    }

    private void print(Object result) {
        program.console().print(new JsonMapper().writeValueAsString(result));
    }

    private String text() throws IOException {
        if (source != null && source.file != null) {
            try (InputStream in = open(source.file)) {
                return new String(in.readAllBytes(), StandardCharsets.UTF_8);
            }
        }
        String text = source == null ? null : source.text;
        return text == null || text.equals("-") ? new String(System.in.readAllBytes(), StandardCharsets.UTF_8) : text;
    }

    private static InputStream open(Path file) throws IOException {
        if (!Files.isRegularFile(file) || !Files.isReadable(file)) {
            throw UserError.setting("The file " + file + " is not there or cannot be read. Check its name and rights.");
        }
        return Files.newInputStream(file);
    }
}
