package org.orphancleanup.repair;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;
import org.orphancleanup.odoo.OdooCall;
import org.orphancleanup.odoo.OdooClient;
import org.orphancleanup.odoo.OdooException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** An Odoo whose writes go straight into a test database, each a transaction, and whose refusals a test decides. */
class FakeOdoo implements OdooClient {

    /** @param method write, unlink, load … */
    record Call(String method, String model, List<Long> ids, Map<String, Object> values, Map<String, Object> context) {}

    /** Called before a write is carried out and outside its transaction; throws to refuse it. */
    interface Rule {
        void check(Call call);
    }

    static final long UID = 2;

    final List<Call> calls = new ArrayList<>();
    final List<Map<String, Object>> readBacks = new ArrayList<>();
    boolean hasWebSave = true;
    private final Map<String, Map<String, JsonNode>> fields = new HashMap<>();
    final List<OdooCall> rpcs = new ArrayList<>();
    private final Map<String, Runnable> lost = new HashMap<>();
    private final List<Rule> rules = new ArrayList<>();
    private @org.jspecify.annotations.Nullable Rule insteadOfUnlink;
    private final List<Rule> effects = new ArrayList<>();
    private final List<Rule> afterwards = new ArrayList<>();
    private final JdbcClient database;
    private final TransactionTemplate transaction;
    private final JsonMapper mapper = JsonMapper.shared();

    FakeOdoo(DataSource database) {
        this.database = JdbcClient.create(database);
        this.transaction = new TransactionTemplate(new JdbcTransactionManager(database));
        this.transaction.setIsolationLevel(TransactionDefinition.ISOLATION_REPEATABLE_READ);
    }

    FakeOdoo model(String model, String fieldsJson) {
        Map<String, JsonNode> map = new HashMap<>();
        mapper.readTree(fieldsJson).properties().forEach(e -> map.put(e.getKey(), e.getValue()));
        fields.put(model, map);
        return this;
    }

    FakeOdoo refuse(Rule rule) {
        rules.add(rule);
        return this;
    }

    /** Every unlink answers yes, and does this. */
    FakeOdoo insteadOfUnlink(Rule effect) {
        insteadOfUnlink = effect;
        return this;
    }

    /** Something else that a carried out write changes, in its transaction. */
    FakeOdoo effect(Rule effect) {
        effects.add(effect);
        return this;
    }

    /** After a write was committed, before its answer. */
    FakeOdoo after(Rule rule) {
        afterwards.add(rule);
        return this;
    }

    /** The next call of this method is carried out, and no answer comes back. */
    FakeOdoo lostAnswer(String method, Runnable after) {
        lost.put(method, after);
        return this;
    }

    List<Call> calls(String method) {
        return calls.stream().filter(c -> c.method().equals(method)).toList();
    }

    static OdooException refusal(String message) {
        return new OdooException(OdooException.Kind.REFUSED, message, "odoo.exceptions.UserError", "Traceback …", null);
    }

    static OdooException missing(String record) {
        return new OdooException(
                OdooException.Kind.MISSING,
                "Record does not exist or has been deleted.\n(Record: " + record + ", User: 2)",
                "odoo.exceptions.MissingError",
                "Traceback …",
                null);
    }

    @Override
    public boolean write(String model, Collection<Long> ids, Map<String, Object> values, Map<String, Object> context) {
        Call call = new Call("write", model, List.copyOf(ids), values, context);
        calls.add(call);
        rules.forEach(rule -> rule.check(call));
        transaction.executeWithoutResult(status -> update(call, values));
        afterwards.forEach(rule -> rule.check(call));
        if (lost.containsKey("write")) {
            lost.remove("write").run();
            throw new OdooException(OdooException.Kind.NO_ANSWER, "Read timed out", null, null, null);
        }
        return true;
    }

    private void update(Call call, Map<String, Object> values) {
        Map<String, Object> columns = new HashMap<>(values);
        columns.values().removeIf(List.class::isInstance); // commands of a to-many field: for an effect to carry out
        columns.forEach((field, value) -> database.sql("UPDATE " + call.model().replace('.', '_') + " SET " + field
                        + " = :value, write_uid = :uid, write_date = now() AT TIME ZONE 'UTC' WHERE id = ANY(:ids)")
                .param("value", Boolean.FALSE.equals(value) && !field.equals("active") ? null : value)
                .param("uid", UID)
                .param("ids", call.ids().toArray(Long[]::new))
                .update());
        effects.forEach(effect -> effect.check(call));
    }

