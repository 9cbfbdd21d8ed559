package org.orphancleanup.repair;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.orphancleanup.odoo.OdooCall;
import org.orphancleanup.target.TargetWriter;
import tools.jackson.databind.JsonNode;

/**
 * Through a temporary server action, within Odoo's own transaction. Its code is constant and takes its parameters from the
 * context; it copies a row within the table of one of Odoo's models or takes one away, does so for administrators alone, and is
 * removed again.
 */
final class ServerActionCopies implements RowCopies {

    static final String CODE = """
            # odoo-orphan-cleanup: puts a missing record back under its old id, or takes it away again; removed after use
            if not env.user.has_group('base.group_system'):
                raise UserError('For administrators only')
            p = env.context['orphan_cleanup_keep_id']
            table = '"' + env[p['model']]._table + '"'
            env.flush_all()
            if p.get('source'):
                env.cr.execute('INSERT INTO ' + table + ' SELECT (jsonb_populate_record(s, CAST(%s AS jsonb))).* FROM ONLY ' + table + ' s WHERE s.id = %s', [p['values'], p['source']])
            else:
                for child, column in p['unless']:
                    env.cr.execute('SELECT count(*) FROM "' + child + '" c WHERE c."' + column + '" = %s' + (' AND c.id <> %s' if child == env[p['model']]._table else ' AND %s > 0'), [p['remove'], p['remove']])
                    if env.cr.fetchone()[0]:
                        raise UserError(child + '.' + column + ' refers to it by a foreign key')
                env.cr.execute('DELETE FROM ONLY ' + table + ' WHERE id = %s', [p['remove']])
            env.invalidate_all()
            """;

    private static final String MODEL = "ir.actions.server";
    private static final String XML_ID = StandIns.MODULE + ".keep_id_action";

    private final Session session;
    private @Nullable Long action;

    ServerActionCopies(Session session) {
        this.session = session;
    }

    @Override
    public String words() {
        return "server action";
    }

    @Override
    public boolean copy(String model, String table, long source, Map<String, Object> values) {
        run(Map.of("model", model, "source", source, "values", session.mapper().writeValueAsString(values)));
        return true; // the caller looks whether the row is there
    }

    @Override
    public boolean remove(String model, String table, long id, List<TargetWriter.Key> unlessReferred) {
        run(Map.of(
                "model",
                model,
                "remove",
                id,
                "unless",
                unlessReferred.stream()
                        .map(key -> List.of(key.table(), key.column()))
                        .toList()));
        return true; // the caller looks whether the row is gone
    }

    private void run(Map<String, Object> parameters) {
        Map<String, Object> context = new LinkedHashMap<>(session.contexts().quiet(0));
        context.put("orphan_cleanup_keep_id", parameters);
        session.odoo().call(new OdooCall(MODEL, "run", List.of(action()), Map.of(), Map.of(), context));
    }

    private synchronized long action() {
        if (action == null) {
            JsonNode model = session.odoo()
                    .call(new OdooCall(
                            "ir.model",
                            "search",
                            null,
                            Map.of("domain", List.of(List.of("model", "=", MODEL))),
                            Map.of("limit", 1),
                            Map.of()));
            List<String> fields = List.of("id", "name", "model_id/.id", "state", "code");
            List<String> row = List.of(
                    XML_ID, "odoo-orphan-cleanup: keep-id", model.path(0).asString(), "code", CODE);
            Journal.Call call =
                    new Journal.Call(MODEL, "load", List.of(), Map.of("fields", fields, "data", row), Map.of(), null);
            action = session.journal()
                    .carryOut(
                            call,
                            () -> session.odoo()
                                    .load(
                                            MODEL,
                                            fields,
                                            List.of(row),
                                            session.contexts().quiet(0))
                                    .get(0));
        }
        return action;
    }

    @Override
    public void sweep() {
        Optional<Long> left = StandIns.find(session, XML_ID, MODEL, "ir_act_server");
        left.ifPresent(this::remove);
    }

    /** From 18 on Odoo keeps each code it had; the database deletes them along, where it has the foreign key. */
    private void history(long id) {
        if (session.rows().columns("ir_actions_server_history").isEmpty()) {
            return;
        }
        List<Long> versions = session.rows()
                .jdbc()
                .sql("SELECT id FROM ir_actions_server_history WHERE action_id = :id")
                .param("id", id)
                .query(Long.class)
                .list();
        if (!versions.isEmpty()) {
            session.tell("ir.actions.server.history", "unlink", versions, Map.of(), Map.of());
        }
    }

    @Override
    public synchronized void end() {
        if (action != null) {
            remove(action);
            action = null;
        }
    }

    private void remove(long id) {
        history(id);
        Journal.Call call = new Journal.Call(MODEL, "unlink", List.of(id), Map.of(), Map.of(), null);
        session.journal()
                .carryOut(
                        call,
                        () -> session.odoo()
                                .unlink(MODEL, List.of(id), session.contexts().quiet(0)));
    }
}
