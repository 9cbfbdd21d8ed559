package org.orphancleanup.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.orphancleanup.history.KeptCounts;
import org.quartz.Scheduler;

/** What the pages show, of runs that are there already. */
class PagesTest {

    @TempDir
    static Path directory;

    private static Served served;
    private static Served.Visitor viewer;
    private static Served.Visitor operator;
    private static long run;
    private static long earlier;

    @BeforeAll
    static void serve() throws Exception {
        Path jobs = Files.createDirectories(directory.resolve("jobs"));
        Files.writeString(
                jobs.resolve("nightly.yaml"), "name: nightly\ntarget: production\nschedule: \"0 30 2 * * ?\"\n");
        Files.writeString(jobs.resolve("broken.yaml"), "name: broken\ntarget: production\nshedule: \"0 30 2 * * ?\"\n");
        Map<String, Object> settings = Served.users();
        settings.put("orphan.schedules", "true");
        served = new Served(directory, settings);
        Fixture fixture = new Fixture(served.ours());
        fixture.history(240);
        earlier = fixture.cleanup(60);
        run = fixture.cleanup(600);
        served.context.getBean(KeptCounts.class).keep(earlier);
        served.context.getBean(KeptCounts.class).keep(run);
        viewer = served.as("viewer");
        operator = served.as("operator");
    }

    @AfterAll
    static void end() {
        served.close();
    }

    private static List<String> pagesOf(long run) {
        return List.of(
                "/",
                "/runs",
                "/runs/" + run,
                "/runs/" + run + "/findings",
                "/runs/" + run + "/repairs",
                "/runs/" + run + "/repairs/1",
                "/runs/" + run + "/calls",
                "/runs/" + run + "/compare",
                "/plans",
                "/plans/" + run,
                "/jobs",
                "/references?target=production",
                "/references/" + run + "/1",
                "/quarantine",
                "/quarantine/1");
    }

    @Test
    void every_page_shows_and_a_script_in_a_name_stays_text() {
        for (String path : pagesOf(run)) {
            HttpResponse<String> page = operator.get(path);
            assertThat(page.statusCode()).as(path).isEqualTo(200);
            assertThat(page.body())
                    .as(path)
                    .doesNotContain("<script>", " style=\"")
                    .contains("<h1");
        }
        assertThat(operator.get("/runs/" + run + "/repairs/1").body()).contains("&lt;script&gt;alert(1)");
    }

    @Test
    void the_overview_says_what_dangles_what_is_new_and_what_runs_next() throws Exception {
        String page = viewer.get("/").body();
        // of 600 every tenth record is held: 60; at the run before it were 6, and all of them dangle still
        assertThat(page)
                .contains("Target production", "600 found, 540 repaired")
                .containsPattern("Dangle now</dt><dd><span class=\"big\">60<")
                .containsPattern("New since the run before</dt><dd class=\"big\">54<")
                .containsPattern("Still there</dt><dd class=\"big\">6<")
                .containsPattern("Resolved since</dt><dd class=\"big\">0<")
                .contains("every day at 02:30, ", "0 30 2 * * ?", "Not scheduled: ", "shedule", "<polyline");
        assertThat(served.context.getBean(Scheduler.class).getSchedulerName()).isNotEmpty();
    }

    @Test
    void runs_are_paged_forth_and_back_without_losing_or_doubling_one() {
        List<String> forth = collect(viewer, "/runs?sort=most-found", ">Run (\\d+)</a>", "next");
        assertThat(forth).hasSize(242).doesNotHaveDuplicates();
        assertThat(collect(viewer, "/runs", ">Run (\\d+)</a>", "next"))
                .hasSize(242)
                .doesNotHaveDuplicates()
                .containsExactlyInAnyOrderElementsOf(forth);
        String second = link(viewer.get("/runs").body(), "next");
        String third = link(viewer.get(second).body(), "next");
        String back = link(viewer.get(third).body(), "prev");
        assertThat(matches(viewer.get(back).body(), ">Run (\\d+)</a>"))
                .isEqualTo(matches(viewer.get(second).body(), ">Run (\\d+)</a>"));
    }

    @Test
    void runs_are_filtered_by_what_is_asked_for_and_the_address_keeps_it() {
        List<String> found =
                collect(viewer, "/runs?job=nightly&target=staging&who=ann&status=completed", ">Run (\\d+)</a>", "next");
        assertThat(found)
                .hasSize(served.ours()
                        .sql(
                                "SELECT count(*) FROM run WHERE job = 'nightly' AND target = 'staging' AND asked_by = 'ann' AND status = 'completed'")
                        .query(Integer.class)
                        .single());
        assertThat(viewer.get("/runs?job=nobody").body()).contains("No run is like that");
        assertThat(link(viewer.get("/runs?status=completed").body(), "next")).contains("status=completed", "after=");
        assertThat(viewer.get("/runs?from=nonsense&after=nonsense&sort=nonsense")
                        .statusCode())
                .isEqualTo(200);
        assertThat(viewer.get("/runs?job=a'%22--").statusCode()).isEqualTo(200);
    }

