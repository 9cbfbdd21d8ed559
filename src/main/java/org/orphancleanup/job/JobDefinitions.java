package org.orphancleanup.job;

import java.nio.file.Path;
import java.util.List;

/** Reads job definitions. */
public interface JobDefinitions {

    /**
     * @param nameOrFile a name in the jobs directory, or a file
     * @throws org.orphancleanup.UserError with every mistake of the file, each with file, line and remedy
     */
    JobDefinition load(String nameOrFile);

    /** The definition that {@code scan --target} works with: every reference, nothing but a report. */
    JobDefinition scanOf(String target, boolean fullScan);

    /** Every definition in the jobs directory, broken ones with their message. */
    List<Entry> list();

    /** @param problem null for a sound definition */
    record Entry(
            Path file,
            @org.jspecify.annotations.Nullable JobDefinition definition,
            @org.jspecify.annotations.Nullable String problem) {}
}
