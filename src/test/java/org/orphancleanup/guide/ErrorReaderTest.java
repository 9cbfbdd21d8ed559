package org.orphancleanup.guide;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Real texts, each with what it says. */
class ErrorReaderTest {

    private final ErrorReader reader = new ErrorReader();

    /** @param expected one map for each violation; values by the record's component */
    record Case(String title, List<Map<String, String>> expected, String text) {
        @Override
        public String toString() {
            return title;
        }
    }

    static List<Case> cases(String file) throws IOException {
        List<Case> cases = new ArrayList<>();
        try (InputStream in = ErrorReaderTest.class.getResourceAsStream(file)) {
            String all = new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
            for (String block : all.split("(?m)^=== ")) {
                if (block.isBlank()) {
                    continue;
                }
                String[] lines = block.split("\n", -1);
                List<Map<String, String>> expected = new ArrayList<>();
                int at = 1;
                for (; at < lines.length && lines[at].startsWith("--- "); at++) {
                    Map<String, String> values = new TreeMap<>();
                    for (String value : lines[at].substring(4).split(" (?=\\w+=)")) {
                        int equals = value.indexOf('=');
                        values.put(value.substring(0, equals), value.substring(equals + 1));
                    }
                    expected.add(values);
                }
                cases.add(new Case(
                        lines[0],
                        expected,
                        String.join("\n", List.of(lines).subList(at, lines.length))
                                .strip()));
            }
        }
        return cases;
    }

    static Stream<Case> postgresql() throws IOException {
        return cases("postgresql.txt").stream();
    }

    static Stream<Case> odoo() throws IOException {
        return cases("odoo.txt").stream();
    }

    static Map<String, String> values(Violation violation) {
        Map<String, String> values = new LinkedHashMap<>();
        values.put("kind", violation.kind().code());
        values.put("constraint", violation.constraint());
        values.put("childTable", violation.childTable());
        values.put("childModel", violation.childModel());
        values.put("childId", violation.childId());
        values.put("column", violation.column());
        values.put("parentTable", violation.parentTable());
        values.put("parentModel", violation.parentModel());
        values.put("key", violation.key());
        values.put("label", violation.label());
        values.values().removeIf(Objects::isNull);
        return new TreeMap<>(values);
    }

    private static List<Map<String, String>> all(List<Violation> violations) {
        return violations.stream().map(ErrorReaderTest::values).toList();
    }

    @ParameterizedTest
    @MethodSource({"postgresql", "odoo"})
    void a_real_text_is_read_as_what_it_says(Case real) {
        assertThat(all(reader.read(real.text()))).isEqualTo(real.expected());
    }

    /** A foreign key's error needs no word of any language. */
    @ParameterizedTest
    @MethodSource("postgresql")
    void the_form_alone_is_enough_for_a_foreign_key(Case real) {
        if (real.title().contains("not-null")) {
            return;
        }
        assertThat(all(new ErrorReader(PostgresMessages.none()).read(real.text())))
                .isEqualTo(real.expected());
    }

    @Test
    void there_are_enough_of_them_in_enough_languages() throws IOException {
        List<Case> cases = Stream.concat(postgresql(), odoo()).toList();

        assertThat(cases).hasSizeGreaterThanOrEqualTo(40);
        assertThat(cases.stream().map(Case::title).distinct()).hasSize(cases.size());
        for (String language : List.of("en", "de", "fr", "es", "ja", "ru")) {
            assertThat(cases).anyMatch(one -> one.title().contains(", " + language + ","));
        }
    }

    @Test
    void one_event_told_three_times_is_one_violation() {
        String text = """
                2026-11-24 23:10:02,114 4242 ERROR prod odoo.sql_db: bad query: INSERT INTO "sale_order" ("partner_id") VALUES (4711)
                ERROR: insert or update on table "sale_order" violates foreign key constraint "sale_order_partner_id_fkey"
                DETAIL:  Key (partner_id)=(4711) is not present in table "res_partner".
                psycopg2.errors.ForeignKeyViolation: insert or update on table "sale_order" violates foreign key constraint "sale_order_partner_id_fkey"
                DETAIL:  Key (partner_id)=(4711) is not present in table "res_partner".
                odoo.exceptions.ValidationError: The operation cannot be completed: another model requires the record being deleted. If possible, archive it instead.

                Model: Sales Order (sale.order)
                Constraint: sale_order_partner_id_fkey
                """;

        assertThat(reader.read(text)).singleElement().satisfies(violation -> {
            assertThat(violation.kind()).isEqualTo(ViolationKind.MISSING_PARENT);
            assertThat(violation.childModel()).isEqualTo("sale.order");
            assertThat(violation.key()).isEqualTo("4711");
        });
    }

    @Test
    void names_that_follow_no_rule_are_told_apart_by_the_sentence() {
        String text = """
                ERROR:  テーブル"customers"の更新または削除は、テーブル"orders"の外部キー制約"must_have_customer"に違反します
                DETAIL:  キー(id)=(9)はまだテーブル"orders"から参照されています
                """;

        assertThat(reader.read(text)).singleElement().satisfies(violation -> {
            assertThat(violation.constraint()).isEqualTo("must_have_customer");
            assertThat(violation.childTable()).isEqualTo("orders");
            assertThat(violation.parentTable()).isEqualTo("customers");
        });
    }

    @Test
    void unique_and_check_violations_are_none_of_ours() {
        assertThat(reader.read("""
                ERROR:  duplicate key value violates unique constraint "res_users_login_key"
                DETAIL:  Key (login)=(admin) already exists.
                ERROR:  Schlüsselwert »x«
                ERROR:  neue Zeile für Relation »account_move_line« verletzt Check-Constraint »account_move_line_check_credit_debit«
                DETAIL:  Fehlgeschlagene Zeile enthält (1, null).
                """)).isEmpty();
    }

    @Test
    void plain_words_and_sql_alone_are_no_violation() {
        assertThat(reader.read("It does not work since \"yesterday\", please \"help\" (urgent)."))
                .isEmpty();
        assertThat(reader.read(
                        "ALTER TABLE \"a\" ADD CONSTRAINT \"a_b_fkey\" FOREIGN KEY (\"b\") REFERENCES \"c\" (id)"))
                .isEmpty();
        assertThat(reader.read("")).isEmpty();
    }

    @Test
    void a_constraint_name_cut_at_63_bytes_tells_no_column() {
        String name = "account_analytic_distribution_model_account_analytic_plan_id_fkey".substring(0, 63);

        assertThat(ErrorReader.column("account_analytic_distribution_model", name))
                .isNull();
        assertThat(ErrorReader.column("res_partner", "res_partner_parent_id_fkey"))
                .isEqualTo("parent_id");
    }
}
