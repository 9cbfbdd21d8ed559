package org.orphancleanup.repair;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.orphancleanup.TestPostgres;
import org.orphancleanup.catalog.ConstraintState;
import org.orphancleanup.catalog.Reference;
import org.orphancleanup.catalog.ReferenceKind;
import org.orphancleanup.catalog.Storage;
import org.orphancleanup.detect.OrphanLook;
import org.orphancleanup.job.JobDefinition;
import org.orphancleanup.job.PolicyKind;
import org.orphancleanup.odoo.OdooException;
import org.orphancleanup.plan.NewValue;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DelegatingDataSource;
import org.springframework.jdbc.support.JdbcTransactionManager;
import tools.jackson.databind.json.JsonMapper;

/** The engine against an Odoo that refuses what the test says, with real databases on both sides. */
class RepairStageTest {

    private static final Instant PLANNED = Instant.parse("2030-01-01T00:00:00Z");

    private final HikariDataSource ours = RepairFixture.pool(TestPostgres.ourDatabase());
    private final HikariDataSource target = RepairFixture.pool(TestPostgres.emptyDatabase());
    private final JdbcClient our = JdbcClient.create(ours);
    private final JdbcClient odooDatabase = JdbcClient.create(target);
    private final FakeOdoo odoo = new FakeOdoo(target);
    private final Reference partner = RepairFixture.reference(1, "partner_id", "res.partner");
    private final Reference commercial = RepairFixture.reference(2, "commercial_partner_id", "res.partner");
    private final Reference pricelist = RepairFixture.reference(3, "pricelist_id", "product.pricelist");
    private final List<Reference> catalog = new ArrayList<>(List.of(partner, commercial, pricelist));
    private JobDefinition.SideEffects sideEffects = JobDefinition.SideEffects.PRESERVE;
    private int idsPerCall = 200;
    private Clock clock = Clock.fixed(PLANNED, ZoneOffset.UTC);
    private long run;
    private long repairs;

    @AfterEach
    void close_pools() {
        ours.close();
        target.close();
    }

    @BeforeEach
    void damaged_leads() {
        odooDatabase.sql("""
                CREATE TABLE res_partner (id serial PRIMARY KEY, name varchar, active boolean DEFAULT true);
                INSERT INTO res_partner (id, name) VALUES (1, 'there');
                CREATE TABLE ir_model (id serial PRIMARY KEY, model varchar);
                CREATE TABLE ir_model_inherit (id serial, model_id integer, parent_id integer, parent_field_id integer);
                CREATE TABLE ir_model_fields (id serial, model varchar, name varchar, ttype varchar, relation varchar, relation_field varchar,
                    store boolean, on_delete varchar, relation_table varchar, column1 varchar, column2 varchar);
                CREATE TABLE ir_attachment (id serial, name varchar, res_model varchar, res_id integer, res_field varchar, type varchar, file_size integer);
                CREATE TABLE ir_model_data (id serial, module varchar, name varchar, model varchar, res_id integer);
                CREATE TABLE crm_lead (id integer PRIMARY KEY, name varchar, partner_id integer, commercial_partner_id integer,
                    revenue numeric DEFAULT 5, active boolean DEFAULT true, write_uid integer DEFAULT 7, write_date timestamp DEFAULT '2020-01-01');
                """).update();
        odoo.model("crm.lead", """
                {"name": {"type": "char", "store": true}, "active": {"type": "boolean", "store": true},
                 "partner_id": {"type": "many2one", "relation": "res.partner", "store": true},
                 "commercial_partner_id": {"type": "many2one", "relation": "res.partner", "store": true, "depends": ["partner_id"], "readonly": true},
                 "revenue": {"type": "float", "store": true, "depends": ["partner_id"]}}""");
        odoo.model("res.partner", """
                {"name": {"type": "char", "store": true, "required": true}, "active": {"type": "boolean", "store": true}}""");
        run = our.sql("""
                INSERT INTO run (job, target, target_fingerprint, target_database, command, started_through, asked_by, definition, status,
                    started_at, heartbeat_at, host, pid, process_started_at)
                VALUES ('j', 't', 'f', 'd', 'cleanup', 'command-line', 'me', 'name: j', 'running', now(), now(), 'h', 1, now())
                RETURNING id""").query(Long.class).single();
    }

    @Test
    void a_thousand_records_go_out_in_batches_after_one_canary() {
        for (long id = 1; id <= 1000; id++) {
            lead(id, 99, new NewValue.Empty());
        }

        repairAll();

        assertThat(outcomes()).containsExactly(Map.entry("repaired", 1000L));
        assertThat(odoo.calls("write").get(0).ids()).hasSize(1);
        assertThat(odoo.calls("write")).hasSizeLessThan(10);
        assertThat(odooDatabase
                        .sql("SELECT count(*) FROM crm_lead WHERE partner_id IS NOT NULL")
                        .query(Long.class)
                        .single())
                .isZero();
    }

    @Test
    void three_bad_records_among_a_thousand_cost_their_neighbours_nothing() {
        List<Long> bad = List.of(17L, 501L, 502L);
        for (long id = 1; id <= 1000; id++) {
            lead(id, 99, new NewValue.Empty());
        }
        odoo.refuse(call -> {
            if (call.ids().stream().anyMatch(bad::contains)) {
                throw FakeOdoo.refusal("The stage is locked.");
            }
        });

        repairAll();

        assertThat(outcomes()).containsOnly(Map.entry("repaired", 997L), Map.entry("held", 3L));
        assertThat(our.sql("SELECT DISTINCT reason FROM repair_part WHERE run_id = :run AND outcome = 'held'")
                        .param("run", run)
                        .query(String.class)
                        .list())
                .containsExactly("Odoo refused: The stage is locked.");
    }

