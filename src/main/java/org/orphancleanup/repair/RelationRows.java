package org.orphancleanup.repair;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.orphancleanup.catalog.Reference;
import org.orphancleanup.catalog.Sql;
import org.orphancleanup.catalog.Storage;
import org.orphancleanup.odoo.OdooCall;
import org.orphancleanup.odoo.OdooException;
import org.orphancleanup.repair.SideEffects.Watched;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.LongNode;

/**
 * Removes relation rows whose other side is missing. Odoo reads a relation joined to the target table, so it never sees such
 * a row, and the plain commands remove nothing. Two ways get there (FACTS.md): from the missing record's own side, which
 * the ORM does not check for existence; and in two steps within one transaction, the first of which makes the ORM
 * believe in the pair, through a carrier, any record with a to-many field of the owner's model.
 */
final class RelationRows {

    private static final String FROM_THE_MISSING_SIDE = "from the missing record's side";
    private static final String THROUGH_A_CARRIER = "in two steps through a carrier";

    private static final String IN_ONE_SAVE = "in two steps within one save";

    /** {@code web_save_multi}, which writes record after record in one transaction, exists from here on. */
    private static final int SAVES_SEVERAL = 19;

    private final Session session;
    private final Carriers carriers;
    private final Neighbourhood neighbourhood;
    private final SideEffects effects;
    private final QuietWriter writer;

    RelationRows(
            Session session, Carriers carriers, Neighbourhood neighbourhood, SideEffects effects, QuietWriter writer) {
        this.session = session;
        this.carriers = carriers;
        this.neighbourhood = neighbourhood;
        this.effects = effects;
        this.writer = writer;
    }

    /**
     * Removes the row; {@code add} is linked instead where given, and not where the row cannot be removed. What Odoo computes
     * from the linked records, such as an order's amounts from the taxes of its lines, is compared and restored.
     */
    void repair(
            Repair repair,
            Repair.Part part,
            @Nullable Long add,
            Map<Repair.Key, String> reasons,
            Map<Repair.Key, String> rungs) {
        String model = Objects.requireNonNull(repair.model());
        String field = part.reference().fieldName();
        Map<String, Object> context = session.contexts().quiet(repair.company());
        Set<Watched> written = new LinkedHashSet<>();
        Watch watch = effects.watch(() -> rows(repair, model, written));
        Pair pair = new Pair(repair, part, watch, written);
        boolean links = add != null
                && field != null
                && !exists(session, (Storage.RelationRow) part.reference().storage(), repair.id(), add);
        String refused = links && add != null && field != null
                ? link(pair, model, field, List.of(4, add, 0), context, "linked anew", add)
                : null;
        if (refused == null) {
            String rung = remove(pair, model, field, context, reasons);
            if (rung != null) {
                rungs.put(part.key(), rung);
            } else if (links && add != null && field != null) {
                link(pair, model, field, List.of(3, add, 0), context, "the new link taken back", add);
            }
        } else {
            reasons.put(part.key(), refused);
        }
        effects.settle(
                watch,
                effects.reread(watch.before().keySet()),
                written,
                field == null ? Set.of() : Set.of(field),
                Set.of(),
                context);
    }

    /**
     * The relation row that is to go.
     *
     * @param watch over what the calls for it may change besides
     * @param owner the record itself among them
     */
    private record Pair(Repair repair, Repair.Part part, Watch watch, Set<Watched> owner) {}

    /** The record and what Odoo may compute from it. */
    private Map<Watched, Map<String, JsonNode>> rows(Repair repair, String model, Set<Watched> written) {
        Map<Watched, Map<String, JsonNode>> rows = new LinkedHashMap<>();
        String table = session.table(model);
        session.read(model, table, List.of(repair.id())).forEach((id, row) -> {
            Watched record = new Watched(repair.no(), model, table, id);
            written.add(record);
            rows.put(record, row);
        });
        rows.putAll(neighbourhood.read(repair.no(), model, table, List.of(repair.id())));
        return rows;
    }

    private @Nullable String link(
            Pair pair,
            String model,
            String field,
            List<Object> command,
            Map<String, Object> context,
            String rung,
            long other) {
        Map<String, Object> values = Map.of(field, List.of(command));
        Repair repair = pair.repair();
        return journalled(
                pair,
                model,
                List.of(repair.id()),
                values,
                context,
                rung,
                other,
                () -> writer.write(model, List.of(repair.id()), values, context));
    }

