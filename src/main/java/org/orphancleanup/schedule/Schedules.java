package org.orphancleanup.schedule;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TimeZone;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.orphancleanup.UserError;
import org.orphancleanup.job.JobDefinition;
import org.orphancleanup.job.JobDefinitions;
import org.quartz.CronScheduleBuilder;
import org.quartz.CronTrigger;
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
import org.springframework.scheduling.annotation.EnableScheduling;
import org.springframework.stereotype.Component;

/** Hands the schedules of the job definitions to Quartz while {@code serve} runs, and follows their files. */
@Component
@ConditionalOnBooleanProperty("orphan.schedules")
@EnableScheduling
public class Schedules {

    private static final Logger LOG = LoggerFactory.getLogger(Schedules.class);
    private static final String GROUP = "orphan-cleanup";

    /** How long before the clocks change what they skip is seen to. */
    private static final Duration AHEAD = Duration.ofHours(36);

    private final JobDefinitions definitions;
    private final Scheduler scheduler;
    private final Clock clock;
    private Map<Path, String> stamps = Map.of();
    private @Nullable String unreadable;

    Schedules(JobDefinitions definitions, Scheduler scheduler, Clock clock) {
        this.definitions = definitions;
        this.scheduler = scheduler;
        this.clock = clock;
    }

    /** @param next null for a job without schedule; of a broken one when the schedule it had before is due */
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

    /** Follows the jobs directory: from the start on, and then whenever a file of it has changed. */
    @EventListener(ApplicationReadyEvent.class)
    @org.springframework.scheduling.annotation.Scheduled(
            fixedDelay = 30,
            initialDelay = 30,
            timeUnit = TimeUnit.SECONDS)
    synchronized void follow() {
        try {
            Map<Path, String> now = definitions.stamps();
            if (!now.equals(stamps)) {
                readDefinitions();
                stamps = now;
            }
            unreadable = null;
            makeUpForSkippedTimes();
        } catch (UserError e) {
            // what is scheduled stays scheduled: a file share that is away for a while is no wish to stop
            if (!String.valueOf(e.getMessage()).equals(unreadable)) {
                LOG.warn("The schedules stay as they are. {}", e.getMessage());
            }
            unreadable = e.getMessage();
        } catch (SchedulerException e) {
            LOG.error("Quartz does not take the schedules; they are tried again: {}", e.getMessage());
        }
    }

    private void readDefinitions() throws SchedulerException {
        Set<JobKey> wanted = new HashSet<>();
        Set<String> broken = new HashSet<>();
        for (JobDefinitions.Entry entry : definitions.list()) {
            JobDefinition definition = entry.definition();
            if (definition == null) {
                broken.add(entry.file().toString());
                LOG.warn("A job definition is broken; a schedule it had stays: {}", entry.problem());
            } else if (definition.schedule() != null) {
                wanted.add(
                        schedule(definition, definition.schedule(), entry.file().toString()));
            }
        }
        for (JobKey key : scheduler.getJobKeys(GroupMatcher.jobGroupEquals(GROUP))) {
            if (!wanted.contains(key) && !broken.contains(fileOf(key))) {
                LOG.info("Job {} is no longer scheduled", key.getName());
                scheduler.deleteJob(key);
            }
        }
    }

    private @Nullable String fileOf(JobKey key) throws SchedulerException {
        JobDetail detail = scheduler.getJobDetail(key);
        return detail == null ? null : detail.getJobDataMap().getString(ScheduledCleanup.FILE);
    }

