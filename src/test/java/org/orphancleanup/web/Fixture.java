package org.orphancleanup.web;

import org.springframework.jdbc.core.simple.JdbcClient;

/** Runs in our database as the program would have left them. */
final class Fixture {

    static final String SCRIPT = "<script>alert(1)</script>";

    private final JdbcClient jdbc;

    Fixture(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** Ended runs, one an hour, of two jobs on two targets, the last one just now. */
    void history(int runs) {
        jdbc.sql("""
                INSERT INTO run (job, target, target_fingerprint, target_database, command, started_through, asked_by, definition,
                    status, exit_code, message, started_at, ended_at, heartbeat_at, host, pid, process_started_at, found, repaired,
                    remaining, took_ms, counts)
                SELECT (ARRAY['nightly', 'weekly'])[1 + i % 2], (ARRAY['production', 'staging'])[1 + (i / 7) % 2], 'print', 'odoo',
                    (ARRAY['cleanup', 'scan', 'plan'])[1 + i % 3], (ARRAY['schedule', 'web', 'command-line'])[1 + i % 3],
                    (ARRAY['schedule', 'ann', 'bob', 'eve'])[1 + i % 4], '', (ARRAY['completed', 'completed', 'completed', 'failed'])[1 + i % 4], 1,
                    'as it was', now() - (:runs - i) * interval '1 hour', now() - (:runs - i) * interval '1 hour' + i % 600 * interval '1 second',
                    now(), 'here', 1, now(), i % 1000, i % 300, i % 1000 - i % 300, i % 600 * 1000,
                    jsonb_build_object('found', i % 1000, 'repaired', i % 300, 'held', 0, 'failed', 0, 'remaining', i % 1000 - i % 300)
                FROM generate_series(1, :runs) i""").param("runs", runs).update();
    }

    /**
     * A cleanup that found and repaired so many references of two fields, every tenth of them held.
     *
     * @return its number
     */
    long cleanup(long findings) {
        long run = jdbc.sql("""
                        INSERT INTO run (job, target, target_fingerprint, target_url, target_database, command, started_through,
                            asked_by, definition, status, exit_code, message, started_at, ended_at, heartbeat_at, host, pid,
                            process_started_at)
                        VALUES (:script, 'production', 'print', 'https://erp.example.com', 'odoo', 'cleanup', 'command-line', :script,
                            'name: nightly', 'completed', 1, :script, now() - interval '1 minute', now(), now(), 'here', 1, now())
                        RETURNING id""").param("script", SCRIPT).query(Long.class).single();
        for (int no = 1; no <= 2; no++) {
            jdbc.sql("""
                            INSERT INTO reference (run_id, no, kind, child_model, child_table, field, field_name, rule_fields,
                                parent_model, parent_table, parent_inherited, state, ondelete, required, storage, rows_read, orphans,
                                millis)
                            VALUES (:run, :no, 'many2one', 'sale.order', 'sale_order', :field, :field, '{}', 'res.partner',
                                'res_partner', false, 'missing', 'restrict', true, '{}', 100000, (:findings + 2 - :no) / 2, 40)""")
                    .param("run", run)
                    .param("no", no)
                    .param("field", no == 1 ? "partner_id" : "partner_invoice_id")
                    .param("findings", findings)
                    .update();
        }
        jdbc.sql("""
                        INSERT INTO orphan SELECT :run, 0, 1 + i % 2, i / 2 + 1, 1000 + i % 997 FROM generate_series(0, :findings - 1) i""").param("run", run).param("findings", findings).update();
        jdbc.sql(
                        "INSERT INTO orphan SELECT run_id, 1, reference_no, child_id, missing_id FROM orphan WHERE run_id = ? AND child_id % 10 = 0")
                .param(run)
                .update();
        jdbc.sql(
                        "INSERT INTO scan_slice (run_id, look, no, part, windows, done) SELECT ?, look, 0, 0, '[]', true FROM generate_series(0, 1) look")
                .param(run)
                .update();
        jdbc.sql("""
                        INSERT INTO repair (run_id, no, child_model, child_table, child_id, kind_key, done)
                        SELECT DISTINCT run_id, child_id, 'sale.order', 'sale_order', child_id, 'k', true FROM orphan
                         WHERE run_id = ? AND look = 0""").param(run).update();
        jdbc.sql("""
                        INSERT INTO repair_part (run_id, repair_no, reference_no, missing_id, policy, rule_line, why, new_value, outcome,
                            reason, rung)
                        SELECT run_id, child_id, reference_no, missing_id, 'relink', 7, 'rule at line 7 (' || :script || ')', 'record:3',
                            CASE WHEN child_id % 10 = 0 THEN 'held' ELSE 'repaired' END,
                            CASE WHEN child_id % 10 = 0 THEN 'Odoo said: ' || :script END, 'plain'
                          FROM orphan WHERE run_id = :run AND look = 0""").param("script", SCRIPT).param("run", run).update();
        jdbc.sql("""
                        INSERT INTO plan (run_id, hash, status, repairs, parts, blocked, warnings, created_at, valid_until, approved_by,
                            approved_at, approval_note)
                        VALUES (:run, 'h', 'applied', :findings / 2, :findings, '{}', ARRAY[:script], now(), now() + interval '1 day',
                            :script, now(), :script)""")
                .param("run", run)
                .param("findings", findings)
                .param("script", SCRIPT)
                .update();
        long call = jdbc.sql("""
                        INSERT INTO journal_call (run_id, at, model, method, record_ids, arguments, context, rung, millis, outcome, error)
                        VALUES (:run, now(), 'sale.order', 'write', '{1}', '{}', '{}', 'plain', 12, 'done', :script) RETURNING id""")
                .param("run", run)
                .param("script", SCRIPT)
                .query(Long.class)
                .single();
        jdbc.sql("""
                        INSERT INTO journal (call_id, run_id, repair_no, model, table_name, record_id, row_before, row_after)
                        VALUES (:call, :run, 1, 'sale.order', 'sale_order', 1,
                            jsonb_build_object('partner_id', 1000, 'note', 'secret of the customer ' || :script),
                            jsonb_build_object('partner_id', 3, 'note', 'another ' || :script))""")
                .param("call", call)
                .param("run", run)
                .param("script", SCRIPT)
                .update();
        jdbc.sql(
                        "INSERT INTO changed_besides VALUES (:run, 1, 'sale.order', 1, 'amount', :script, 'value beside', false)")
                .param("run", run)
                .param("script", SCRIPT)
                .update();
        jdbc.sql("""
                        INSERT INTO quarantine (run_id, repair_no, target_fingerprint, model, table_name, record_id, snapshot, archived,
                            created_at)
                        VALUES (:run, 2, 'print', 'sale.order', 'sale_order', :run, jsonb_build_object('name', 'kept ' || :script), true, now())""").param("run", run).param("script", SCRIPT).update();
        jdbc.sql("ANALYZE").update();
        return run;
    }
}
