package org.orphancleanup.cli;

import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import org.orphancleanup.UserError;
import org.orphancleanup.odoo.OdooException;
import org.orphancleanup.run.ExitCodes;
import org.orphancleanup.run.FailedRun;
import org.slf4j.LoggerFactory;
import org.springframework.boot.web.server.PortInUseException;

/** What a command that failed says, and its exit code. */
final class Failures {

    private Failures() {}

    static int report(Throwable failure, Program program, Console console) {
        for (Throwable cause : causes(failure)) {
            if (cause instanceof UserError error) {
                console.error(String.valueOf(error.getMessage()));
                return ExitCodes.of(error);
            }
            if (cause instanceof OdooException error) {
                console.error("Odoo: " + error.getMessage());
                return ExitCodes.of(error);
            }
            if (cause instanceof PortInUseException error) {
                console.error("Port " + error.getPort()
                        + " is in use. Set another one with --server.port=N (demo: --port N), 0 for any.");
                return 2;
            }
            if (String.valueOf(cause.getMessage()).startsWith("Logback configuration error")) {
                console.error(
                        "The log cannot be written. Set ORPHAN_DATA_DIR to a directory that this user may write to."
                                + " Details: " + cause.getMessage());
                return 2;
            }
        }
        LoggerFactory.getLogger(Failures.class).error("the command failed", failure);
        Throwable first = failure instanceof FailedRun run ? run.getCause() : failure;
        console.error("Failed: " + first + ". The log (logs/ in the data directory) says more.");
        return 3;
    }

    private static List<Throwable> causes(Throwable failure) {
        Set<Throwable> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        List<Throwable> causes = new ArrayList<>();
        for (Throwable cause = failure; cause != null && seen.add(cause); cause = cause.getCause()) {
            causes.add(cause);
        }
        return causes;
    }
}
