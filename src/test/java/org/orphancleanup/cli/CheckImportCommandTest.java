package org.orphancleanup.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.dhatim.fastexcel.Workbook;
import org.dhatim.fastexcel.Worksheet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.orphancleanup.cli.CommandLineRuns.Result;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class CheckImportCommandTest {

    @TempDir
    static Path directory;

    private static CommandLineRuns runs;

    @BeforeAll
    static void start() {
        runs = new CommandLineRuns(directory);
    }

    @AfterAll
    static void stop() {
        runs.close();
    }

    private static String file(String name, String... lines) throws IOException {
        Path file = Files.createDirectories(directory.resolve("files")).resolve(name);
        Files.writeString(file, String.join("\n", lines) + "\n");
        return file.toString();
    }

    private static Result check(String... files) {
        List<String> arguments = new ArrayList<>(List.of("check-import", "--target", "sandbox", "--json"));
        arguments.addAll(List.of(files));
        return runs.run(arguments.toArray(String[]::new));
    }

    private static JsonNode read(Result result) {
        assertThat(result.err()).isEmpty();
        return new JsonMapper().readTree(result.out());
    }

    /** As {@code column kind rows first}. */
    private static List<String> problems(JsonNode result) {
        List<String> lines = new ArrayList<>();
        result.path("problems")
                .forEach(problem -> lines.add("%s %s %s %s"
                        .formatted(
                                problem.path("column").asString(""),
                                problem.path("kind").asString(),
                                problem.path("rows").asString(),
                                problem.path("firstRow").asString("-"))));
        return lines;
    }

    private static List<String> order(JsonNode result) {
        List<String> lines = new ArrayList<>();
        result.path("order")
                .forEach(step -> lines.add(Path.of(step.path("file").asString()).getFileName() + " "
                        + step.path("without") + step.path("only")));
        return lines;
    }

    private static long someone() {
        return runs.odoo()
                .sql("SELECT min(id) FROM res_partner WHERE active AND name IS NOT NULL")
                .query(Long.class)
                .single();
    }

    @Test
    void files_in_the_wrong_order_are_put_into_the_right_one() throws IOException {
        String leads = file("crm.lead.csv", "id,name,partner_id/id,tag_ids", "l1,One,p2,", "l2,Two,p1,");
        String partners = file("res.partner.csv", "id;name;parent_id/id", "p1;Parent;", "p2;\"Child; second\";p1");

        JsonNode result = read(check(leads, partners));

        assertThat(problems(result)).isEmpty();
        assertThat(order(result)).containsExactly("res.partner.csv [][]", "crm.lead.csv [][]");
        assertThat(result.path("files").path(1).path("rows").asInt()).isEqualTo(2);
        assertThat(runs.run("check-import", "--target", "sandbox", leads, partners)
                        .out())
                .contains("Load in this order:", "Nothing here would fail.");
    }

    @Test
    void what_does_not_resolve_and_what_is_no_field_is_named_with_its_rows() throws IOException {
        long exists = someone();
        String name = runs.odoo()
                .sql("SELECT name FROM res_partner WHERE id = ?")
                .param(exists)
                .query(String.class)
                .single();
        String leads = file(
                "crm.lead.csv",
                "id,name,Contact Name,partner_id/.id,user_id/id,partner_id/name,parent_of",
                "a,A,x," + exists + ",nobody.at_all,x,1",
                "b,B,x,987654321,0,x,1",
                "c,C,x,987654321,,x,1");
        String banks = file(
                "res.partner.bank.csv",
                "acc_number,partner_id",
                "1,\"" + name + "\"",
                "2,No such person",
                "3,No such person");

        Result checked = check(leads, banks);

        assertThat(checked.exitCode()).isEqualTo(1);
        JsonNode result = read(checked);
        assertThat(problems(result))
                .contains(
                        "Contact Name no-field 0 -",
                        "partner_id/name no-field 0 -",
                        "parent_of no-field 0 -",
                        "partner_id/.id id-not-found 2 3",
                        "user_id/id external-id-not-found 1 2",
                        "partner_id name-not-found 2 3");
        assertThat(result.path("problems").toString())
                .contains("nobody.at_all", "by name (partner_id), external id (partner_id/id)");
    }

    @Test
    void an_external_id_of_another_model_or_of_a_record_that_is_gone_does_not_resolve() throws IOException {
        runs.odoo()
                .sql(
                        "INSERT INTO ir_model_data (module, name, model, res_id) VALUES ('check', 'gone', 'res.partner', 987654321),"
                                + " ('check', 'country', 'res.country', (SELECT min(id) FROM res_country))")
                .update();
        String leads = file("crm.lead.csv", "name,partner_id/id", "A,check.gone", "B,check.country", "C,check.country");

        JsonNode result = read(check(leads));

        assertThat(problems(result))
                .contains("partner_id/id external-id-not-found 1 2", "partner_id/id external-id-not-found 2 3");
        assertThat(result.path("problems").toString())
                .contains("is kept for res.partner 987654321, which is gone", "names a res.country, not a res.partner");
    }

    @Test
    void a_required_field_that_no_column_has_or_that_a_row_leaves_empty_is_named() throws IOException {
        String without = file("sale.order.csv", "id,name", "o1,First");
        String empty = file("again.csv", "id,partner_id/.id", "o2,", "o3," + someone());

        JsonNode result = read(check(without, "sale.order=" + empty));

        assertThat(problems(result)).contains("partner_id required-missing 1 -", "partner_id/.id required-empty 1 2");
    }

    @Test
    void a_cycle_is_cut_at_a_field_that_can_wait() throws IOException {
        String users = file("res.users.csv", "id,login,name,partner_id/id", "u1,one,One,p1");
        String partners = file("res.partner.csv", "id,name,user_id/id", "p1,One,u1");

        JsonNode result = read(check(users, partners));

        assertThat(order(result))
                .containsExactly(
                        "res.partner.csv [\"user_id/id\"][]",
                        "res.users.csv [][]",
                        "res.partner.csv [][\"id\",\"user_id/id\"]");
        assertThat(problems(result)).contains("user_id/id cycle 1 -");
        assertThat(result.path("problems").toString())
                .contains("\"warning\"")
                .doesNotContain("\"problem\",\"kind\":\"cycle\"");
    }

    @Test
    void rows_that_refer_to_later_ones_of_the_same_file_are_counted() throws IOException {
        String partners = file(
                "res.partner.csv",
                "id,name,parent_id/id",
                "c1,Child,p1",
                "p1,Parent,",
                "c2,Other child,p1",
                "p1,Again,");

        JsonNode result = read(check(partners));

        assertThat(problems(result)).containsExactlyInAnyOrder("parent_id/id below 1 -", "id twice 1 5");
    }

    @Test
    void spreadsheets_and_byte_order_marks_are_read() throws IOException {
        Path book = Files.createDirectories(directory.resolve("files")).resolve("partners.xlsx");
        try (OutputStream out = Files.newOutputStream(book);
                Workbook workbook = new Workbook(out, "test", "1.0")) {
            Worksheet sheet = workbook.newWorksheet("Partners");
            sheet.value(0, 0, "name");
            sheet.value(0, 1, "parent_id/.id");
            sheet.value(1, 0, "Fine");
            sheet.value(1, 1, someone());
            sheet.value(2, 0, "Lost");
            sheet.value(2, 1, 987654321);
        }
        String bom = file("res.country.csv", "\uFEFFname\tcode", "Nowhere\tNW");

        JsonNode result = read(check("res.partner=" + book, bom));

        assertThat(problems(result)).containsExactly("parent_id/.id id-not-found 1 3");
    }

    @Test
    void values_of_an_integration_are_checked_from_a_file_or_standard_input() throws IOException {
        long exists = someone();
        String values = """
                [{"model": "res.partner", "values": {"name": "A", "parent_id": 987654321, "category_id": [[6, 0, [987654322]]]}},
                 {"model": "res.partner", "id": 987654323, "values": {"parent_id": %d, "nonsense": 1, "user_id": "45"}},
                 {"model": "no.such.model", "values": {}}]""".formatted(exists);
        Result result = check("--json-values", file("values.json", values));

        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(problems(read(result)))
                .contains(
                        "res.partner.parent_id id-not-found 1 1",
                        "res.partner.category_id id-not-found 1 1",
                        "res.partner.nonsense no-field 1 2",
                        "res.partner.user_id wrong-type 1 2",
                        "no.such.model no-model 1 3",
                        ".id id-not-found 1 2");
        InputStream before = System.in;
        System.setIn(new ByteArrayInputStream(
                "{\"model\":\"res.partner\",\"values\":{\"name\":\"A\"}}".getBytes(StandardCharsets.UTF_8)));
        try {
            assertThat(check("--json-values", "-").exitCode()).isZero();
        } finally {
            System.setIn(before);
        }
    }

    @Test
    void what_cannot_be_read_is_named_and_ends_in_2() throws IOException {
        assertThat(check(directory.resolve("res.partner.csv").toString()).err()).isNotEmpty();
        Result unknown = check(file("whatever.csv", "name", "A"));
        assertThat(unknown.exitCode()).isEqualTo(2);
        assertThat(unknown.err()).contains("There is no model whatever", "MODEL=");
        Path latin = directory.resolve("res.partner.csv");
        Files.write(latin, "name\nM\u00fcller\n".getBytes(StandardCharsets.ISO_8859_1));
        Result encoding = check(latin.toString());
        assertThat(encoding.exitCode()).isEqualTo(2);
        assertThat(encoding.err()).contains("is not UTF-8");
        Result json = check("--json-values", file("broken.json", "{\"model\": "));
        assertThat(json.exitCode()).isEqualTo(2);
        assertThat(json.err()).contains("broken.json is no JSON");
    }
}
