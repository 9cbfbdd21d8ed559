package org.orphancleanup.repair;

import java.time.Clock;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.orphancleanup.detect.OrphanLook;
import org.orphancleanup.odoo.OdooClient;
import org.orphancleanup.odoo.OdooException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What all parts of the engine share during one run. */
final class Session {

    private final RepairRequest request;
    private final Contexts contexts;
    private final Rows rows;
    private final Journal journal;
    private final Brake brake;
    private final OrphanLook look;
    private final ToMany toMany;
    private final JsonMapper mapper;
    private final Clock clock;
    private final Map<String, ModelInfo> models = new ConcurrentHashMap<>();

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

    ModelInfo model(String model) {
        return models.computeIfAbsent(model, m -> new ModelInfo(m, odoo().fields(m)));
    }
}