    @Test
    void records_that_an_error_names_are_set_apart_at_once() {
        for (long id = 1; id <= 400; id++) {
            lead(id, 99, new NewValue.Empty());
        }
        odoo.refuse(call -> {
            if (call.ids().contains(333L)) {
                throw FakeOdoo.missing("crm.lead(333,)");
            }
        });

        repairAll();

        assertThat(outcomes()).containsOnly(Map.entry("repaired", 399L), Map.entry("held", 1L));
        // canary, two batches, the named one and its neighbours, the named one's further rungs
        assertThat(odoo.calls("write")).hasSizeLessThan(15);
    }

    @Test
    void a_record_whose_base_field_alone_is_refused_gets_all_its_dangling_fields_in_one_call() {
        for (long id = 1; id <= 30; id++) {
            leadWithBoth(id, 99);
        }
        odoo.refuse(call -> {
            if (!call.values().containsKey("commercial_partner_id")) {
                throw FakeOdoo.missing("res.partner(99,)");
            }
        });

        repairAll();

        assertThat(outcomes()).containsExactly(Map.entry("repaired", 60L));
        assertThat(our.sql("SELECT DISTINCT rung FROM repair_part WHERE run_id = :run")
                        .param("run", run)
                        .query(String.class)
                        .list())
                .containsExactly("all dangling fields together");
        // what worked on the first was remembered: refused, done, and one batch
        assertThat(odoo.calls("write")).hasSize(3);
    }

    @Test
    void every_call_is_quiet_and_names_the_records_company_first() {
        lead(1, 99, new NewValue.Empty(), 3L);

        repairAll();

        assertThat(odoo.calls("write").get(0).context())
                .containsEntry("tracking_disable", true)
                .containsEntry("mail_notrack", true)
                .containsEntry("allowed_company_ids", List.of(3L, 1L));
    }

    @Test
    void a_value_that_changed_besides_is_restored_and_sent_along_from_then_on() {
        for (long id = 1; id <= 10; id++) {
            lead(id, 99, new NewValue.Empty());
        }
        odoo.effect(call -> {
            if (call.values().containsKey("partner_id") && !call.values().containsKey("revenue")) {
                odooDatabase
                        .sql("UPDATE crm_lead SET revenue = 0 WHERE id = ANY(:ids)")
                        .param("ids", call.ids().toArray(Long[]::new))
                        .update();
            }
        });

        repairAll();

        assertThat(odooDatabase
                        .sql("SELECT DISTINCT revenue FROM crm_lead")
                        .query(Integer.class)
                        .list())
                .containsExactly(5);
        assertThat(our.sql("SELECT count(*) FROM changed_besides WHERE run_id = :run")
                        .param("run", run)
                        .query(Long.class)
                        .single())
                .isZero();
        assertThat(odoo.calls("write").get(2).values()).containsKeys("partner_id", "revenue");
    }

    @Test
    void with_side_effects_stop_the_kind_is_held_after_its_canary_and_the_change_is_reported() {
        sideEffects = JobDefinition.SideEffects.STOP;
        lead(1, 99, new NewValue.Empty());
        lead(2, 99, new NewValue.Empty());
        odoo.effect(call -> odooDatabase
                .sql("UPDATE crm_lead SET revenue = 0 WHERE id = ANY(:ids)")
                .param("ids", call.ids().toArray(Long[]::new))
                .update());

        repairAll();

        assertThat(outcomes()).containsOnly(Map.entry("repaired", 1L), Map.entry("held", 1L));
        assertThat(our.sql("SELECT field, before, after FROM changed_besides WHERE run_id = :run")
                        .param("run", run)
                        .query()
                        .listOfRows())
                .singleElement()
                .satisfies(row -> assertThat(row)
                        .containsEntry("field", "revenue")
                        .containsEntry("before", "5")
                        .containsEntry("after", "0"));
    }

    @Test
    void what_somebody_else_cleaned_before_the_first_write_is_no_repair_of_ours() {
        lead(1, 99, new NewValue.Empty());
        lead(2, 99, new NewValue.Empty());
        odooDatabase.sql("UPDATE crm_lead SET partner_id = 1 WHERE id = 1").update();

        repairAll();

        assertThat(outcomes()).containsOnly(Map.entry("already-clean", 1L), Map.entry("repaired", 1L));
        assertThat(odooDatabase
                        .sql("SELECT partner_id FROM crm_lead WHERE id = 1")
                        .query(Integer.class)
                        .single())
                .isEqualTo(1);
    }

    @Test
    void a_record_that_somebody_changed_since_the_plan_is_left_alone() {
        lead(1, 99, new NewValue.Empty());
        odooDatabase
                .sql("UPDATE crm_lead SET name = 'edited', write_uid = 8, write_date = '2031-01-01' WHERE id = 1")
                .update();

        repairAll();

        assertThat(outcomes()).containsExactly(Map.entry("changed-meanwhile", 1L));
        assertThat(odoo.calls("write")).isEmpty();
    }

    /** Committed at once, as by another session of Odoo. */
    private void someoneWrites(String assignment, long id) {
        JdbcClient.create(new DelegatingDataSource(target))
                .sql("UPDATE crm_lead SET " + assignment
                        + ", write_uid = 8, write_date = clock_timestamp() AT TIME ZONE 'UTC' WHERE id = :id")
                .param("id", id)
                .update();
    }

