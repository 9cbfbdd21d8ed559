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

    /**
     * Reads a definition from its text, as a run keeps it: what was approved is carried out by the text it was planned
     * with. Paths in it are relative to {@code file}'s directory, and messages name {@code file}. Neither {@code file} nor a
     * mapping file is read: the plan that was made with them stands.
     *
     * @throws org.orphancleanup.UserError as {@link #load}
     */
    JobDefinition parse(String yaml, Path file);

    /** The definition that {@code scan --target} works with: every reference, nothing but a report. */
    JobDefinition scanOf(String target, boolean fullScan);

    /**
     * The definition by which a quarantined record is released: that of the run that put it there, with one rule in place of
     * its own. Limits, guards and approval stay.
     *
     * @param yaml text of that run's definition
     * @param fields {@code model.field}
     * @param to id of the record that {@code relink} points to; null: a placeholder
     * @throws org.orphancleanup.UserError as {@link #load}, also for a policy that releases nothing
     */
    JobDefinition releaseOf(
            String yaml,
            Path file,
            List<String> fields,
            String policy,
            boolean keepId,
            @org.jspecify.annotations.Nullable Long to);

    /**
     * The definition by which a record is taken out of use: one rule for the record itself, under its field {@code id}, and
     * one for each reference that is to point to another record. Limits, guards, approval and backup gate are those of {@code base}.
     *
     * @param base a name in the jobs directory, or a file; null: none
     * @param policy {@code quarantine} or {@code delete}
     * @param relinked {@code model.field}
     * @param into id of the record that those are to point to; null where there are none
     * @throws org.orphancleanup.UserError as {@link #load}, and where {@code base} is of another target
     */
    JobDefinition retireOf(
            String target,
            @org.jspecify.annotations.Nullable String base,
            String model,
            String policy,
            List<String> relinked,
            @org.jspecify.annotations.Nullable Long into);

    /** Every definition in the jobs directory, broken ones with their message. */
    List<Entry> list();

    /** The files that {@link #list} reads and what tells that one of them was written: cheap to ask for again and again. */
    java.util.Map<Path, String> stamps();

    /** @param problem null for a sound definition */
    record Entry(
            Path file,
            @org.jspecify.annotations.Nullable JobDefinition definition,
            @org.jspecify.annotations.Nullable String problem) {}
}
