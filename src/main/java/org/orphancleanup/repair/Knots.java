package org.orphancleanup.repair;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import org.orphancleanup.odoo.OdooException;

/**
 * Records that block each other: a document and its lines, neither of which can be written alone. Both are written in one
 * call, the lines through the document's one2many field.
 */
final class Knots {

    private static final String RUNG = "document and lines in one call";

    private final Session session;
    private final RepairStore store;
    private final Writes writes;
    private final LineFields lineFields;

    Knots(Session session, RepairStore store, Writes writes, LineFields lineFields) {
        this.session = session;
        this.lineFields = lineFields;
        this.writes = writes;
        this.store = store;
    }

    /** @param values what a repair writes, by company and field */
    void repair(List<Repair> repairs, Function<Repair, Map<Long, Map<String, Object>>> values, Writes.Result result) {
        for (Repair repair : repairs) {
            if (result.reasons().containsKey(repair.no()) && !result.isEnded(repair.no())) {
                untie(repair, values, result);
            }
        }
    }

    private void untie(Repair document, Function<Repair, Map<Long, Map<String, Object>>> values, Writes.Result result) {
        Map<String, Object> sent = new LinkedHashMap<>(base(document, values));
        Map<Long, Repair> held = new LinkedHashMap<>();
        Set<String> fields = new LinkedHashSet<>(sent.keySet());
        for (LineFields.Lines field : lineFields.of(Objects.requireNonNull(document.model()))) {
            List<Long> ids = lineFields.ids(field, document.id());
            List<Object> commands = new ArrayList<>();
            for (Repair line : ids.isEmpty() ? List.<Repair>of() : store.unfinished(field.model(), ids)) {
                Map<String, Object> base = base(line, values);
                if (!base.isEmpty() && line.no() != document.no()) {
                    commands.add(List.of(1, line.id(), base));
                    held.put(line.no(), line);
                    fields.addAll(base.keySet());
                }
            }
            if (!commands.isEmpty()) {
                sent.put(field.field(), commands);
            }
        }
        if (held.isEmpty()) {
            return;
        }
        try {
            writes.together(document, held.values(), sent, fields, RUNG);
            if (Looks.dangling(session, List.of(document), p -> p.newValue() != null)
                    .isEmpty()) {
                result.reasons().remove(document.no());
                result.rungs().put(document.no(), RUNG);
            }
        } catch (OdooException e) {
            session.goOnOrThrow(e);
        } catch (Watch.Overtaken e) {
            // in the next pass they are looked at again
        }
    }

    private Map<String, Object> base(Repair repair, Function<Repair, Map<Long, Map<String, Object>>> values) {
        ModelInfo info = session.model(Objects.requireNonNull(repair.model()));
        Map<String, Object> base = new LinkedHashMap<>(values.apply(repair).getOrDefault(repair.company(), Map.of()));
        return Writes.roots(info, repair, base);
    }
}
