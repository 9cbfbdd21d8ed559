package org.orphancleanup.run;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.orphancleanup.UserError;
import org.orphancleanup.catalog.Catalog;
import org.orphancleanup.catalog.Reference;
import org.orphancleanup.job.JobDefinition;
import org.orphancleanup.odoo.OdooClient;
import org.orphancleanup.odoo.OdooClients;
import org.orphancleanup.repair.RepairStage;
import org.orphancleanup.repair.UndoStage;
import org.orphancleanup.target.Target;
import org.orphancleanup.target.Target.KeepIdThrough;
import org.orphancleanup.target.TargetDatabase;
import org.orphancleanup.target.TargetWriter;
import org.orphancleanup.target.Targets;
import org.springframework.batch.core.step.StepExecution;

/** What is open while this process works on a run. Steps find it by the run's number. */
final class OpenRun implements AutoCloseable {

    private final long id;
    private final JobDefinition job;
    private final Target target;
    private final TargetDatabase database;
    private final Targets targets;
    private final OdooClients clients;
    private final RecordedProgress progress;
    private final TargetLocks.Held lock;
    private final Set<StepExecution> steps = ConcurrentHashMap.newKeySet();
    private @Nullable OdooClient odoo;
    private @Nullable TargetWriter writer;
    private @Nullable Catalog catalog;
    private @Nullable Map<Integer, Reference> references;
    private @Nullable RepairStage repairStage;
    private @Nullable UndoStage undoStage;
    private final Map<Integer, LongAdder> spent = new ConcurrentHashMap<>();
    private @Nullable Path filestore;
    private @Nullable Retire retire;
    private volatile @Nullable String stopping;

    OpenRun(
            long id,
            JobDefinition job,
            Target target,
            TargetDatabase database,
            Targets targets,
            OdooClients clients,
            RecordedProgress progress,
            TargetLocks.Held lock) {
        this.id = id;
        this.job = job;
        this.target = target;
        this.database = database;
        this.targets = targets;
        this.clients = clients;
        this.progress = progress;
        this.lock = lock;
    }

    long id() {
        return id;
    }

    JobDefinition job() {
        return job;
    }

    Target target() {
        return target;
    }

    TargetDatabase database() {
        return database;
    }

    /** The folder with the files of Odoo's attachments; null: they are not looked at. */
    synchronized @Nullable Path filestore() {
        return filestore;
    }

    synchronized void filestore(@Nullable Path folder) {
        this.filestore = folder;
    }

    /** The record that this run takes out of use; null: it is another run, or its catalog has been read. */
    synchronized @Nullable Retire retire() {
        return retire;
    }

    synchronized void retire(Retire record) {
        this.retire = record;
    }

    /** Waits as long as the target wants to be left alone between two windows. */
    void pause() {
        Duration pause = database.pause();
        if (!pause.isZero() && stopping == null) {
            try {
                TimeUnit.NANOSECONDS.sleep(pause.toNanos());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    RecordedProgress progress() {
        return progress;
    }

    /** For keep-id alone; null where the target has no write connection, or goes the other way. */
    synchronized @Nullable TargetWriter writer() {
        if (writer == null && target.write() != null && target.keepIdThrough() == KeepIdThrough.WRITE_CONNECTION) {
            writer = targets.writer(target, database);
        }
        return writer;
    }

    /** The session with Odoo's API, opened when it is first asked for: a scan completes without. */
    synchronized OdooClient odoo() {
        if (odoo == null) {
            odoo = clients.open(apiOf(target));
        }
        return odoo;
    }

    static Target.Api apiOf(Target target) {
        if (target.api() == null) {
            throw UserError.setting(
                    "Target \"" + target.name() + "\" has no API, which everything but a scan needs. Set "
                            + (target.name().equals("default")
                                    ? "ORPHAN_TARGET_URL, ORPHAN_TARGET_DATABASE, ORPHAN_TARGET_LOGIN and ORPHAN_TARGET_API_KEY, or "
                                    : "")
                            + "orphan.targets." + target.name() + ".url, .database, .login and .api-key.");
        }
        return target.api();
    }

    /** The catalog as the target has it now, read once by this process. */
    synchronized @Nullable Catalog catalog() {
        return catalog;
    }

    synchronized void catalog(Catalog read) {
        this.catalog = read;
    }

    /** Those the run reads, by number. */
    synchronized Map<Integer, Reference> references(Supplier<Map<Integer, Reference>> read) {
        if (references == null) {
            references = read.get();
        }
        return references;
    }

    /** Opened once: it knows what worked for this kind of repair. */
    synchronized RepairStage repairStage(Supplier<RepairStage> open) {
        if (repairStage == null) {
            repairStage = open.get();
        }
        return repairStage;
    }

    /** For an undo. */
    synchronized UndoStage undoStage(Supplier<UndoStage> open) {
        if (undoStage == null) {
            undoStage = open.get();
        }
        return undoStage;
    }

    void spent(int referenceNo, long nanos) {
        spent.computeIfAbsent(referenceNo, no -> new LongAdder()).add(nanos);
    }

    /** Reading a reference took this process so long; what a process did that died is not known. */
    long millis(int referenceNo) {
        LongAdder nanos = spent.get(referenceNo);
        return nanos == null ? 0 : TimeUnit.NANOSECONDS.toMillis(nanos.sum());
    }

    /** Ends the run at the next point from which it can be taken up. @param why in a sentence's beginning */
    void stop(String why) {
        stopping = why;
        steps.forEach(StepExecution::setTerminateOnly);
    }

    boolean isStopping() {
        return stopping != null;
    }

    String whyStopping() {
        return stopping == null ? "" : stopping;
    }

    void begins(StepExecution step) {
        steps.add(step);
        if (stopping != null) {
            step.setTerminateOnly();
        }
    }

    @Override
    public synchronized void close() {
        try (lock;
                database) {
            if (repairStage != null) {
                repairStage.close();
            }
            if (odoo != null) {
                odoo.close();
            }
            if (writer != null) {
                writer.close();
            }
        }
    }
}
