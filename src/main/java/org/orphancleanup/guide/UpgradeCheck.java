package org.orphancleanup.guide;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.orphancleanup.UserError;
import org.orphancleanup.catalog.CatalogReader;
import org.orphancleanup.catalog.CatalogStore;
import org.orphancleanup.catalog.ConstraintState;
import org.orphancleanup.catalog.Reference;
import org.orphancleanup.catalog.ReferenceKind;
import org.orphancleanup.catalog.Sql;
import org.orphancleanup.catalog.Storage;
import org.orphancleanup.catalog.UpgradeFacts;
import org.orphancleanup.catalog.UpgradeFacts.FieldColumn;
import org.orphancleanup.detect.OrphanLook;
import org.orphancleanup.report.ConstraintReview;
import org.orphancleanup.run.Asker;
import org.orphancleanup.run.Progress;
import org.orphancleanup.run.RunResult;
import org.orphancleanup.run.Runs;
import org.orphancleanup.target.Target;
import org.orphancleanup.target.TargetDatabase;
import org.orphancleanup.target.TargetReads;
import org.orphancleanup.target.Targets;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * What would stop an upgrade or a restore. A full scan counts what dangles, as any scan does, and is kept as a run; what the
 * metadata promise besides is compared with the tables. Nothing is written to the target.
 */
@Component
public class UpgradeCheck {

    /** What {@code --out} writes and {@code --newer-catalog} reads. */
    public static final String CATALOG = "catalog.json";

    /** What {@code --out} writes and {@code --baseline} reads. */
    public static final String RESULT = "upgrade-check.json";

    private static final JsonMapper JSON = new JsonMapper();

    private final Targets targets;
    private final Runs runs;
    private final CatalogReader reader;
    private final CatalogStore catalogs;
    private final ConstraintReview constraints;
    private final OrphanLook look;

    UpgradeCheck(
            Targets targets,
            Runs runs,
            CatalogReader reader,
            CatalogStore catalogs,
            ConstraintReview constraints,
            OrphanLook look) {
        this.targets = targets;
        this.runs = runs;
        this.reader = reader;
        this.catalogs = catalogs;
        this.constraints = constraints;
        this.look = look;
    }

    /**
     * @param facts to be kept as {@link #CATALOG}, so that another database can be compared with this one
     * @param report where the scan's report is
     */
    public record Checked(UpgradeResult result, UpgradeFacts facts, Path report) {}

    /**
     * @param newer a target of the newer version, or the directory or file that holds its {@link #CATALOG}; null: none
     * @param baseline an earlier {@link #RESULT}; null: everything is new
     * @throws UserError where one of them cannot be read
     */
    public Checked check(
            String targetName, @Nullable String newer, @Nullable Path baseline, Asker asker, Progress progress) {
        // before the scan, which can take its time
        UpgradeResult known = baseline == null ? null : baseline(baseline);
        UpgradeFacts promised = newer == null ? null : newer(newer);
        Target target = targets.get(targetName);
        RunResult scan = runs.scanTarget(targetName, true, null, asker, progress);
        try (TargetDatabase database = targets.open(target)) {
            DataSource source = database.dataSource();
            UpgradeFacts facts = reader.upgradeFacts(source);
            Work work = new Work(source, facts, promised, scan.runId());
            work.constraints();
            work.toCome(facts);
            work.unknownModels(facts);
            work.nulls(facts, false);
            if (promised != null) {
                work.toCome(promised);
                work.nulls(promised, true);
                work.modelsToGo(promised);
            }
            facts.withoutKey()
                    .forEach(table -> work.found.add(UpgradeFinding.of(
                                    UpgradeFinding.NO_KEY,
                                    List.of(UpgradeFinding.UPDATE, UpgradeFinding.RESTORE),
                                    table,
                                    0,
                                    "nothing keeps the ids of " + table
                                            + " unique, and no foreign key can be made that points to it",
                                    "A restore or an import has lost its primary key. Look for ids that stand there twice: SELECT id, count(*) FROM "
                                            + Sql.quote(table) + " GROUP BY id HAVING count(*) > 1. Then add it again.")
                            .in(table, null)));
            reader.pendingModules(source)
                    .forEach(module -> work.found.add(UpgradeFinding.of(
                            UpgradeFinding.PENDING_MODULE,
                            List.of(UpgradeFinding.UPGRADE),
                            module,
                            0,
                            "the module " + module + " is about to be installed, upgraded or removed",
                            "Let Odoo finish that first, or cancel it in Apps.")));
            List<UpgradeFinding> findings = compared(work.found, known);
            Set<String> keys =
                    findings.stream().map(UpgradeFinding::key).collect(Collectors.toCollection(HashSet::new));
            return new Checked(
                    new UpgradeResult(
                            targetName,
                            facts.odooVersion(),
                            promised == null ? null : promised.odooVersion(),
                            scan.runId(),
                            findings.stream().filter(UpgradeFinding::fresh).count(),
                            findings,
                            known == null
                                    ? List.of()
                                    : known.findings().stream()
                                            .map(UpgradeFinding::key)
                                            .filter(key -> !keys.contains(key))
                                            .toList(),
                            UpgradeJob.of(targetName, target.keepIdThrough() != null, work.dangling)),
                    facts,
                    scan.report());
        } catch (DataAccessException e) {
            throw UserError.service(
                    "Odoo's database could not be read: "
                            + e.getMostSpecificCause().getMessage(),
                    e);
        }
    }