    private List<Map<String, Object>> leads() {
        return odooDatabase
                .sql("SELECT id, partner_id, name, revenue::int FROM crm_lead ORDER BY id")
                .query()
                .listOfRows();
    }

    @Test
    void an_edit_that_is_saved_while_our_call_is_on_its_way_stays_and_is_told_apart_from_a_side_effect() {
        lead(1, 99, new NewValue.Empty());
        lead(2, 99, new NewValue.Empty());
        odoo.refuse(call -> {
            if (call.ids().contains(1L) && call.values().containsKey("partner_id")) {
                someoneWrites("name = 'edited'", 1);
            }
        });
        odoo.effect(call -> odooDatabase
                .sql("UPDATE crm_lead SET revenue = 0 WHERE partner_id IS NULL AND id = ANY(:ids)")
                .param("ids", call.ids().toArray(Long[]::new))
                .update());

        repairAll();

        assertThat(outcomes()).containsExactly(Map.entry("repaired", 2L));
        assertThat(leads().get(0)).containsEntry("name", "edited").containsEntry("partner_id", null);
        assertThat(our.sql(
                                "SELECT field, before, after FROM changed_besides WHERE run_id = :run AND record_id = 1 AND by_others ORDER BY field")
                        .param("run", run)
                        .query()
                        .listOfRows())
                .containsExactly(
                        Map.of("field", "name", "before", "lead", "after", "edited"),
                        Map.of("field", "revenue", "before", "5", "after", "0"));
        assertThat(our.sql("SELECT row_after -> 'name' IS NULL FROM journal WHERE run_id = :run AND record_id = 1")
                        .param("run", run)
                        .query(Boolean.class)
                        .list())
                .as("an undo must not take it back")
                .containsOnly(true);
    }

    @Test
    void an_edit_that_is_saved_right_after_our_call_stays() {
        lead(1, 99, new NewValue.Empty());
        odoo.after(call -> someoneWrites("name = 'edited', revenue = 7", 1));

        repairAll();

        assertThat(leads()).containsExactly(row(1, "edited", 7));
        assertThat(odoo.calls("write")).hasSize(1);
    }

    @Test
    void an_edit_that_is_saved_before_old_values_are_restored_stays() {
        lead(1, 99, new NewValue.Empty());
        odoo.effect(call -> odooDatabase
                .sql("UPDATE crm_lead SET revenue = 0 WHERE partner_id IS NULL")
                .update());
        odoo.refuse(call -> {
            if (call.values().containsKey("revenue") && !call.values().containsKey("partner_id")) {
                someoneWrites("name = 'edited'", 1);
            }
        });

        repairAll();

        assertThat(leads()).containsExactly(row(1, "edited", 0));
        assertThat(our.sql("SELECT DISTINCT by_others FROM changed_besides WHERE run_id = :run AND field = 'name'")
                        .param("run", run)
                        .query(Boolean.class)
                        .list())
                .as("it is nobody's business but his")
                .doesNotContain(false);
    }

    @Test
    void a_value_that_was_sent_along_and_may_have_covered_an_edit_is_named() {
        for (long id = 1; id <= 3; id++) {
            lead(id, 99, new NewValue.Empty());
        }
        odoo.effect(call -> {
            if (!call.values().containsKey("revenue")) {
                odooDatabase
                        .sql("UPDATE crm_lead SET revenue = 0 WHERE id = ANY(:ids)")
                        .param("ids", call.ids().toArray(Long[]::new))
                        .update();
            }
        });
        odoo.refuse(call -> {
            if (call.ids().contains(3L) && call.values().containsKey("revenue")) {
                someoneWrites("revenue = 8", 3);
            }
        });

        repairAll();

        assertThat(our.sql("SELECT record_id, field FROM changed_besides WHERE run_id = :run AND by_others")
                        .param("run", run)
                        .query()
                        .listOfRows())
                .containsExactly(Map.of("record_id", 3L, "field", "revenue"));
    }

    private static Map<String, Object> row(int id, String name, int revenue) {
        Map<String, Object> row = new HashMap<>(Map.of("id", id, "name", name, "revenue", revenue));
        row.put("partner_id", null);
        return row;
    }

    @Test
    void an_answer_of_yes_that_changed_nothing_counts_as_held() {
        lead(1, 99, new NewValue.Empty());
        odoo.effect(call -> odooDatabase
                .sql("UPDATE crm_lead SET partner_id = 99 WHERE id = 1")
                .update());

        repairAll();

        assertThat(outcomes()).containsExactly(Map.entry("held", 1L));
    }

    @Test
    void a_wrong_key_ends_the_run_and_leaves_the_rest_to_be_done() {
        lead(1, 99, new NewValue.Empty());
        odoo.refuse(call -> {
            throw new OdooException(OdooException.Kind.LOGIN, "Access Denied", null, null, null);
        });

        assertThatThrownBy(this::repairAll).isInstanceOf(OdooException.class).hasMessage("Access Denied");

        assertThat(our.sql("SELECT done FROM repair WHERE run_id = :run")
                        .param("run", run)
                        .query(Boolean.class)
                        .single())
                .isFalse();
        assertThat(odoo.calls("write")).hasSize(1);
    }