    @Override
    public void save(
            String model,
            Collection<Long> ids,
            Map<String, Object> values,
            Map<String, Object> readBack,
            Map<String, Object> context) {
        readBacks.add(readBack);
        if (!hasWebSave) {
            throw new OdooException(OdooException.Kind.UNKNOWN, "no web_save", "AttributeError", null, null);
        }
        write(model, ids, values, context);
    }

    @Override
    public boolean unlink(String model, Collection<Long> ids, Map<String, Object> context) {
        Call call = new Call("unlink", model, List.copyOf(ids), Map.of(), context);
        calls.add(call);
        rules.forEach(rule -> rule.check(call));
        if (insteadOfUnlink != null) {
            insteadOfUnlink.check(call);
            return true;
        }
        database.sql("DELETE FROM " + model.replace('.', '_') + " WHERE id = ANY(:ids)")
                .param("ids", ids.toArray(Long[]::new))
                .update();
        return true;
    }

    @Override
    public List<Long> load(String model, List<String> fields, List<List<String>> rows, Map<String, Object> context) {
        Map<String, Object> values = new HashMap<>();
        for (int i = 0; i < fields.size(); i++) {
            values.put(fields.get(i), rows.get(0).get(i));
        }
        Call call = new Call("load", model, List.of(), values, context);
        calls.add(call);
        rules.forEach(rule -> rule.check(call));
        String[] xmlId = String.valueOf(values.get("id")).split("\\.", 2);
        Long id = database.sql("INSERT INTO " + model.replace('.', '_')
                        + " (id, name, active) SELECT max(id) + 1000, :name, :active FROM " + model.replace('.', '_')
                        + " RETURNING id")
                .param("name", values.get("name"))
                .param("active", !"False".equals(values.get("active")))
                .query(Long.class)
                .single();
        database.sql("INSERT INTO ir_model_data (module, name, model, res_id) VALUES (:module, :name, :model, :id)")
                .param("module", xmlId[0])
                .param("name", xmlId[1])
                .param("model", model)
                .param("id", id)
                .update();
        return List.of(id);
    }

    @Override
    public JsonNode call(OdooCall call) {
        rpcs.add(call);
        return mapper.readTree("[{\"id\": 2, \"company_id\": 1, \"company_ids\": [1, 3]}]");
    }

    @Override
    public Map<String, JsonNode> fields(String model) {
        return fields.getOrDefault(model, Map.of());
    }

    @Override
    public boolean mayAccess(String model, String operation) {
        return true;
    }

    @Override
    public List<Long> allowedIds(String model, String operation, Collection<Long> ids, Map<String, Object> context) {
        return List.copyOf(ids);
    }

    @Override
    public List<Long> search(String model, List<?> domain, Integer limit, Map<String, Object> context) {
        return List.of(UID);
    }

    @Override
    public List<Map<String, JsonNode>> read(
            String model, Collection<Long> ids, List<String> fields, Map<String, Object> context) {
        return List.of();
    }

    @Override
    public long create(String model, Map<String, Object> values, Map<String, Object> context) {
        Call call = new Call("create", model, List.of(), values, context);
        calls.add(call);
        rules.forEach(rule -> rule.check(call));
        String table = model.replace('.', '_');
        Long id = database.sql("INSERT INTO " + table + " (id) SELECT max(id) + 1000 FROM " + table + " RETURNING id")
                .query(Long.class)
                .single();
        values.forEach((field, value) -> database.sql("UPDATE " + table + " SET " + field + " = :value WHERE id = :id")
                .param("value", Boolean.FALSE.equals(value) && !field.equals("active") ? null : value)
                .param("id", id)
                .update());
        if (lost.containsKey("create")) {
            lost.remove("create").run();
            throw new OdooException(OdooException.Kind.NO_ANSWER, "Read timed out", null, null, null);
        }
        return id;
    }

    @Override
    public int version() {
        return 18;
    }

    @Override
    public long uid() {
        return UID;
    }

    @Override
    public String protocol() {
        return "JSON-RPC";
    }

    @Override
    public void close() {}
}
