package org.orphancleanup.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.orphancleanup.job.JobDefinition;
import org.orphancleanup.job.JobDefinition.Approval.Kind;
import org.orphancleanup.job.JobDefinition.SecondPerson;

class ApprovalTest {

    @Test
    void required_needs_a_yes() {
        assertThat(approval(Kind.REQUIRED, 0, SecondPerson.NONE, 5, false, "ann", false)
                        .given())
                .isFalse();
        Approval yes = approval(Kind.REQUIRED, 0, SecondPerson.NONE, 5, false, "ann", true);
        assertThat(yes.given()).isTrue();
        assertThat(yes.by()).isEqualTo("ann");
    }

    @Test
    void above_needs_a_yes_for_more_repairs_than_that() {
        assertThat(approval(Kind.ABOVE, 5, SecondPerson.NONE, 5, false, "ann", false)
                        .given())
                .isTrue();
        assertThat(approval(Kind.ABOVE, 5, SecondPerson.NONE, 6, false, "ann", false)
                        .given())
                .isFalse();
    }

    @Test
    void a_second_person_is_somebody_else_than_who_asked() {
        assertThat(approval(Kind.REQUIRED, 0, SecondPerson.ALL, 5, false, "ann", true)
                        .given())
                .isFalse();
        assertThat(approval(Kind.REQUIRED, 0, SecondPerson.ALL, 5, false, "bob", true)
                        .given())
                .isTrue();
        assertThat(approval(Kind.REQUIRED, 0, SecondPerson.ALL, 5, false, "bob", false)
                        .given())
                .isFalse();
    }

    @Test
    void a_second_person_for_deletes_is_asked_only_where_something_is_deleted() {
        assertThat(approval(Kind.NONE, 0, SecondPerson.DELETE, 5, true, "ann", true)
                        .given())
                .isFalse();
        assertThat(approval(Kind.NONE, 0, SecondPerson.DELETE, 5, false, "ann", false)
                        .given())
                .isTrue();
    }

    private static Approval approval(
            Kind kind, int above, SecondPerson second, long repairs, boolean deletes, String caller, boolean approves) {
        PlanStore.Plan plan = new PlanStore.Plan(
                1, "hash", "waiting", repairs, repairs, List.of(), Instant.EPOCH, Instant.MAX, null, deletes);
        JobDefinition job = Definitions.with(new JobDefinition.Approval(kind, above), second);
        return Approval.of(job, plan, "ann", caller, approves);
    }
}
