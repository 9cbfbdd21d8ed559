package org.orphancleanup.repair;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.stream.Collectors;
import org.orphancleanup.odoo.OdooException;

/**
 * Sends writes that leave no message behind. Odoo computes what follows from a write at the end of the transaction, where the
 * call's context is gone, and then tracks it ("Total: 28 to 20") although the call asked for silence. Reading those fields
 * back in the same transaction has them computed earlier, under the call's own context.
 */
final class QuietWriter {

    private final Session session;
    private final Neighbourhood neighbourhood;
    private final ConcurrentMap<String, Map<String, Object>> readBacks = new ConcurrentHashMap<>();
    private volatile boolean plainOnly;

    QuietWriter(Session session, Neighbourhood neighbourhood) {
        this.session = session;
        this.neighbourhood = neighbourhood;
    }

    void write(String model, Collection<Long> ids, Map<String, Object> values, Map<String, Object> context) {
        Map<String, Object> readBack = plainOnly ? Map.of() : readBacks.computeIfAbsent(model, this::readBack);
        if (!readBack.isEmpty()) {
            try {
                session.odoo().save(model, ids, values, readBack, context);
                return;
            } catch (OdooException e) {
                switch (e.kind()) {
                    case UNKNOWN -> plainOnly = true; // a server without the web module
                    case ACCESS -> {
                        // it may have been the reading that was refused
                    }
                    default -> throw e;
                }
            }
        }
        session.odoo().write(model, ids, values, context);
    }

    /** The tracked fields that Odoo computes, of the model and of the documents its records belong to. */
    private Map<String, Object> readBack(String model) {
        Map<String, Object> fields = new LinkedHashMap<>();
        tracked(model).forEach(field -> fields.put(field, Map.of()));
        neighbourhood.documents(model).forEach((field, document) -> {
            Set<String> followed = tracked(document);
            if (!followed.isEmpty()) {
                fields.put(field, Map.of("fields", followed.stream().collect(Collectors.toMap(f -> f, f -> Map.of()))));
            }
        });
        return fields;
    }

    private Set<String> tracked(String model) {
        if (!session.rows().columns("ir_model_fields").contains("tracking")) {
            return Set.of(); // no mail module
        }
        try {
            ModelInfo info = session.model(model);
            return session
                    .rows()
                    .jdbc()
                    .sql(
                            "SELECT name FROM ir_model_fields WHERE model = :model AND store AND tracking <> 0 ORDER BY name")
                    .param("model", model)
                    .query(String.class)
                    .list()
                    .stream()
                    .filter(field -> info.has(field) && !info.isBase(field))
                    .collect(Collectors.toSet());
        } catch (OdooException e) {
            session.goOnOrThrow(e); // a model the API user may not see
            return Set.of();
        }
    }
}
