package org.orphancleanup.cli;

import org.jspecify.annotations.Nullable;
import org.orphancleanup.UserError;
import picocli.CommandLine.Option;

/** Writing without the definition's backup gate. */
final class BackupOption {

    @Option(
            names = "--no-backup",
            paramLabel = "REASON",
            description = "Write without the definition's backup gate; the reason is kept in the journal.")
    private @Nullable String noBackup;

    /** Null: the gate holds. */
    @Nullable
    String reason() {
        if (noBackup != null && noBackup.isBlank()) {
            throw UserError.setting("--no-backup needs a reason, such as --no-backup \"restored copy\".");
        }
        return noBackup;
    }
}
