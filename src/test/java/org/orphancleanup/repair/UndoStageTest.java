package org.orphancleanup.repair;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.orphancleanup.TestPostgres;
import org.orphancleanup.UserError;
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
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.json.JsonMapper;

/** A run repaired, then undone, with real databases on both sides. */
class UndoStageTest {

    private static final Instant PLANNED = Instant.parse("2030-01-01T00:00:00Z");

    private final HikariDataSource ours = RepairFixture.pool(TestPostgres.ourDatabase());
    private final HikariDataSource target = RepairFixture.pool(TestPostgres.emptyDatabase());
    private final JdbcClient our = JdbcClient.create(ours);
    private final JdbcClient odooDatabase = JdbcClient.create(target);
    private final FakeOdoo odoo = new FakeOdoo(target);
    private final Reference partner = RepairFixture.reference(1, "partner_id", "res.partner");
    private final List<Reference> catalog = new ArrayList<>(List.of(partner));
    private boolean messages;
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
                CREATE TABLE res_partner (id serial PRIMARY KEY, name varchar, active boolean DEFAULT true, create_uid integer, create_date timestamp);
                INSERT INTO res_partner (id, name) VALUES (1, 'there');
                CREATE TABLE ir_model (id serial PRIMARY KEY, model varchar);
                CREATE TABLE ir_model_inherit (id serial, model_id integer, parent_id integer, parent_field_id integer);
                CREATE TABLE ir_model_fields (id serial, model varchar, name varchar, ttype varchar, relation varchar, relation_field varchar,
                    store boolean, on_delete varchar, relation_table varchar, column1 varchar, column2 varchar);
                CREATE TABLE ir_model_data (id serial, module varchar, name varchar, model varchar, res_id integer);
                CREATE TABLE ir_attachment (id serial, name varchar, res_model varchar, res_id integer, res_field varchar, type varchar, file_size integer);
                CREATE TABLE crm_lead (id integer PRIMARY KEY, name varchar, partner_id integer, revenue numeric DEFAULT 5,
                    active boolean DEFAULT true, write_uid integer DEFAULT 7, write_date timestamp DEFAULT '2020-01-01');
                CREATE TABLE crm_note (id integer PRIMARY KEY, lead_id integer, text varchar, write_uid integer, write_date timestamp);
                INSERT INTO ir_model_fields (model, name, ttype, relation, store, on_delete)
                VALUES ('crm.note', 'lead_id', 'many2one', 'crm.lead', true, 'set null');
                """).update();
        odoo.model("crm.lead", """
                {"name": {"type": "char", "store": true}, "active": {"type": "boolean", "store": true},
                 "partner_id": {"type": "many2one", "relation": "res.partner", "store": true},
                 "revenue": {"type": "float", "store": true, "depends": ["partner_id"]}}""");
        odoo.model("crm.note", """
                {"text": {"type": "char", "store": true}, "lead_id": {"type": "many2one", "relation": "crm.lead", "store": true}}""");
        odoo.model("res.partner", """
                {"name": {"type": "char", "store": true, "required": true}, "active": {"type": "boolean", "store": true}}""");
        run = run(null);
        our.sql("""
                INSERT INTO reference (run_id, no, kind, child_model, child_table, field, field_name, rule_fields, parent_model,
                    parent_table, parent_inherited, state, required, storage)
                VALUES (:run, 1, 'many2one', 'crm.lead', 'crm_lead', 'partner_id', 'partner_id', '{crm.lead.partner_id}',
                    'res.partner', 'res_partner', false, 'missing', false, '{}')""").param("run", run).update();
    }

    @Test
    void old_values_come_back_and_each_change_is_an_item_that_says_undone() {
        for (long id = 1; id <= 30; id++) {
            lead(id, 99, new NewValue.Empty());
        }
        repairAll();

        long undo = undo();

        assertThat(partners()).containsExactly(99L);
        assertThat(outcomes(undo)).containsExactly(Map.entry("undone", 30L));
        assertThat(our.sql("SELECT count(*) FROM repair_part WHERE run_id = :run AND undone_by = :undo")
                        .param("run", run)
                        .param("undo", undo)
                        .query(Long.class)
                        .single())
                .isEqualTo(30);
        // one call for all that get the same values
        assertThat(odoo.calls("write").stream()
                        .filter(call -> Long.valueOf(99).equals(call.values().get("partner_id"))))
                .hasSize(1);
    }

    @Test
    void what_was_changed_besides_is_restored_too() {
        lead(1, 99, new NewValue.Empty());
        odooDatabase
                .sql("INSERT INTO crm_note (id, lead_id, text) VALUES (5, 1, 'as it was')")
                .update();
        odooDatabase
                .sql("INSERT INTO ir_model_fields (model, name, ttype, relation, relation_field, store, on_delete)"
                        + " VALUES ('crm.lead', 'notes', 'one2many', 'crm.note', 'lead_id', true, null)")
                .update();
        odooDatabase
                .sql("UPDATE ir_model_fields SET on_delete = 'cascade' WHERE name = 'lead_id'")
                .update();
        AtomicBoolean refuses = new AtomicBoolean(true);
        odoo.effect(call -> {
            if (call.model().equals("crm.lead")
                    && Boolean.FALSE.equals(call.values().get("partner_id"))) {
                odooDatabase.sql("UPDATE crm_note SET text = 'changed'").update();
            }
        });
        odoo.refuse(call -> {
            if (call.model().equals("crm.note") && refuses.get()) {
                throw FakeOdoo.refusal("not now");
            }
        });
        repairAll();
        assertThat(odooDatabase
                        .sql("SELECT text FROM crm_note")
                        .query(String.class)
                        .single())
                .isEqualTo("changed");
        refuses.set(false);

        long undo = undo();

        assertThat(odooDatabase
                        .sql("SELECT text FROM crm_note")
                        .query(String.class)
                        .single())
                .isEqualTo("as it was");
        assertThat(outcomes(undo)).containsExactly(Map.entry("undone", 2L));
    }

    @Test
    void what_comes_back_by_itself_with_a_restored_value_is_nobodys_change() {
        lead(1, 99, new NewValue.Empty());
        odooDatabase.sql("""
                        INSERT INTO crm_note (id, lead_id, text) VALUES (5, 1, 'as it was');
                        INSERT INTO ir_model_fields (model, name, ttype, relation, relation_field, store, on_delete)
                        VALUES ('crm.lead', 'notes', 'one2many', 'crm.note', 'lead_id', true, null);
                        UPDATE ir_model_fields SET on_delete = 'cascade' WHERE name = 'lead_id'""").update();
        odoo.effect(call -> {
            boolean repair = call.values().containsKey("partner_id");
            odooDatabase
                    .sql("UPDATE crm_note SET text = :text")
                    .param("text", repair ? "follows" : "as it was")
                    .update();
            if (repair) {
                odooDatabase.sql("UPDATE crm_lead SET revenue = 0").update();
            }
        });

        repairAll();

        assertThat(odooDatabase
                        .sql("SELECT text FROM crm_note")
                        .query(String.class)
                        .single())
                .isEqualTo("as it was");
        assertThat(odooDatabase
                        .sql("SELECT revenue::int FROM crm_lead")
                        .query(Integer.class)
                        .single())
                .isEqualTo(5);
        assertThat(our.sql("SELECT count(*) FROM changed_besides")
                        .query(Long.class)
                        .single())
                .isZero();
        assertThat(odoo.calls("write")).hasSize(2);
    }

    @Test
    void a_record_that_somebody_changed_since_is_left_alone_and_the_field_is_named() {
        lead(1, 99, new NewValue.Empty());
        lead(2, 99, new NewValue.Empty());
        lead(3, 99, new NewValue.Empty());
        repairAll();
        odooDatabase.sql("UPDATE crm_lead SET partner_id = 1 WHERE id = 1").update();
        odooDatabase.sql("UPDATE crm_lead SET name = 'edited' WHERE id = 2").update();

        long undo = undo();

        assertThat(outcomes(undo)).containsOnly(Map.entry("undone", 1L), Map.entry("changed-meanwhile", 2L));
        assertThat(reasons(undo))
                .anySatisfy(reason -> assertThat(reason).startsWith("somebody changed partner_id after"))
                .anySatisfy(reason -> assertThat(reason).startsWith("somebody changed name after"));
        assertThat(odooDatabase
                        .sql("SELECT partner_id FROM crm_lead WHERE id = 1")
                        .query(Long.class)
                        .single())
                .isEqualTo(1);
    }

    @Test
    void an_old_value_that_a_foreign_key_keeps_out_is_refused_before_anything_is_tried() {
        lead(1, 99, new NewValue.Empty());
        repairAll();
        odooDatabase
                .sql(
                        "ALTER TABLE crm_lead ADD CONSTRAINT lead_partner FOREIGN KEY (partner_id) REFERENCES res_partner (id)")
                .update();
        int calls = odoo.calls.size();

        long undo = undo();

        assertThat(outcomes(undo)).containsExactly(Map.entry("refused", 1L));
        assertThat(reasons(undo))
                .singleElement()
                .asString()
                .contains("res.partner #99, is still missing")
                .contains("foreign key lead_partner");
        assertThat(odoo.calls).hasSize(calls);
    }

    @Test
    void what_the_orm_refuses_is_held_with_its_words() {
        lead(1, 99, new NewValue.Empty());
        repairAll();
        odoo.refuse(call -> {
            throw FakeOdoo.missing("res.partner(99,)");
        });

        long undo = undo();

        assertThat(outcomes(undo)).containsExactly(Map.entry("held", 1L));
        assertThat(reasons(undo)).singleElement().asString().contains("Odoo reads res.partner #99");
    }

    @Test
    void an_undo_asked_for_twice_writes_once() {
        lead(1, 99, new NewValue.Empty());
        repairAll();
        undo();
        int calls = odoo.calls.size();

        long again = undo();

        assertThat(outcomes(again)).containsExactly(Map.entry("undone", 1L));
        assertThat(reasons(again)).containsExactly("it was already as before the run");
        assertThat(odoo.calls).hasSize(calls);
    }

    @Test
    void a_stand_in_that_nothing_uses_any_more_goes_and_one_that_is_used_stays() {
        lead(1, 98, new NewValue.StandIn(0));
        lead(2, 99, new NewValue.StandIn(0));
        repairAll();
        long used = odooDatabase
                .sql("SELECT partner_id FROM crm_lead WHERE id = 2")
                .query(Long.class)
                .single();
        odooDatabase
                .sql("INSERT INTO crm_lead (id, name, partner_id) VALUES (3, 'new', :used)")
                .param("used", used)
                .update();

        long undo = undo();

        assertThat(partnersOf(1, 2)).containsExactly(98L, 99L);
        assertThat(outcomes(undo)).containsOnly(Map.entry("undone", 3L), Map.entry("held", 1L));
        assertThat(reasons(undo)).contains("it stays, as it is still used: 1 of crm_lead.partner_id");
        assertThat(odooDatabase
                        .sql("SELECT id FROM res_partner WHERE id > 1")
                        .query(Long.class)
                        .list())
                .containsExactly(used);
    }

    @Test
    void a_deleted_record_is_made_anew_and_what_pointed_to_it_points_to_the_new_one() {
        lead(1, 99, new NewValue.Unlink());
        odooDatabase
                .sql("INSERT INTO crm_note (id, lead_id, text) VALUES (5, 1, 'note')")
                .update();
        repairAll();
        odooDatabase.sql("UPDATE crm_note SET lead_id = NULL").update(); // the foreign key's set null
        lead(7, 0, null); // other records go on
        undo();

        Map<String, Object> lead = odooDatabase
                .sql("SELECT id, name, partner_id, revenue FROM crm_lead WHERE id <> 7")
                .query()
                .singleRow();
        assertThat(lead).containsEntry("name", "lead").containsEntry("partner_id", 99);
        assertThat(odooDatabase
                        .sql("SELECT lead_id FROM crm_note")
                        .query(Integer.class)
                        .single())
                .isEqualTo(lead.get("id"));

        long again = undo();

        assertThat(odooDatabase
                        .sql("SELECT count(*) FROM crm_lead")
                        .query(Long.class)
                        .single())
                .isEqualTo(2);
        assertThat(outcomes(again)).containsExactly(Map.entry("undone", 1L));
    }

    @Test
    void what_names_a_deleted_record_or_its_line_by_model_and_id_names_the_new_one() {
        catalog.add(named(2, "crm.lead"));
        catalog.add(named(3, "crm.note"));
        odoo.model("ir.attachment", """
                {"name": {"type": "char", "store": true}, "res_model": {"type": "char", "store": true},
                 "res_id": {"type": "many2one_reference", "store": true}}""");
        lead(1, 99, new NewValue.Unlink());
        odooDatabase.sql("""
                        UPDATE ir_model_fields SET on_delete = 'cascade' WHERE name = 'lead_id';
                        ALTER TABLE ir_attachment ADD write_uid integer, ADD write_date timestamp;
                        INSERT INTO crm_note (id, lead_id, text) VALUES (5, 1, 'line');
                        INSERT INTO ir_attachment (name, res_model, res_id, type)
                        VALUES ('of the lead', 'crm.lead', 1, 'url'), ('of the line', 'crm.note', 5, 'url'),
                               ('of another', 'crm.note', 6, 'url')""").update();
        repairAll();
        odooDatabase.sql("DELETE FROM crm_note").update(); // the foreign key's cascade
        lead(7, 0, null); // other records go on
        odooDatabase
                .sql("INSERT INTO crm_note (id, text) VALUES (9, 'another')")
                .update();

        undo();

        Map<String, Object> names = new java.util.HashMap<>();
        odooDatabase.sql("SELECT name, res_id FROM ir_attachment").query(rs -> {
            names.put(rs.getString(1), rs.getObject(2));
        });
        assertThat(names)
                .containsEntry(
                        "of the lead",
                        odooDatabase
                                .sql("SELECT id FROM crm_lead WHERE id <> 7")
                                .query(Integer.class)
                                .single())
                .containsEntry(
                        "of the line",
                        odooDatabase
                                .sql("SELECT id FROM crm_note WHERE id <> 9")
                                .query(Integer.class)
                                .single())
                .containsEntry("of another", 6)
                .hasSize(3);
    }

    private static Reference named(int no, String model) {
        return new Reference(
                no,
                ReferenceKind.MANY2ONE_REFERENCE,
                "ir.attachment",
                "ir_attachment",
                "res_id",
                "res_id",
                List.of("ir.attachment.res_id"),
                model,
                model.replace('.', '_'),
                false,
                ConstraintState.IMPOSSIBLE,
                null,
                null,
                null,
                false,
                new Storage.ModelAndId("ir_attachment", "res_model", "res_id", model),
                null);
    }

    @Test
    void a_create_whose_answer_was_lost_is_found_again_and_not_repeated() {
        lead(7, 0, null);
        lead(1, 99, new NewValue.Unlink());
        odooDatabase
                .sql("ALTER TABLE crm_lead ADD create_uid integer, ADD create_date timestamp DEFAULT now()")
                .update();
        repairAll();
        odooDatabase.sql("UPDATE crm_lead SET create_date = '2020-01-01'").update();
        odoo.lostAnswer(
                "create",
                () -> odooDatabase
                        .sql("UPDATE crm_lead SET create_uid = " + FakeOdoo.UID
                                + ", create_date = '2030-01-01' WHERE id > 1000")
                        .update());

        long undo = undo();

        assertThat(odooDatabase
                        .sql("SELECT count(*) FROM crm_lead WHERE partner_id = 99")
                        .query(Long.class)
                        .single())
                .isEqualTo(1);
        assertThat(outcomes(undo)).containsExactly(Map.entry("undone", 1L));
    }

    @Test
    void a_quarantined_record_is_active_again_and_its_quarantine_says_restored() {
        lead(1, 99, new NewValue.Quarantine(true));
        lead(2, 99, new NewValue.Quarantine(false));
        repairAll();
        assertThat(odooDatabase
                        .sql("SELECT active FROM crm_lead WHERE id = 1")
                        .query(Boolean.class)
                        .single())
                .isFalse();

        undo();

        assertThat(odooDatabase
                        .sql("SELECT DISTINCT active FROM crm_lead")
                        .query(Boolean.class)
                        .list())
                .containsExactly(true);
        assertThat(our.sql("SELECT DISTINCT status FROM quarantine")
                        .query(String.class)
                        .list())
                .containsExactly("restored");
        assertThat(our.sql("SELECT count(*) FROM repair_part WHERE undone_by IS NOT NULL")
                        .query(Long.class)
                        .single())
                .isEqualTo(2);
    }

    @Test
    void one_record_alone_is_undone_and_the_others_stay_as_they_are() {
        lead(1, 98, new NewValue.StandIn(0));
        lead(2, 98, new NewValue.StandIn(0));
        repairAll();

        long undo = undo(null, 2L);

        assertThat(partnersOf(2)).containsExactly(98L);
        assertThat(partnersOf(1)).doesNotContain(98L);
        // the stand-in that the other one still uses is nothing this undo was asked for
        assertThat(outcomes(undo)).containsExactly(Map.entry("undone", 1L));
        assertThat(odooDatabase
                        .sql("SELECT count(*) FROM res_partner")
                        .query(Long.class)
                        .single())
                .isEqualTo(2);
    }

    @Test
    void a_reference_that_the_run_does_not_have_is_told_with_the_remedy() {
        lead(1, 99, new NewValue.Empty());
        repairAll();

        assertThatThrownBy(() -> undo("crm.lead.team_id", null))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("crm.lead.team_id")
                .hasMessageContaining("--reference");
    }

    @Test
    void a_wrong_key_ends_the_undo_and_the_rest_stays_to_be_undone() {
        lead(1, 99, new NewValue.Empty());
        repairAll();
        odoo.refuse(call -> {
            throw new OdooException(OdooException.Kind.LOGIN, "Access Denied", null, null, null);
        });

        assertThatThrownBy(this::undo).hasMessage("Access Denied");

        assertThat(our.sql("SELECT count(*) FROM undo_item WHERE outcome IS NULL")
                        .query(Long.class)
                        .single())
                .isEqualTo(1);
    }

    @Test
    void secrets_reach_neither_journal_nor_snapshot_also_where_the_api_user_may_read_them() {
        odooDatabase
                .sql("ALTER TABLE crm_lead ADD access_token varchar, ADD salary varchar")
                .update();
        odoo.model("crm.lead", """
                {"name": {"type": "char", "store": true}, "active": {"type": "boolean", "store": true},
                 "access_token": {"type": "char", "store": true},
                 "partner_id": {"type": "many2one", "relation": "res.partner", "store": true}}""");
        lead(1, 99, new NewValue.Empty());
        lead(2, 99, new NewValue.Unlink());
        lead(3, 99, new NewValue.Quarantine(true));
        odooDatabase
                .sql("UPDATE crm_lead SET access_token = 'opens-doors', salary = 'of-a-group'")
                .update();

        repairAll();
        undo();

        assertThat(our.sql("SELECT count(*) FROM journal WHERE row_before IS NOT NULL")
                        .query(Long.class)
                        .single())
                .isGreaterThanOrEqualTo(3);
        for (String kept : List.of(
                "SELECT concat(row_before, row_after, snapshot) FROM journal",
                "SELECT concat(arguments, context) FROM journal_call",
                "SELECT snapshot::text FROM quarantine",
                "SELECT concat(restore, expect) FROM undo_item")) {
            // fields_get does not give the API user the other one
            assertThat(our.sql(kept).query(String.class).list())
                    .isNotEmpty()
                    .allSatisfy(row -> assertThat(row).doesNotContain("opens-doors", "of-a-group"));
        }
    }

    @Test
    void with_allow_messages_each_repaired_record_gets_one_internal_note_that_notifies_nobody() {
        messages = true;
        odooDatabase.sql("ALTER TABLE ir_model ADD is_mail_thread boolean").update();
        odooDatabase
                .sql("INSERT INTO ir_model (model, is_mail_thread) VALUES ('crm.lead', true)")
                .update();
        lead(1, 99, new NewValue.Empty());
        lead(2, 99, new NewValue.Quarantine(false));

        repairAll();

        assertThat(odoo.rpcs.stream().filter(call -> call.method().equals("message_post")))
                .singleElement()
                .satisfies(call -> {
                    assertThat(call.ids()).containsExactly(1L);
                    assertThat(call.options())
                            .containsEntry("subtype_xmlid", "mail.mt_note")
                            .doesNotContainKey("partner_ids");
                    assertThat(String.valueOf(call.options().get("body"))).contains("res.partner #99");
                    assertThat(call.context()).containsEntry("mail_create_nosubscribe", true);
                });
    }

    @Test
    void without_it_no_message_is_posted() {
        odooDatabase.sql("ALTER TABLE ir_model ADD is_mail_thread boolean").update();
        odooDatabase
                .sql("INSERT INTO ir_model (model, is_mail_thread) VALUES ('crm.lead', true)")
                .update();
        lead(1, 99, new NewValue.Empty());

        repairAll();

        assertThat(odoo.rpcs).noneMatch(call -> call.method().equals("message_post"));
    }

    @Test
    void after_a_lost_answer_the_record_is_read_and_what_was_done_is_not_repeated() {
        lead(1, 99, new NewValue.Empty());
        odoo.lostAnswer("write", () -> {});

        repairAll();

        assertThat(odoo.calls("write")).hasSize(1);
        assertThat(our.sql("SELECT outcome FROM repair_part")
                        .query(String.class)
                        .single())
                .isEqualTo("repaired");
        // and the journal knows what it did, so that it can be undone
        undo();
        assertThat(partners()).containsExactly(99L);
    }

    @Test
    void an_orphan_is_looked_at_again_right_before_its_write() {
        for (long id = 1; id <= 250; id++) {
            lead(id, 99, new NewValue.Empty());
        }
        AtomicBoolean once = new AtomicBoolean(true);
        odoo.effect(call -> {
            if (once.getAndSet(false)) {
                // somebody else mends one that is still to come
                odooDatabase
                        .sql("UPDATE crm_lead SET partner_id = 1 WHERE id = 240")
                        .update();
            }
        });

        repairAll();

        assertThat(partnersOf(240)).containsExactly(1L);
    }

    @Test
    void a_quarantine_holds_all_there_is_to_know_of_a_record() {
        lead(1, 99, new NewValue.Quarantine(true));
        odooDatabase
                .sql("INSERT INTO crm_note (id, lead_id, text) VALUES (5, 1, 'note')")
                .update();
        odooDatabase
                .sql("UPDATE ir_model_fields SET on_delete = 'cascade' WHERE name = 'lead_id'")
                .update();
        odooDatabase.sql("""
                CREATE TABLE crm_tag (id integer PRIMARY KEY);
                INSERT INTO crm_tag VALUES (4);
                CREATE TABLE crm_tag_rel (lead_id integer, tag_id integer);
                INSERT INTO crm_tag_rel VALUES (1, 4);
                INSERT INTO ir_model_fields (model, name, ttype, relation, store, relation_table, column1, column2)
                VALUES ('crm.lead', 'tag_ids', 'many2many', 'crm.tag', true, 'crm_tag_rel', 'lead_id', 'tag_id');
                INSERT INTO ir_attachment (name, res_model, res_id, type, file_size) VALUES ('offer.pdf', 'crm.lead', 1, 'binary', 9)""").update();
        odoo.model("ir.attachment", """
                {"name": {"type": "char", "store": true}, "res_id": {"type": "many2one_reference", "store": true},
                 "file_size": {"type": "integer", "store": true}, "type": {"type": "selection", "store": true}}""");

        repairAll();

        String snapshot = our.sql("SELECT snapshot::text FROM quarantine")
                .query(String.class)
                .single();
        tools.jackson.databind.JsonNode json = JsonMapper.shared().readTree(snapshot);
        assertThat(json.at("/row/partner_id").asLong()).isEqualTo(99);
        assertThat(json.at("/lines/0/records/0/row/text").asString()).isEqualTo("note");
        assertThat(json.at("/relations/0/field").asString()).isEqualTo("tag_ids");
        assertThat(json.at("/relations/0/ids/0").asLong()).isEqualTo(4);
        assertThat(json.at("/attachments/0/name").asString()).isEqualTo("offer.pdf");
    }

    private long undo() {
        return undo(null, null);
    }

    private long undo(@Nullable String reference, @Nullable Long record) {
        long id = run(run);
        UndoRequest request = new UndoRequest(request(id), run, reference, record);
        JdbcTransactionManager transactions = new JdbcTransactionManager(ours);
        UndoStage stage = stages(transactions).undo(request);
        stage.list();
        UndoBatch batch;
        while ((batch = stage.next()) != null) {
            UndoBatch result = stage.undo(batch);
            new TransactionTemplate(transactions).executeWithoutResult(status -> stage.record(result));
        }
        stage.finish();
        return id;
    }

    private void repairAll() {
        JdbcTransactionManager transactions = new JdbcTransactionManager(ours);
        try (RepairStage stage = stages(transactions).open(request(run))) {
            stage.lookBefore();
            RepairBatch batch;
            while ((batch = stage.next()) != null) {
                BatchResult result = stage.repair(batch, n -> {}, () -> false);
                stage.finished(result);
            }
        }
    }

    private RepairStages stages(JdbcTransactionManager transactions) {
        return new RepairStages(
                ours, transactions, new OrphanLook(), JsonMapper.shared(), Clock.fixed(PLANNED, ZoneOffset.UTC));
    }

    private RepairRequest request(long id) {
        return new RepairRequest(
                id,
                RepairFixture.job(JobDefinition.SideEffects.PRESERVE, 200, messages),
                new RepairFixture.Database(target),
                odoo,
                List.of(partner),
                catalog,
                PLANNED,
                null,
                null);
    }

    private long run(@Nullable Long undoOf) {
        return our.sql("""
                INSERT INTO run (job, target, target_fingerprint, target_database, command, started_through, asked_by, definition, status,
                    undo_of, started_at, heartbeat_at, host, pid, process_started_at)
                VALUES ('j', 't', 'f', 'd', 'cleanup', 'command-line', 'me', 'name: j', 'running', :of, now(), now(), 'h', 1, now())
                RETURNING id""").param("of", undoOf).query(Long.class).single();
    }

    private Map<String, Long> outcomes(long undo) {
        Map<String, Long> outcomes = new java.util.TreeMap<>();
        our.sql("SELECT coalesce(outcome, 'null'), count(*) FROM undo_item WHERE run_id = :run GROUP BY 1")
                .param("run", undo)
                .query(rs -> {
                    outcomes.put(rs.getString(1), rs.getLong(2));
                });
        return outcomes;
    }

    private List<String> reasons(long undo) {
        return our.sql("SELECT reason FROM undo_item WHERE run_id = :run AND reason IS NOT NULL ORDER BY no")
                .param("run", undo)
                .query(String.class)
                .list();
    }

    private List<Long> partners() {
        return odooDatabase
                .sql("SELECT DISTINCT partner_id FROM crm_lead ORDER BY 1")
                .query(Long.class)
                .list();
    }

    private List<Long> partnersOf(long... leads) {
        return java.util.Arrays.stream(leads)
                .mapToObj(id -> odooDatabase
                        .sql("SELECT partner_id FROM crm_lead WHERE id = :id")
                        .param("id", id)
                        .query(Long.class)
                        .single())
                .toList();
    }

    private void lead(long id, long missing, @Nullable NewValue value) {
        odooDatabase
                .sql("INSERT INTO crm_lead (id, name, partner_id) VALUES (:id, 'lead', NULLIF(:missing, 0))")
                .param("id", id)
                .param("missing", missing)
                .update();
        if (value == null) {
            return;
        }
        long no = ++repairs;
        our.sql(
                        "INSERT INTO repair (run_id, no, child_model, child_table, child_id, kind_key) VALUES (:run, :no, 'crm.lead', 'crm_lead', :id, :kind)")
                .param("run", run)
                .param("no", no)
                .param("id", id)
                .param("kind", "crm.lead|partner_id=" + value.code())
                .update();
        our.sql(
                        "INSERT INTO repair_part (run_id, repair_no, reference_no, missing_id, policy, why, new_value) VALUES (:run, :no, 1, :missing, :policy, 'test', :value)")
                .param("run", run)
                .param("no", no)
                .param("missing", missing)
                .param("policy", PolicyKind.NULL_OUT.code())
                .param("value", value.code())
                .update();
        our.sql(
                        "INSERT INTO orphan (run_id, look, reference_no, child_id, missing_id) VALUES (:run, 0, 1, :id, :missing)")
                .param("run", run)
                .param("id", id)
                .param("missing", missing)
                .update();
    }
}
