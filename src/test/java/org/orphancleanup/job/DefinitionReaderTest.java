package org.orphancleanup.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.orphancleanup.UserError;
import org.orphancleanup.catalog.ReferenceKind;
import org.orphancleanup.job.JobDefinition.Approval;
import org.orphancleanup.job.JobDefinition.Placeholder;
import org.orphancleanup.job.JobDefinition.Rule;
import org.orphancleanup.job.JobDefinition.SecondPerson;
import org.orphancleanup.job.JobDefinition.SideEffects;
import org.orphancleanup.job.JobDefinition.Window;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class DefinitionReaderTest {

    /** The design's example without what is not built yet (rehearsal, notify). */
    private static final String EXAMPLE = """
            name: nightly
            target: production
            schedule: "0 30 2 * * ?"          # Quartz cron; none: only on demand
            time-zone: Europe/Brussels
            scan: full                        # full | trust
            references: { include: ["*"], exclude: ["mail.*", "*.create_uid", "*.write_uid"] }
            rules:                            # first match wins
              - when: { field: res.partner.parent_id }            # model.field, globs allowed
                policy: null-out
              - when: { parent: product.product, required: true }
                policy: relink
                placeholder: { xml-id: __orphan_cleanup__.product_placeholder, create: { name: "Unknown product" } }
              - when: { field: res.partner.category_id }          # a relation row
                policy: delete
            default: report-only
            approval: required                # required | above: 100 | none
            second-person: delete             # none | delete | all: who approves is not who asked
            recover-persons: false            # names of persons recovered with keep-id
            allow: { widening: [], auto-placeholder: [], locked-documents: [], protected: [], automations: false, messages: false }
            plan-valid-for: 24h
            limits: { repairs-per-run: 10000, repairs-per-reference: 2000, share-of-table: 0.2, window: "02:00-05:00", ids-per-call: 200, parallel-calls: 2, pause-file: /run/orphan-cleanup.pause }
            side-effects: preserve            # preserve | accept | stop
            backup: { require: true, newest: { glob: "/backups/*.dump", max-age: 24h } }   # or: command: [...]
            """;

    private static final Schema SCHEMA = schema();

    @TempDir
    Path directory;

    private static Schema schema() {
        try {
            return SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                    .getSchema(Files.readString(Path.of("jobs/job.schema.json")));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static JobDefinition read(String yaml) {
        return read(Path.of("job.yaml"), yaml);
    }

    private static JobDefinition read(Path file, String yaml) {
        Problems problems = new Problems(file);
        JobDefinition job = new DefinitionReader(file, true, problems).read(yaml);
        problems.throwIfAny();
        return Objects.requireNonNull(job);
    }

    private static List<String> problems(String yaml) {
        Problems problems = new Problems(Path.of("job.yaml"));
        new DefinitionReader(Path.of("job.yaml"), true, problems).read(yaml);
        return problems.count() == 0 ? List.of() : problems.toString().lines().toList();
    }

    private static boolean isValidBySchema(String yaml) {
        return SCHEMA.validate(yaml, InputFormat.YAML).isEmpty();
    }

    /** A job with these lines at its top level, which begin in line 3. */
    private static String job(String... lines) {
        return "name: a\ntarget: b\n" + String.join("\n", lines) + "\n";
    }

    /** A job with one rule, which begins in line 4. */
    private static String rule(String... lines) {
        return job("rules:") + "  - " + String.join("\n    ", lines) + "\n";
    }

    @Test
    void the_design_s_example_is_read_value_by_value() {
        JobDefinition job = read(EXAMPLE);

        assertThat(job.name()).isEqualTo("nightly");
        assertThat(job.target()).isEqualTo("production");
        assertThat(job.text()).isEqualTo(EXAMPLE);
        assertThat(job.schedule()).isEqualTo("0 30 2 * * ?");
        assertThat(job.timeZone()).isEqualTo(ZoneId.of("Europe/Brussels"));
        assertThat(job.fullScan()).isTrue();
        assertThat(job.references().include()).containsExactly("*");
        assertThat(job.references().exclude()).containsExactly("mail.*", "*.create_uid", "*.write_uid");
        assertThat(job.rules())
                .extracting(Rule::line, Rule::policy)
                .containsExactly(
                        tuple(8, PolicyKind.NULL_OUT), tuple(10, PolicyKind.RELINK), tuple(13, PolicyKind.DELETE));
        assertThat(job.rules().get(0).when().field()).isEqualTo("res.partner.parent_id");
        assertThat(job.rules().get(1).when().parent()).isEqualTo("product.product");
        assertThat(job.rules().get(1).when().required()).isTrue();
        assertThat(job.rules().get(1).placeholder())
                .isEqualTo(new Placeholder(
                        "__orphan_cleanup__.product_placeholder", null, Map.of("name", "Unknown product")));
        assertThat(job.fallback()).isEqualTo(PolicyKind.REPORT_ONLY);
        assertThat(job.approval()).isEqualTo(new Approval(Approval.Kind.REQUIRED, 0));
        assertThat(job.secondPerson()).isEqualTo(SecondPerson.DELETE);
        assertThat(job.planValidFor()).isEqualTo(Duration.ofHours(24));
        assertThat(job.limits().repairsPerRun()).isEqualTo(10_000);
        assertThat(job.limits().repairsPerReference()).isEqualTo(2_000);
        assertThat(job.limits().shareOfTable()).isEqualTo(0.2);
        assertThat(job.limits().window()).isEqualTo(new Window(LocalTime.of(2, 0), LocalTime.of(5, 0)));
        assertThat(job.limits().idsPerCall()).isEqualTo(200);
        assertThat(job.limits().parallelCalls()).isEqualTo(2);
        assertThat(job.limits().pauseFile()).isEqualTo(Path.of("/run/orphan-cleanup.pause"));
        assertThat(job.sideEffects()).isEqualTo(SideEffects.PRESERVE);
        assertThat(job.backup().require()).isTrue();
        assertThat(job.backup().newestGlob()).isEqualTo("/backups/*.dump");
        assertThat(job.backup().maxAge()).isEqualTo(Duration.ofHours(24));
        assertThat(isValidBySchema(EXAMPLE)).isTrue();
    }

    @Test
    void what_is_left_out_is_careful() {
        JobDefinition job = read("name: a\ntarget: b\n");

        assertThat(job.schedule()).isNull();
        assertThat(job.fullScan()).isTrue();
        assertThat(job.references().include()).containsExactly("*");
        assertThat(job.references().exclude()).isEmpty();
        assertThat(job.rules()).isEmpty();
        assertThat(job.fallback()).isEqualTo(PolicyKind.REPORT_ONLY);
        assertThat(job.approval().kind()).isEqualTo(Approval.Kind.REQUIRED);
        assertThat(job.secondPerson()).isEqualTo(SecondPerson.NONE);
        assertThat(job.allow())
                .isEqualTo(new JobDefinition.Allow(List.of(), List.of(), List.of(), List.of(), false, false));
        assertThat(job.planValidFor()).isEqualTo(Duration.ofHours(24));
        assertThat(job.limits()).isEqualTo(new JobDefinition.Limits(10_000, 2_000, 0.2, null, 200, 2, null));
        assertThat(job.sideEffects()).isEqualTo(SideEffects.PRESERVE);
        assertThat(job.backup()).isEqualTo(new JobDefinition.Backup(true, null, null, List.of()));
        assertThat(read("name: a\ntarget: b\nlimits: {}\n").limits()).isEqualTo(job.limits());
    }

    @Test
    void every_writing_policy_may_put_the_missing_parent_back_first() {
        for (PolicyKind policy : PolicyKind.values()) {
            if (policy != PolicyKind.REPORT_ONLY) {
                JobDefinition job = read(rule("when: {}", "policy: " + policy.code(), "keep-id: true"));

                assertThat(job.rules()).extracting(Rule::keepId).containsExactly(true);
            }
        }
    }

    @Test
    void a_definition_may_be_one_line_of_json_with_several_rules() {
        JobDefinition job = read(
                "{\"name\": \"a\", \"target\": \"b\", \"rules\": [{\"when\": {\"model\": \"crm.lead\"}, \"policy\": \"delete\"},"
                        + " {\"when\": {}, \"policy\": \"null-out\"}]}");

        assertThat(job.rules())
                .extracting(Rule::number, Rule::line, Rule::policy)
                .containsExactly(tuple(1, 1, PolicyKind.DELETE), tuple(2, 1, PolicyKind.NULL_OUT));
    }

    @Test
    void every_condition_of_a_rule_is_read() {
        JobDefinition job = read(rule(
                "when: { model: 'sale.*', field: '*.partner_id', parent: res.partner, kind: many2one, ondelete: set null,"
                        + " required: false, company: [1, 3, none], age: '>30d' }",
                "policy: by-ondelete"));

        assertThat(job.rules())
                .containsExactly(new Rule(
                        1,
                        4,
                        new JobDefinition.When(
                                "sale.*",
                                "*.partner_id",
                                "res.partner",
                                ReferenceKind.MANY2ONE,
                                "set null",
                                false,
                                List.of(1L, 3L, 0L),
                                Duration.ofDays(30)),
                        PolicyKind.BY_ONDELETE,
                        null,
                        null,
                        false));
    }

    @Test
    void a_company_may_be_one_id_or_none_at_all() {
        assertThat(read(rule("when: { company: 7 }", "policy: delete"))
                        .rules()
                        .get(0)
                        .when()
                        .companies())
                .containsExactly(7L);
        assertThat(read(rule("when: { company: none }", "policy: delete"))
                        .rules()
                        .get(0)
                        .when()
                        .companies())
                .containsExactly(0L);
    }

    @Test
    void an_age_and_the_other_durations_are_minutes_hours_or_days() {
        assertThat(read(rule("when: { age: 30d }", "policy: delete"))
                        .rules()
                        .get(0)
                        .when()
                        .minimumAge())
                .isEqualTo(Duration.ofDays(30));
        assertThat(read(job("plan-valid-for: 90m")).planValidFor()).isEqualTo(Duration.ofMinutes(90));
    }

    @Test
    void relink_without_a_placeholder_means_auto() {
        assertThat(read(rule("when: {}", "policy: relink")).rules().get(0).placeholder())
                .isEqualTo(Placeholder.AUTO);
        assertThat(read(rule("when: {}", "policy: relink", "placeholder: auto"))
                        .rules()
                        .get(0)
                        .placeholder())
                .isEqualTo(Placeholder.AUTO);
        assertThat(read(rule("when: { parent: res.partner }", "policy: relink", "placeholder: { id: 7 }"))
                        .rules()
                        .get(0)
                        .placeholder())
                .isEqualTo(new Placeholder(null, 7L, null));
    }

    @Test
    void values_of_a_placeholder_keep_their_types() {
        assertThat(read(rule(
                                "when: { parent: product.product }",
                                "policy: relink",
                                "placeholder:",
                                "  xml-id: a.b",
                                "  create: { name: 'No ${1}', categ_id: 4, list_price: 1.50, sale_ok: false, code: '007' }"))
                        .rules()
                        .get(0)
                        .placeholder()
                        .create())
                .containsExactly(
                        Map.entry("name", "No ${1}"),
                        Map.entry("categ_id", 4L),
                        Map.entry("list_price", new BigDecimal("1.50")),
                        Map.entry("sale_ok", false),
                        Map.entry("code", "007"));
    }

    @Test
    void approval_can_have_a_bound() {
        Approval bound = new Approval(Approval.Kind.ABOVE, 100);
        for (String yaml : List.of(
                job("approval: { above: 100 }"), job("approval:", "  above: 100"), job("approval: 'above: 100'"))) {
            assertThat(read(yaml).approval()).isEqualTo(bound);
            assertThat(isValidBySchema(yaml)).isTrue();
        }
        assertThat(read(job("approval: none")).approval().kind()).isEqualTo(Approval.Kind.NONE);
    }

    @Test
    void paths_are_relative_to_the_file() {
        JobDefinition job = read(
                Path.of("some/where/job.yaml"),
                job("limits: { pause-file: pause }", "backup: { newest: { glob: 'dumps/*.dump' } }"));
        Path there = Path.of("some/where").toAbsolutePath();

        assertThat(job.file()).isEqualTo(there.resolve("job.yaml"));
        assertThat(job.limits().pauseFile()).isEqualTo(there.resolve("pause"));
        assertThat(job.backup().newestGlob()).isEqualTo(there + "/dumps/*.dump");
    }

    @Test
    void a_backup_command_may_hold_a_shell_s_variable() {
        assertThat(read(job("backup: { command: [sh, -c, 'test -e ${HOME}/x'] }"))
                        .backup()
                        .command())
                .containsExactly("sh", "-c", "test -e ${HOME}/x");
    }

    @Test
    void json_is_a_job_definition_too() {
        String json = """
                {
                  "name": "score", "target": "default", "scan": "full", "references": {"include": ["*"]},
                  "rules": [
                    {"when": {"kind": "many2many"}, "policy": "delete"},
                    {"when": {"required": true}, "policy": "relink", "placeholder": "auto"},
                    {
                      "when": {},
                      "policy": "null-out"
                    }
                  ],
                  "default": "report-only", "approval": "none",
                  "limits": {"repairs-per-run": 100000, "repairs-per-reference": 100000, "share-of-table": 1.0},
                  "backup": {"require": false},
                  "allow": {"widening": ["*"], "auto-placeholder": ["*"]}
                }
                """;

        JobDefinition job = read(Path.of("job.json"), json);

        assertThat(job.rules()).extracting(Rule::line).containsExactly(4, 5, 6);
        assertThat(job.limits().shareOfTable()).isEqualTo(1.0);
        assertThat(job.backup().require()).isFalse();
        assertThat(job.allow().autoPlaceholder()).containsExactly("*");
        assertThat(isValidBySchema(json)).isTrue();
    }

    @Test
    void every_mistake_of_a_file_is_named_with_its_line_and_a_remedy() {
        assertThat(problems("""
                        name: nightly
                        taget: production
                        scan: quick
                        rules:
                          - when: { fild: res.partner.parent_id }
                            policy: nullout
                          - when: { model: res.partner }
                        limits:
                          parallel-calls: 0
                          share-of-table: 1.5
                        """))
                .containsExactly(
                        "job.yaml:1: target is missing; write target: and a name",
                        "job.yaml:2: unknown key \"taget\"; did you mean \"target\"?",
                        "job.yaml:3: scan cannot be \"quick\"; write one of: full, trust",
                        "job.yaml:5: unknown key \"fild\" in rule.when; did you mean \"field\"?",
                        "job.yaml:6: rule.policy cannot be \"nullout\"; did you mean \"null-out\"?",
                        "job.yaml:7: rule.policy is missing; write one of: report-only, null-out, relink, archive-parent,"
                                + " quarantine, delete, by-ondelete",
                        "job.yaml:9: limits.parallel-calls is 0; write a number from 1 to 2147483647",
                        "job.yaml:10: limits.share-of-table is 1.5; write a number from 0.0 to 1.0");
    }

    static Stream<Arguments> wrong_files() {
        return Stream.of(
                wrong("name: a", 1, "target is missing"),
                wrong("- a\n- b", 1, "the file must be a mapping"),
                wrong("name: [a]\ntarget: b", 1, "name must be text"),
                wrong("name: 2024\ntarget: b", 1, "name must be text; put it in quotes: \"2024\""),
                wrong("name: ../a\ntarget: b", 1, "cannot be a file's name"),
                wrong("name: a\ntarget: ' '", 2, "target is empty"),
                wrong("name: a\ntarget: ${TARGET}", 2, "variables are replaced in notify.webhook alone"),
                wrong(job("schedule:"), 3, "schedule has no value"),
                wrong(job("schedule: '30 2 * * *'"), 3, "is no Quartz cron expression"),
                wrong(job("time_zone: UTC"), 3, "did you mean \"time-zone\"?"),
                wrong(job("scan: quick"), 3, "write one of: full, trust"),
                wrong(job("references: { include: '*' }"), 3, "references.include must be a list"),
                wrong(job("references: { include: [] }"), 3, "nothing would be read"),
                wrong(job("references: { exclude: ['mail message'] }"), 3, "is no model or field"),
                wrong(job("rules: { when: {} }"), 3, "rules must be a list"),
                wrong(job("rules: [delete]"), 3, "rule must be a mapping"),
                wrong(job("default: ignore"), 3, "default cannot be \"ignore\""),
                wrong(job("approval: sometimes"), 3, "write required, none, or { above: 100 }"),
                wrong(job("approval: {}"), 3, "approval is empty"),
                wrong(job("approval: { above: -1 }"), 3, "approval.above is -1"),
                wrong(job("second-person: true"), 3, "second-person must be text"),
                wrong(job("recover-persons: maybe"), 3, "recover-persons is neither true nor false"),
                wrong(job("allow: { automations: maybe }"), 3, "allow.automations is neither true nor false"),
                wrong(job("allow: { messages: [res.partner] }"), 3, "allow.messages is neither true nor false"),
                wrong(job("allow: { widening: res.partner }"), 3, "allow.widening must be a list"),
                wrong(job("plan-valid-for: 24"), 3, "plan-valid-for must be text"),
                wrong(job("plan-valid-for: 1 day"), 3, "write one such as 90m, 24h or 7d"),
                wrong(job("limits: [1]"), 3, "limits must be a mapping"),
                wrong(job("limits: { repairs-per-run: 0 }"), 3, "limits.repairs-per-run is 0"),
                wrong(job("limits: { repairs-per-run: '10' }"), 3, "must be a whole number"),
                wrong(job("limits: { parallel-calls: 0 }"), 3, "limits.parallel-calls is 0"),
                wrong(job("limits: { share-of-table: 20 }"), 3, "limits.share-of-table is 20"),
                wrong(job("limits: { share-of-table: -0.1 }"), 3, "limits.share-of-table is -0.1"),
                wrong(job("limits: { window: '2-5' }"), 3, "is no window"),
                wrong(job("limits: { window: '22:00-24:00' }"), 3, "is no window"),
                wrong(job("side-effects: ignore"), 3, "side-effects cannot be \"ignore\""),
                wrong(job("rehearsal: { target: staging, max-age: 7d }"), 3, "rehearsal is not built yet"),
                wrong(job("notify: { mail: [a@example.com] }"), 3, "notify is not built yet"),
                wrong(job("backup: { require: yes }"), 3, "is neither true nor false"),
                wrong(job("backup: { newest: { max-age: 24h } }"), 3, "backup.newest.glob is missing"),
                wrong(job("backup: { command: backup.sh }"), 3, "backup.command must be a list"),
                wrong(job("backup: { command: [] }"), 3, "backup.command is empty"),
                wrong(job("backup: { command: [x], newest: { glob: y } }"), 3, "stands beside newest"),
                wrong(rule("policy: delete"), 4, "rule.when is missing"),
                wrong(rule("when: {}"), 4, "rule.policy is missing"),
                wrong(rule("when: {}", "policy: null-out", "placeholder: auto"), 6, "the policy is null-out"),
                wrong(rule("when: {}", "policy: delete", "mapping: a.csv"), 6, "the policy is delete"),
                wrong(rule("when: {}", "policy: report-only", "keep-id: true"), 6, "report-only changes nothing"),
                wrong(rule("when: {}", "policy: relink", "keep-id: 1"), 6, "is neither true nor false"),
                wrong(rule("when: { kind: many2won }", "policy: delete"), 4, "did you mean \"many2one\"?"),
                wrong(rule("when: { kind: audit }", "policy: by-ondelete"), 5, "audit has none"),
                wrong(rule("when: { kind: reference }", "policy: by-ondelete"), 5, "reference has none"),
                wrong(rule("when: { kind: many2one-reference }", "policy: by-ondelete"), 5, "has none"),
                wrong(rule("when: { kind: company-dependent }", "policy: by-ondelete"), 5, "has none"),
                wrong(
                        rule("when: { kind: audit, ondelete: cascade }", "policy: delete"),
                        4,
                        "rule.when.ondelete never matches"),
                wrong(rule("when: { ondelete: set-null }", "policy: delete"), 4, "did you mean \"set null\"?"),
                wrong(rule("when: { required: true }", "policy: null-out"), 5, "cannot empty a required field"),
                wrong(rule("when: { required: 'true' }", "policy: delete"), 4, "is neither true nor false"),
                wrong(rule("when: { field: parent_id }", "policy: delete"), 4, "write \"*.parent_id\""),
                wrong(rule("when: { company: Mine }", "policy: delete"), 4, "rule.when.company must be a whole number"),
                wrong(rule("when: { company: [] }", "policy: delete"), 4, "rule.when.company is empty"),
                wrong(rule("when: { age: '<30d' }", "policy: delete"), 4, "\"<30d\" is no duration"),
                wrong(
                        rule("when: {}", "policy: relink", "placeholder: base.a"),
                        6,
                        "write auto, { xml-id: \"base.a\" }"),
                wrong(rule("when: {}", "policy: relink", "placeholder: {}"), 6, "rule.placeholder is empty"),
                wrong(rule("when: {}", "policy: relink", "placeholder: { id: 7 }"), 6, "matches parents of several"),
                wrong(
                        rule("when: { parent: 'res.*' }", "policy: relink", "placeholder: { xml-id: a.b }"),
                        6,
                        "matches parents of several"),
                wrong(
                        rule("when: { parent: res.partner }", "policy: relink", "placeholder: { id: 7, xml-id: a.b }"),
                        6,
                        "keep either the id or the others"),
                wrong(
                        rule("when: { parent: res.partner }", "policy: relink", "placeholder: { create: { name: x } }"),
                        6,
                        "needs an external id"),
                wrong(
                        rule("when: { parent: res.partner }", "policy: relink", "placeholder: { xml-id: nodot }"),
                        6,
                        "is no external id"),
                wrong(
                        rule(
                                "when: { parent: res.partner }",
                                "policy: relink",
                                "placeholder: { xml-id: a.b, create: { child_ids: [1] } }"),
                        6,
                        "placeholder.create.child_ids must be text"));
    }

    private static Arguments wrong(String yaml, int line, String message) {
        return Arguments.of(yaml, line, message);
    }

    @ParameterizedTest
    @MethodSource("wrong_files")
    void the_parser_and_the_schema_refuse_the_same(String yaml, int line, String message) {
        assertThat(problems(yaml))
                .as(yaml)
                .anySatisfy(problem -> assertThat(problem)
                        .startsWith("job.yaml:" + line + ": ")
                        .contains(message, "; "));
        assertThat(isValidBySchema(yaml)).as(yaml).isFalse();
    }

    /** What a schema cannot say. */
    static Stream<Arguments> wrong_beyond_the_schema() {
        return Stream.of(
                wrong("", 1, "the file is empty"),
                wrong("name: a\nname: b\ntarget: c", 2, "name stands here a second time"),
                wrong("name: a\ntarget: b\n---\nname: c", 3, "write one job in each file"),
                wrong("name: a\n\ttarget: b", 2, "indent with spaces"),
                wrong("name: a\ntarget: b\napproval: above: 100", 3, "in braces: { above: 100 }"),
                wrong("name: a\ntarget: b\nreferences: { include: [*] }", 3, "begins with * or & in quotes"),
                wrong("name: a\ntarget: b\nlimits: { window: x", 3, "mend indentation, quotes and brackets"),
                wrong("name: a\ntarget: \u0001", 2, "a control character"),
                wrong(job("schedule: '0 75 2 * * ?'"), 3, "is no Quartz cron expression"),
                wrong(job("schedule: '0 99 2 * * ?'"), 3, "is no Quartz cron expression"),
                wrong(job("time-zone: Europe/Bruxelles"), 3, "did you mean \"Europe/Brussels\"?"),
                wrong(job("limits: { window: '02:00-02:00' }"), 3, "begins when it ends"),
                wrong(rule("when: {}", "policy: relink", "mapping: no.csv"), 6, "there is no file"),
                wrong(
                        job("rules: [{when: {}, policy: delete}, {when: {model: a}, policy: delete}]"),
                        3,
                        "never reached: the one in line 3 matches everything"),
                wrong(
                        rule("when: {}", "policy: report-only") + "  - when: { model: a }\n    policy: delete\n",
                        6,
                        "never reached: the one in line 4 matches everything"));
    }

    @ParameterizedTest
    @MethodSource("wrong_beyond_the_schema")
    void the_parser_refuses_more(String yaml, int line, String message) {
        assertThat(problems(yaml))
                .as(yaml)
                .anySatisfy(problem -> assertThat(problem)
                        .startsWith("job.yaml:" + line + ": ")
                        .contains(message));
    }

    @ParameterizedTest
    @MethodSource("examples")
    void every_example_is_sound(Path example) throws IOException {
        String yaml = Files.readString(example);

        assertThat(SCHEMA.validate(yaml, InputFormat.YAML)).isEmpty();
        JobDefinition job = read(example, yaml);
        assertThat(job.name() + ".yaml").isEqualTo(example.getFileName().toString());
        assertThat(yaml).startsWith("# yaml-language-server: $schema=job.schema.json\n");
    }

    @ParameterizedTest
    @MethodSource("examples")
    void no_example_removes_or_empties_by_a_wildcard(Path example) throws IOException {
        assertThat(read(example, Files.readString(example)).rules())
                .filteredOn(rule -> rule.policy() == PolicyKind.DELETE || rule.policy() == PolicyKind.NULL_OUT)
                .allSatisfy(rule ->
                        assertThat(RuleReader.isName(rule.when().field())).isTrue());
    }

    static Stream<Path> examples() throws IOException {
        try (Stream<Path> files = Files.list(Path.of("jobs"))) {
            List<Path> examples =
                    files.filter(file -> file.toString().endsWith(".yaml")).toList();
            assertThat(examples).hasSize(3);
            return new ArrayList<>(examples).stream();
        }
    }

    @Test
    void every_key_of_the_schema_has_a_description() throws IOException {
        JsonNode schema = new JsonMapper().readTree(Files.readString(Path.of("jobs/job.schema.json")));
        List<String> described = new ArrayList<>();

        collectDescribed("", schema, described);
        collectDescribed("rule.", schema.at("/$defs/rule"), described);

        assertThat(described)
                .contains("name", "limits.window", "backup.newest.glob", "rule.when.company")
                .hasSizeGreaterThan(50);
    }

    private static void collectDescribed(String prefix, JsonNode node, List<String> described) {
        node.path("properties").forEachEntry((key, value) -> {
            assertThat(value.has("description")).as(prefix + key).isTrue();
            described.add(prefix + key);
            collectDescribed(prefix + key + ".", value, described);
            value.path("oneOf").forEach(choice -> collectDescribed(prefix + key + ".", choice, described));
        });
    }

    @Test
    void a_mapping_s_mistakes_are_named_with_its_own_file_and_lines() throws IOException {
        Path mapping = directory.resolve("right.csv");
        Files.writeString(mapping, "parent_model,missing_id,new\nres.partner,4x,7\nres.partner,4,base.main_partner\n");
        Path file = directory.resolve("job.yaml");

        assertThatThrownBy(
                        () -> read(file, rule("when: {}", "policy: relink", "mapping: right.csv", "placehold: auto")))
                .isInstanceOf(UserError.class)
                .hasMessage(file + ":7: unknown key \"placehold\" in rule; did you mean \"placeholder\"?\n" + mapping
                        + ":2: \"4x\" is no id; write a number above 0 in missing_id");
    }

    @Test
    void a_mapping_is_not_read_again_for_a_plan_that_was_made_with_it() {
        String yaml = rule("when: {}", "policy: relink", "mapping: gone.csv");

        JobDefinition job =
                new DefinitionReader(directory.resolve("job.yaml"), false, new Problems(directory)).read(yaml);

        assertThat(job.rules().get(0).mapping()).isEqualTo(directory.resolve("gone.csv"));
        assertThat(job.rules().get(0).placeholder()).isNull();
    }

    @Test
    void a_file_that_is_not_in_utf8_is_refused_with_the_line() throws IOException {
        Path file = directory.resolve("job.yaml");
        Files.write(file, "name: a\ntarget: caf\u00e9\n".getBytes(StandardCharsets.ISO_8859_1));
        Problems problems = new Problems(file);

        assertThat(Utf8.read(file, problems, "")).isNull();
        assertThat(problems).hasToString(file + ":2: the file is not in UTF-8 here; save it as UTF-8");
    }

    @Test
    void text_in_any_script_is_kept() throws IOException {
        Path file = directory.resolve("job.yaml");
        Files.writeString(
                file,
                "\uFEFF"
                        + job("# \u4e0d\u660e", "default: report-only")
                                .replace("target: b", "target: \u4e0d\ud83d\ude00"));
        Problems problems = new Problems(file);

        assertThat(read(file, Utf8.read(file, problems, "")).target()).isEqualTo("\u4e0d\ud83d\ude00");
        assertThat(read("{\"name\": \"a\", \"target\": \"\\u4e0d\\ud83d\\ude00\"}")
                        .target())
                .isEqualTo("\u4e0d\ud83d\ude00");
    }

    @Test
    void names_that_the_target_lacks_are_found_with_their_lines() {
        JobDefinition job = read("""
                name: a
                target: b
                references:
                  include:
                    - "*"
                    - res.partner
                    - res.partner.parent_id
                  exclude: ["mail.*", hr.leave.user_id]
                rules:
                  - when: { model: res.partners, parent: "crm.*" }
                    policy: delete
                  - when:
                      field: sale.ordre.partner_id
                      parent: product.product
                    policy: delete
                allow: { widening: [res.partner, res.partner.user_id, ir.rul] }
                """);

        assertThat(UnknownNames.in(job, Set.of("res.partner", "sale.order", "ir.rule", "product.product")))
                .containsExactlyInAnyOrder(
                        "job.yaml:6: references.include: res.partner is a model, and this matches model.field;"
                                + " write \"res.partner.*\" for all its fields",
                        "job.yaml:8: references.exclude: the target has no model hr.leave;"
                                + " mend the name, or install the module that brings it",
                        "job.yaml:10: when.model: the target has no model res.partners; did you mean \"res.partner\"?",
                        "job.yaml:13: when.field: the target has no model sale.ordre; did you mean \"sale.order\"?",
                        "job.yaml:16: allow.widening: the target has no model ir.rul; did you mean \"ir.rule\"?");
    }
}
