package org.orphancleanup.schedule;

import org.orphancleanup.UserError;
import org.orphancleanup.odoo.OdooException;
import org.orphancleanup.run.Asker;
import org.orphancleanup.run.FailedRun;
import org.orphancleanup.run.Progress;
import org.orphancleanup.run.RunResult;
import org.orphancleanup.run.Runs;
import org.quartz.DisallowConcurrentExecution;
import org.quartz.JobExecutionContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.scheduling.quartz.QuartzJobBean;

/** Runs a job in Quartz's own thread, so that Quartz knows how long it takes and who takes it up when this process dies. */
@DisallowConcurrentExecution
class ScheduledCleanup extends QuartzJobBean {

    /** In the job's data: the file of the definition. */
    static final String FILE = "file";

    private static final Logger LOG = LoggerFactory.getLogger(ScheduledCleanup.class);

    private final Runs runs;

    ScheduledCleanup(Runs runs) {
        this.runs = runs;
    }

    @Override
    protected void executeInternal(JobExecutionContext context) {
        String name = context.getJobDetail().getKey().getName();
        String file = context.getMergedJobDataMap().getString(FILE);
        try {
            RunResult result =
                    runs.cleanup(file, false, false, null, null, new Asker("schedule", "schedule"), Progress.NONE);
            LOG.info("Job {}, run {}: {}", name, result.runId(), result.message());
        } catch (UserError | OdooException | FailedRun e) {
            LOG.error("Scheduled job {} failed: {}", name, e.getMessage());
        }
    }
}
