package org.orphancleanup.guide;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.StringReader;
import org.junit.jupiter.api.Test;

class ViolationLogTest {

    private static ViolationLog.Summary read(String log) throws IOException {
        return ViolationLog.read(new BufferedReader(new StringReader(log)));
    }

    @Test
    void a_database_log_is_grouped_by_constraint_with_first_and_last_time() throws IOException {
        ViolationLog.Summary summary = read("""
                2026-11-24 23:10:01.000 UTC [7] odoo@prod FEHLER:  Einfügen oder Aktualisieren in Tabelle »sale_order« verletzt Fremdschlüssel-Constraint »sale_order_partner_id_fkey«
                2026-11-24 23:10:01.000 UTC [7] odoo@prod DETAIL:  Schlüssel (partner_id)=(45) ist nicht in Tabelle »res_partner« vorhanden.
                2026-11-24 23:10:01.000 UTC [7] odoo@prod ANWEISUNG:  INSERT INTO "sale_order" ("partner_id") VALUES (45)
                2026-11-24 23:11:00.000 UTC [7] odoo@prod LOG:  checkpoint complete
                2026-11-24 23:12:02.000 UTC [8] odoo@prod ERROR:  insert or update on table "sale_order" violates foreign key constraint "sale_order_partner_id_fkey"
                2026-11-24 23:12:02.000 UTC [8] odoo@prod DETAIL:  Key (partner_id)=(46) is not present in table "res_partner".
                2026-11-24 23:13:00.000 UTC [8] odoo@prod ERROR:  null value in column "name" of relation "res_partner" violates not-null constraint
                2026-11-24 23:13:00.000 UTC [8] odoo@prod DETAIL:  Failing row contains (9, null).
                """);

        assertThat(summary.violations()).isEqualTo(3);
        assertThat(summary.lines()).isEqualTo(8);
        assertThat(summary.groups()).hasSize(2).first().satisfies(group -> {
            assertThat(group.name()).isEqualTo("sale_order_partner_id_fkey");
            assertThat(group.count()).isEqualTo(2);
            assertThat(group.keys()).isEqualTo(2);
            assertThat(group.first()).isEqualTo("2026-11-24 23:10:01.000");
            assertThat(group.last()).isEqualTo("2026-11-24 23:12:02.000");
            assertThat(group.example().key()).isEqualTo("45");
        });
    }

    @Test
    void what_an_odoo_log_tells_twice_of_one_event_counts_once() throws IOException {
        String event = """
                2026-11-24 23:10:02,114 4242 ERROR prod odoo.sql_db: bad query: INSERT INTO "sale_order" ("partner_id") VALUES (4711)
                ERROR: insert or update on table "sale_order" violates foreign key constraint "sale_order_partner_id_fkey"
                DETAIL:  Key (partner_id)=(4711) is not present in table "res_partner".

                2026-11-24 23:10:02,120 4242 WARNING prod odoo.http: The operation cannot be completed: another model requires the record being deleted. If possible, archive it instead.

                Model: Sales Order (sale.order)
                Constraint: sale_order_partner_id_fkey

                """;

        ViolationLog.Summary summary =
                read(event + "2026-11-24 23:10:03,000 4242 INFO prod werkzeug: \"GET /web HTTP/1.1\" 200\n" + event);

        assertThat(summary.groups()).singleElement().satisfies(group -> {
            assertThat(group.count()).isEqualTo(2);
            assertThat(group.kind()).isEqualTo(ViolationKind.MISSING_PARENT);
        });
    }

    @Test
    void two_queries_that_fail_one_after_the_other_are_two_events_and_a_time_in_a_row_begins_no_entry()
            throws IOException {
        String event = """
                2026-11-24 18:12:43,675 18757 ERROR o18 odoo.sql_db: bad query: b'INSERT INTO "res_users" ("active") VALUES (false) RETURNING "id"'
                ERROR: null value in column "login" of relation "res_users" violates not-null constraint
                DETAIL:  Failing row contains (24, 1, 2026-11-24 18:12:43.172134, null, null).

                """;

        assertThat(read(event + event).groups()).singleElement().satisfies(group -> {
            assertThat(group.count()).isEqualTo(2);
            assertThat(group.example().childId()).isEqualTo("24");
        });
    }

    @Test
    void a_json_log_is_read_line_by_line() throws IOException {
        String event =
                "{\"timestamp\":\"2026-11-24 23:10:02.114 UTC\",\"pid\":42,\"error_severity\":\"ERROR\",\"state_code\":\"23503\","
                        + "\"message\":\"insert or update on table \\\"a\\\" violates foreign key constraint \\\"a_b_fkey\\\"\","
                        + "\"detail\":\"Key (b)=(7) is not present in table \\\"c\\\".\"}\n";

        assertThat(read(event + event).groups()).singleElement().satisfies(group -> {
            assertThat(group.count()).isEqualTo(2);
            assertThat(group.example().parentTable()).isEqualTo("c");
            assertThat(group.first()).isEqualTo("2026-11-24 23:10:02.114");
        });
    }

    @Test
    void a_log_without_violations_has_none() throws IOException {
        assertThat(read("2026-11-24 23:10:02,114 4242 INFO prod odoo.modules.loading: 42 modules loaded in 1.2s\n")
                        .groups())
                .isEmpty();
        assertThat(read("").lines()).isZero();
    }
}
