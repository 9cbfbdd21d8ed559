package org.orphancleanup.guide;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DiagnoserTest {

    private static Diagnosis explain(String text) {
        return Diagnoser.explain(new Diagnoser().read(text).get(0), null);
    }

    @Test
    void without_a_target_models_follow_from_tables_and_that_is_said() {
        Diagnosis diagnosis = explain("""
                ERROR:  insert or update on table "ir_act_window" violates foreign key constraint "ir_act_window_view_id_fkey"
                DETAIL:  Key (view_id)=(7) is not present in table "ir_ui_view".
                """);

        assertThat(diagnosis.childModel()).isEqualTo("ir.actions.act_window");
        assertThat(diagnosis.parentModel()).isEqualTo("ir.ui.view");
        assertThat(diagnosis.modelsFrom()).isEqualTo("table-names");
    }

    @Test
    void a_relation_table_has_no_model() {
        assertThat(explain("""
                        ERROR:  insert or update on table "account_tax_sale_order_line_rel" violates foreign key constraint "account_tax_sale_order_line_rel_account_tax_id_fkey"
                        DETAIL:  Key (account_tax_id)=(7) is not present in table "account_tax".
                        """).childModel()).isNull();
    }

    @Test
    void a_deletion_that_is_refused_is_to_be_an_archive() {
        assertThat(explain("""
                        update or delete on table "res_partner" violates foreign key constraint "sale_order_partner_id_fkey" on table "sale_order"
                        DETAIL:  Key (id)=(45) is still referenced from table "sale_order".
                        """).remedies())
                .extracting(Remedy::words)
                .anySatisfy(words -> assertThat(words).startsWith("Archive it instead"));
    }

    @Test
    void a_constraint_that_cannot_be_added_is_cleaned_first_and_added_last() {
        List<Remedy> remedies = explain("""
                        ERROR:  insert or update on table "res_partner" violates foreign key constraint "res_partner_parent_id_fkey"
                        DETAIL:  Key (parent_id)=(9) is not present in table "res_partner".
                        STATEMENT:  ALTER TABLE "res_partner" ADD FOREIGN KEY ("parent_id") REFERENCES "res_partner"("id") ON DELETE set null
                        """).remedies();

        List<String> commands = remedies.stream()
                .map(remedy -> String.valueOf(remedy.command()))
                .toList();
        assertThat(String.join("\n", commands))
                .containsSubsequence(
                        "scan --target", "cleanup --job", "apply --plan", "ADD CONSTRAINT", "NOT VALID", "VALIDATE");
        assertThat(remedies).anySatisfy(remedy -> assertThat(remedy.job()).contains("res.partner.parent_id"));
    }

    @ParameterizedTest
    @EnumSource
    void every_kind_has_words_and_a_remedy_however_little_is_known(ViolationKind kind) {
        Diagnosis diagnosis = Diagnoser.explain(Violation.of(kind), null);

        assertThat(diagnosis.words()).isNotBlank();
        assertThat(diagnosis.remedies())
                .isNotEmpty()
                .allSatisfy(remedy -> assertThat(remedy.words() + remedy.command() + remedy.job())
                        .doesNotContain("\"null\"", " null.", "#null"));
    }
}
