package org.orphancleanup.run;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.orphancleanup.catalog.Catalog;
import org.orphancleanup.catalog.CatalogReader;
import org.orphancleanup.catalog.CatalogStore;
import org.orphancleanup.catalog.ConstraintState;
import org.orphancleanup.catalog.ObservationPlace;
import org.orphancleanup.catalog.ObservationReader;
import org.orphancleanup.catalog.Reference;
import org.orphancleanup.detect.Detector;
import org.orphancleanup.detect.Filestore;
import org.orphancleanup.detect.Observer;
import org.orphancleanup.detect.Window;
import org.orphancleanup.job.Glob;
import org.orphancleanup.job.JobDefinition;
import org.orphancleanup.plan.PlanRequest;
import org.orphancleanup.plan.Planner;
import org.orphancleanup.repair.BatchResult;
import org.orphancleanup.repair.RepairBatch;
import org.orphancleanup.repair.RepairRequest;
import org.orphancleanup.repair.RepairStage;
import org.orphancleanup.repair.RepairStages;
import org.orphancleanup.repair.UndoBatch;
import org.orphancleanup.repair.UndoRequest;
import org.orphancleanup.repair.UndoStage;
import org.orphancleanup.verify.Verifier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** What each step does with an open run. The stages themselves know neither steps nor runs. */
@Component
class Stages {

    private static final Logger LOG = LoggerFactory.getLogger(Stages.class);

    private final RunStore store;
    private final PlanStore plans;
    private final CatalogReader catalogReader;
    private final CatalogStore catalogStore;
    private final Detector detector;
    private final ObservationReader observationReader;
    private final Observer observer;
    private final Filestore filestore;
    private final ScanWindows windows;
    private final ScanForecast forecast;
    private final Planner planner;
    private final RepairStages repairStages;
    private final Verifier verifier;
    private final JdbcClient jdbc;
    private final Quarantine quarantine;

    Stages(
            RunStore store,
            PlanStore plans,
            CatalogReader catalogReader,
            CatalogStore catalogStore,
            Detector detector,
            ObservationReader observationReader,
            Observer observer,
            Filestore filestore,
            ScanWindows windows,
            ScanForecast forecast,
            Planner planner,
            RepairStages repairStages,
            Verifier verifier,
            JdbcClient jdbc,
            Quarantine quarantine) {
        this.store = store;
        this.plans = plans;
        this.catalogReader = catalogReader;
        this.catalogStore = catalogStore;
        this.detector = detector;
        this.observationReader = observationReader;
        this.observer = observer;
        this.filestore = filestore;
        this.windows = windows;
        this.forecast = forecast;
        this.planner = planner;
        this.repairStages = repairStages;
        this.verifier = verifier;
        this.jdbc = jdbc;
        this.quarantine = quarantine;
    }

    void catalog(OpenRun run) {
        run.progress().begin("catalog", 0);
        ModelNames.check(run.database().dataSource(), run.job());
        Catalog catalog = catalogReader.read(run.database().dataSource(), run::pause);
        Retire retire = run.retire();
        if (retire != null) {
            catalog = catalog.retiring(retire.model(), retire.table(), retire.id());
        }
        run.catalog(catalog);
        Map<Integer, String> skipped = skipped(run.job(), catalog);
        if (retire != null) {
            catalog.references().stream()
                    .filter(reference -> reference.storage().gone() == null)
                    .forEach(reference -> skipped.put(reference.no(), "does not refer to the record"));
        }
        catalogStore.save(run.id(), catalog, skipped);
        store.catalogRead(run.id(), catalog.odooVersion(), catalog.modulesHash());
    }

    private Map<Integer, String> skipped(JobDefinition job, Catalog catalog) {
        Map<Integer, String> reasons = new HashMap<>(catalog.unreadable());
        for (Reference reference : catalog.references()) {
            if (!isWanted(job.references(), reference.ruleFields())) {
                reasons.put(reference.no(), "excluded by the job");
            } else if (!job.fullScan() && reference.state() == ConstraintState.ENFORCED) {
                reasons.put(reference.no(), "enforced by the database (trust scan)");
            }
        }
        return reasons;
    }

    private static boolean isWanted(JobDefinition.References wanted, List<String> names) {
        return matches(wanted.include(), names) && !matches(wanted.exclude(), names);
    }

    /** A reference that no field declares has no name to match, and belongs to "everything". */
    private static boolean matches(List<String> globs, List<String> names) {
        return globs.contains("*") || names.stream().anyMatch(name -> Glob.matchesAny(globs, name));
    }

    /** Deals the windows out, unless the run is taken up after they were. */
    void deal(OpenRun run, int look, int parts) {
        run.progress().begin("count rows", 0);
        if (!windows.dealt(run.id(), look)) {
            List<Reference> references = catalogStore.references(run.id());
            Long released = quarantine
                    .releasedBy(run.id())
                    .map(Quarantine.Entry::record)
                    .orElse(null);
            List<Window> cut = released == null
                    ? detector.windows(run.database().dataSource(), references, run::pause)
                    : Detector.windowsOf(references, released);
            String words = forecast.words(
                    run.id(),
                    cut,
                    StagesConfiguration.THREADS,
                    run.database().connections(),
                    run.database().pause());
            if (words != null) {
                LOG.info("Run {}: {}", run.id(), words);
                run.progress().say(words);
            }
            windows.deal(run.id(), look, cut, parts);
        }
        run.progress().begin(look == 0 ? "detect" : "look again", windows.open(run.id(), look));
    }

