package org.orphancleanup.run;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Phaser;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.batch.core.listener.StepExecutionListener;
import org.springframework.batch.core.step.StepExecution;
import org.springframework.context.Lifecycle;
import org.springframework.context.Phased;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;

/**
 * The runs this process works on: keeps their sign of life, and on shutdown (SIGTERM) lets them stop where they can be taken up
 * before the connections are closed. No SmartLifecycle: that would be made, and our database with it, for commands that have no
 * run.
 */
@Component
class OpenRuns implements StepExecutionListener, Lifecycle, Phased {

    /** Name of the job parameter that names the run. */
    static final String PARAMETER = "run";

    private static final Logger LOG = LoggerFactory.getLogger(OpenRuns.class);
    private static final long BEAT_SECONDS = 15;

    /**
     * A call under way is waited for so long, and most end within. Of one that does not, whoever takes the run up sees in the
     * database what it did.
     */
    private static final long PATIENCE_SECONDS = 25;

    private final Map<Long, OpenRun> runs = new ConcurrentHashMap<>();
    private final RunStore store;
    private final TargetLocks locks;
    private final ScheduledExecutorService hearts = Executors.newSingleThreadScheduledExecutor(task -> {
        Thread thread = new Thread(task, "heartbeat");
        thread.setDaemon(true);
        return thread;
    });
    private final Phaser working = new Phaser(1);
    private volatile boolean running = true;

    OpenRuns(RunStore store, TargetLocks locks) {
        this.store = store;
        this.locks = locks;
    }

    /** From now on until the result is closed this process works on the run. */
    Work begin(OpenRun run) {
        runs.put(run.id(), run);
        working.register();
        ScheduledFuture<?> heart =
                hearts.scheduleAtFixedRate(() -> beat(run), BEAT_SECONDS, BEAT_SECONDS, TimeUnit.SECONDS);
        store.forgetSteps(run.id());
        run.progress().opened(run.id());
        ScheduledFuture<?> steps = hearts.scheduleAtFixedRate(() -> keepSteps(run), 1, 1, TimeUnit.SECONDS);
        return () -> {
            heart.cancel(false);
            steps.cancel(false);
            runs.remove(run.id());
            run.progress().end();
            keepSteps(run);
            working.arriveAndDeregister();
        };
    }

    interface Work extends AutoCloseable {

        @Override
        void close();
    }

    private void beat(OpenRun run) {
        try {
            store.beat(run.id()).ifPresent(by -> run.stop(stoppedBy(by)));
            if (!locks.holds(run.database().fingerprint())) {
                run.stop("Another process works on the target, as our database was gone for a while");
            }
        } catch (DataAccessException e) {
            LOG.warn("The sign of life of run {} could not be written: {}", run.id(), e.getMessage());
        }
    }

    private void keepSteps(OpenRun run) {
        try {
            store.steps(run.id(), run.progress().changes());
        } catch (DataAccessException e) {
            LOG.debug("How far run {} is could not be written", run.id(), e);
        }
    }

    /** Stops a run that this process works on; another process sees with its next sign of life that it is asked to. */
    void stop(long id, String by) {
        OpenRun run = runs.get(id);
        if (run != null) {
            run.stop(stoppedBy(by));
        }
    }

    private static String stoppedBy(String by) {
        return "It was stopped by " + by;
    }

    OpenRun of(StepExecution step) {
        Long id = step.getJobParameters().getLong(PARAMETER);
        OpenRun run = id == null ? null : runs.get(id);
        if (run == null) {
            throw new IllegalStateException("run " + id + " is not open in this process");
        }
        return run;
    }

    @Override
    public void beforeStep(StepExecution step) {
        of(step).begins(step);
    }

    @Override
    public void start() {
        running = true;
    }

    @Override
    public void stop() {
        running = false;
        if (!runs.isEmpty()) {
            LOG.warn("Stopping: what is under way is ended first");
        }
        runs.values().forEach(run -> run.stop("The process was asked to end"));
        try {
            working.awaitAdvanceInterruptibly(working.arrive(), PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            LOG.warn("A run did not stop in time; it can be taken up all the same");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        hearts.shutdownNow();
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    /** Before everything else: runs use all of it. */
    @Override
    public int getPhase() {
        return Integer.MAX_VALUE;
    }
}
