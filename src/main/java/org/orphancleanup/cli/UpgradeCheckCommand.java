package org.orphancleanup.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.orphancleanup.guide.UpgradeCheck;
import org.orphancleanup.guide.UpgradeFinding;
import org.orphancleanup.guide.UpgradeResult;
import org.orphancleanup.run.Asker;
import org.springframework.context.ConfigurableApplicationContext;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.json.JsonMapper;

@Command(
        name = "upgrade-check",
        description = {
            "Say what would stop an upgrade, an update of a module (-u) or a restore: rows that dangle behind a constraint",
            "that is there, missing or to come, required fields without a value, models that are gone.",
            "Reads the database alone and changes nothing."
        },
        footer = {
            "",
            "Exit codes: 0 nothing, or nothing that the baseline does not know; 1 something new; 2 options, files, settings;",
            "3 the target is unreachable. Example:",
            "  upgrade-check --target production --newer-catalog upgraded --baseline known.json --out out"
        })
final class UpgradeCheckCommand implements Callable<Integer> {

    @Option(names = "--target", paramLabel = "T", required = true, description = "A target of the configuration.")
    @SuppressWarnings("NullAway.Init") // set by picocli
    private String target;

    @Option(
            names = "--newer-catalog",
            paramLabel = "DIR|T",
            description = "Compare with a newer database: a target, or the directory that --out wrote for it.")
    private @Nullable String newer;

    @Option(
            names = "--baseline",
            paramLabel = "FILE",
            description = "Only what this earlier upgrade-check.json does not have, or has fewer of, is an alarm.")
    private @Nullable Path baseline;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "Write the result, the catalog, a job that would clean, and the scan's report there.")
    private @Nullable Path out;

    @Option(names = "--json", description = "Print the result as JSON on standard output, and nothing else there.")
    private boolean json;

    private final Program program;

    UpgradeCheckCommand(Program program) {
        this.program = program;
    }

    @Override
    public Integer call() {
        try (ConfigurableApplicationContext context = program.start()) {
            UpgradeCheck.Checked checked;
            try (ProgressLines progress = program.console().progress(json)) {
                checked = context.getBean(UpgradeCheck.class)
                        .check(target, newer, baseline, Asker.atCommandLine(), progress);
            }
            UpgradeResult result = checked.result();
            List<Path> written = List.of();
            if (out != null) {
                RunCommand.putReport(context, checked.report(), out);
                written = UpgradeCheck.write(checked, out);
            }
            if (json) {
                program.console().print(new JsonMapper().writeValueAsString(result));
            } else {
                print(result, written);
            }
            return result.fresh() > 0 ? 1 : 0;
        }
    }

    private void print(UpgradeResult result, List<Path> written) {
        Console console = program.console();
        for (UpgradeFinding finding : result.findings()) {
            console.print((finding.fresh() ? "NEW   " : "known ")
                    + (finding.stops().isEmpty() ? "" : "stops " + String.join(", ", finding.stops()) + ": ")
                    + finding.words());
            console.print("      " + finding.advice());
        }
        result.gone().forEach(key -> console.print("gone  " + key));
        console.print("Target " + result.target() + ", Odoo " + result.odooVersion()
                + (result.newer() == null ? "" : ", compared with Odoo " + result.newer()) + ", run " + result.run()
                + ": " + result.findings().size() + " in the way, " + result.fresh() + " of them new");
        written.forEach(
                file -> console.print("Written: " + file.toAbsolutePath().normalize()));
        if (result.job() != null && written.isEmpty()) {
            console.print("--out DIR writes a job that would clean what dangles.");
        }
    }
}