    @Test
    void the_journal_holds_the_row_before_and_what_changed() {
        lead(1, 99, new NewValue.Empty());

        repairAll();

        assertThat(our.sql(
                                "SELECT row_before ->> 'partner_id' AS b, row_after -> 'partner_id' #>> '{}' AS a FROM journal WHERE run_id = :run")
                        .param("run", run)
                        .query()
                        .singleRow())
                .containsEntry("b", "99")
                .containsEntry("a", null);
    }

    @Test
    void a_placeholder_is_made_once_with_its_external_id_and_found_again() {
        lead(1, 98, new NewValue.Placeholder(0, 0));
        lead(2, 99, new NewValue.Placeholder(0, 0));
        repairAll();
        assertThat(odoo.calls("load")).hasSize(1);
        assertThat(odoo.calls("load").get(0).values())
                .containsEntry("id", "__orphan_cleanup__.res_partner_placeholder")
                .containsEntry("active", "False");

        lead(3, 97, new NewValue.Placeholder(0, 0));
        repairAll();

        assertThat(odoo.calls("load")).hasSize(1);
        assertThat(odooDatabase
                        .sql("SELECT count(DISTINCT partner_id) FROM crm_lead")
                        .query(Long.class)
                        .single())
                .isEqualTo(1);
    }

    @Test
    void each_missing_parent_comes_back_as_a_stand_in_of_its_own() {
        lead(1, 98, new NewValue.StandIn(0));
        lead(2, 98, new NewValue.StandIn(0));
        lead(3, 99, new NewValue.StandIn(0));

        repairAll();

        assertThat(outcomes()).containsExactly(Map.entry("repaired", 3L));
        assertThat(odooDatabase
                        .sql("SELECT name FROM res_partner WHERE NOT active ORDER BY id")
                        .query(String.class)
                        .list())
                .containsExactly("Recovered res.partner #98", "Recovered res.partner #99");
        assertThat(our.sql("SELECT count(*) FROM stand_in WHERE run_id = :run AND made")
                        .param("run", run)
                        .query(Long.class)
                        .single())
                .isEqualTo(2);
    }

    @Test
    void a_stand_in_gets_the_fields_that_odoo_names_as_missing() {
        odoo.model("res.partner", """
                {"name": {"type": "char", "store": true}, "active": {"type": "boolean", "store": true},
                 "code": {"type": "char", "store": true, "required": true}}""");
        odoo.refuse(call -> {
            if (call.method().equals("load") && !call.values().containsKey("code")) {
                throw FakeOdoo.refusal("Missing required value for the field 'Code' (code)");
            }
        });
        lead(1, 98, new NewValue.StandIn(0));

        repairAll();

        assertThat(outcomes()).containsExactly(Map.entry("repaired", 1L));
        assertThat(odoo.calls("load")).hasSize(2);
    }

    @Test
    void delete_unlinks_the_record_and_a_refused_one_is_held() {
        lead(1, 99, new NewValue.Unlink());
        lead(2, 99, new NewValue.Unlink());
        odoo.refuse(call -> {
            if (call.ids().contains(2L)) {
                throw FakeOdoo.refusal("You cannot delete it.");
            }
        });

        repairAll();

        assertThat(outcomes()).containsOnly(Map.entry("repaired", 1L), Map.entry("held", 1L));
        assertThat(odooDatabase.sql("SELECT id FROM crm_lead").query(Long.class).list())
                .containsExactly(2L);
    }

    @Test
    void quarantine_takes_a_snapshot_and_archives() {
        lead(1, 99, new NewValue.Quarantine(true));
        lead(2, 99, new NewValue.Quarantine(false));

        repairAll();

        assertThat(outcomes()).containsExactly(Map.entry("quarantined", 2L));
        assertThat(odooDatabase
                        .sql("SELECT active FROM crm_lead ORDER BY id")
                        .query(Boolean.class)
                        .list())
                .containsExactly(false, true);
        assertThat(our.sql("SELECT archived FROM quarantine WHERE run_id = :run ORDER BY record_id")
                        .param("run", run)
                        .query(Boolean.class)
                        .list())
                .containsExactly(true, false);
    }

    @Test
    void what_was_held_is_tried_again_when_another_repair_may_have_cleared_its_way() {
        lead(1, 98, new NewValue.Empty());
        lead(2, 99, new NewValue.Existing(1));
        odoo.refuse(call -> {
            boolean second = odooDatabase
                    .sql("SELECT partner_id = 99 FROM crm_lead WHERE id = 2")
                    .query(Boolean.class)
                    .single();
            if (call.ids().contains(1L) && second) {
                throw FakeOdoo.missing("crm.lead(2,)");
            }
        });

        repairAll();

        assertThat(outcomes()).containsExactly(Map.entry("repaired", 2L));
    }

    @Test
    void a_row_that_would_say_the_same_as_another_is_unlinked_where_a_unique_index_forbids_two() {
        odooDatabase.sql("CREATE UNIQUE INDEX ON crm_lead (partner_id, name)").update();
        lead(1, 97, new NewValue.Existing(1));
        lead(2, 98, new NewValue.Existing(1));
        lead(3, 99, new NewValue.Existing(1));
        odooDatabase.sql("UPDATE crm_lead SET revenue = 6 WHERE id = 3").update();
        odoo.refuse(call -> {
            if (call.method().equals("write") && call.ids().contains(3L)) {
                throw FakeOdoo.refusal("The name must be unique.");
            }
        });

        repairAll();

        assertThat(odoo.calls("unlink"))
                .singleElement()
                .satisfies(call -> assertThat(call.ids()).containsExactly(2L));
        assertThat(outcomes()).containsOnly(Map.entry("repaired", 2L), Map.entry("held", 1L));
        assertThat(our.sql(
                                "SELECT row_before ->> 'partner_id' FROM journal JOIN journal_call c ON c.id = call_id WHERE c.method = 'unlink'")
                        .query(String.class)
                        .single())
                .isEqualTo("98");
    }

