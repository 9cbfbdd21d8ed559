package org.orphancleanup.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Date;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.orphancleanup.OrphanCleanup;
import org.orphancleanup.TestPostgres;
import org.orphancleanup.job.JobDefinitions;
import org.orphancleanup.sandbox.Sandbox;
import org.orphancleanup.sandbox.SandboxOptions;
import org.postgresql.ds.PGSimpleDataSource;
import org.quartz.CronTrigger;
import org.quartz.JobExecutionContext;
import org.quartz.JobExecutionException;
import org.quartz.JobKey;
import org.quartz.Scheduler;
import org.quartz.Trigger;
import org.quartz.TriggerKey;
import org.quartz.listeners.JobListenerSupport;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;

/** With Quartz's tables in our database; Quartz itself is started by the tests that need it. */
class SchedulesTest {

    private static final String GROUP = "orphan-cleanup";

    @TempDir
    Path directory;

    private final PGSimpleDataSource ours = TestPostgres.ourDatabase();
    private final BlockingQueue<JobExecutionContext> fired = new LinkedBlockingQueue<>();
    private final Map<String, Object> settings = new HashMap<>();
    private Path jobs;
    private ConfigurableApplicationContext context;
    private Scheduler scheduler;
    private Schedules schedules;
    private long written;

    @BeforeEach
    void prepare() throws IOException {
        jobs = Files.createDirectory(directory.resolve("jobs"));
        settings.put("spring.datasource.url", ours.getUrl());
        settings.put("spring.datasource.username", "postgres");
        settings.put("orphan.data-dir", directory.resolve("data").toString());
        settings.put("orphan.jobs-dir", jobs.toString());
        settings.put("orphan.schedules", "true");
        settings.put("spring.quartz.auto-startup", "false");
    }

    @AfterEach
    void close() {
        if (context != null) {
            context.close();
        }
    }

    private void start() throws Exception {
        context = new SpringApplicationBuilder(OrphanCleanup.class)
                .web(WebApplicationType.NONE)
                .properties(settings)
                .run();
        scheduler = context.getBean(Scheduler.class);
        schedules = context.getBean(Schedules.class);
        scheduler.getListenerManager().addJobListener(new JobListenerSupport() {
            @Override
            public String getName() {
                return "test";
            }

            @Override
            public void jobWasExecuted(JobExecutionContext execution, JobExecutionException failure) {
                fired.add(execution);
            }
        });
    }

    private void file(String name, String schedule) throws IOException {
        text(
                name,
                "name: " + name + "\ntarget: sandbox\ntime-zone: Europe/Brussels\nbackup: { require: false }\n"
                        + (schedule == null ? "" : "schedule: \"" + schedule + "\"\n"));
    }

    /** Files written within one tick of the file system's clock are told apart all the same. */
    private void text(String name, String text) throws IOException {
        Path file = Files.writeString(jobs.resolve(name + ".yaml"), text);
        Files.setLastModifiedTime(file, FileTime.fromMillis(1_000_000 * ++written));
    }

    private String cron(String job) throws Exception {
        Trigger trigger = scheduler.getTrigger(TriggerKey.triggerKey(job, GROUP));
        return trigger instanceof CronTrigger cron ? cron.getCronExpression() : null;
    }

    @Test
    void triggers_follow_added_changed_and_removed_files_while_the_program_runs() throws Exception {
        file("stays", "0 0 1 * * ?");
        file("changes", "0 0 1 * * ?");
        file("goes", "0 0 1 * * ?");
        start();
        assertThat(cron("goes")).isNotNull();

        file("changes", "0 0 2 * * ?");
        Files.delete(jobs.resolve("goes.yaml"));
        file("comes", "0 0 3 * * ?");
        file("only-on-demand", null);
        schedules.follow();

        assertThat(cron("stays")).isEqualTo("0 0 1 * * ?");
        assertThat(cron("changes")).isEqualTo("0 0 2 * * ?");
        assertThat(cron("comes")).isEqualTo("0 0 3 * * ?");
        assertThat(cron("goes")).isNull();
        assertThat(cron("only-on-demand")).isNull();
    }

    @Test
    void a_broken_file_keeps_the_schedule_it_had_and_is_told() throws Exception {
        file("nightly", "0 0 1 * * ?");
        start();

        text("nightly", "name: nightly\ntarget: sandbox\nschedule: \"0 0 2 * * ?\"\nshedule: x\n");
        schedules.follow();

        assertThat(cron("nightly")).isEqualTo("0 0 1 * * ?");
        assertThat(schedules.list()).singleElement().satisfies(job -> {
            assertThat(job.problem()).contains("shedule", "nightly.yaml:4");
            assertThat(job.next()).isNotNull();
        });

        file("nightly", "0 0 4 * * ?");
        schedules.follow();
        assertThat(cron("nightly")).isEqualTo("0 0 4 * * ?");
    }

    @Test
    void two_files_of_one_name_keep_the_schedule_there_was() throws Exception {
        file("nightly", "0 0 1 * * ?");
        start();

        text("another", "name: nightly\ntarget: sandbox\nschedule: \"0 0 2 * * ?\"\n");
        schedules.follow();

        assertThat(cron("nightly")).isEqualTo("0 0 1 * * ?");
    }

