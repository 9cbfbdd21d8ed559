package org.orphancleanup.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.orphancleanup.cli.CommandLineRuns.Result;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

class UpgradeCheckCommandTest {

    private static final JsonMapper JSON = new JsonMapper();

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

    private static Result check(Path out, String... more) {
        List<String> arguments =
                new ArrayList<>(List.of("upgrade-check", "--target", "sandbox", "--out", out.toString()));
        arguments.addAll(List.of(more));
        return runs.run(arguments.toArray(String[]::new));
    }

    private static List<JsonNode> findings(Path out, String kind) throws IOException {
        List<JsonNode> found = new ArrayList<>();
        for (JsonNode finding : JSON.readTree(Files.readString(out.resolve("upgrade-check.json")))
                .path("findings")) {
            if (finding.path("kind").asString().equals(kind)) {
                found.add(finding);
            }
        }
        return found;
    }

    private static JsonNode at(List<JsonNode> findings, String place) {
        return findings.stream()
                .filter(finding -> finding.path("place").asString().equals(place))
                .findFirst()
                .orElseThrow(() -> new AssertionError(place + " is not among " + findings));
    }

    @Test
    void rows_behind_constraints_are_counted_and_the_job_that_would_clean_them_can_be_planned() throws IOException {
        Path out = directory.resolve("dangling");
        long dangling = runs.odoo().sql("""
                        SELECT count(*) FROM res_partner p WHERE user_id IS NOT NULL
                          AND NOT EXISTS (SELECT FROM res_users u WHERE u.id = p.user_id)""").query(Long.class).single();

        Result result = check(out);

        assertThat(result.exitCode()).as(result.err()).isEqualTo(1);
        assertThat(result.out()).contains("stops restore", " in the way, ");
        JsonNode finding = at(findings(out, "constraint"), "res.partner.user_id");
        assertThat(finding.path("rows").asLong()).isEqualTo(dangling).isPositive();
        assertThat(out.resolve("constraints.sql")).exists();
        Path job = out.resolve("upgrade-cleanup-sandbox.yaml");
        Result plan = runs.run("cleanup", "--job", job.toString(), "--dry-run");
        assertThat(plan.exitCode()).as(plan.err()).isEqualTo(1);
        assertThat(plan.out()).contains("Dry run");
    }

    @Test
    void a_missing_constraint_stops_the_update_and_only_what_the_baseline_lacks_is_an_alarm() throws IOException {
        Path first = directory.resolve("first");
        check(first);
        String baseline = first.resolve("upgrade-check.json").toString();

        Result again = check(directory.resolve("again"), "--baseline", baseline);
        assertThat(again.exitCode()).as(again.out() + again.err()).isZero();
        assertThat(again.out()).contains(", 0 of them new").doesNotContain("NEW ");

        String constraint = runs.odoo()
                .sql(
                        "SELECT conname FROM pg_constraint WHERE conrelid = 'res_partner'::regclass AND contype = 'f'"
                                + " AND conkey = (SELECT array[attnum] FROM pg_attribute WHERE attrelid = conrelid AND attname = 'country_id')")
                .query(String.class)
                .single();
        runs.odoo().sql("ALTER TABLE res_partner DROP CONSTRAINT " + constraint).update();
        runs.odoo()
                .sql(
                        "UPDATE res_partner SET country_id = 987654 WHERE id = (SELECT max(id) FROM res_partner WHERE country_id IS NOT NULL)")
                .update();
        Path worse = directory.resolve("worse");
        Result result = check(worse, "--baseline", baseline);

        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.out()).contains(", 1 of them new");
        JsonNode finding = at(findings(worse, "constraint"), "res.partner.country_id");
        assertThat(finding.path("new").asBoolean()).isTrue();
        assertThat(finding.path("stops").toString()).isEqualTo("[\"update\"]");
        assertThat(finding.path("constraint").asString()).isEqualTo("res_partner_country_id_fkey");

