package org.orphancleanup.database;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.CoreErrorCode;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.MigrationState;
import org.flywaydb.core.api.MigrationVersion;
import org.flywaydb.core.api.output.ValidateOutput;
import org.orphancleanup.UserError;

/**
 * Whether our own database is one that this release can go on with: of its own schema, or of an older one, from which it is
 * brought up to date.
 */
final class SchemaVersion {

    /** Begins what the schema's history names as the one who made it. */
    static final String PROGRAM = "odoo-orphan-cleanup ";

    static final String NO_RELEASE = "(not packaged)";

    private static final String ANOTHER =
            "another database (spring.datasource.url, or ORPHAN_DATA_DIR for the embedded one)";

    private static final Set<MigrationState> NEWER =
            Set.of(MigrationState.FUTURE_SUCCESS, MigrationState.FUTURE_FAILED);

    private SchemaVersion() {}

    /** @throws UserError naming the schema versions and the release that made the database's */
    static void check(Flyway flyway) {
        List<MigrationInfo> all = Arrays.asList(flyway.info().all());
        List<MigrationInfo> newer =
                all.stream().filter(step -> NEWER.contains(step.getState())).toList();
        if (!newer.isEmpty()) {
            MigrationInfo last = newer.get(newer.size() - 1);
            throw UserError.service(
                    "The program's own database was made by a newer release of this program: it has schema version "
                            + last.getVersion() + madeBy(last) + ", and this release (" + release(flyway)
                            + ") knows versions up to " + known(all)
                            + ". Nothing was changed. Use that release or a later one, or " + ANOTHER
                            + ".",
                    null);
        }
        List<MigrationInfo> failed = all.stream()
                .filter(step -> step.getState() == MigrationState.FAILED)
                .toList();
        if (!failed.isEmpty()) {
            throw UserError.service(
                    "The upgrade of the program's own database to schema version "
                            + failed.get(0).getVersion() + madeBy(failed.get(0))
                            + " failed half-way. Restore its backup, or take " + ANOTHER + ".",
                    null);
        }
        List<ValidateOutput> differing = flyway.validateWithResult().invalidMigrations.stream()
                .filter(step -> step.errorDetails.errorCode != CoreErrorCode.RESOLVED_VERSIONED_MIGRATION_NOT_APPLIED)
                .toList();
        if (!differing.isEmpty()) {
            String versions = differing.stream().map(step -> step.version).collect(Collectors.joining(", "));
            String maker = all.stream()
                    .filter(step -> step.getVersion() != null
                            && step.getVersion().getVersion().equals(differing.get(0).version))
                    .map(SchemaVersion::madeBy)
                    .findFirst()
                    .orElse("");
            throw UserError.service(
                    "The program's own database was made by a release of this program that differs from this one ("
                            + release(flyway) + "): schema version " + versions + maker
                            + " is another there than here, where versions up to " + known(all)
                            + " are known. Nothing was changed. Use the release that made it, or " + ANOTHER
                            + "; a release goes on with"
                            + " the database of every earlier release, but not with that of a snapshot.",
                    null);
        }
    }

    private static MigrationVersion known(List<MigrationInfo> all) {
        return all.stream()
                .filter(step -> step.getScript() != null && !step.getState().isFailed())
                .filter(step -> step.getState().isResolved())
                .map(MigrationInfo::getVersion)
                .filter(version -> version != null)
                .max(Comparator.naturalOrder())
                .orElse(MigrationVersion.EMPTY);
    }

    private static String madeBy(MigrationInfo step) {
        String maker = step.getInstalledBy();
        return maker != null && maker.startsWith(PROGRAM) ? " (of " + maker + ")" : "";
    }

    private static String release(Flyway flyway) {
        String maker = flyway.getConfiguration().getInstalledBy();
        return maker == null ? PROGRAM + NO_RELEASE : maker;
    }
}
