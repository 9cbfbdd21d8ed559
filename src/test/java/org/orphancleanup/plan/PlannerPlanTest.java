package org.orphancleanup.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.orphancleanup.plan.Workbench.ANY;
import static org.orphancleanup.plan.Workbench.NOW;
import static org.orphancleanup.plan.Workbench.field;

import java.nio.file.Path;
import java.sql.Array;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.orphancleanup.UserError;
import org.orphancleanup.catalog.Reference;
import org.orphancleanup.job.JobDefinition.Limits;
import org.orphancleanup.job.JobDefinition.Mention;
import org.orphancleanup.job.PolicyKind;
import org.orphancleanup.plan.Workbench.Planned;
import org.springframework.jdbc.core.simple.JdbcClient;

class PlannerPlanTest {

    private final Workbench bench = new Workbench();

    private Reference tasks(int records) {
        bench.table("x.task", "partner_id integer", "team_id integer");
        bench.sql("INSERT INTO x_task SELECT n, 99, 98 FROM generate_series(1, " + records + ") n");
        return bench.many2one("x.task", "partner_id", "res.partner");
    }

    private void orphans(Reference reference, int records) {
        JdbcClient.create(bench.ours)
                .sql("INSERT INTO orphan SELECT ?, 0, ?, n, 99 FROM generate_series(1, ?) n")
                .params(bench.runId, reference.no(), records)
                .update();
    }

    @Test
    void all_orphans_of_a_record_become_one_repair_relation_rows_too() {
        Reference customer = tasks(2);
        Reference team = bench.many2one("x.task", "team_id", "x.team");
        Reference tag = bench.relation("x.task", "tag_ids", "x_task_rel", "task_id", "tag_id", "x.tag");
        bench.rule(ANY, PolicyKind.NULL_OUT);
        bench.orphan(team, 1, 98);
        bench.orphan(tag, 1, 50);
        bench.orphan(tag, 1, 51);
        bench.orphan(customer, 1, 99);
        bench.orphan(customer, 2, 99);

        PlanSummary summary = bench.plan();

        assertThat(bench.parts()).extracting(Planned::no).containsExactly(1L, 1L, 1L, 1L, 2L);
        assertThat(summary.repairs()).isEqualTo(2);
        assertThat(summary.parts()).isEqualTo(5);
        assertThat(summary.byPolicy()).containsOnly(Map.entry(PolicyKind.NULL_OUT, 5L));
    }

    @Test
    void the_same_dangling_pair_twice_in_a_relation_table_is_one_part() {
        tasks(1);
        Reference tag = bench.relation("x.task", "tag_ids", "x_task_rel", "task_id", "tag_id", "x.tag");
        bench.orphan(tag, 1, 50);
        bench.orphan(tag, 1, 50);

        assertThat(bench.plan().found()).isEqualTo(1);
    }

    @Test
    void orphans_of_another_look_or_run_are_not_planned() {
        Reference customer = tasks(3);
        bench.orphan(customer, 1, 99);
        JdbcClient.create(bench.ours)
                .sql("INSERT INTO orphan VALUES (?, 1, 1, 2, 99), (?, 0, 1, 3, 99)")
                .params(bench.runId, bench.runId + 1_000_000)
                .update();

        assertThat(bench.plan().found()).isEqualTo(1);
    }

    @Test
    void many_records_are_planned_in_batches() {
        Reference customer = tasks(1_201);
        orphans(customer, 1_201);
        bench.rule(ANY, PolicyKind.NULL_OUT);

        PlanSummary summary = bench.plan();

        assertThat(summary.repairs()).isEqualTo(1_201);
        assertThat(bench.parts())
                .extracting(Planned::newValue)
                .containsOnly("empty")
                .hasSize(1_201);
        assertThat(bench.odoo.calls)
                .filteredOn(call -> call.startsWith("fields"))
                .hasSize(1);
        assertThat(bench.odoo.calls)
                .filteredOn(call -> call.startsWith("search"))
                .hasSize(3);
    }