    ScanWindows.@Nullable Slice nextSlice(OpenRun run, int look, int part) {
        return windows.next(run.id(), look, part);
    }

    void detect(OpenRun run, int look, ScanWindows.Slice slice) {
        Map<Integer, Reference> references = references(run);
        for (Window window : slice.windows()) {
            long began = System.nanoTime();
            detector.detect(
                    run.database().dataSource(),
                    run.id(),
                    look,
                    Objects.requireNonNull(references.get(window.referenceNo())),
                    window);
            run.spent(window.referenceNo(), System.nanoTime() - began);
            run.pause();
        }
        windows.done(run.id(), look, slice);
        run.progress().advance(slice.windows().size());
    }

    private Map<Integer, Reference> references(OpenRun run) {
        return run.references(() -> catalogStore.references(run.id()).stream()
                .collect(Collectors.toMap(Reference::no, Function.identity(), (a, b) -> a, LinkedHashMap::new)));
    }

    void finishDetect(OpenRun run) {
        Map<Integer, Long> orphans = new HashMap<>();
        jdbc.sql("""
                        SELECT reference_no, count(*) FROM (
                            SELECT DISTINCT reference_no, child_id, missing_id FROM orphan WHERE run_id = ? AND look = 0) found
                        GROUP BY reference_no""").param(run.id()).query(row -> {
            orphans.put(row.getInt(1), row.getLong(2));
        });
        Map<Integer, Long> rows = windows.rows(run.id(), 0);
        for (Reference reference : references(run).values()) {
            detector.finish(
                    run.id(),
                    reference,
                    rows.getOrDefault(reference.no(), 0L),
                    orphans.getOrDefault(reference.no(), 0L),
                    run.millis(reference.no()));
        }
    }

    /** What is worth knowing besides, and never repaired. */
    void observe(OpenRun run) {
        run.progress().begin("observe", 0);
        observer.begin(run.id());
        if (run.retire() != null) {
            return;
        }
        List<ObservationPlace> places =
                observationReader.read(run.database().dataSource(), catalogStore.all(run.id()), run::pause).stream()
                        .map(place -> isWanted(run.job().references(), List.of(place.ruleName()))
                                ? place
                                : place.skippedBecause("excluded by the job"))
                        .toList();
        observer.observe(run.database().dataSource(), run.id(), places, run::pause);
        Path folder = run.filestore();
        if (folder != null) {
            filestore.observe(run.database().dataSource(), run.id(), folder, run::pause);
        }
    }

    void plan(OpenRun run) {
        run.progress().begin("plan", 0);
        planner.plan(new PlanRequest(
                run.id(),
                run.job(),
                run.database(),
                run.odoo(),
                catalogStore.all(run.id()),
                run.target().keepIdThrough()));
    }

    void putBack(OpenRun run) {
        repairStage(run).putBack();
    }

    void tidy(OpenRun run) {
        repairStage(run).tidy();
    }

    @Nullable
    RepairBatch nextBatch(OpenRun run) {
        return repairStage(run).next();
    }

    BatchResult repair(OpenRun run, RepairBatch batch) {
        return repairStage(run).repair(batch, run.progress()::advance, run::isStopping);
    }

    void finishBatch(OpenRun run, BatchResult result) {
        repairStage(run).finished(result);
    }

    private RepairStage repairStage(OpenRun run) {
        return run.repairStage(() -> {
            PlanStore.Plan plan = plans.find(run.id()).orElseThrow();
            run.progress().begin("look before", 0);
            RepairStage stage = repairStages.open(new RepairRequest(
                    run.id(),
                    run.job(),
                    run.database(),
                    run.odoo(),
                    List.copyOf(references(run).values()),
                    catalogStore.all(run.id()),
                    plan.createdAt(),
                    run.target().keepIdThrough(),
                    run.writer()));
            stage.lookBefore();
            run.progress().begin("repair", plan.repairs());
            return stage;
        });
    }

    void listUndo(OpenRun run) {
        run.progress().begin("list", 0);
        long items = undoStage(run).list();
        run.progress().begin("undo", items);
    }

    void putBackForUndo(OpenRun run) {
        undoStage(run).putBack();
    }

    @Nullable
    UndoBatch nextUndo(OpenRun run) {
        return undoStage(run).next();
    }

    UndoBatch undo(OpenRun run, UndoBatch batch) {
        UndoBatch result = undoStage(run).undo(batch);
        run.progress().advance(batch.size());
        return result;
    }

    void recordUndo(OpenRun run, UndoBatch batch) {
        undoStage(run).record(batch);
    }

    void finishUndo(OpenRun run) {
        undoStage(run).finish();
    }

    private UndoStage undoStage(OpenRun run) {
        return run.undoStage(() -> {
            Run undo = store.find(run.id()).orElseThrow();
            long undone = Objects.requireNonNull(undo.undoOf());
            RepairRequest engine = new RepairRequest(
                    run.id(),
                    run.job(),
                    run.database(),
                    run.odoo(),
                    catalogStore.references(undone),
                    catalogStore.all(undone),
                    undo.startedAt(),
                    run.target().keepIdThrough(),
                    run.writer());
            return repairStages.undo(new UndoRequest(engine, undone, undo.undoReference(), undo.undoRecord()));
        });
    }

    void verify(OpenRun run) {
        run.progress().begin("verify", 0);
        verifier.verify(
                run.id(),
                run.database().dataSource(),
                run.odoo().uid(),
                plans.find(run.id()).orElseThrow().createdAt());
    }
}
