package org.orphancleanup.run;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One execution of a job, as table {@code run} keeps it.
 *
 * @param definition the job definition as it was read, YAML; what is approved is carried out by this text, whatever the file
 *     has become since
 * @param undoOf the run that an undo takes back
 * @param undoReference of an undo of one reference
 * @param undoRecord of an undo of one record
 * @param definitionFile where it was read from; null for a {@code scan --target}
 */
public record Run(
        long id,
        String job,
        String target,
        String targetFingerprint,
        @Nullable String targetUrl,
        String targetDatabase,
        String command,
        String startedThrough,
        String askedBy,
        String definition,
        @Nullable String definitionFile,
        Status status,
        @Nullable Integer exitCode,
        @Nullable String message,
        boolean dryRun,
        @Nullable String modulesHash,
        @Nullable String backup,
        @Nullable Long undoOf,
        @Nullable String undoReference,
        @Nullable Long undoRecord,
        Instant startedAt,
        @Nullable Instant endedAt,
        Instant heartbeatAt,
        String host,
        long pid,
        Instant processStartedAt) {

    /** It has a report. */
    public boolean hasEnded() {
        return status == Status.WAITING || status == Status.COMPLETED || status == Status.FAILED;
    }

    public enum Status {
        /** A process works on it, or died while it did. */
        RUNNING,
        /** Its plan waits for approval. */
        WAITING,
        COMPLETED,
        FAILED,
        /** Its process was asked to end; it can be taken up. */
        STOPPED;

        public String code() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }

        static Status of(String code) {
            return valueOf(code.toUpperCase(java.util.Locale.ROOT));
        }
    }
}
