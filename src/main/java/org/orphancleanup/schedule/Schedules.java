package org.orphancleanup.schedule;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TimeZone;
import org.jspecify.annotations.Nullable;
import org.orphancleanup.UserError;
import org.orphancleanup.job.JobDefinition;
import org.orphancleanup.job.JobDefinitions;
import org.quartz.CronScheduleBuilder;
import org.quartz.JobBuilder;
import org.quartz.JobDetail;
import org.quartz.JobKey;
import org.quartz.Scheduler;
import org.quartz.SchedulerException;
import org.quartz.Trigger;
import org.quartz.TriggerBuilder;
import org.quartz.TriggerKey;
import org.quartz.impl.matchers.GroupMatcher;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/** Hands the schedules of the job definitions to Quartz when {@code serve} starts. */
@Component
@ConditionalOnBooleanProperty("orphan.schedules")
public class Schedules {

    private static final Logger LOG = LoggerFactory.getLogger(Schedules.class);
    private static final String GROUP = "orphan-cleanup";

    private final JobDefinitions definitions;
    private final Scheduler scheduler;

    Schedules(JobDefinitions definitions, Scheduler scheduler) {
        this.definitions = definitions;
        this.scheduler = scheduler;
    }

    /** @param next null for a job without schedule and for a broken one */
    public record Scheduled(
            String job,
            @Nullable String schedule,
            @Nullable Instant next,
            @Nullable String problem,
            boolean paused,
            @Nullable JobDefinition definition) {

        /** When it runs, in words; empty for a job without schedule. */
        public String words() {
            return schedule == null || definition == null
                    ? ""
                    : CronWords.of(schedule) + ", " + definition.timeZone().getId();
        }
    }

    @EventListener(ApplicationReadyEvent.class)
    void readDefinitions() throws SchedulerException {
        Set<JobKey> wanted = new HashSet<>();
        for (JobDefinitions.Entry entry : definitions.list()) {
            JobDefinition definition = entry.definition();
            if (definition == null) {
                LOG.warn("Not scheduled, because the definition is broken: {}", entry.problem());
            } else if (definition.schedule() != null) {
                wanted.add(
                        schedule(definition, definition.schedule(), entry.file().toString()));
            }
        }
        for (JobKey key : scheduler.getJobKeys(GroupMatcher.jobGroupEquals(GROUP))) {
            if (!wanted.contains(key)) {
                LOG.info("Job {} is no longer scheduled", key.getName());
                scheduler.deleteJob(key);
            }
        }
    }

    private JobKey schedule(JobDefinition definition, String cron, String file) throws SchedulerException {
        JobDetail detail = JobBuilder.newJob(ScheduledCleanup.class)
                .withIdentity(definition.name(), GROUP)
                .usingJobData(ScheduledCleanup.FILE, file)
                .storeDurably()
                .requestRecovery()
                .build();
        // a night missed is not made up for in the middle of the day
        Trigger trigger = TriggerBuilder.newTrigger()
                .withIdentity(definition.name(), GROUP)
                .forJob(detail)
                .withSchedule(CronScheduleBuilder.cronSchedule(cron)
                        .inTimeZone(TimeZone.getTimeZone(definition.timeZone()))
                        .withMisfireHandlingInstructionDoNothing())
                .build();
        // who paused it meant it to stay so over a restart
        boolean paused = isPaused(definition.name());
        scheduler.scheduleJob(detail, Set.of(trigger), true);
        if (paused) {
            scheduler.pauseTrigger(trigger.getKey());
        }
        LOG.info("Job {} runs next at {}", definition.name(), trigger.getNextFireTime());
        return detail.getKey();
    }

    /** Every definition in the jobs directory, for the page. */
    public List<Scheduled> list() {
        List<Scheduled> list = new ArrayList<>();
        for (JobDefinitions.Entry entry : definitions.list()) {
            JobDefinition definition = entry.definition();
            list.add(
                    definition == null
                            ? new Scheduled(
                                    String.valueOf(entry.file().getFileName()),
                                    null,
                                    null,
                                    entry.problem(),
                                    false,
                                    null)
                            : new Scheduled(
                                    definition.name(),
                                    definition.schedule(),
                                    next(definition.name()),
                                    null,
                                    isPaused(definition.name()),
                                    definition));
        }
        return list;
    }

    private @Nullable Instant next(String job) {
        try {
            Trigger trigger = scheduler.getTrigger(TriggerKey.triggerKey(job, GROUP));
            Date next = trigger == null ? null : trigger.getNextFireTime();
            return next == null ? null : next.toInstant();
        } catch (SchedulerException e) {
            LOG.warn("Quartz does not tell when {} runs: {}", job, e.getMessage());
            return null;
        }
    }

    /** The next times of a job, as its schedule has them; none for one without. */
    public List<Instant> nextTimes(String job, int many) {
        try {
            Trigger trigger = scheduler.getTrigger(TriggerKey.triggerKey(job, GROUP));
            List<Instant> times = new ArrayList<>();
            Date next = trigger == null ? null : trigger.getNextFireTime();
            while (trigger != null && next != null && times.size() < many) {
                times.add(next.toInstant());
                next = trigger.getFireTimeAfter(next);
            }
            return times;
        } catch (SchedulerException e) {
            LOG.warn("Quartz does not tell when {} runs: {}", job, e.getMessage());
            return List.of();
        }
    }

    /**
     * Until it is resumed its schedule is passed over; it can be started by hand all the same.
     *
     * @throws UserError when there is no such job with a schedule
     */
    public void pause(String job) {
        change(job, scheduler::pauseTrigger);
    }

    public void resume(String job) {
        change(job, scheduler::resumeTrigger);
    }

    private interface Change {
        void of(TriggerKey key) throws SchedulerException;
    }

    private void change(String job, Change change) {
        TriggerKey key = TriggerKey.triggerKey(job, GROUP);
        try {
            if (!scheduler.checkExists(key)) {
                throw UserError.setting("Job \"" + job + "\" has no schedule to pause or resume.");
            }
            change.of(key);
        } catch (SchedulerException e) {
            throw UserError.service("Quartz does not answer: " + e.getMessage(), e);
        }
    }

    private boolean isPaused(String job) {
        try {
            return scheduler.getTriggerState(TriggerKey.triggerKey(job, GROUP)) == Trigger.TriggerState.PAUSED;
        } catch (SchedulerException e) {
            LOG.warn("Quartz does not tell whether {} is paused: {}", job, e.getMessage());
            return false;
        }
    }
}
