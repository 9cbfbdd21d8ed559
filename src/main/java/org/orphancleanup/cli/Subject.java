package org.orphancleanup.cli;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** {@code --target T|--job J}: one of them. */
final class Subject {

    @Option(names = "--target", paramLabel = "T", required = true, description = "A target of the configuration.")
    @Nullable
    String target;

    @Option(
            names = "--job",
            paramLabel = "J",
            required = true,
            description = "A job definition: a name in the jobs directory, or a file.")
    @Nullable
    String job;
}