    @Test
    void a_doubles_own_many2many_rows_go_with_it() {
        odooDatabase.sql("""
                CREATE UNIQUE INDEX ON crm_lead (partner_id, name);
                CREATE TABLE crm_tag_rel (lead_id integer, tag_id integer);
                INSERT INTO crm_tag_rel VALUES (2, 1)""").update();
        catalog.add(new Reference(
                4,
                ReferenceKind.MANY2MANY,
                "crm.tag",
                "crm_tag_rel",
                "lead_id",
                null,
                List.of("crm.lead.tag_ids"),
                "crm.lead",
                "crm_lead",
                false,
                ConstraintState.ENFORCED,
                null,
                null,
                null,
                true,
                new Storage.RelationRow("crm_tag_rel", "lead_id", "tag_id"),
                null));
        lead(1, 97, new NewValue.Existing(1));
        lead(2, 98, new NewValue.Existing(1));

        repairAll();

        assertThat(odoo.calls("unlink"))
                .singleElement()
                .satisfies(call -> assertThat(call.ids()).containsExactly(2L));
        assertThat(outcomes()).containsExactly(Map.entry("repaired", 2L));
    }

    @Test
    void a_double_that_something_refers_to_is_never_unlinked() {
        odooDatabase.sql("""
                CREATE UNIQUE INDEX ON crm_lead (partner_id, name);
                CREATE TABLE a_name_of_its_own (id integer, res_model varchar, res_id integer);
                INSERT INTO a_name_of_its_own VALUES (1, 'crm.lead', 2)
                """).update();
        catalog.add(new Reference(
                4,
                ReferenceKind.MANY2ONE_REFERENCE,
                "x.note",
                "a_name_of_its_own",
                "res_id",
                "res_id",
                List.of("x.note.res_id"),
                "crm.lead",
                "crm_lead",
                false,
                ConstraintState.IMPOSSIBLE,
                null,
                null,
                null,
                false,
                new Storage.ModelAndId("a_name_of_its_own", "res_model", "res_id", "crm.lead"),
                null));
        lead(1, 97, new NewValue.Existing(1));
        lead(2, 98, new NewValue.Existing(1));
        odoo.refuse(call -> {
            if (call.method().equals("write") && call.ids().contains(2L)) {
                throw FakeOdoo.refusal("The name must be unique.");
            }
        });

        repairAll();

        assertThat(odoo.calls("unlink")).isEmpty();
        assertThat(outcomes()).containsOnly(Map.entry("repaired", 1L), Map.entry("held", 1L));
    }

    @Test
    void tracked_fields_that_odoo_computes_are_read_back_within_the_call() {
        odooDatabase.sql("""
                ALTER TABLE ir_model_fields ADD tracking integer;
                INSERT INTO ir_model_fields (model, name, ttype, store, tracking)
                VALUES ('crm.lead', 'revenue', 'float', true, 1), ('crm.lead', 'name', 'char', true, 1)""").update();
        lead(1, 99, new NewValue.Empty());

        repairAll();

        assertThat(odoo.readBacks).containsExactly(Map.of("revenue", Map.of()));
        assertThat(outcomes()).containsExactly(Map.entry("repaired", 1L));
    }

    @Test
    void a_server_without_web_save_gets_plain_writes() {
        odooDatabase.sql("""
                ALTER TABLE ir_model_fields ADD tracking integer;
                INSERT INTO ir_model_fields (model, name, ttype, store, tracking) VALUES ('crm.lead', 'revenue', 'float', true, 1)
                """).update();
        odoo.hasWebSave = false;
        for (long id = 1; id <= 3; id++) {
            lead(id, 99, new NewValue.Empty());
        }

        repairAll();

        assertThat(odoo.readBacks).hasSize(1);
        assertThat(outcomes()).containsExactly(Map.entry("repaired", 3L));
    }

    @Test
    void to_many_values_that_odoo_computes_anew_are_restored_and_sent_along_from_then_on() {
        odooDatabase.sql("""
                CREATE TABLE crm_tag (id integer PRIMARY KEY);
                INSERT INTO crm_tag VALUES (4), (5);
                CREATE TABLE crm_tag_rel (lead_id integer, tag_id integer);
                INSERT INTO ir_model_fields (model, name, ttype, relation, store, relation_table, column1, column2)
                VALUES ('crm.lead', 'tag_ids', 'many2many', 'crm.tag', true, 'crm_tag_rel', 'lead_id', 'tag_id')""").update();
        odoo.model("crm.lead", """
                {"partner_id": {"type": "many2one", "relation": "res.partner", "store": true},
                 "tag_ids": {"type": "many2many", "relation": "crm.tag", "store": true, "depends": ["partner_id"]}}""");
        for (long id = 1; id <= 3; id++) {
            lead(id, 99, new NewValue.Empty());
            odooDatabase
                    .sql("INSERT INTO crm_tag_rel VALUES (:id, 5), (:id, 4), (:id, 77)")
                    .param("id", id)
                    .update();
        }
        odoo.effect(call -> {
            if (!call.values().containsKey("tag_ids")) {
                odooDatabase
                        .sql("DELETE FROM crm_tag_rel WHERE lead_id = ANY(:ids)")
                        .param("ids", call.ids().toArray(Long[]::new))
                        .update();
            }
        });

        repairAll();

        assertThat(odoo.calls("write")).hasSize(3);
        assertThat(odoo.calls("write").get(1).values().keySet()).containsExactly("tag_ids");
        assertThat(odoo.calls("write").get(2).values().get("tag_ids")).hasToString("[[6, 0, [4,5]]]");
        assertThat(outcomes()).containsExactly(Map.entry("repaired", 3L));
    }