    private static List<UpgradeFinding> compared(List<UpgradeFinding> found, @Nullable UpgradeResult baseline) {
        Map<String, Long> before = new HashMap<>();
        if (baseline != null) {
            baseline.findings().forEach(finding -> before.merge(finding.key(), finding.rows(), Math::max));
        }
        return found.stream()
                .map(finding -> finding.comparedWith(before.get(finding.key())))
                .sorted(Comparator.comparing((UpgradeFinding finding) -> !finding.fresh())
                        .thenComparing(finding -> finding.stops().isEmpty())
                        .thenComparing(UpgradeFinding::kind)
                        .thenComparing(UpgradeFinding::place))
                .toList();
    }

    private static UpgradeResult baseline(Path file) {
        return read(file, UpgradeResult.class, "--baseline", "the " + RESULT + " that upgrade-check --out DIR writes");
    }

    private UpgradeFacts newer(String newer) {
        Path path = Path.of(newer);
        if (Files.exists(path)) {
            return read(
                    Files.isDirectory(path) ? path.resolve(CATALOG) : path,
                    UpgradeFacts.class,
                    "--newer-catalog",
                    "a directory that upgrade-check --out DIR has written for the newer database, or a target");
        }
        try (TargetDatabase database = targets.open(targets.get(newer))) {
            return reader.upgradeFacts(database.dataSource());
        }
    }

    private static <T> T read(Path file, Class<T> type, String option, String wanted) {
        try {
            return JSON.readValue(Files.readString(file), type);
        } catch (java.io.IOException | JacksonException e) {
            throw new UserError(
                    UserError.Kind.SETTING,
                    option + ": " + file + " cannot be read (" + e.getClass().getSimpleName() + "). Name " + wanted
                            + ".",
                    e);
        }
    }

    /** The questions to one target's database. */
    private final class Work {

        private final DataSource source;
        private final JdbcClient jdbc;
        private final Set<List<String>> readable;
        private final @Nullable UpgradeFacts promised;
        private final long run;
        private final Map<Integer, Reference> references = new TreeMap<>();
        private final Map<List<String>, Reference> byColumn = new HashMap<>();
        private final Set<List<String>> notNull = new HashSet<>();
        private final List<UpgradeFinding> found = new ArrayList<>();
        private final List<Reference> dangling = new ArrayList<>();

        private Work(DataSource source, UpgradeFacts facts, @Nullable UpgradeFacts promised, long run) {
            this.source = source;
            this.jdbc = TargetReads.client(source);
            this.readable = readable(jdbc);
            this.promised = promised;
            this.run = run;
            for (Reference reference : catalogs.all(run)) {
                references.put(reference.no(), reference);
                byColumn.putIfAbsent(List.of(reference.childTable(), reference.field()), reference);
            }
            facts.columns().stream()
                    .filter(FieldColumn::notNull)
                    .forEach(column -> notNull.add(List.of(column.table(), column.field())));
        }

        /** By the scan that went before. */
        private void constraints() {
            for (ConstraintReview.Key key : constraints.obstructed(run)) {
                Reference reference = references.get(key.referenceNo());
                if (reference == null) {
                    continue;
                }
                String place = reference.ruleFields().get(0);
                String parent = reference.parentModel() != null ? reference.parentModel() : reference.parentTable();
                Long orphans = key.orphans();
                if (orphans == null) {
                    found.add(UpgradeFinding.of(
                                    UpgradeFinding.NOT_READ,
                                    List.of(),
                                    place,
                                    0,
                                    place + " could not be read, so nobody knows what dangles there",
                                    "The report of run " + run + " says why; the role lacks a right.")
                            .in(reference.childTable(), parent));
                    continue;
                }
                boolean remade = key.remade() || remadeByNewer(reference);
                List<String> stops = key.state() == ConstraintState.MISSING
                        ? List.of(UpgradeFinding.UPDATE)
                        : remade
                                ? List.of(UpgradeFinding.UPDATE, UpgradeFinding.RESTORE)
                                : List.of(UpgradeFinding.RESTORE);
                found.add(UpgradeFinding.of(
                                UpgradeFinding.CONSTRAINT,
                                stops,
                                place,
                                orphans,
                                rows(orphans) + " of " + place + " name a " + parent + " that is gone; the constraint "
                                        + key.constraint() + " " + state(key.state(), remade),
                                "Clean them with the job below, then run constraints.sql of the report.")
                        .in(reference.childTable(), parent)
                        .guardedBy(key.constraint(), key.state().code()));
                dangling.add(reference);
            }
        }