    @Test
    void a_jobs_directory_that_is_away_removes_no_schedule() throws Exception {
        file("nightly", "0 0 1 * * ?");
        start();

        Files.move(jobs, directory.resolve("away"));
        schedules.follow();

        assertThat(cron("nightly")).isEqualTo("0 0 1 * * ?");
    }

    @Test
    void who_paused_a_job_finds_it_paused_after_its_schedule_changed() throws Exception {
        file("nightly", "0 0 1 * * ?");
        start();
        schedules.pause("nightly");

        file("nightly", "0 0 2 * * ?");
        schedules.follow();

        assertThat(schedules.list()).singleElement().matches(Schedules.Scheduled::paused);
        assertThat(cron("nightly")).isEqualTo("0 0 2 * * ?");
    }

    @Test
    void what_was_missed_in_an_outage_of_days_is_made_up_for_once() throws Exception {
        file("hourly", "0 0 * * * ?");
        start();
        long days = Instant.now().minusSeconds(3 * 86_400).toEpochMilli();
        JdbcClient.create(ours)
                .sql("UPDATE qrtz_triggers SET next_fire_time = ?, start_time = ?")
                .params(days, days)
                .update();

        // as after a restart: what is unchanged is left alone, then Quartz begins
        schedules.follow();
        scheduler.start();

        assertThat(fired.poll(60, TimeUnit.SECONDS)).isNotNull();
        assertThat(scheduler.getTrigger(TriggerKey.triggerKey("hourly", GROUP)).getNextFireTime())
                .isAfter(new Date());
        assertThat(fired).isEmpty();
    }

    @Test
    void a_restart_leaves_what_was_missed_to_quartz() throws Exception {
        file("hourly", "0 0 * * * ?");
        start();
        long days = Instant.now().minusSeconds(3 * 86_400).toEpochMilli();
        JdbcClient jdbc = JdbcClient.create(ours);
        jdbc.sql("UPDATE qrtz_triggers SET next_fire_time = ?").param(days).update();
        context.close();

        start();

        assertThat(jdbc.sql("SELECT next_fire_time FROM qrtz_triggers")
                        .query(Long.class)
                        .single())
                .isEqualTo(days);
    }

    @Test
    void a_night_whose_time_the_clocks_skip_gets_a_run_an_hour_later() throws Exception {
        file("nightly", "0 30 2 * * ?");
        start();
        Clock saturday = Clock.fixed(Instant.parse("2035-03-24T20:00:00Z"), ZoneOffset.UTC);
        Schedules then = new Schedules(context.getBean(JobDefinitions.class), scheduler, saturday);

        then.follow();
        then.follow();

        assertThat(scheduler.getTrigger(Schedules.skipped("nightly")).getNextFireTime())
                .isEqualTo(Date.from(Instant.parse("2035-03-25T01:30:00Z")));
    }

    @Test
    void a_job_whose_target_is_busy_waits_for_its_turn_and_then_runs() throws Exception {
        PGSimpleDataSource odoo = TestPostgres.emptyDatabase();
        try (Sandbox sandbox = Sandbox.start(SandboxOptions.over(odoo.getUrl(), odoo.getUser(), odoo.getPassword()))) {
            Map.of(
                            "jdbc-url", sandbox.jdbcUrl(),
                            "jdbc-user", sandbox.jdbcUser(),
                            "jdbc-password", sandbox.jdbcPassword(),
                            "url", sandbox.url(),
                            "database", sandbox.database(),
                            "login", sandbox.login(),
                            "api-key", sandbox.apiKey())
                    .forEach((key, value) -> settings.put("orphan.targets.sandbox." + key, value));
            file("nightly", "0 30 2 * * ?");
            start();
            JdbcClient jdbc = JdbcClient.create(ours);
            scheduler.start();
            JobKey job = JobKey.jobKey("nightly", GROUP);
            scheduler.triggerJob(job);
            assertThat(fired.poll(60, TimeUnit.SECONDS)).isNotNull();
            assertThat(jdbc.sql("SELECT started_through || ' ' || status FROM run")
                            .query(String.class)
                            .list())
                    .containsExactly("schedule completed");

            // a run of another machine
            jdbc.sql("UPDATE run SET status = 'running', host = 'elsewhere', heartbeat_at = now()")
                    .update();
            scheduler.triggerJob(job);
            assertThat(fired.poll(60, TimeUnit.SECONDS)).isNotNull();

            assertThat(jdbc.sql("SELECT count(*) FROM run").query(Long.class).single())
                    .isEqualTo(1);
            Trigger waiting = scheduler.getTrigger(ScheduledCleanup.waiting(job));
            assertThat(waiting.getNextFireTime())
                    .isBetween(Instant.now(), Instant.now().plusSeconds(60));

            jdbc.sql("UPDATE run SET status = 'completed'").update();
            scheduler.rescheduleJob(
                    waiting.getKey(), waiting.getTriggerBuilder().startNow().build());
            assertThat(fired.poll(60, TimeUnit.SECONDS)).isNotNull();
            assertThat(jdbc.sql("SELECT count(*) FROM run WHERE status = 'completed'")
                            .query(Long.class)
                            .single())
                    .isEqualTo(2);
            assertThat(scheduler.checkExists(waiting.getKey())).isFalse();
        }
    }
}
