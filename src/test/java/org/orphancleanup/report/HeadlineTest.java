package org.orphancleanup.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.orphancleanup.catalog.ConstraintState.ENFORCED;
import static org.orphancleanup.catalog.ReferenceKind.MANY2ONE;

import java.time.Clock;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.JdbcTemplate;

class HeadlineTest {

    @Test
    void a_cleanup_says_what_is_clean_and_what_remains() {
        Headline headline = headline(ReportExamples.cleanup());

        assertThat(headline.sentence())
                .isEqualTo("429 references dangled; 380 are clean now, 49 remain: 12 held, 18 refused, "
                        + "1 changed meanwhile, 6 quarantined and 12 only reported.");
        assertThat(headline.lead())
                .containsExactly(
                        "3 other values were changed by the repairs.",
                        "1 more reference came to dangle during the run.");
    }

    @Test
    void a_single_reference_is_told_in_the_singular() {
        ReportFixture fixture = applied("repaired");

        assertThat(headline(fixture).sentence()).isEqualTo("1 reference dangled; it is clean now.");
    }

    @Test
    void a_cleanup_without_success_says_so() {
        ReportFixture fixture = applied("held");

        assertThat(headline(fixture).sentence())
                .isEqualTo("1 reference dangled; none is clean yet, 1 remains: 1 held.");
    }

    @Test
    void a_plan_says_what_would_be() {
        ReportFixture fixture = new ReportFixture("cleanup");
        int reference = fixture.reference(MANY2ONE, "sale.order", "partner_id", "res.partner", ENFORCED);
        fixture.set("dry_run", true);
        fixture.plan("waiting");
        fixture.parts(reference, 1, 3, "null-out", "empty", null, null);
        fixture.part(reference, 9, 45, "null-out", null, "refused", "required");

        Headline headline = headline(fixture);

        assertThat(headline.sentence()).isEqualTo("4 references dangle: 3 would be repaired and 1 is refused.");
        assertThat(headline.lead()).containsExactly("This was a dry run: nothing was written.");
    }

    @Test
    void a_scan_says_that_nothing_was_changed() {
        ReportFixture fixture = new ReportFixture("scan");
        int reference = fixture.reference(MANY2ONE, "sale.order", "partner_id", "res.partner", ENFORCED);
        fixture.orphan(0, reference, 1, 2);
        fixture.set("status", "failed");
        fixture.set("message", "the database went away");

        Headline headline = headline(fixture);

        assertThat(headline.sentence()).isEqualTo("1 reference dangles.");
        assertThat(headline.lead())
                .containsExactly("The run failed: the database went away", "This was a scan: nothing was changed.");
    }

    private static ReportFixture applied(String outcome) {
        ReportFixture fixture = new ReportFixture("cleanup");
        int reference = fixture.reference(MANY2ONE, "sale.order", "partner_id", "res.partner", ENFORCED);
        fixture.plan("applied");
        fixture.part(reference, 1, 45, "null-out", "empty", outcome, null);
        return fixture;
    }

    private static Headline headline(ReportFixture fixture) {
        return Headline.of(Report.read(new JdbcTemplate(fixture.ours()), fixture.run, Clock.systemUTC()));
    }
}
