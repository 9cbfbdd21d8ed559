package org.orphancleanup.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.orphancleanup.TestPostgres;
import org.springframework.jdbc.core.simple.JdbcClient;

class ReactionsTest {

    private final JdbcClient target = JdbcClient.create(TestPostgres.emptyDatabase());

    private Reactions reactions() {
        return new Reactions(target, new TargetSchema(target, List.of()));
    }

    private void automations() {
        target.sql("""
                CREATE TABLE ir_model (id integer, model varchar);
                INSERT INTO ir_model VALUES (1, 'crm.lead'), (2, 'res.partner');
                CREATE TABLE base_automation (id integer, name jsonb, model_id integer, trigger varchar, active boolean);
                CREATE TABLE ir_act_server (id integer, base_automation_id integer, state varchar);
                INSERT INTO base_automation VALUES
                    (1, '{"en_US": "Tell the team"}', 1, 'on_create_or_write', true),
                    (2, '{"en_US": "Set colour"}', 1, 'on_write', true),
                    (3, '{"en_US": "Off"}', 1, 'on_write', false),
                    (4, '{"en_US": "In the form"}', 1, 'on_change', true),
                    (5, '{"en_US": "On deletion"}', 1, 'on_unlink', true),
                    (6, '{"en_US": "Other model"}', 2, 'on_create', true);
                INSERT INTO ir_act_server VALUES (1, 1, 'mail_post'), (2, 2, 'object_write'), (3, 3, 'code'), (4, 4, 'code'),
                    (5, 5, 'code'), (6, 6, 'webhook')""").update();
    }

    private static final List<Reactions.Touched> WRITTEN =
            List.of(new Reactions.Touched("crm.lead", List.of(1L, 2L), 0));

    @Test
    void a_rule_that_sends_stops_the_plan_and_one_that_writes_is_told() {
        automations();

        Reactions.Found found = reactions().of(WRITTEN, Set.of(), false);

        assertThat(found.blocked())
                .singleElement()
                .asString()
                .contains("Tell the team", "mail_post", "allow.automations");
        assertThat(found.warnings())
                .anySatisfy(line -> assertThat(line).contains("Set colour", "object_write"))
                .noneSatisfy(line -> assertThat(line).contains("Off"))
                .noneSatisfy(line -> assertThat(line).contains("In the form"))
                .noneSatisfy(line -> assertThat(line).contains("On deletion"));
    }

    @Test
    void allow_automations_lets_the_plan_go_on_and_tells_them_all_the_same() {
        automations();

        Reactions.Found found = reactions().of(WRITTEN, Set.of(), true);

        assertThat(found.blocked()).isEmpty();
        assertThat(found.warnings()).anySatisfy(line -> assertThat(line).contains("Tell the team"));
    }

    @Test
    void deletions_and_placeholders_set_off_their_own_triggers() {
        automations();

        Reactions.Found found =
                reactions().of(List.of(new Reactions.Touched("crm.lead", List.of(), 3)), Set.of("res.partner"), false);

        assertThat(found.blocked())
                .anySatisfy(line -> assertThat(line).contains("On deletion"))
                .anySatisfy(line -> assertThat(line).contains("Other model", "webhook"))
                .noneSatisfy(line -> assertThat(line).contains("Tell the team"));
    }

    @Test
    void new_write_dates_are_counted_and_calendars_named() {
        target.sql(
                        "CREATE TABLE calendar_event (id integer, google_id varchar, microsoft_id varchar);"
                                + "INSERT INTO calendar_event VALUES (1, 'g', NULL), (2, NULL, NULL), (3, NULL, 'm'), (4, 'g', NULL)")
                .update();

        Reactions.Found found = reactions()
                .of(List.of(new Reactions.Touched("calendar.event", List.of(1L, 2L, 3L), 0)), Set.of(), false);

        assertThat(found.blocked()).isEmpty();
        assertThat(found.warnings())
                .anySatisfy(line -> assertThat(line).startsWith("2 records of calendar.event are synchronised"))
                .anySatisfy(line -> assertThat(line).startsWith("3 records get a new write_date"));
    }
}