    private JobKey schedule(JobDefinition definition, String cron, String file) throws SchedulerException {
        JobDetail detail = JobBuilder.newJob(ScheduledCleanup.class)
                .withIdentity(definition.name(), GROUP)
                .usingJobData(ScheduledCleanup.FILE, file)
                .storeDurably()
                .requestRecovery()
                .build();
        if (!file.equals(fileOf(detail.getKey()))) {
            scheduler.addJob(detail, true);
        }
        // a night missed is made up for once, however many were; limits.window says when nothing may be written
        CronTrigger trigger = TriggerBuilder.newTrigger()
                .withIdentity(definition.name(), GROUP)
                .forJob(detail)
                .withSchedule(CronScheduleBuilder.cronSchedule(cron)
                        .inTimeZone(TimeZone.getTimeZone(definition.timeZone()))
                        .withMisfireHandlingInstructionFireAndProceed())
                .build();
        Trigger before = scheduler.getTrigger(trigger.getKey());
        if (before == null) {
            scheduler.scheduleJob(trigger);
        } else if (!same(before, trigger)) {
            // who paused it meant it to stay so
            boolean paused = isPaused(definition.name());
            scheduler.rescheduleJob(trigger.getKey(), trigger);
            scheduler.unscheduleJob(skipped(definition.name()));
            if (paused) {
                scheduler.pauseTrigger(trigger.getKey());
            }
        } else {
            // a new one would forget what was missed
            return detail.getKey();
        }
        LOG.info("Job {} runs next at {}", definition.name(), trigger.getNextFireTime());
        return detail.getKey();
    }

    /** The trigger that makes up for a time the clocks skip. */
    static TriggerKey skipped(String job) {
        return TriggerKey.triggerKey(job + " skipped", GROUP);
    }

    private static boolean same(Trigger before, CronTrigger now) {
        return before instanceof CronTrigger cron
                && cron.getCronExpression().equals(now.getCronExpression())
                && cron.getTimeZone().hasSameRules(now.getTimeZone())
                && cron.getMisfireInstruction() == now.getMisfireInstruction();
    }

    private void makeUpForSkippedTimes() throws SchedulerException {
        Instant now = clock.instant();
        for (JobKey key : scheduler.getJobKeys(GroupMatcher.jobGroupEquals(GROUP))) {
            TriggerKey regular = TriggerKey.triggerKey(key.getName(), GROUP);
            if (!(scheduler.getTrigger(regular) instanceof CronTrigger cron) || isPaused(key.getName())) {
                continue;
            }
            TriggerKey instead = skipped(key.getName());
            Instant skipped = SkippedTimes.next(
                            cron.getCronExpression(), cron.getTimeZone().toZoneId(), now, now.plus(AHEAD))
                    .orElse(null);
            if (skipped != null && !scheduler.checkExists(instead)) {
                LOG.info("Job {} runs at {}, as the clocks skip its time that night", key.getName(), skipped);
                scheduler.scheduleJob(TriggerBuilder.newTrigger()
                        .withIdentity(instead)
                        .forJob(key)
                        .startAt(Date.from(skipped))
                        .build());
            }
        }
    }

    /** Every definition in the jobs directory, for the page. */
    public List<Scheduled> list() {
        List<Scheduled> list = new ArrayList<>();
        Map<String, String> scheduled = scheduledFiles();
        for (JobDefinitions.Entry entry : definitions.list()) {
            JobDefinition definition = entry.definition();
            list.add(
                    definition == null
                            ? new Scheduled(
                                    String.valueOf(entry.file().getFileName()),
                                    null,
                                    next(scheduled.getOrDefault(entry.file().toString(), "")),
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

    /** Names of scheduled jobs by their files. */
    private Map<String, String> scheduledFiles() {
        Map<String, String> names = new HashMap<>();
        try {
            for (JobKey key : scheduler.getJobKeys(GroupMatcher.jobGroupEquals(GROUP))) {
                String file = fileOf(key);
                if (file != null) {
                    names.put(file, key.getName());
                }
            }
        } catch (SchedulerException e) {
            LOG.warn("Quartz does not tell what is scheduled: {}", e.getMessage());
        }
        return names;
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
        change(job, key -> {
            scheduler.pauseTrigger(key);
            scheduler.unscheduleJob(ScheduledCleanup.waiting(JobKey.jobKey(job, GROUP)));
        });
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
