package org.orphancleanup.run;

import java.nio.file.Path;

/**
 * How a run ended.
 *
 * @param message one line for a person
 * @param report the directory with its report
 */
public record RunResult(long runId, int exitCode, String message, Path report) {}