    @Test
    void findings_and_repairs_are_paged_through_to_the_last_one() {
        String rows =
                "scope=\"row\" class=\"name\">([^<]+)</th>\\s*<td class=\"name\">([^<]+)</td>\\s*<td class=\"name\">([^<]+)<";
        assertThat(collect(viewer, "/runs/" + run + "/findings", rows, "next"))
                .hasSize(600)
                .doesNotHaveDuplicates();
        assertThat(collect(viewer, "/runs/" + run + "/findings?reference=2", rows, "next"))
                .hasSize(300);
        assertThat(collect(viewer, "/runs/" + run + "/findings?record=7", rows, "next"))
                .hasSize(2);
        assertThat(collect(viewer, "/runs/" + run + "/findings?parent=res.users", rows, "next"))
                .isEmpty();
        String repairs = "repairs/(\\d+)\">";
        assertThat(collect(viewer, "/runs/" + run + "/repairs", repairs, "next"))
                .hasSize(600);
        assertThat(collect(viewer, "/runs/" + run + "/repairs?outcome=held", repairs, "next"))
                .hasSize(60);
        assertThat(collect(viewer, "/runs/" + run + "/repairs?outcome=held&reference=1", repairs, "next"))
                .hasSize(30);
        assertThat(collect(viewer, "/runs/" + run + "/repairs?record=7", repairs, "next"))
                .containsExactly("7", "7");
        assertThat(collect(viewer, "/runs/" + run + "/repairs?outcome=planned", repairs, "next"))
                .isEmpty();
    }

    @Test
    void values_of_rows_are_for_operators_and_up() {
        String story = "/runs/" + run + "/repairs/1";
        assertThat(operator.get(story).body()).contains("secret of the customer", "value beside");
        assertThat(viewer.get(story).body())
                .doesNotContain("secret of the customer", "value beside")
                .contains("for operators and up");
        assertThat(viewer.get("/runs/" + run + "/files/repairs.csv").statusCode())
                .isEqualTo(403);
        assertThat(viewer.get("/runs/" + run + "/files/report.json").statusCode())
                .isEqualTo(403);
        assertThat(viewer.get("/runs/" + run + "/report").statusCode()).isEqualTo(403);
        assertThat(viewer.get("/runs/" + run + "/files/findings.csv").body()).hasLineCount(601);
        assertThat(operator.get("/runs/" + run + "/files/repairs.csv").statusCode())
                .isEqualTo(200);
        assertThat(served.ours()
                        .sql("SELECT subject FROM audit_log WHERE action = 'values-seen' AND who = 'operator'")
                        .query(String.class)
                        .list())
                .contains("repairs.csv");
    }

    @Test
    void a_report_that_is_in_no_file_is_written_from_our_database_with_its_own_policy() {
        HttpResponse<String> report = operator.get("/runs/" + run + "/report");
        assertThat(report.statusCode()).isEqualTo(200);
        assertThat(report.headers().allValues("Content-Security-Policy"))
                .singleElement()
                .asString()
                .contains("default-src 'none'")
                .doesNotContain("script-src");
        assertThat(report.body()).doesNotContain("<script>");
        assertThat(directory.resolve("data/reports/" + run + "/report.html")).exists();
    }

    @Test
    void what_is_not_there_is_not_found() {
        assertThat(viewer.get("/runs/99999").statusCode()).isEqualTo(404);
        assertThat(viewer.get("/runs/x").statusCode()).isEqualTo(400);
        assertThat(viewer.get("/runs/" + run + "/repairs/99999").statusCode()).isEqualTo(404);
        assertThat(operator.get("/runs/" + run + "/files/keys").statusCode()).isEqualTo(404);
        assertThat(operator.get("/runs/..%2F..%2Fkeys/report").statusCode()).isIn(400, 404);
        assertThat(viewer.get("/nowhere").body()).contains("There is nothing here");
    }

    @Test
    void two_runs_are_compared_reference_by_reference() {
        assertThat(viewer.get("/runs/" + run + "/compare").body())
                .contains("compared with run " + earlier, "sale.order.partner_invoice_id")
                .containsPattern("New</dt><dd class=\"big\">54<");
        assertThat(viewer.get("/runs/" + earlier + "/compare?with=" + run).body())
                .containsPattern("Resolved</dt><dd class=\"big\">54<");
    }

    @Test
    void references_have_a_picture_and_a_history_across_runs() {
        assertThat(viewer.get("/references?target=production").body())
                .contains("<svg", "sale.order points at 600 missing res.partner", "sale.order.partner_id");
        assertThat(viewer.get("/references/" + run + "/1").body())
                .contains("Run " + earlier, "Run " + run, "<polyline");
        assertThat(viewer.get("/references?target=production&state=enforced").body())
                .contains("No reference is like that");
    }