    @Test
    void an_empty_number_is_neither_sent_along_nor_restored_but_its_change_is_reported() {
        lead(1, 99, new NewValue.Empty());
        odooDatabase.sql("UPDATE crm_lead SET revenue = NULL").update();
        odoo.effect(call -> odooDatabase.sql("UPDATE crm_lead SET revenue = 0").update());

        repairAll();

        assertThat(odoo.calls("write"))
                .allSatisfy(call -> assertThat(call.values()).doesNotContainKey("revenue"));
        assertThat(our.sql("SELECT field || ' ' || after FROM changed_besides")
                        .query(String.class)
                        .list())
                .containsExactly("revenue 0");
    }

    @Test
    void computed_fields_that_lost_another_record_are_written_with_the_base_fields() {
        odooDatabase
                .sql("ALTER TABLE crm_lead ADD pricelist_id integer; CREATE TABLE product_pricelist (id integer)")
                .update();
        odoo.model("crm.lead", """
                {"partner_id": {"type": "many2one", "relation": "res.partner", "store": true},
                 "commercial_partner_id": {"type": "many2one", "relation": "res.partner", "store": true, "depends": ["partner_id"]},
                 "pricelist_id": {"type": "many2one", "relation": "product.pricelist", "store": true, "depends": ["partner_id"]}}""");
        leadWithBoth(1, 99);
        odooDatabase.sql("UPDATE crm_lead SET pricelist_id = 5").update();
        part(repairs, pricelist, 5, new NewValue.Empty());
        odoo.effect(call -> odooDatabase
                .sql("UPDATE crm_lead SET commercial_partner_id = NULL WHERE partner_id IS NULL")
                .update());
        odoo.refuse(call -> {
            if (!call.values().keySet().equals(Set.of("partner_id", "pricelist_id"))) {
                throw FakeOdoo.missing("product.pricelist(5,)");
            }
        });

        repairAll();

        assertThat(outcomes()).containsExactly(Map.entry("repaired", 3L));
    }

    @Test
    void a_field_whose_new_record_cannot_be_made_does_not_hold_the_others() {
        leadWithBoth(1, 99);
        our.sql("UPDATE repair_part SET new_value = :placeholder WHERE reference_no = 2")
                .param("placeholder", new NewValue.Placeholder(0, 0).code())
                .update();
        odoo.refuse(call -> {
            if (call.method().equals("load")) {
                throw FakeOdoo.refusal("No more partners.");
            }
        });

        repairAll();

        assertThat(outcomes()).containsOnly(Map.entry("repaired", 1L), Map.entry("held", 1L));
    }

    /** A model whose to-many field holds leads: what it does with commands. */
    private void teamsWithLeads() {
        odooDatabase.sql("""
                ALTER TABLE ir_model_fields ADD related varchar, ADD readonly boolean DEFAULT false;
                CREATE TABLE crm_team (id integer PRIMARY KEY, name varchar);
                INSERT INTO crm_team VALUES (%d, 'team');
                INSERT INTO ir_model_fields (model, name, ttype, relation, relation_field, store)
                VALUES ('crm.team', 'lead_ids', 'one2many', 'crm.lead', 'team_id', true)""".formatted(FakeOdoo.UID)).update();
        odoo.effect(call -> {
            if (call.values().get("lead_ids") instanceof List<?> commands) {
                for (Object command : commands) {
                    List<?> parts = (List<?>) command;
                    if (parts.get(0).equals(2)) {
                        odooDatabase
                                .sql("DELETE FROM crm_lead WHERE id = :id")
                                .param("id", parts.get(1))
                                .update();
                    }
                }
            }
        });
    }

    @Test
    void what_cannot_be_deleted_as_it_stands_is_relinked_and_deleted_in_one_call() {
        teamsWithLeads();
        for (long id = 1; id <= 3; id++) {
            lead(id, 99, new NewValue.Unlink());
        }
        odoo.refuse(call -> {
            if (call.method().equals("unlink")) {
                throw FakeOdoo.missing("res.partner(99,)");
            }
            if (call.model().equals("crm.team") && call.values().toString().contains("partner_id=false")) {
                throw new OdooException(OdooException.Kind.ACCESS, "not yours", null, null, null);
            }
        });

        repairAll();

        assertThat(outcomes()).containsExactly(Map.entry("repaired", 3L));
        assertThat(odooDatabase
                        .sql("SELECT count(*) FROM crm_lead")
                        .query(Long.class)
                        .single())
                .isZero();
        assertThat(odoo.calls("write").stream().filter(call -> call.model().equals("crm.team")))
                .extracting(call -> call.values().get("lead_ids"))
                .as("one record shows the way, emptied before re-linked; the others follow it together")
                .containsExactly(
                        List.of(List.of(1, 1L, Map.of("partner_id", false)), List.of(2, 1L, 0)),
                        List.of(List.of(1, 1L, Map.of("partner_id", 1L)), List.of(2, 1L, 0)),
                        List.of(
                                List.of(1, 2L, Map.of("partner_id", 1L)),
                                List.of(2, 2L, 0),
                                List.of(1, 3L, Map.of("partner_id", 1L)),
                                List.of(2, 3L, 0)));
        assertThat(our.sql("SELECT DISTINCT rung FROM repair_part")
                        .query(String.class)
                        .list())
                .containsExactly("re-linked first, then deleted");
        assertThat(our.sql("""
                                SELECT DISTINCT row_before ->> 'partner_id' FROM journal j JOIN journal_call c ON c.id = j.call_id
                                WHERE j.gone AND j.snapshot IS NOT NULL AND c.arguments ->> 'through' = 'crm.team,%d'""".formatted(FakeOdoo.UID)).query(String.class).list())
                .containsExactly("99");
    }

