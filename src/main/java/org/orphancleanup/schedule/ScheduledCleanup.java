package org.orphancleanup.schedule;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import org.orphancleanup.UserError;
import org.orphancleanup.odoo.OdooException;
import org.orphancleanup.run.Asker;
import org.orphancleanup.run.FailedRun;
import org.orphancleanup.run.Progress;
import org.orphancleanup.run.RunResult;
import org.orphancleanup.run.Runs;
import org.orphancleanup.run.TargetBusy;
import org.quartz.DisallowConcurrentExecution;
import org.quartz.JobDataMap;
import org.quartz.JobExecutionContext;
import org.quartz.JobKey;
import org.quartz.Scheduler;
import org.quartz.SchedulerException;
import org.quartz.Trigger;
import org.quartz.TriggerBuilder;
import org.quartz.TriggerKey;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.scheduling.quartz.QuartzJobBean;

/** Runs a job in Quartz's own thread, so that Quartz knows how long it takes and who takes it up when this process dies. */
@DisallowConcurrentExecution
class ScheduledCleanup extends QuartzJobBean {

    /** In the job's data: the file of the definition. */
    static final String FILE = "file";

    private static final Logger LOG = LoggerFactory.getLogger(ScheduledCleanup.class);

    /** In the data of a trigger that waits for its turn: since when, in milliseconds. */
    static final String WAITING = "waiting-since";

    private static final Duration AGAIN = Duration.ofMinutes(1);
    private static final Duration PATIENCE = Duration.ofHours(12);

    private final Runs runs;
    private final Clock clock;

    ScheduledCleanup(Runs runs, Clock clock) {
        this.runs = runs;
        this.clock = clock;
    }

    @Override
    protected void executeInternal(JobExecutionContext context) {
        String name = context.getJobDetail().getKey().getName();
        String file = context.getMergedJobDataMap().getString(FILE);
        try {
            RunResult result =
                    runs.cleanup(file, false, false, null, null, new Asker("schedule", "schedule"), Progress.NONE);
            LOG.info("Job {}, run {}: {}", name, result.runId(), result.message());
        } catch (TargetBusy e) {
            waitForItsTurn(context, e);
        } catch (UserError | OdooException | FailedRun e) {
            LOG.error("Scheduled job {} failed: {}", name, e.getMessage());
        }
    }

    /** Two jobs of one target at the same time of night: the second is tried again each minute, with no thread that waits. */
    private void waitForItsTurn(JobExecutionContext context, TargetBusy busy) {
        JobKey job = context.getJobDetail().getKey();
        Instant now = clock.instant();
        JobDataMap data = context.getMergedJobDataMap();
        Instant since = data.containsKey(WAITING) ? Instant.ofEpochMilli(data.getLong(WAITING)) : now;
        if (since.plus(PATIENCE).isBefore(now)) {
            LOG.error("Scheduled job {} did not get its turn since {}: {}", job.getName(), since, busy.getMessage());
            return;
        }
        LOG.info("Scheduled job {} waits for its turn: {}", job.getName(), busy.getMessage());
        Trigger again = TriggerBuilder.newTrigger()
                .withIdentity(waiting(job))
                .forJob(job)
                .usingJobData(WAITING, since.toEpochMilli())
                .startAt(Date.from(now.plus(AGAIN)))
                .build();
        try {
            Scheduler scheduler = context.getScheduler();
            if (scheduler.checkExists(again.getKey())) {
                scheduler.rescheduleJob(again.getKey(), again);
            } else {
                scheduler.scheduleJob(again);
            }
        } catch (SchedulerException e) {
            LOG.error("Scheduled job {} cannot wait for its turn: {}", job.getName(), e.getMessage());
        }
    }

    static TriggerKey waiting(JobKey job) {
        return TriggerKey.triggerKey(job.getName() + " waiting", job.getGroup());
    }
}