        private boolean remadeByNewer(Reference reference) {
            return promised != null
                    && promised.columns().stream()
                            .anyMatch(column -> column.table().equals(reference.childTable())
                                    && column.field().equals(reference.field())
                                    && column.ondelete() != null
                                    && reference.databaseOndelete() != null
                                    && !column.ondelete().equals(reference.databaseOndelete()));
        }

        private static String state(ConstraintState state, boolean remade) {
            String again = remade ? ", and is made anew with another action when the module is updated" : "";
            return switch (state) {
                case MISSING -> "is missing, and Odoo makes it when the module is updated";
                case NOT_VALID -> "is there but not valid" + again;
                case NOT_ENFORCED -> "is there but not enforced" + again;
                case TRIGGERS_DISABLED -> "is there with its triggers switched off" + again;
                case ENFORCED -> "is there, and somebody wrote past it" + again;
                case IMPOSSIBLE -> "cannot be made";
            };
        }

        /** Keys that fields declare and that would point elsewhere than those there are. */
        private void toCome(UpgradeFacts declared) {
            boolean here = promised != declared;
            for (FieldColumn column : declared.columns()) {
                Reference reference = byColumn.get(List.of(column.table(), column.field()));
                // what is read of the database comes last
                if (column.parentTable() == null
                        || !column.integer()
                        || reference == null && here
                        || reference != null && column.parentTable().equals(reference.parentTable())
                        || !isReadable(column.table(), column.field())
                        || !isReadable(column.parentTable(), "id")) {
                    continue;
                }
                OrphanLook.Extent extent = look.dangling(source, declared(column, reference));
                if (extent.rows() > 0) {
                    found.add(UpgradeFinding.of(
                                    UpgradeFinding.CONSTRAINT_TO_COME,
                                    List.of(here ? UpgradeFinding.UPDATE : UpgradeFinding.UPGRADE),
                                    column.rule(),
                                    extent.rows(),
                                    rows(extent.rows()) + " of " + column.rule() + " name no " + column.parentModel()
                                            + ", to which " + (here ? "the field" : "the newer field") + " refers"
                                            + (reference == null
                                                    ? ""
                                                    : "; the database's own constraint points to "
                                                            + reference.parentTable()),
                                    "Correct the values in Odoo before the update; what they mean only a person knows.")
                            .in(column.table(), column.parentModel()));
                }
            }
        }

        private static Reference declared(FieldColumn column, @Nullable Reference reference) {
            return new Reference(
                    reference == null ? 0 : reference.no(),
                    ReferenceKind.MANY2ONE,
                    column.model(),
                    column.table(),
                    column.field(),
                    column.field(),
                    List.of(column.rule()),
                    column.parentModel(),
                    column.parentTable(),
                    false,
                    ConstraintState.MISSING,
                    null,
                    null,
                    column.ondelete(),
                    column.required(),
                    new Storage.Column(column.table(), column.field()),
                    null);
        }

        private boolean isReadable(String table, String column) {
            return readable.contains(List.of(table, column));
        }

        private static Set<List<String>> readable(JdbcClient jdbc) {
            return new HashSet<>(jdbc.sql("""
                            SELECT c.relname, a.attname
                              FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
                              WHERE c.relnamespace = (SELECT relnamespace FROM pg_class WHERE oid = to_regclass('ir_model_fields'))
                                AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
                                AND has_column_privilege(c.oid, a.attnum, 'SELECT')""")
                    .query((row, number) -> List.of(row.getString(1), row.getString(2)))
                    .list());
        }

        private void nulls(UpgradeFacts declared, boolean newer) {
            Map<String, List<FieldColumn>> byTable = new TreeMap<>();
            Set<List<String>> seen = new HashSet<>();
            for (FieldColumn column : declared.columns()) {
                List<String> key = List.of(column.table(), column.field());
                if (column.required() && !notNull.contains(key) && seen.add(key)) {
                    byTable.computeIfAbsent(column.table(), table -> new ArrayList<>())
                            .add(column);
                }
            }
            byTable.forEach((table, asked) -> {
                List<FieldColumn> there = asked.stream()
                        .filter(column -> isReadable(table, column.field()))
                        .filter(column -> found.stream()
                                .noneMatch(finding -> finding.kind().equals(UpgradeFinding.NOT_NULL)
                                        && finding.place().equals(column.rule())))
                        .toList();
                if (!there.isEmpty()) {
                    count(table, there, newer);
                }
            });
        }

