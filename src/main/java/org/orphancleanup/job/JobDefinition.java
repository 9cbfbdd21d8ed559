package org.orphancleanup.job;

import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.orphancleanup.catalog.ReferenceKind;

/**
 * A file in {@code jobs/}, validated. Nothing in it is ignored: what is not built is refused when it is read.
 *
 * @param file where it was read from, absolute; null for the definition a {@code scan --target} works with
 * @param schedule Quartz cron expression; null: only on demand
 * @param text the YAML it was read from, which a run keeps; {@link JobDefinitions#parse} reads it again
 * @param fullScan false: {@code trust}, enforced references are not read
 * @param rules first match wins; {@link #fallback} where none does
 * @param recoverPersons what is known of persons comes back with keep-id too
 * @param mentions every model and field it names without a wildcard, for {@link UnknownNames}
 */
public record JobDefinition(
        String name,
        @Nullable Path file,
        String text,
        String target,
        @Nullable String schedule,
        ZoneId timeZone,
        boolean fullScan,
        References references,
        List<Rule> rules,
        PolicyKind fallback,
        Approval approval,
        SecondPerson secondPerson,
        Allow allow,
        Duration planValidFor,
        Limits limits,
        SideEffects sideEffects,
        boolean recoverPersons,
        Backup backup,
        List<Mention> mentions) {

    public JobDefinition {
        rules = List.copyOf(rules);
        mentions = List.copyOf(mentions);
    }

    /** The same with the scan that the command line asks for; its text stays as it was written. */
    public JobDefinition withFullScan(boolean full) {
        return with(file, full);
    }

    JobDefinition withoutFile() {
        return with(null, fullScan);
    }

    private JobDefinition with(@Nullable Path newFile, boolean full) {
        return new JobDefinition(
                name,
                newFile,
                text,
                target,
                schedule,
                timeZone,
                full,
                references,
                rules,
                fallback,
                approval,
                secondPerson,
                allow,
                planValidFor,
                limits,
                sideEffects,
                recoverPersons,
                backup,
                mentions);
    }

    /**
     * A name without a wildcard: a rule for what the target does not have would never match, and nobody would notice.
     *
     * @param line in the definition's file, from 1; of {@code mapping} files too
     * @param key where it stands, such as {@code when.field}
     */
    public record Mention(Path file, int line, String key, Kind kind, String name) {

        public enum Kind {
            MODEL,
            /** {@code model.field} */
            FIELD,
            MODEL_OR_FIELD
        }
    }

    /** Globs of {@code model.field}; {@code *} crosses dots. A reference is read when an include matches and no exclude does. */
    public record References(List<String> include, List<String> exclude) {}

    /**
     * @param number of the rule in its definition, from 1: it is known by that
     * @param line of the rule in its file, from 1; in JSON several may begin in one
     * @param mapping what it does not name goes on to the next rule; read with {@link Mapping#read}
     * @param keepId the missing parent is put back under its old id
     */
    public record Rule(
            int number,
            int line,
            When when,
            PolicyKind policy,
            @Nullable Placeholder placeholder,
            @Nullable Path mapping,
            boolean keepId) {}

    /**
     * Conditions, all of which must hold; a null one holds always.
     *
     * @param model glob of the child model
     * @param field glob of {@code model.field}
     * @param parent glob of the parent model
     * @param ondelete what Odoo's field declares: {@code set null}, {@code cascade}, {@code restrict}
     * @param companies ids of the record's company; 0 stands for a record without one; empty: any
     * @param minimumAge the record was created at least this long ago
     */
    public record When(
            @Nullable String model,
            @Nullable String field,
            @Nullable String parent,
            @Nullable ReferenceKind kind,
            @Nullable String ondelete,
            @Nullable Boolean required,
            List<Long> companies,
            @Nullable Duration minimumAge) {}

    /**
     * Where {@code relink} points to. All null: {@code auto}, one shared placeholder per parent model and company.
     *
     * @param create values for a placeholder made on first use under {@code xmlId}
     */
    public record Placeholder(
            @Nullable String xmlId,
            @Nullable Long id,
            @Nullable Map<String, Object> create) {

        public static final Placeholder AUTO = new Placeholder(null, null, null);
    }

    /** @param above with {@link Kind#ABOVE}: plans with more repairs than this need a person */
    public record Approval(Kind kind, int above) {

        public enum Kind {
            REQUIRED,
            ABOVE,
            NONE
        }
    }

    public enum SecondPerson {
        NONE,
        DELETE,
        ALL
    }

    /** Guards lifted by name: globs of model or {@code model.field}. */
    public record Allow(
            List<String> widening,
            List<String> autoPlaceholder,
            List<String> lockedDocuments,
            List<String> protectedModels,
            boolean automations,
            boolean messages) {}

    /**
     * @param shareOfTable largest part of a table's rows that one run may repair, 0 to 1
     * @param window writes only between these times in the job's zone; null: always
     * @param pauseFile no further call while this file exists; null: none
     */
    public record Limits(
            int repairsPerRun,
            int repairsPerReference,
            double shareOfTable,
            @Nullable Window window,
            int idsPerCall,
            int parallelCalls,
            @Nullable Path pauseFile) {}

    /** From {@code start} to {@code end}, over midnight where {@code end} is not after {@code start}. */
    public record Window(LocalTime start, LocalTime end) {

        public boolean contains(LocalTime time) {
            return start.isBefore(end)
                    ? !time.isBefore(start) && time.isBefore(end)
                    : !time.isBefore(start) || time.isBefore(end);
        }
    }

    public enum SideEffects {
        PRESERVE,
        ACCEPT,
        STOP
    }

    /**
     * The gate before the first write.
     *
     * @param newestGlob the newest file of this glob must be younger than {@code maxAge}
     * @param command must end with 0
     */
    public record Backup(
            boolean require,
            @Nullable String newestGlob,
            @Nullable Duration maxAge,
            List<String> command) {}
}