        runs.odoo()
                .sql("UPDATE res_partner SET country_id = NULL WHERE country_id = 987654")
                .update();
        Result mended = check(
                directory.resolve("mended"),
                "--baseline",
                worse.resolve("upgrade-check.json").toString());
        assertThat(mended.exitCode()).isZero();
        assertThat(mended.out()).contains("gone  constraint res.partner.country_id -> res.country");
    }

    @Test
    void a_required_field_without_a_value_and_fields_of_models_that_are_gone_are_named() throws IOException {
        runs.odoo()
                .sql("UPDATE ir_model_fields SET required = true WHERE model = 'res.partner' AND name = 'parent_id'")
                .update();
        runs.odoo()
                .sql("UPDATE ir_model_fields SET relation = 'x.gone' WHERE model = 'res.partner' AND name = 'user_id'")
                .update();
        try {
            Path out = directory.resolve("nulls");
            check(out);

            long nulls = runs.odoo()
                    .sql("SELECT count(*) FROM res_partner WHERE parent_id IS NULL")
                    .query(Long.class)
                    .single();
            assertThat(at(findings(out, "not-null"), "res.partner.parent_id")
                            .path("rows")
                            .asLong())
                    .isEqualTo(nulls);
            assertThat(findings(out, "unknown-model").toString()).contains("res.partner.user_id -> x.gone");
        } finally {
            runs.odoo()
                    .sql(
                            "UPDATE ir_model_fields SET required = false WHERE model = 'res.partner' AND name = 'parent_id'")
                    .update();
            runs.odoo()
                    .sql("UPDATE ir_model_fields SET relation = 'res.users' WHERE relation = 'x.gone'")
                    .update();
        }
    }

    @Test
    void a_newer_catalog_tells_what_will_be_required_and_where_fields_will_point() throws IOException {
        Path newer = directory.resolve("newer");
        check(newer);
        ObjectNode catalog = (ObjectNode) JSON.readTree(Files.readString(newer.resolve("catalog.json")));
        catalog.put("odooVersion", "99.0");
        for (JsonNode column : catalog.path("columns")) {
            if (column.path("model").asString().equals("res.partner")
                    && column.path("field").asString().equals("parent_id")) {
                ((ObjectNode) column).put("required", true);
            }
            if (column.path("model").asString().equals("res.partner")
                    && column.path("field").asString().equals("create_uid")) {
                ((ObjectNode) column).put("parentTable", "res_company").put("parentModel", "res.company");
            }
        }
        Files.writeString(newer.resolve("catalog.json"), catalog.toString());
        runs.odoo()
                .sql("UPDATE res_partner SET create_uid = (SELECT max(id) FROM res_users)")
                .update();
        long nobody = runs.odoo()
                .sql(
                        "SELECT count(*) FROM res_partner WHERE NOT EXISTS (SELECT FROM res_company c WHERE c.id = res_partner.create_uid)")
                .query(Long.class)
                .single();
        Path out = directory.resolve("compared");

        Result result = check(out, "--newer-catalog", newer.toString());

        assertThat(result.out()).contains("compared with Odoo 99.0");
        assertThat(at(findings(out, "not-null-to-come"), "res.partner.parent_id")
                        .path("stops")
                        .toString())
                .isEqualTo("[\"upgrade\"]");
        List<JsonNode> toCome = findings(out, "constraint-to-come");
        assertThat(at(toCome, "res.partner.create_uid").path("rows").asLong())
                .isEqualTo(nobody)
                .isPositive();
    }

    @Test
    void what_cannot_be_read_ends_in_2() {
        assertThat(runs.run("upgrade-check", "--target", "nowhere").exitCode()).isEqualTo(2);
        Result noBaseline = runs.run(
                "upgrade-check",
                "--target",
                "sandbox",
                "--baseline",
                directory.resolve("no.json").toString());
        assertThat(noBaseline.exitCode()).isEqualTo(2);
        assertThat(noBaseline.err()).contains("--baseline", "no.json", "upgrade-check --out DIR");
        assertThat(runs.run("upgrade-check", "--target", "sandbox", "--newer-catalog", "nothing-of-that-name")
                        .exitCode())
                .isEqualTo(2);
    }
}
