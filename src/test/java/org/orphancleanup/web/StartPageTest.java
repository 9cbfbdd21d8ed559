package org.orphancleanup.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.quartz.Scheduler;

class StartPageTest {

    @TempDir
    static Path directory;

    private static Served served;

    @BeforeAll
    static void serve() throws IOException {
        Path jobs = Files.createDirectories(directory.resolve("jobs"));
        Files.writeString(
                jobs.resolve("nightly.yaml"), "name: nightly\ntarget: production\nschedule: \"0 30 2 * * ?\"\n");
        Files.writeString(jobs.resolve("broken.yaml"), "name: broken\ntarget: production\nshedule: \"0 30 2 * * ?\"\n");
        Map<String, Object> settings = new HashMap<>(Map.of("orphan.schedules", "true", "orphan.web.open", "true"));
        served = new Served(directory, settings);
        served.ours().sql("""
                INSERT INTO run (job, target, target_fingerprint, target_database, command, started_through, asked_by, definition,
                    status, exit_code, message, started_at, ended_at, heartbeat_at, host, pid, process_started_at)
                SELECT job, 'production', 'print', 'odoo', 'scan', 'command-line', 'ann', '', status, 1, message, now(),
                    now() + interval '75 seconds', now(), 'here', 1, now()
                FROM (VALUES ('<script>alert(1)</script>', 'completed', '3 dangling references were found.'),
                    ('under way', 'running', NULL)) AS run(job, status, message)""").update();
    }

    @AfterAll
    static void end() {
        served.close();
    }

    @Test
    void the_page_lists_runs_escaped_with_a_link_to_each_report_there_is() throws Exception {
        HttpResponse<String> page = get("/");

        assertThat(page.statusCode()).isEqualTo(200);
        assertThat(page.body())
                .contains("&lt;script&gt;alert(1)&lt;/script&gt;")
                .doesNotContain("<script>")
                .contains("3 dangling references were found.")
                .contains("1 min 15 s")
                .contains("href=\"/runs/1/report\"")
                .doesNotContain("href=\"/runs/2/report\"");
        assertThat(page.headers().firstValue("Content-Security-Policy"))
                .get()
                .asString()
                .contains("default-src 'none'");
    }

    @Test
    void the_page_lists_jobs_with_their_next_run_and_says_which_are_broken() throws Exception {
        assertThat(get("/").body())
                .contains("0 30 2 * * ?")
                .containsPattern("02:30 \\w+")
                .contains("Not scheduled: ")
                .contains("shedule");
        assertThat(served.context.getBean(Scheduler.class).isStarted()).isTrue();
    }

    @Test
    void a_report_that_is_in_no_file_is_written_from_our_database() throws Exception {
        HttpResponse<String> report = get("/runs/1/report");

        assertThat(report.statusCode()).isEqualTo(200);
        assertThat(report.headers().firstValue("Content-Type")).get().asString().startsWith("text/html");
        assertThat(report.headers().allValues("Content-Security-Policy"))
                .singleElement()
                .asString()
                .contains("default-src 'none'")
                .doesNotContain("script-src");
        assertThat(directory.resolve("data/reports/1/report.html")).exists();
    }

    @Test
    void a_run_without_report_and_no_run_at_all_are_not_found() throws Exception {
        assertThat(get("/runs/2/report").statusCode()).isEqualTo(404);
        assertThat(get("/runs/99/report").statusCode()).isEqualTo(404);
        assertThat(get("/runs/..%2F..%2Fkeys/report").statusCode()).isIn(400, 404);
    }

    @Test
    void a_web_site_that_points_its_name_at_this_machine_is_not_answered() throws Exception {
        try (Socket socket = new Socket("127.0.0.1", served.port())) {
            socket.getOutputStream()
                    .write("GET / HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n"
                            .getBytes(StandardCharsets.US_ASCII));
            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(answer).startsWith("HTTP/1.1 403").doesNotContain("dangling");
        }
    }

    private static HttpResponse<String> get(String path) {
        return served.visitor().get(path);
    }
}
