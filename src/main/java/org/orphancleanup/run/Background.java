package org.orphancleanup.run;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.orphancleanup.UserError;
import org.orphancleanup.odoo.OdooException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.stereotype.Component;

/** Runs that go on while the person who asked for them looks at pages. */
@Component
public class Background implements DisposableBean {

    /** Of one process at a time; each has connections, threads and memory of its own. */
    private static final int MOST = 4;

    private static final int PATIENCE_SECONDS = 30;
    private static final Logger LOG = LoggerFactory.getLogger(Background.class);

    private final ExecutorService threads = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "run");
        thread.setDaemon(true);
        return thread;
    });
    private final Semaphore free = new Semaphore(MOST);

    /**
     * Starts a run, and returns its number as soon as it has one.
     *
     * @throws UserError or OdooException what kept it from beginning, as the command line would tell it
     */
    public long start(Function<Progress, RunResult> work) {
        if (!free.tryAcquire()) {
            throw UserError.service(
                    MOST + " runs are under way in this process already. Wait until one has ended.", null);
        }
        CompletableFuture<Long> begun = new CompletableFuture<>();
        threads.execute(() -> {
            try {
                RunResult result = work.apply(new Progress() {
                    @Override
                    public void opened(long run) {
                        begun.complete(run);
                    }

                    @Override
                    public void begin(String stage, long total) {}

                    @Override
                    public void advance(long by) {}
                });
                LOG.info("Run {}: {}", result.runId(), result.message());
                begun.complete(result.runId());
            } catch (UserError | OdooException | FailedRun e) {
                LOG.warn("A run that was asked for on the web pages failed: {}", e.getMessage());
                begun.completeExceptionally(e);
            } catch (RuntimeException | Error e) {
                LOG.error("A run that was asked for on the web pages failed", e);
                begun.completeExceptionally(e);
                if (e instanceof Error error) {
                    throw error;
                }
            } finally {
                free.release();
            }
        });
        return numberOf(begun);
    }

    private static long numberOf(CompletableFuture<Long> begun) {
        try {
            return begun.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            throw UserError.service(
                    "The target takes long to answer. The run begins as soon as it does; look at the runs in a while.",
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while a run was to begin", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new IllegalStateException(e.getCause());
        }
    }

    /** Runs themselves are stopped, and waited for, before. */
    @Override
    public void destroy() {
        threads.shutdownNow();
    }
}