    @Test
    void a_second_plan_of_the_run_replaces_the_first() {
        Reference customer = tasks(1);
        bench.orphan(customer, 1, 99);
        String first = bench.plan().hash();
        bench.rule(ANY, PolicyKind.NULL_OUT);

        String second = bench.plan().hash();

        assertThat(bench.parts()).singleElement().extracting(Planned::policy).isEqualTo("null-out");
        assertThat(second).isNotEqualTo(first).hasSize(64);
    }

    @Test
    void the_plan_waits_and_is_valid_for_as_long_as_the_definition_says() throws SQLException {
        Reference customer = tasks(1);
        bench.orphan(customer, 1, 99);
        bench.rule(ANY, PolicyKind.NULL_OUT);

        PlanSummary summary = bench.plan();

        assertThat(bench.planRow())
                .containsEntry("status", "waiting")
                .containsEntry("hash", summary.hash())
                .containsEntry("repairs", 1L)
                .containsEntry("parts", 1L)
                .containsEntry("valid_until", Timestamp.from(NOW.plus(Duration.ofHours(24))));
        assertThat((Object[]) ((Array) bench.planRow().get("blocked")).getArray())
                .isEmpty();
    }

    @Test
    void the_hash_is_the_same_for_the_same_plan_and_stands_while_it_is_applied() {
        Reference customer = tasks(2);
        orphans(customer, 2);
        bench.rule(ANY, PolicyKind.NULL_OUT);
        String hash = bench.plan().hash();

        assertThat(bench.plan().hash()).isEqualTo(hash);
        JdbcClient ours = JdbcClient.create(bench.ours);
        ours.sql("UPDATE repair_part SET outcome = 'repaired', rung = 'write' WHERE run_id = ?")
                .param(bench.runId)
                .update();
        ours.sql("UPDATE repair SET done = true WHERE run_id = ?")
                .param(bench.runId)
                .update();
        assertThat(bench.planner.currentHash(bench.runId)).isEqualTo(hash);
    }

    @Test
    void the_hash_tells_when_a_repair_was_changed() {
        Reference customer = tasks(1);
        bench.orphan(customer, 1, 99);
        bench.rule(ANY, PolicyKind.NULL_OUT);
        String hash = bench.plan().hash();

        JdbcClient.create(bench.ours)
                .sql("UPDATE repair_part SET new_value = 'unlink' WHERE run_id = ?")
                .param(bench.runId)
                .update();

        assertThat(bench.planner.currentHash(bench.runId)).isNotEqualTo(hash);
    }

    @Test
    void limits_hold_strictly_and_say_their_numbers() {
        Reference customer = tasks(10);
        bench.rowsRead(customer, 10);
        orphans(customer, 3);
        bench.rule(ANY, PolicyKind.NULL_OUT);
        bench.limits = new Limits(2, 1, 0.2, null, 200, 2, null);

        assertThat(bench.plan().blocked())
                .containsExactly(
                        "The plan has 3 repairs; limits.repairs-per-run allows 2.",
                        "The plan repairs 3 references of x.task.partner_id; limits.repairs-per-reference allows 1.",
                        "The plan repairs 3 of the 10 rows of x_task (30.0 %); limits.share-of-table allows 20.0 %.");
    }

    @Test
    void a_limit_of_n_allows_n() {
        Reference customer = tasks(10);
        bench.rowsRead(customer, 10);
        orphans(customer, 2);
        bench.rule(ANY, PolicyKind.NULL_OUT);
        bench.limits = new Limits(2, 2, 0.2, null, 200, 2, null);

        assertThat(bench.plan().blocked()).isEmpty();
    }

    @Test
    void what_is_only_reported_or_refused_counts_in_no_limit() {
        Reference customer = tasks(10);
        orphans(customer, 10);
        bench.limits = new Limits(1, 1, 0.01, null, 200, 2, null);

        assertThat(bench.plan().blocked()).isEmpty();
    }

