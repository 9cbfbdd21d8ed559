package org.orphancleanup.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;
import static org.orphancleanup.catalog.ConstraintState.ENFORCED;
import static org.orphancleanup.catalog.ReferenceKind.MANY2MANY;
import static org.orphancleanup.catalog.ReferenceKind.MANY2ONE;

import java.util.Map;
import org.junit.jupiter.api.Test;

class RunCountsTest {

    @Test
    void what_a_scan_without_a_plan_found_is_reported_and_remains() {
        ReportFixture fixture = new ReportFixture("scan");
        int reference = fixture.reference(MANY2ONE, "sale.order", "partner_id", "res.partner", ENFORCED);
        fixture.orphan(0, reference, 1, 45);
        fixture.orphan(0, reference, 2, 45);

        assertThat(counts(fixture))
                .contains(entry("found", 2L), entry("planned", 0L), entry("reported", 2L), entry("remaining", 2L));
    }

    @Test
    void what_a_plan_has_not_yet_done_counts_as_planned_and_as_reported() {
        ReportFixture fixture = new ReportFixture("plan");
        int reference = fixture.reference(MANY2ONE, "sale.order", "partner_id", "res.partner", ENFORCED);
        fixture.plan("waiting");
        fixture.part(reference, 1, 45, "null-out", "empty", null, null);
        fixture.part(reference, 2, 45, "null-out", null, "refused", "required");
        fixture.part(reference, 3, 45, "report-only", null, "reported", null);

        assertThat(counts(fixture))
                .contains(
                        entry("found", 3L),
                        entry("planned", 1L),
                        entry("reported", 2L),
                        entry("refused", 1L),
                        entry("remaining", 3L));
    }

    @Test
    void every_outcome_is_counted_under_its_name_and_the_documented_sums_hold() {
        ReportFixture fixture = ReportExamples.cleanup();

        Map<String, Long> counts = counts(fixture);

        assertThat(counts)
                .containsExactly(
                        entry("found", 429L),
                        entry("planned", 399L),
                        entry("repaired", 373L),
                        entry("already-clean", 7L),
                        entry("reported", 12L),
                        entry("refused", 18L),
                        entry("changed-meanwhile", 1L),
                        entry("quarantined", 6L),
                        entry("held", 12L),
                        entry("failed", 0L),
                        entry("remaining", 49L),
                        entry("new", 1L));
        assertThat(fixture.jdbc
                        .sql("SELECT count(*) FROM orphan WHERE look = 0")
                        .query(Long.class)
                        .single())
                .isEqualTo(counts.get("found"));
    }

    @Test
    void only_what_dangles_after_the_run_and_did_not_before_is_new() {
        ReportFixture fixture = new ReportFixture("cleanup");
        int reference = fixture.reference(MANY2ONE, "sale.order", "partner_id", "res.partner", ENFORCED);
        fixture.plan("applied");
        fixture.part(reference, 1, 45, "null-out", "empty", "held", "locked");
        fixture.orphan(1, reference, 1, 45);
        fixture.orphan(1, reference, 1, 46);

        assertThat(counts(fixture)).contains(entry("found", 1L), entry("remaining", 1L), entry("new", 1L));
    }

    @Test
    void a_relation_row_that_is_there_twice_is_one_dangling_reference() {
        ReportFixture fixture = new ReportFixture("cleanup");
        int reference =
                fixture.reference(MANY2MANY, "res.partner", "tags", "category_id", "res.partner.category", ENFORCED);
        fixture.plan("applied");
        fixture.part(reference, 1, 45, "delete", "empty", "repaired", null);
        fixture.orphan(0, reference, 1, 45);

        assertThat(counts(fixture)).contains(entry("found", 1L), entry("repaired", 1L), entry("remaining", 0L));
    }

    private static Map<String, Long> counts(ReportFixture fixture) {
        return new RunCounts(fixture.ours()).read(fixture.run).asMap();
    }
}
