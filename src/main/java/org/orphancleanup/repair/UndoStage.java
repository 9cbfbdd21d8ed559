package org.orphancleanup.repair;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.orphancleanup.UserError;
import org.orphancleanup.catalog.Reference;
import org.orphancleanup.odoo.OdooException;
import org.orphancleanup.plan.Outcome;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Takes back what a run did, from its journal, the last first. What is done is known by our database alone: a stage opened again
 * after a crash goes on where the other one was, and what is as it was before counts as undone.
 */
public final class UndoStage {

    private final Session session;
    private final UndoRequest request;
    private final UndoStore store;
    private final UndoWrites writes;
    private final UndoRecords records;
    private final UndoStandIns standIns;
    private final UndoParents parents;

    UndoStage(Session session, UndoRequest request, UndoStore store, RepairStore undone, JdbcClient ours) {
        this.session = session;
        this.request = request;
        this.store = store;
        Neighbourhood neighbourhood = new Neighbourhood(session);
        QuietWriter writer = new QuietWriter(session, neighbourhood);
        SideEffects effects = new SideEffects(session, undone, writer);
        this.parents = new UndoParents(session, store, ours);
        this.writes = new UndoWrites(session, store, parents, effects, neighbourhood, writer);
        this.records = new UndoRecords(session, store);
        this.standIns = new UndoStandIns(
                session,
                store,
                new Snapshots(session),
                parents,
                new RelationRows(session, new Carriers(session), neighbourhood, effects, writer));
    }

    /**
     * Lists what is to be taken back, unless it is listed already.
     *
     * @return how much that is
     */
    public long list() {
        if (!store.isListed()) {
            store.list(new UndoList(session, store, scope()).make());
        }
        return store.items();
    }

    /** What old values point to and does not exist comes back for the time of the undo. Can be done again after a crash. */
    public void putBack() {
        parents.bringBack();
    }

    /** Repairs of the undone run; null for all of it. */
    private @Nullable Set<Long> scope() {
        String name = request.reference();
        Long record = request.record();
        if (name == null && record == null) {
            return null;
        }
        List<Integer> references = null;
        if (name != null) {
            references = session.request().references().stream()
                    .filter(reference -> isNamed(reference, name))
                    .map(Reference::no)
                    .toList();
            if (references.isEmpty()) {
                throw UserError.setting("Run " + request.undone() + " has no reference " + name
                        + ". Give --reference as model.field, as its report names it, such as res.partner.parent_id.");
            }
        } else if (record != null) {
            List<String> models = store.models(record);
            if (models.size() > 1) {
                throw UserError.setting("Run " + request.undone() + " has records #" + record + " of "
                        + String.join(", ", models) + ". Add --reference model.field to say which one is meant.");
            }
        }
        Set<Long> repairs = store.repairs(references, record);
        if (repairs.isEmpty()) {
            throw UserError.setting("Run " + request.undone() + " planned nothing for"
                    + (record == null ? "" : " record #" + record) + (name == null ? "" : " reference " + name)
                    + ". Its repairs.csv lists what it did.");
        }
        return repairs;
    }

    private static boolean isNamed(Reference reference, String name) {
        return name.equals(Integer.toString(reference.no()))
                || name.equals(reference.childModel() + "." + reference.fieldName())
                || name.equals(reference.childModel() + "." + reference.field())
                || name.equals(reference.childTable() + "." + reference.field())
                || reference.ruleFields().contains(name);
    }

    /** The next items, to be undone and recorded before more are asked for; null when all is done. */
    public @Nullable UndoBatch next() {
        List<UndoItem> items = store.next(session.request().job().limits().idsPerCall());
        return items.isEmpty() ? null : new UndoBatch(items);
    }

    /** Refusals end as outcomes; what stops the run is thrown. */
    public UndoBatch undo(UndoBatch batch) {
        List<UndoItem> items = batch.items();
        List<UndoItem.Result> results = new ArrayList<>();
        try {
            switch (items.get(0).kind()) {
                case VALUES -> results.addAll(writes.undo(items));
                case ROW_REMOVED, ROW_ADDED -> items.forEach(item -> results.add(writes.relationRow(item)));
                case RECORD -> items.forEach(item -> results.add(records.undo(item)));
                case STAND_IN -> items.forEach(item -> results.add(standIns.undo(item)));
                default -> throw new IllegalStateException(items.get(0).kind().code());
            }
        } catch (OdooException e) {
            // a model the API user may no longer read at all
            session.goOnOrThrow(e);
            items.stream()
                    .filter(item -> results.stream().noneMatch(r -> r.no() == item.no()))
                    .forEach(item -> results.add(UndoItem.Result.not(item, Outcome.HELD, PlainWords.of(e))));
        }
        return batch.with(results);
    }

    /** Writes the outcomes down, in the caller's transaction. */
    public void record(UndoBatch batch) {
        boolean part = request.reference() != null || request.record() != null;
        List<UndoItem.Result> kept = new ArrayList<>();
        for (UndoItem.Result result : batch.results()) {
            UndoItem item = batch.item(result.no());
            if (part && item.kind() == UndoItem.Kind.STAND_IN && result.outcome() == Outcome.HELD) {
                store.forget(item); // the rest of the run still needs it, which was not asked to be undone
            } else {
                kept.add(result);
            }
        }
        store.record(kept);
        batch.items().stream()
                .filter(item -> kept.stream().anyMatch(r -> r.no() == item.no() && r.outcome() == Outcome.UNDONE))
                .forEach(item -> store.restored(item.table(), List.of(item.id())));
    }

    /**
     * When all items have been tried: takes away what came back for the time of the undo, looks up what is not as it was, and
     * marks what is undone in the undone run.
     */
    public void finish() {
        parents.takeAway();
        Set<Long> scope = scope();
        new UndoDifferences(session, store).find(scope);
        store.finishQuarantines(scope);
        store.quarantineAgain();
        store.mark(scope);
    }
}
