package org.orphancleanup.repair;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.orphancleanup.odoo.OdooException;

/**
 * Records through whose to-many fields others can be changed in several steps of one transaction: what the last step cannot do
 * was never begun. Nothing of a carrier itself changes but its stamps.
 */
final class Carriers {

    private final Session session;
    private final Map<String, Optional<Carrier>> carriers = new LinkedHashMap<>();

    Carriers(Session session) {
        this.session = session;
    }

    /** @param field to-many, holds records of the wanted model */
    record Carrier(String model, String field, long id) {}

    /** A record the API user may write whose to-many field holds records of {@code model}. */
    synchronized Optional<Carrier> of(String model) {
        Optional<Carrier> known = carriers.get(model);
        if (known != null) {
            return known;
        }
        record Candidate(String model, String field) {}
        List<Candidate> candidates = new ArrayList<>(session.rows()
                .jdbc()
                .sql("""
                        SELECT model, name FROM ir_model_fields
                         WHERE relation = :model AND ttype IN ('one2many', 'many2many') AND store AND related IS NULL
                           AND NOT readonly
                         ORDER BY model = :model, ttype DESC, model, name""")
                .param("model", model)
                .query((rs, n) -> new Candidate(rs.getString(1), rs.getString(2)))
                .list());
        Optional<Carrier> found = Optional.empty();
        for (Candidate candidate : candidates) {
            try {
                if (hasAutomations(candidate.model()) || !session.odoo().mayAccess(candidate.model(), "write")) {
                    continue;
                }
                List<Long> ids = session.odoo()
                        .search(
                                candidate.model(),
                                List.of(),
                                1,
                                session.contexts().quiet(0));
                if (!ids.isEmpty()) {
                    found = Optional.of(new Carrier(candidate.model(), candidate.field(), ids.get(0)));
                    break;
                }
            } catch (OdooException e) {
                session.goOnOrThrow(e); // an abstract model or one without rights: the next candidate
            }
        }
        carriers.put(model, found);
        return found;
    }

    /** Whether a write that the plan did not name may set an automation rule off that nobody allowed. */
    boolean hasAutomations(String model) {
        return !session.request().job().allow().automations()
                && session.rows().columns("base_automation").containsAll(List.of("model_id", "active"))
                && session.rows()
                        .jdbc()
                        .sql("SELECT EXISTS (SELECT FROM base_automation a JOIN ir_model m ON m.id = a.model_id"
                                + " WHERE a.active AND m.model = :model)")
                        .param("model", model)
                        .query(Boolean.class)
                        .single();
    }
}