    @Test
    void what_others_cannot_be_without_is_repaired_first() {
        bench.table("sale.order", "partner_id integer");
        bench.table("sale.order.line", "order_id integer", "product_id integer");
        bench.row("sale_order", 1);
        bench.row("sale_order_line", 1);
        bench.row("res_partner", 50);
        Reference parent = bench.many2one("res.partner", "parent_id", "res.partner");
        Reference customer = bench.many2one("sale.order", "partner_id", "res.partner", "restrict", true);
        bench.many2one("sale.order.line", "order_id", "sale.order", "cascade", true);
        Reference product = bench.many2one("sale.order.line", "product_id", "product.product");
        bench.rule(field("*"), PolicyKind.QUARANTINE);
        bench.orphan(parent, 50, 99);
        bench.orphan(customer, 1, 99);
        bench.orphan(product, 1, 99);

        bench.plan();

        assertThat(bench.parts())
                .extracting(Planned::model, Planned::level)
                .containsExactlyInAnyOrder(
                        tuple("res.partner", 0), tuple("sale.order", 1), tuple("sale.order.line", 2));
    }

    @Test
    void models_that_need_each_other_share_a_level() {
        Reference a = bench.many2one("x.a", "b_id", "x.b", "restrict", true);
        Reference b = bench.many2one("x.b", "a_id", "x.a", "restrict", true);
        Reference c = bench.many2one("x.c", "a_id", "x.a", "restrict", true);
        Levels levels = new Levels(List.of(a, b, c), Set.of("x.a", "x.b", "x.c"));

        assertThat(List.of(levels.of("x.a"), levels.of("x.b"), levels.of("x.c")))
                .containsExactly(0, 0, 1);
    }

    @Test
    void the_text_of_a_plan_says_what_would_be_done_and_why_not() {
        Reference customer = tasks(8);
        bench.rowsRead(customer, 100);
        Reference team = bench.many2one("x.task", "team_id", "x.team", "restrict", true);
        bench.rowsRead(team, 100);
        bench.rule(field("x.task.partner_id"), PolicyKind.NULL_OUT);
        bench.rule(field("x.task.team_id"), PolicyKind.NULL_OUT);
        orphans(customer, 8);
        bench.orphan(team, 1, 98);
        bench.plan();

        PlanView plan = new PlanViews(bench.ours).find(bench.runId).orElseThrow();

        assertThat(PlanText.of(plan, ZoneOffset.UTC)).isEqualTo("""
                        Plan %d (waiting): 8 records would be written, repairing 8 references.
                        Valid until 2026-03-02 12:00 Z. Hash %s.

                        Beware:
                          8 records get a new write_date, which connectors that poll by it take for news: 8 of x.task.

                        Would be done:
                          8 × x.task.partner_id → res.partner: null-out, empties the field
                              rule at line 10 (field x.task.partner_id)
                              such as id 1, 2, 3, 4, 5

                        Refused:
                          1 × x.task.team_id → x.team: null-out
                              refused: the field is required and cannot be emptied: use relink, archive-parent, quarantine or delete
                              rule at line 11 (field x.task.team_id)
                              id 1
                        """.formatted(bench.runId, plan.hash()));
    }

    @Test
    void a_run_without_a_plan_has_no_text() {
        assertThat(new PlanViews(bench.ours).find(bench.runId)).isEmpty();
    }

    @Test
    void a_definition_that_names_an_unknown_model_is_refused_before_anything_is_planned() {
        bench.table("ir.model", "model text");
        bench.sql("INSERT INTO ir_model VALUES (1, 'res.partner')");
        bench.mentions.add(
                new Mention(Path.of("jobs/nightly.yaml"), 8, "when.model", Mention.Kind.MODEL, "res.partnr"));

        assertThatThrownBy(bench::plan)
                .isInstanceOfSatisfying(
                        UserError.class, e -> assertThat(e.kind()).isEqualTo(UserError.Kind.SETTING))
                .hasMessageContainingAll("jobs/nightly.yaml:8", "res.partnr", "did you mean \"res.partner\"");
        assertThat(bench.parts()).isEmpty();
    }
}