    @Test
    void what_is_in_quarantine_shows_its_snapshot_to_operators() {
        assertThat(operator.get("/quarantine/1").body()).contains("kept &lt;script&gt;");
        assertThat(viewer.get("/quarantine/1").body()).doesNotContain("kept").contains("for operators and up");
        assertThat(viewer.get("/quarantine?model=res.partner").body()).contains("No record is in quarantine");
    }

    @Test
    void jobs_say_their_schedule_in_words_when_they_run_and_what_is_wrong_with_them_and_can_be_paused() {
        assertThat(viewer.get("/jobs").body())
                .contains("every day at 02:30", "broken.yaml:3", "shedule")
                .doesNotContain("Run now");
        assertThat(operator.submit("/jobs", "/jobs/nightly/pause", Map.of("comment", "stocktaking"))
                        .statusCode())
                .isEqualTo(302);
        assertThat(operator.get("/jobs").body()).contains("status paused", "Resume the schedule");
        assertThat(operator.submit("/jobs", "/jobs/nightly/resume", Map.of()).statusCode())
                .isEqualTo(302);
        assertThat(operator.get("/jobs").body()).doesNotContain("status paused");
        assertThat(operator.submit("/jobs", "/jobs/nothing/pause", Map.of()).body())
                .contains("has no schedule to pause");
        Served.Visitor approver = served.as("approver");
        assertThat(approver.get("/audit?who=operator&action=job-paused").body())
                .contains("paused a job", "nightly", "stocktaking");
    }

    @Test
    void what_a_start_lacks_is_told_in_the_words_of_the_command_line() {
        HttpResponse<String> answer = operator.submit("/jobs", "/jobs/nightly/run", Map.of("what", "scan"));
        assertThat(answer.statusCode()).isEqualTo(409);
        assertThat(answer.body()).contains("There is no target &quot;production&quot;");
        assertThat(operator.submit("/jobs", "/jobs/nightly/run", Map.of("what", "cleanup", "approve", "true"))
                        .body())
                .contains("takes an approver");
    }

    @Test
    void the_api_has_the_same_reads_and_describes_itself() {
        assertThat(viewer.get("/api/runs?job=nightly").body()).contains("\"rows\":[{", "\"next\":\"0~");
        for (String path : List.of(
                "/api/overview",
                "/api/runs/" + run,
                "/api/runs/" + run + "/findings",
                "/api/runs/" + run + "/repairs",
                "/api/runs/" + run + "/calls",
                "/api/runs/" + run + "/compare?with=" + earlier,
                "/api/plans",
                "/api/plans/" + run,
                "/api/jobs",
                "/api/references?target=production",
                "/api/references/" + run + "/1",
                "/api/quarantine")) {
            assertThat(viewer.get(path).statusCode()).as(path).isEqualTo(200);
        }
        assertThat(viewer.get("/api/runs/" + run + "/repairs/1").body()).doesNotContain("secret of the customer");
        assertThat(operator.get("/api/runs/" + run + "/repairs/1").body()).contains("secret of the customer");
        assertThat(viewer.get("/api/openapi").body())
                .contains("/api/plans/{id}/approve")
                .doesNotContain("\"/plans");
        assertThat(viewer.get("/api/runs/99999").statusCode()).isEqualTo(404);
    }

    @Test
    void stopping_what_does_not_run_is_told() {
        HttpResponse<String> answer = operator.submit("/", "/runs/" + run + "/stop", Map.of());
        assertThat(answer.statusCode()).isEqualTo(409);
        assertThat(answer.body()).contains("is not under way: it is completed");
    }

    @Test
    void a_web_site_that_points_its_name_at_this_machine_is_not_answered() throws Exception {
        try (Socket socket = new Socket("127.0.0.1", served.port())) {
            socket.getOutputStream()
                    .write("GET /login HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n"
                            .getBytes(StandardCharsets.US_ASCII));
            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(answer).startsWith("HTTP/1.1 403").doesNotContain("Sign in");
        }
    }

    private static String link(String body, String rel) {
        Matcher link =
                Pattern.compile("<a rel=\"" + rel + "\" href=\"([^\"]+)\"").matcher(body);
        return link.find() ? link.group(1).replace("&amp;", "&") : "";
    }

    private static List<String> matches(String body, String pattern) {
        List<String> found = new ArrayList<>();
        Matcher matcher = Pattern.compile(pattern).matcher(body);
        while (matcher.find()) {
            StringBuilder all = new StringBuilder(matcher.group(1));
            for (int i = 2; i <= matcher.groupCount(); i++) {
                all.append('|').append(matcher.group(i));
            }
            found.add(all.toString());
        }
        return found;
    }

    private static List<String> collect(Served.Visitor visitor, String path, String pattern, String rel) {
        List<String> all = new ArrayList<>();
        for (String at = path; !at.isEmpty(); ) {
            String body = visitor.get(at).body();
            all.addAll(matches(body, pattern));
            at = link(body, rel);
        }
        return all;
    }
}