    /** @return what served; null where nothing did, and the reason is given */
    private @Nullable String remove(
            Pair pair,
            String model,
            @Nullable String field,
            Map<String, Object> context,
            Map<Repair.Key, String> reasons) {
        Repair repair = pair.repair();
        Repair.Part part = pair.part();
        Reference reference = part.reference();
        String error = null;
        String inverse = inverseField(reference);
        String parent = reference.parentModel();
        if (inverse != null && parent != null) {
            error = call(
                    pair,
                    parent,
                    List.of(part.missingId()),
                    Map.of(inverse, List.of(List.of(3, repair.id(), 0))),
                    context,
                    FROM_THE_MISSING_SIDE);
            if (isClean(repair, part)) {
                return FROM_THE_MISSING_SIDE;
            }
        }
        if (field != null) {
            Optional<Carriers.Carrier> carrier = carriers.of(model);
            if (carrier.isPresent()) {
                Map<String, Object> steps = Map.of(
                        carrier.get().field(),
                        List.of(
                                List.of(1, repair.id(), Map.of(field, List.of(List.of(4, part.missingId(), 0)))),
                                List.of(1, repair.id(), Map.of(field, List.of(List.of(3, part.missingId(), 0))))));
                String refused = call(
                        pair, carrier.get().model(), List.of(carrier.get().id()), steps, context, THROUGH_A_CARRIER);
                if (isClean(repair, part)) {
                    return THROUGH_A_CARRIER;
                }
                error = refused == null ? error : refused;
            }
        }
        if (field != null && session.odoo().version() >= SAVES_SEVERAL) {
            String refused = twice(pair, field, context);
            if (isClean(repair, part)) {
                return IN_ONE_SAVE;
            }
            error = refused == null ? error : refused;
        }
        reasons.put(
                part.key(),
                "No API call reaches this relation row (table " + reference.childTable()
                        + "); the report has the SQL for the DBA"
                        + (error == null ? "" : ". " + error));
        return null;
    }

    /** The two steps on the record itself, named twice in one call. */
    private @Nullable String twice(Pair pair, String field, Map<String, Object> context) {
        Repair repair = pair.repair();
        Repair.Part part = pair.part();
        String model = Objects.requireNonNull(repair.model());
        long missing = part.missingId();
        List<Map<String, Object>> steps =
                List.of(Map.of(field, List.of(List.of(4, missing, 0))), Map.of(field, List.of(List.of(3, missing, 0))));
        Map<String, Object> arguments = new LinkedHashMap<>();
        arguments.put("vals_list", steps);
        arguments.put("specification", Map.of());
        OdooCall call =
                new OdooCall(model, "web_save_multi", List.of(repair.id(), repair.id()), arguments, Map.of(), context);
        return journalled(
                pair,
                model,
                List.of(repair.id()),
                Map.of(field, steps),
                context,
                IN_ONE_SAVE,
                null,
                () -> session.odoo().call(call));
    }

    /** Whether the pair is there. */
    static boolean exists(Session session, Storage.RelationRow storage, long owner, long other) {
        return session.rows()
                .jdbc()
                .sql("SELECT EXISTS (SELECT FROM " + Sql.quote(storage.table()) + " WHERE "
                        + Sql.quote(storage.ownerColumn()) + " = :owner AND " + Sql.quote(storage.column())
                        + " = :other)")
                .param("owner", owner)
                .param("other", other)
                .query(Boolean.class)
                .single();
    }

    private boolean isClean(Repair repair, Repair.Part part) {
        return Looks.dangling(session, List.of(repair), p -> p.key().equals(part.key()))
                .isEmpty();
    }

    /** @return why it was refused, null if it was not */
    private @Nullable String call(
            Pair pair,
            String model,
            List<Long> ids,
            Map<String, Object> values,
            Map<String, Object> context,
            String rung) {
        return journalled(
                pair,
                model,
                ids,
                values,
                context,
                rung,
                null,
                () -> session.odoo().write(model, ids, values, context));
    }

    /**
     * @param linked the id the call links or takes off again; null: it removes the dangling row
     * @return why it was refused, null if it was not
     */
    private @Nullable String journalled(
            Pair relation,
            String model,
            List<Long> ids,
            Map<String, Object> values,
            Map<String, Object> context,
            String rung,
            @Nullable Long linked,
            Runnable send) {
        session.brake().check();
        Repair repair = relation.repair();
        Repair.Part part = relation.part();
        Storage.RelationRow storage = (Storage.RelationRow) part.reference().storage();
        Watched record = new Watched(repair.no(), Objects.requireNonNull(repair.model()), storage.table(), repair.id());
        Map<String, JsonNode> pair = Map.of(
                storage.ownerColumn(),
                LongNode.valueOf(repair.id()),
                storage.column(),
                LongNode.valueOf(linked == null ? part.missingId() : linked));
        boolean was = linked == null || exists(session, storage, repair.id(), linked);
        Map<Watched, @Nullable Map<String, JsonNode>> rows = new LinkedHashMap<>();
        rows.put(record, was ? pair : null);
        long call = session.journal().begin(model, "write", ids, values, context, rung, rows);
        long started = System.nanoTime();
        try {
            relation.watch().over(relation.owner(), false, send);
            Map<Watched, @Nullable Map<String, JsonNode>> changed = new LinkedHashMap<>();
            if (linked != null) {
                boolean is = exists(session, storage, repair.id(), linked);
                changed.put(record, is ? (was ? Map.of() : pair) : null);
            } else {
                changed.put(record, isClean(repair, part) ? null : Map.of());
            }
            session.journal().done(call, Journal.millisSince(started), changed);
            return null;
        } catch (OdooException e) {
            session.journal().refused(call, Journal.millisSince(started), e);
            session.goOnOrThrow(e);
            return PlainWords.of(e);
        }
    }

    /** The many2many field of the missing record's model that declares the same relation table. */
    static @Nullable String inverseField(Reference reference) {
        String parent = reference.parentModel();
        String own = reference.childModel() + "." + reference.fieldName();
        if (parent == null) {
            return null;
        }
        return reference.ruleFields().stream()
                .filter(name -> name.startsWith(parent + ".")
                        && name.indexOf('.', parent.length() + 1) < 0
                        && !name.equals(own))
                .map(name -> name.substring(parent.length() + 1))
                .findFirst()
                .orElse(null);
    }
}