        /** All of a table in one statement. */
        private void count(String table, List<FieldColumn> asked, boolean newer) {
            String counts = asked.stream()
                    .map(column -> "count(*) FILTER (WHERE " + Sql.quote(column.field()) + " IS NULL)")
                    .collect(Collectors.joining(", "));
            List<Long> rows = jdbc.sql("SELECT " + counts + " FROM ONLY " + Sql.quote(table))
                    .query((row, number) -> {
                        List<Long> values = new ArrayList<>();
                        for (int i = 1; i <= asked.size(); i++) {
                            values.add(row.getLong(i));
                        }
                        return values;
                    })
                    .single();
            for (int i = 0; i < asked.size(); i++) {
                FieldColumn column = asked.get(i);
                if (rows.get(i) > 0) {
                    found.add(UpgradeFinding.of(
                                    newer ? UpgradeFinding.NOT_NULL_TO_COME : UpgradeFinding.NOT_NULL,
                                    List.of(newer ? UpgradeFinding.UPGRADE : UpgradeFinding.UPDATE),
                                    column.rule(),
                                    rows.get(i),
                                    rows(rows.get(i)) + " without a value in " + column.rule() + ", which "
                                            + (newer ? "the newer version requires" : "is required")
                                            + ": Odoo logs an error and leaves the column nullable",
                                    "Fill them in Odoo, unless the field has a default that is right for them; see them with SELECT id FROM "
                                            + Sql.quote(table) + " WHERE " + Sql.quote(column.field()) + " IS NULL.")
                            .in(table, column.parentModel()));
                }
            }
        }

        private void unknownModels(UpgradeFacts facts) {
            for (Reference reference : references.values()) {
                String model = reference.parentModel();
                if (reference.parentTable() == null
                        && model != null
                        && !facts.models().contains(model)) {
                    add(reference, model, UpgradeFinding.UNKNOWN_MODEL, "which there is not");
                }
            }
            facts.withoutModel()
                    .forEach(field -> found.add(UpgradeFinding.of(
                            UpgradeFinding.UNKNOWN_MODEL,
                            List.of(UpgradeFinding.UPGRADE),
                            field,
                            0,
                            "the field " + field.replace(" -> ", " refers to the model ") + ", which there is not",
                            "A module was removed by halves. Install it again, or remove the field in Settings.")));
        }

        private void modelsToGo(UpgradeFacts newer) {
            for (Reference reference : references.values()) {
                String model = reference.parentModel();
                if ((reference.kind() == ReferenceKind.MANY2ONE_REFERENCE
                                || reference.kind() == ReferenceKind.REFERENCE)
                        && reference.parentTable() != null
                        && model != null
                        && !newer.models().contains(model)) {
                    add(reference, model, UpgradeFinding.MODEL_TO_GO, "which the newer database does not have");
                }
            }
        }

        private void add(Reference reference, String model, String kind, String which) {
            String place = reference.ruleFields().get(0);
            long rows = isReadable(reference.childTable(), "id")
                    ? look.naming(source, reference).rows()
                    : 0;
            if (rows > 0) {
                found.add(UpgradeFinding.of(
                                kind,
                                List.of(UpgradeFinding.UPGRADE),
                                place,
                                rows,
                                rows(rows) + " of " + place + " name the model " + model + ", " + which,
                                "Its module was removed or renamed. Install it, or remove these rows in Odoo where nobody needs them.")
                        .in(reference.childTable(), model));
            }
        }

        private static String rows(long rows) {
            return rows + (rows == 1 ? " row" : " rows");
        }
    }

    /** The files of {@code --out} besides those of the report: what may be compared with later, and the job. */
    public static List<Path> write(Checked checked, Path directory) {
        UpgradeResult result = checked.result();
        List<Path> written = Stream.of(RESULT, CATALOG).map(directory::resolve).toList();
        try {
            Files.createDirectories(directory);
            Files.writeString(directory.resolve(RESULT), pretty(result));
            Files.writeString(directory.resolve(CATALOG), pretty(checked.facts()));
            Path job = directory.resolve(UpgradeJob.name(result.target()) + ".yaml");
            Files.deleteIfExists(job);
            if (result.job() != null) {
                Files.writeString(job, result.job());
                return Stream.concat(written.stream(), Stream.of(job)).toList();
            }
            return written;
        } catch (java.io.IOException e) {
            throw new UserError(
                    UserError.Kind.SETTING,
                    "The result cannot be written to " + directory + " ("
                            + e.getClass().getSimpleName() + "). Name a directory that can be written with --out.",
                    e);
        }
    }

    private static String pretty(Object value) {
        return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(value) + "\n";
    }
}