    @Test
    void what_a_business_rule_does_not_let_go_is_held_without_another_try() {
        teamsWithLeads();
        lead(1, 99, new NewValue.Unlink());
        odoo.refuse(call -> {
            if (call.method().equals("unlink")) {
                throw FakeOdoo.refusal("The lead is won.");
            }
        });

        repairAll();

        assertThat(odoo.calls("write")).isEmpty();
        assertThat(outcomes()).containsExactly(Map.entry("held", 1L));
    }

    @Test
    void where_no_way_serves_the_record_stays_as_it_was_and_the_first_reason_is_told() {
        teamsWithLeads();
        lead(1, 99, new NewValue.Unlink());
        odoo.refuse(call -> {
            throw call.method().equals("unlink") ? FakeOdoo.missing("res.partner(99,)") : FakeOdoo.refusal("No.");
        });

        repairAll();

        assertThat(odooDatabase
                        .sql("SELECT partner_id FROM crm_lead WHERE id = 1")
                        .query(Long.class)
                        .single())
                .isEqualTo(99);
        assertThat(our.sql("SELECT outcome || ': ' || reason FROM repair_part")
                        .query(String.class)
                        .single())
                .isEqualTo("held: Odoo reads res.partner #99 while it writes, which does not exist (MissingError)");
    }

    @Test
    void lines_whose_key_to_their_document_is_gone_are_deleted_with_it() {
        teamsWithLeads();
        odooDatabase.sql("""
                CREATE TABLE crm_line (id integer PRIMARY KEY, lead_id integer);
                INSERT INTO crm_line VALUES (5, 1), (6, 1), (7, 2);
                INSERT INTO ir_model_fields (model, name, ttype, relation, relation_field, store, on_delete)
                VALUES ('crm.lead', 'line_ids', 'one2many', 'crm.line', 'lead_id', true, NULL),
                       ('crm.line', 'lead_id', 'many2one', 'crm.lead', NULL, true, 'cascade')""").update();
        lead(1, 99, new NewValue.Unlink());

        repairAll();

        assertThat(odoo.calls("unlink")).isEmpty();
        assertThat(odoo.calls("write"))
                .singleElement()
                .satisfies(call -> assertThat(call.values().get("lead_ids"))
                        .isEqualTo(List.of(
                                List.of(1, 1L, Map.of("line_ids", List.of(List.of(2, 5L, 0), List.of(2, 6L, 0)))),
                                List.of(2, 1L, 0))));
        assertThat(outcomes()).containsExactly(Map.entry("repaired", 1L));
    }

    private List<String> besides() {
        return our.sql("SELECT model || ' ' || record_id || ' ' || field || ': ' || coalesce(before, '-') || ' -> '"
                        + " || coalesce(after, '-') FROM changed_besides WHERE run_id = :run ORDER BY 1")
                .param("run", run)
                .query(String.class)
                .list();
    }

    @Test
    void a_record_that_odoo_archives_instead_of_deleting_it_is_set_back_and_its_kind_is_held() {
        for (long id = 1; id <= 3; id++) {
            lead(id, 99, new NewValue.Unlink());
        }
        odoo.insteadOfUnlink(call -> odooDatabase
                .sql(
                        "UPDATE crm_lead SET active = false, write_uid = 2, write_date = now() AT TIME ZONE 'UTC' WHERE id = ANY(:ids)")
                .param("ids", call.ids().toArray(Long[]::new))
                .update());

        repairAll();

        assertThat(odoo.calls("unlink"))
                .singleElement()
                .satisfies(call -> assertThat(call.ids()).containsExactly(1L));
        assertThat(odooDatabase
                        .sql("SELECT bool_and(active) FROM crm_lead")
                        .query(Boolean.class)
                        .single())
                .isTrue();
        assertThat(besides()).isEmpty();
        assertThat(our.sql("SELECT reason FROM repair_part WHERE outcome = 'held' ORDER BY repair_no")
                        .query(String.class)
                        .list())
                .hasSize(3)
                .allSatisfy(reason -> assertThat(reason)
                        .contains("the record is still there: it changed active instead, which was set back"));
    }

