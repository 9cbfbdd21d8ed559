package org.orphancleanup.run;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.batch.core.job.Job;
import org.springframework.batch.core.job.builder.JobBuilder;
import org.springframework.batch.core.repository.JobRepository;
import org.springframework.batch.core.scope.context.StepSynchronizationManager;
import org.springframework.batch.core.step.Step;
import org.springframework.batch.core.step.StepExecution;
import org.springframework.batch.core.step.builder.ChunkOrientedStepBuilder;
import org.springframework.batch.core.step.builder.StepBuilder;
import org.springframework.batch.infrastructure.item.ExecutionContext;
import org.springframework.batch.infrastructure.repeat.RepeatStatus;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.task.SimpleAsyncTaskExecutor;
import org.springframework.transaction.PlatformTransactionManager;

/**
 * The stages as Spring Batch jobs. One run is one instance of each job it gets to, known by its number, so that what a dead
 * process left behind is found again: {@code scan}; or {@code plan} and then, when the plan is approved, {@code apply}; or {@code undo}.
 *
 * <p>Readers and writers keep nothing: what is done is written in our database, in the transaction that does it.
 */
@Configuration(proxyBeanMethods = false)
class StagesConfiguration {

    /** Steps cost more than they gain with many parts; with few, one large table holds all others up. */
    private static final int PARTS = 8;

    static final int THREADS = 2;

    private static final String PART = "part";
    private static final String LOOK = "look";

    private final JobRepository repository;
    private final PlatformTransactionManager transactions;
    private final OpenRuns runs;

    StagesConfiguration(JobRepository repository, PlatformTransactionManager transactions, OpenRuns runs) {
        this.repository = repository;
        this.transactions = transactions;
        this.runs = runs;
    }

    @Bean
    Job scanJob(Step catalogStep, Step detectStep, Step detectedStep, Step observeStep) {
        return new JobBuilder("scan", repository)
                .start(catalogStep)
                .next(detectStep)
                .next(detectedStep)
                .next(observeStep)
                .build();
    }

    @Bean
    Job planJob(Step catalogStep, Step detectStep, Step detectedStep, Step observeStep, Step planStep) {
        return new JobBuilder("plan", repository)
                .start(catalogStep)
                .next(detectStep)
                .next(detectedStep)
                .next(observeStep)
                .next(planStep)
                .build();
    }

    @Bean
    Job applyJob(Step putBackStep, Step repairStep, Step tidyStep, Step lookStep, Step verifyStep) {
        return new JobBuilder("apply", repository)
                .start(putBackStep)
                .next(repairStep)
                .next(tidyStep)
                .next(lookStep)
                .next(verifyStep)
                .build();
    }

    @Bean
    Job undoJob(Step undoListStep, Step undoPutBackStep, Step undoStep, Step undoneStep) {
        return new JobBuilder("undo", repository)
                .start(undoListStep)
                .next(undoPutBackStep)
                .next(undoStep)
                .next(undoneStep)
                .build();
    }

    @Bean
    Step undoListStep(Stages stages) {
        return tasklet("undo-list", stages::listUndo);
    }

    /** keep-id: what old values point to comes back for the time of the undo. */
    @Bean
    Step undoPutBackStep(Stages stages) {
        return tasklet("undo-putBack", stages::putBackForUndo);
    }

    @Bean
    Step undoStep(Stages stages) {
        return batches("undo", stages::nextUndo, stages::undo, stages::recordUndo);
    }

    @Bean
    Step undoneStep(Stages stages) {
        return tasklet("undone", stages::finishUndo);
    }

    @Bean
    Step catalogStep(Stages stages) {
        return tasklet("catalog", stages::catalog);
    }

    @Bean
    Step detectStep(Stages stages, Step partStep) {
        return scan("detect", 0, stages, partStep);
    }

    /** The same scan once more, after the repairs. */
    @Bean
    Step lookStep(Stages stages, Step partStep) {
        return scan("look", 1, stages, partStep);
    }

    @Bean
    Step partStep(Stages stages) {
        return new ChunkOrientedStepBuilder<ScanWindows.Slice, ScanWindows.Slice>("part", repository, 1)
                .transactionManager(transactions)
                .reader(() -> stages.nextSlice(
                        run(), context().getInt(LOOK), context().getInt(PART)))
                .writer(chunk -> {
                    for (ScanWindows.Slice slice : chunk) {
                        stages.detect(run(), context().getInt(LOOK), slice);
                    }
                })
                .listener(runs)
                .build();
    }

    @Bean
    Step detectedStep(Stages stages) {
        return tasklet("detected", stages::finishDetect);
    }

    @Bean
    Step observeStep(Stages stages) {
        return tasklet("observe", stages::observe);
    }

    @Bean
    Step planStep(Stages stages) {
        return tasklet("plan", stages::plan);
    }

    /** keep-id: missing parents first. */
    @Bean
    Step putBackStep(Stages stages) {
        return tasklet("putBack", stages::putBack);
    }

    /** keep-id: those that came back for another policy's sake go again. A quarantined record that was released is in use. */
    @Bean
    Step tidyStep(Stages stages) {
        return tasklet("tidy", stages::tidy);
    }

    @Bean
    Step repairStep(Stages stages) {
        return batches("repair", stages::nextBatch, stages::repair, stages::finishBatch);
    }

    @Bean
    Step verifyStep(Stages stages) {
        return tasklet("verify", stages::verify);
    }

    /** A step of batches of calls, each finished in the transaction of its chunk before the next one is asked for. */
    private <I, O> Step batches(
            String name,
            Function<OpenRun, @Nullable I> next,
            BiFunction<OpenRun, I, O> carryOut,
            BiConsumer<OpenRun, O> finish) {
        return new ChunkOrientedStepBuilder<I, O>(name, repository, 1)
                .transactionManager(transactions)
                .reader(() -> next.apply(run()))
                .processor(batch -> carryOut.apply(run(), batch))
                .writer(chunk -> chunk.forEach(result -> finish.accept(run(), result)))
                .listener(runs)
                .build();
    }

    private interface Stage {
        void work(OpenRun run);
    }

    private Step tasklet(String name, Stage stage) {
        return new StepBuilder(name, repository)
                .tasklet(
                        (contribution, chunk) -> {
                            stage.work(runs.of(contribution.getStepExecution()));
                            return RepeatStatus.FINISHED;
                        },
                        transactions)
                .listener(runs)
                .build();
    }

    private Step scan(String name, int look, Stages stages, Step partStep) {
        SimpleAsyncTaskExecutor threads = new SimpleAsyncTaskExecutor(name + "-");
        threads.setConcurrencyLimit(THREADS);
        return new StepBuilder(name, repository)
                .partitioner("part", parts -> {
                    stages.deal(runs.of(step()), look, parts);
                    Map<String, ExecutionContext> contexts = new LinkedHashMap<>();
                    for (int part = 0; part < parts; part++) {
                        ExecutionContext context = new ExecutionContext();
                        context.putInt(PART, part);
                        context.putInt(LOOK, look);
                        contexts.put(Integer.toString(part), context);
                    }
                    return contexts;
                })
                .step(partStep)
                .gridSize(PARTS)
                .taskExecutor(threads)
                .listener(runs)
                .build();
    }

    private OpenRun run() {
        return runs.of(step());
    }

    private static ExecutionContext context() {
        return step().getExecutionContext();
    }

    private static StepExecution step() {
        return Objects.requireNonNull(StepSynchronizationManager.getContext(), "no step runs in this thread")
                .getStepExecution();
    }
}
