package org.orphancleanup.run;

import java.util.List;
import java.util.Map;
import org.orphancleanup.UserError;
import org.orphancleanup.odoo.OdooException;
import org.springframework.batch.core.BatchStatus;
import org.springframework.batch.core.job.Job;
import org.springframework.batch.core.job.JobExecution;
import org.springframework.batch.core.job.JobExecutionException;
import org.springframework.batch.core.job.parameters.JobParameters;
import org.springframework.batch.core.job.parameters.JobParametersBuilder;
import org.springframework.batch.core.launch.JobOperator;
import org.springframework.batch.core.repository.JobRepository;
import org.springframework.stereotype.Component;

/** Carries out a run's Spring Batch jobs, from where they were left. */
@Component
class Jobs {

    private final JobOperator operator;
    private final JobRepository repository;
    private final Map<String, Job> jobs;

    /** @param beans by bean name, {@code scanJob} … */
    Jobs(JobOperator operator, JobRepository repository, Map<String, Job> beans) {
        this.operator = operator;
        this.repository = repository;
        this.jobs = beans;
    }

    boolean hasBegun(String job, OpenRun run) {
        return repository.getLastJobExecution(job, parameters(run)) != null;
    }

    /**
     * Does nothing when it was completed before.
     *
     * @throws UserError and the like as the stage threw it
     */
    void execute(String name, OpenRun run) {
        JobParameters parameters = parameters(run);
        JobExecution last = repository.getLastJobExecution(name, parameters);
        if (last != null && last.getStatus() == BatchStatus.COMPLETED) {
            return;
        }
        JobExecution execution;
        try {
            if (last != null && last.isRunning()) {
                // this process took the run up, so whoever worked on it is dead
                operator.recover(last);
            }
            execution = operator.start(job(name), parameters);
        } catch (JobExecutionException e) {
            throw new IllegalStateException("Spring Batch does not start " + name + " of run " + run.id(), e);
        }
        if (run.isStopping()) {
            throw UserError.service(
                    "Stopped. The next cleanup of the job, or apply, takes run " + run.id() + " up.", null);
        }
        if (execution.getStatus() != BatchStatus.COMPLETED) {
            throw failure(name, execution.getAllFailureExceptions());
        }
    }

    private Job job(String name) {
        Job job = jobs.get(name + "Job");
        if (job == null) {
            throw new IllegalArgumentException(name);
        }
        return job;
    }

    private static JobParameters parameters(OpenRun run) {
        return new JobParametersBuilder().addLong(OpenRuns.PARAMETER, run.id()).toJobParameters();
    }

    /** What a person can mend comes first, then what has a cause of its own: a partitioned step only says that a part failed. */
    private static RuntimeException failure(String name, List<Throwable> failures) {
        for (Throwable failure : failures) {
            for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
                if (cause instanceof UserError error) {
                    return error;
                }
                if (cause instanceof OdooException error) {
                    return error;
                }
            }
        }
        return failures.stream()
                .filter(failure -> !(failure instanceof JobExecutionException))
                .findFirst()
                .or(() -> failures.stream().findFirst())
                .<RuntimeException>map(
                        cause -> new IllegalStateException(name + " failed: " + cause.getMessage(), cause))
                .orElseGet(() -> new IllegalStateException(name + " ended without success"));
    }
}
