package org.orphancleanup.repair;

import java.time.Clock;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.orphancleanup.detect.OrphanLook;
import org.orphancleanup.odoo.OdooCall;
import org.orphancleanup.odoo.OdooClient;
import org.orphancleanup.odoo.OdooException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What all parts of the engine share during one run. */
final class Session {

    private static final Logger LOG = LoggerFactory.getLogger(Session.class);

    private final RepairRequest request;
    private final Contexts contexts;
    private final Rows rows;
    private final Journal journal;
    private final Brake brake;
    private final OrphanLook look;
    private final ToMany toMany;
    private final JsonMapper mapper;
    private final Clock clock;
    private final ReadWriteLock calls = new ReentrantReadWriteLock(true);
    private final Map<String, ModelInfo> models = new ConcurrentHashMap<>();
    private final Map<String, String> tables = new ConcurrentHashMap<>();

    Session(
            RepairRequest request,
            Contexts contexts,
            Rows rows,
            Journal journal,
            Brake brake,
            OrphanLook look,
            JsonMapper mapper,
            Clock clock) {
        this.request = request;
        this.contexts = contexts;
        this.rows = rows;
        this.toMany = new ToMany(rows);
        this.journal = journal;
        this.brake = brake;
        this.look = look;
        this.mapper = mapper;
        this.clock = clock;
    }

    RepairRequest request() {
        return request;
    }

    OdooClient odoo() {
        return request.odoo();
    }

    Contexts contexts() {
        return contexts;
    }

    Rows rows() {
        return rows;
    }

    Journal journal() {
        return journal;
    }

    Brake brake() {
        return brake;
    }

    OrphanLook look() {
        return look;
    }

    /** @param alone for a call beside which no other write of this run may be under way */
    Lock calls(boolean alone) {
        return alone ? calls.writeLock() : calls.readLock();
    }

    JsonMapper mapper() {
        return mapper;
    }

    Clock clock() {
        return clock;
    }

    /**
     * After a failed call: a refusal concerns its records alone; a wrong key, an unreachable server or one that died during
     * the call ends the run, and what is not done stays to be done.
     */
    void goOnOrThrow(OdooException error) {
        switch (error.kind()) {
            case LOGIN, DATABASE, UNREACHABLE -> throw error;
            case NO_ANSWER ->
                // throws where Odoo is gone altogether
                odoo().search("res.users", List.of(List.of("id", "=", odoo().uid())), 1, Map.of());
            default -> {
                // the caller tries the next rung
            }
        }
    }

    /** Rows by id as the API user may see them: columns, and the many2many fields that Odoo computes. */
    Map<Long, Map<String, JsonNode>> read(String model, String table, Collection<Long> ids) {
        ModelInfo info = model(model);
        Map<Long, Map<String, JsonNode>> found = rows.read(table, info.fields().keySet(), ids);
        toMany.add(info, found);
        return found;
    }

    /**
     * A call of keep-id's own, with its journal. What Odoo refuses is written down, and the run goes on.
     *
     * @return whether it was carried out
     */
    boolean tell(String model, String method, List<Long> ids, Map<String, Object> arguments, Map<String, Object> more) {
        Map<String, Object> context = new LinkedHashMap<>(contexts.quiet(0));
        context.putAll(more);
        Journal.Call call = new Journal.Call(model, method, ids, arguments, context, PuttingBack.RUNG);
        try {
            journal.carryOut(
                    call,
                    () -> odoo().call(new OdooCall(
                            model, method, ids.isEmpty() ? null : ids, arguments, Map.of(), context)));
            return true;
        } catch (OdooException e) {
            goOnOrThrow(e);
            LOG.warn("{} of {} {}: {}", method, model, ids, PlainWords.of(e));
            return false;
        }
    }

    /**
     * Deletes a stand-in or donor, a document that wants to be cancelled first included.
     *
     * @return whether it is gone
     */
    boolean unlink(String model, long id, Map<String, Object> more) {
        Map<String, Object> context = new LinkedHashMap<>(more);
        context.put("active_test", false); // some models look for what they delete, and would not find it archived
        if (!tell(model, "unlink", List.of(id), Map.of(), context) && canBeCancelled(model)) {
            tell(model, "write", List.of(id), Map.of("vals", Map.of("state", "cancel")), context);
            tell(model, "unlink", List.of(id), Map.of(), context);
        }
        return rows.read(table(model), Set.of(), List.of(id)).isEmpty();
    }

    private boolean canBeCancelled(String model) {
        JsonNode state = model(model).fields().get("state");
        if (state != null) {
            for (JsonNode choice : state.path("selection")) {
                if (choice.path(0).asString("").equals("cancel")) {
                    return true;
                }
            }
        }
        return false;
    }

    /** As the catalog knows it, else as Odoo names tables by itself. */
    String table(String model) {
        return tables.computeIfAbsent(
                model,
                m -> request.catalog().stream()
                        .filter(r -> m.equals(r.parentModel()) && r.parentTable() != null)
                        .map(r -> String.valueOf(r.parentTable()))
                        .findFirst()
                        .orElse(m.replace('.', '_')));
    }

    /** Fields the API user may read; none where he may not see the model. */
    Set<String> readable(String model) {
        try {
            return model(model).fields().keySet();
        } catch (OdooException e) {
            goOnOrThrow(e);
            return Set.of();
        }
    }

    ModelInfo model(String model) {
        return models.computeIfAbsent(model, m -> new ModelInfo(m, odoo().fields(m)));
    }
}
