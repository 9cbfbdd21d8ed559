package org.orphancleanup.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.orphancleanup.catalog.ConstraintState.ENFORCED;
import static org.orphancleanup.catalog.ConstraintState.IMPOSSIBLE;
import static org.orphancleanup.catalog.ReferenceKind.COMPANY_DEPENDENT;
import static org.orphancleanup.catalog.ReferenceKind.MANY2ONE;
import static org.orphancleanup.catalog.ReferenceKind.MANY2ONE_REFERENCE;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.stream.Stream;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.orphancleanup.UserError;
import org.springframework.jdbc.core.JdbcTemplate;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ReportWriterTest {

    @TempDir
    Path directory;

    @Test
    void all_files_are_written_and_nothing_else_is_left() throws IOException {
        ReportExamples.cleanup().write(directory.resolve("made/for/it"));

        try (Stream<Path> files = Files.list(directory.resolve("made/for/it"))) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .containsExactlyInAnyOrderElementsOf(ReportWriter.FILES);
        }
    }

    @Test
    void an_older_report_is_replaced() throws IOException {
        ReportFixture fixture = new ReportFixture("scan");
        Files.writeString(directory.resolve("report.html"), "old");

        fixture.write(directory);

        assertThat(text("report.html")).doesNotContain("old").endsWith("</html>\n");
    }

    @Test
    void a_directory_that_cannot_be_made_is_a_setting_to_mend() throws IOException {
        ReportFixture fixture = new ReportFixture("scan");
        Path file = Files.writeString(directory.resolve("file"), "");

        assertThatThrownBy(() -> fixture.write(file.resolve("out")))
                .isInstanceOfSatisfying(
                        UserError.class, e -> assertThat(e.kind()).isEqualTo(UserError.Kind.SETTING))
                .hasMessageContaining("--out");
    }

    @Test
    void report_json_begins_with_the_agreed_keys_in_their_order() {
        ReportExamples.cleanup().write(directory);

        JsonNode json = json();

        assertThat(json.propertyNames())
                .startsWith("run", "job", "target", "counts", "changed-besides", "changed-derived");
        assertThat(json.get("counts").propertyNames())
                .containsExactly(
                        "found",
                        "planned",
                        "repaired",
                        "already-clean",
                        "reported",
                        "refused",
                        "changed-meanwhile",
                        "quarantined",
                        "held",
                        "failed",
                        "remaining",
                        "new");
        assertThat(json.get("changed-besides")).hasSize(3);
        assertThat(json.get("changed-besides").get(0).propertyNames())
                .containsExactly("model", "id", "field", "before", "after", "by-others");
        assertThat(json.get("changed-derived").asInt()).isEqualTo(26);
        assertThat(json.get("times").get("started").asString()).isEqualTo("2026-03-14T01:30:00Z");
        assertThat(json.get("versions").get("odoo").asString()).isEqualTo("18.0");
    }

    @Test
    void the_repair_stage_took_from_its_first_call_to_the_answer_of_its_last() {
        ReportFixture fixture = ReportExamples.cleanup();
        fixture.call("2026-03-14T01:32:00Z", 800L);
        fixture.call("2026-03-14T01:32:10.5Z", 1250L);
        fixture.call("2026-03-14T01:32:05Z", null);

        fixture.write(directory);

        assertThat(json().get("repair-seconds").asDouble()).isEqualTo(11.75);
    }

    @Test
    void without_a_call_there_is_no_time_of_the_repair_stage() {
        ReportExamples.cleanup().write(directory);

        assertThat(json().get("repair-seconds").isNull()).isTrue();
    }

    @Test
    void times_are_those_of_the_jobs_zone_which_is_named() throws IOException {
        ReportFixture fixture = ReportExamples.cleanup();
        fixture.set("time_zone", "Asia/Tokyo");

        fixture.write(directory);

        assertThat(text("report.html")).contains("14 Mar 2026, 10:30:00 JST").contains("Asia/Tokyo");
        assertThat(json().get("times").get("started").asString()).isEqualTo("2026-03-14T01:30:00Z");
        assertThat(json().get("times").get("zone").asString()).isEqualTo("Asia/Tokyo");
    }

    @Test
    void the_coverage_adds_up() {
        ReportFixture fixture = ReportExamples.cleanup();
        fixture.observed("property", "res.partner", "res_partner", "properties", null, 500L, 3);
        fixture.observed("property", "crm.lead", "crm_lead", "lead_properties", "no right to read the table", null, 0);
        fixture.observed("parent-path", "res.company", "res_company", "parent_path", null, 2L, 0);
        Report report = Report.read(new JdbcTemplate(fixture.ours()), fixture.run, Clock.systemUTC());
        PageModel page = new PageModel(report);

        PageModel.KindLine all = page.kindTotal();
        assertThat(all.references()).isEqualTo(report.references().size());
        assertThat(all.read() + all.skipped()).isEqualTo(all.references());
        assertThat(all.read())
                .isEqualTo(page.readWithOrphans().size() + page.readClean().size());
        assertThat(all.skipped())
                .isEqualTo(page.skipped().stream()
                        .mapToInt(group -> group.rows().size())
                        .sum())
                .isPositive();
        assertThat(all.orphans()).isEqualTo(report.tallies().total().found()).isPositive();
        assertThat(all.rows())
                .isEqualTo(report.references().stream()
                        .mapToLong(row -> row.rowsRead() == null ? 0 : row.rowsRead())
                        .sum());
        assertThat(page.constraintStates().stream()
                        .mapToInt(group -> group.rows().size())
                        .sum())
                .isEqualTo(report.references().size());
        assertThat(page.leftOut().stream()
                        .mapToInt(group -> group.rows().size())
                        .sum())
                .isEqualTo(report.leftOut().size());
        assertThat(page.observedTotal()).isEqualTo(new PageModel.ObservedLine("All", 3, 2, 502, 3, 30));
        assertThat(page.notObserved())
                .singleElement()
                .satisfies(group ->
                        assertThat(page.observedNames(group.rows())).isEqualTo("crm.lead.lead_properties (property)"));
    }

    @Test
    void models_policies_and_references_add_up_to_the_whole() {
        ReportExamples.cleanup().write(directory);

        JsonNode json = json();

        for (String count : List.of("found", "planned", "repaired", "held", "refused", "remaining")) {
            long whole = json.get("counts").get(count).asLong();
            assertThat(sum(json.get("by-model"), count)).as(count).isEqualTo(whole);
            assertThat(sum(json.get("by-policy"), count)).as(count).isEqualTo(whole);
        }
        assertThat(sum(json.get("references"), "orphans"))
                .isEqualTo(json.get("counts").get("found").asLong());
        assertThat(sum(json.get("held-because"), "references"))
                .isEqualTo(json.get("counts").get("held").asLong());
        assertThat(sum(json.get("refused-because"), "references"))
                .isEqualTo(json.get("counts").get("refused").asLong());
    }

    @Test
    void findings_have_one_row_per_orphan_in_order() throws IOException {
        ReportFixture fixture = new ReportFixture("scan");
        int order = fixture.reference(MANY2ONE, "sale.order", "partner_id", "res.partner", ENFORCED);
        int value = fixture.reference(
                COMPANY_DEPENDENT, "res.partner", "property_account_receivable_id@3", "account.account", IMPOSSIBLE);
        int unknown = fixture.reference(MANY2ONE_REFERENCE, "ir.attachment", "res_id", "x_gone", IMPOSSIBLE);
        fixture.setReference(unknown, "parent_table", null);
        fixture.orphan(0, order, 12, 45);
        fixture.orphan(0, order, 2, 46);
        fixture.orphan(0, value, 7, 8);
        fixture.orphan(0, unknown, 9, 1);
        fixture.orphan(1, order, 99, 99);

        fixture.write(directory);

        assertThat(text("findings.csv")).isEqualTo("""
                        kind,child_model,child_table,child_id,field,parent_model,parent_table,missing_id,constraint_state
                        many2one-reference,ir.attachment,ir_attachment,9,res_id,x_gone,,1,impossible
                        company-dependent,res.partner,res_partner,7,property_account_receivable_id@3,account.account,account_account,8,impossible
                        many2one,sale.order,sale_order,2,partner_id,res.partner,res_partner,46,enforced
                        many2one,sale.order,sale_order,12,partner_id,res.partner,res_partner,45,enforced
                        """);
    }

    @Test
    void repairs_name_policy_rule_outcome_and_reason() {
        ReportFixture fixture = new ReportFixture("cleanup");
        int order = fixture.reference(MANY2ONE, "sale.order", "partner_id", "res.partner", ENFORCED);
        fixture.plan("applied");
        fixture.part(order, 12, 45, "null-out", "empty", "held", "said \"no\", twice,\nand again");
        fixture.part(order, 13, 45, "report-only", null, "reported", null);
        fixture.part(order, 14, 45, "null-out", "empty", null, null);

        fixture.write(directory);

        List<CSVRecord> rows = csv("repairs.csv");
        assertThat(rows.get(0).getParser().getHeaderNames())
                .containsExactly(
                        "model",
                        "id",
                        "field",
                        "missing_id",
                        "policy",
                        "rule",
                        "outcome",
                        "reason",
                        "new_value",
                        "rung");
        assertThat(rows.get(0).get("reason")).isEqualTo("said \"no\", twice,\nand again");
        assertThat(rows.get(1).get("rule")).isEmpty();
        assertThat(rows.get(1).get("reason")).isEqualTo("no rule matches");
        assertThat(rows.get(2).get("outcome")).isEqualTo("planned");
    }

    @Test
    void text_that_a_spreadsheet_would_run_gets_an_apostrophe() {
        ReportFixture fixture = new ReportFixture("cleanup");
        int order = fixture.reference(MANY2ONE, "sale.order", "partner_id", "res.partner", ENFORCED);
        fixture.plan("applied");
        fixture.part(order, 12, 45, "null-out", "empty", "held", "=HYPERLINK(\"http://evil\")");
        fixture.observation("filter", "@SUM(A1)", "ir_filters", -3L, "+1", "-2+3");

        fixture.write(directory);

        assertThat(csv("repairs.csv").get(0).get("reason")).isEqualTo("'=HYPERLINK(\"http://evil\")");
        CSVRecord observation = csv("observations.csv").get(0);
        assertThat(observation.get("model")).isEqualTo("'@SUM(A1)");
        assertThat(observation.get("field")).isEqualTo("'+1");
        assertThat(observation.get("message")).isEqualTo("'-2+3");
        assertThat(observation.get("id")).as("numbers are no text").isEqualTo("-3");
        assertThat(observation.get("advice")).isEqualTo("What to do about a filter.");
    }

    @Test
    void whatever_odoo_holds_is_harmless_in_the_page() throws IOException {
        ReportFixture fixture = new ReportFixture("cleanup");
        String evil = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>";
        int reference = fixture.reference(MANY2ONE, evil, evil, evil, evil, ENFORCED);
        fixture.set("job", evil);
        fixture.set("target", evil);
        fixture.set("message", evil);
        fixture.set("definition", evil);
        fixture.set("backup", evil);
        fixture.plan("applied");
        fixture.part(reference, 1, 2, evil, "empty", "held", evil);
        fixture.changedBesides(evil, 1, evil, evil, evil, false);
        fixture.standIn(evil, 1L, 1L, evil, 2, true);
        fixture.quarantine(evil, 1, true);
        fixture.observation(evil, evil, evil, 1L, evil, evil);
        fixture.leftOut(evil, evil, evil, evil);

        fixture.write(directory);

        assertThat(text("report.html"))
                .contains("&lt;script&gt;alert(1)&lt;/script&gt;")
                .doesNotContain("<script")
                .doesNotContain("<img")
                .doesNotContain("\"'>");
    }

    @Test
    void the_page_needs_no_other_file_and_no_network() throws IOException {
        ReportExamples.cleanup().write(directory);

        assertThat(text("report.html"))
                .doesNotContain("<link", "<script", "src=", "@import", "url(")
                .doesNotContain(" th:", "xmlns:th");
    }

    @Test
    void a_snapshot_kept_for_quarantine_is_in_no_file() throws IOException {
        ReportExamples.cleanup().write(directory);

        for (String file : ReportWriter.FILES) {
            assertThat(text(file)).as(file).doesNotContain("A Private Person");
        }
    }

    @Test
    void passwords_and_web_hooks_of_the_definition_are_not_shown() throws IOException {
        ReportFixture fixture = new ReportFixture("scan");
        fixture.set("definition", """
                backup: { command: ["pg", "postgresql://joe:s3cret@db/erp"] }
                notify: { webhook: "https://hooks.example.com/T0/abcdef", mail: [erp@example.com] }
                """);

        fixture.write(directory);

        assertThat(text("report.html"))
                .doesNotContain("s3cret")
                .doesNotContain("abcdef")
                .contains("erp@example.com");
    }

    @Test
    void long_lists_end_by_saying_where_the_rest_is() throws IOException {
        ReportFixture fixture = new ReportFixture("cleanup");
        int reference = fixture.reference(MANY2ONE, "sale.order", "partner_id", "res.partner", ENFORCED);
        fixture.plan("applied");
        fixture.parts(reference, 1, Report.MOST + 1234, "null-out", "empty", "held", "locked, order %d");

        fixture.write(directory);

        assertThat(text("report.html")).contains("1,234 more in repairs.csv").contains("1,534 held");
        assertThat(csv("repairs.csv")).hasSize(Report.MOST + 1234);
        assertThat(json().get("held-because")).as("alike but for the number").hasSize(1);
    }

    @Test
    void records_lead_into_odoo_by_path_since_18_and_by_fragment_before() throws IOException {
        ReportFixture fixture = new ReportFixture("scan");
        int reference = fixture.reference(MANY2ONE, "sale.order", "partner_id", "res.partner", ENFORCED);
        fixture.orphan(0, reference, 12, 45);

        fixture.write(directory);
        assertThat(text("report.html")).contains("href=\"https://erp.example.com/odoo/sale.order/12\"");

        fixture.set("odoo_version", "17.0");
        fixture.write(directory);
        assertThat(text("report.html"))
                .contains("href=\"https://erp.example.com/web#id=12&amp;model=sale.order&amp;view_type=form\"");

        fixture.set("target_url", "javascript:alert(1)");
        fixture.write(directory);
        assertThat(text("report.html")).doesNotContain("javascript:").contains("sale.order 12");
    }

    @Test
    void an_empty_run_says_so() throws IOException {
        ReportFixture fixture = new ReportFixture("scan");

        fixture.write(directory);

        assertThat(text("report.html")).contains("No reference was read, so nothing is known yet.");
        assertThat(text("constraints.sql")).contains("Nothing to restore");
        assertThat(text("repairs.csv").lines()).hasSize(1);
    }

    @Test
    void a_clean_database_is_said_to_be_clean() throws IOException {
        ReportFixture fixture = new ReportFixture("scan");
        ReportExamples.coverage(fixture);

        fixture.write(directory);

        assertThat(text("report.html"))
                .contains("No dangling reference was found.")
                .contains("138 references in the catalog: 104 read, 34 skipped.")
                .contains("Not in the catalog: the model is an SQL view");
    }

    @Test
    void a_run_that_is_not_there_is_an_error() {
        ReportFixture fixture = new ReportFixture("scan");

        assertThatThrownBy(() -> fixture.writer().write(fixture.run + 1, directory))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("run " + (fixture.run + 1));
    }

    private String text(String file) throws IOException {
        return Files.readString(directory.resolve(file));
    }

    private JsonNode json() {
        return JsonMapper.shared().readTree(directory.resolve("report.json").toFile());
    }

    private List<CSVRecord> csv(String file) {
        try (CSVParser parser = CSVParser.parse(
                Files.newBufferedReader(directory.resolve(file)),
                CSVFormat.RFC4180
                        .builder()
                        .setHeader()
                        .setSkipHeaderRecord(true)
                        .get())) {
            return parser.getRecords();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static long sum(JsonNode children, String key) {
        long sum = 0;
        for (JsonNode child : children) {
            sum += child.get(key).asLong();
        }
        return sum;
    }
}