    @Test
    void what_goes_with_a_deleted_record_and_what_it_empties_is_told_row_by_row() {
        odooDatabase.sql("""
                CREATE TABLE crm_line (id integer PRIMARY KEY, lead_id integer REFERENCES crm_lead ON DELETE CASCADE);
                CREATE TABLE crm_note (id integer PRIMARY KEY, lead_id integer REFERENCES crm_lead ON DELETE SET NULL);
                INSERT INTO ir_model_fields (model, name, ttype, relation, relation_field, store, on_delete)
                VALUES ('crm.line', 'lead_id', 'many2one', 'crm.lead', NULL, true, 'cascade'),
                       ('crm.note', 'lead_id', 'many2one', 'crm.lead', NULL, true, 'set null')""").update();
        String lead = "{\"lead_id\": {\"type\": \"many2one\", \"relation\": \"crm.lead\", \"store\": true}}";
        odoo.model("crm.line", lead).model("crm.note", lead);
        lead(1, 99, new NewValue.Unlink());
        lead(2, 99, new NewValue.Unlink());
        odooDatabase
                .sql("INSERT INTO crm_line VALUES (5, 1), (6, 1); INSERT INTO crm_note VALUES (7, 2)")
                .update();

        repairAll();

        assertThat(outcomes()).containsExactly(Map.entry("repaired", 2L));
        assertThat(besides())
                .containsExactly("crm.line 5 id: 5 -> -", "crm.line 6 id: 6 -> -", "crm.note 7 lead_id: 2 -> -");
    }

    @Test
    void a_record_that_came_while_a_call_was_at_work_is_told_and_what_others_made_is_not() {
        clock = Clock.systemUTC();
        odooDatabase
                .sql("CREATE TABLE mail_message (id serial PRIMARY KEY, res_id integer, create_uid integer,"
                        + " create_date timestamp DEFAULT (now() AT TIME ZONE 'UTC'));"
                        + " INSERT INTO mail_message (res_id, create_uid, create_date) VALUES (1, 2, '2020-01-01')")
                .update();
        catalog.add(new Reference(
                4,
                ReferenceKind.MANY2ONE_REFERENCE,
                "mail.message",
                "mail_message",
                "res_id",
                "res_id",
                List.of("mail.message.res_id"),
                "crm.lead",
                "crm_lead",
                false,
                ConstraintState.IMPOSSIBLE,
                null,
                null,
                null,
                false,
                new Storage.ModelAndId("mail_message", "model", "res_id", "crm.lead"),
                null));
        lead(1, 99, new NewValue.Empty());
        odoo.effect(call -> odooDatabase
                .sql("INSERT INTO mail_message (res_id, create_uid) VALUES (1, 2), (1, 7)")
                .update());

        repairAll();

        assertThat(besides()).containsExactly("mail.message 2 id: - -> 2");
    }

    private void repairAll() {
        RepairRequest request = new RepairRequest(
                run,
                RepairFixture.job(sideEffects, idsPerCall, false),
                new RepairFixture.Database(target),
                odoo,
                List.of(partner, commercial, pricelist),
                catalog,
                PLANNED,
                null,
                null);
        JdbcTransactionManager transactions = new JdbcTransactionManager(ours);
        RepairStages stages = new RepairStages(ours, transactions, new OrphanLook(), JsonMapper.shared(), clock);
        try (RepairStage stage = stages.open(request)) {
            stage.lookBefore();
            RepairBatch batch;
            while ((batch = stage.next()) != null) {
                BatchResult result = stage.repair(batch, n -> {}, () -> false);
                stage.finished(result);
            }
            stage.tidy();
        }
    }

    private Map<String, Long> outcomes() {
        List<Map.Entry<String, Long>> entries = new ArrayList<>();
        our.sql("SELECT coalesce(outcome, 'null'), count(*) FROM repair_part WHERE run_id = :run GROUP BY 1")
                .param("run", run)
                .query(rs -> {
                    entries.add(Map.entry(rs.getString(1), rs.getLong(2)));
                });
        return Map.ofEntries(entries.toArray(Map.Entry[]::new));
    }

    private void lead(long id, long missing, NewValue value) {
        lead(id, missing, value, null);
    }

    private void lead(long id, long missing, NewValue value, Long company) {
        odooDatabase
                .sql("INSERT INTO crm_lead (id, name, partner_id) VALUES (:id, 'lead', :missing)")
                .param("id", id)
                .param("missing", missing)
                .update();
        long repair = repair(id, company, "crm.lead|" + company + "|partner_id=" + value.code());
        part(repair, partner, missing, value);
    }

    private void leadWithBoth(long id, long missing) {
        odooDatabase
                .sql(
                        "INSERT INTO crm_lead (id, name, partner_id, commercial_partner_id) VALUES (:id, 'lead', :missing, :missing)")
                .param("id", id)
                .param("missing", missing)
                .update();
        long repair = repair(id, null, "crm.lead|both");
        part(repair, partner, missing, new NewValue.Empty());
        part(repair, commercial, missing, new NewValue.Empty());
    }

    private long repair(long id, Long company, String kind) {
        long no = ++repairs;
        our.sql(
                        "INSERT INTO repair (run_id, no, child_model, child_table, child_id, company_id, kind_key) VALUES (:run, :no, 'crm.lead', 'crm_lead', :id, :company, :kind)")
                .param("run", run)
                .param("no", no)
                .param("id", id)
                .param("company", company)
                .param("kind", kind)
                .update();
        return no;
    }

    private void part(long repair, Reference reference, long missing, NewValue value) {
        our.sql(
                        "INSERT INTO repair_part (run_id, repair_no, reference_no, missing_id, policy, why, new_value) VALUES (:run, :no, :ref, :missing, :policy, 'test', :value)")
                .param("run", run)
                .param("no", repair)
                .param("ref", reference.no())
                .param("missing", missing)
                .param("policy", PolicyKind.NULL_OUT.code())
                .param("value", value.code())
                .update();
    }
}
