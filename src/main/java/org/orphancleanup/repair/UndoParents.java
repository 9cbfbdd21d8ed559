package org.orphancleanup.repair;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.orphancleanup.catalog.Reference;
import org.orphancleanup.catalog.ReferenceKind;
import org.orphancleanup.catalog.Sql;
import org.orphancleanup.plan.OldIds;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;

/**
 * What an undo's old values point to and does not exist. keep-id puts it back for as long as the undo writes, so that Odoo's ORM
 * writes them on healthy data; then it goes again, and what was dangling before the run dangles again.
 */
final class UndoParents implements ReturningParents {

    private final Session session;
    private final UndoStore store;
    private final JdbcClient ours;
    private final OldIds ids;
    private final @Nullable PuttingBack puttingBack;
    private final Map<MissingParent.Key, String> refusals = new HashMap<>();

    UndoParents(Session session, UndoStore store, JdbcClient ours) {
        this.session = session;
        this.store = store;
        this.ours = ours;
        this.ids = new OldIds(session.rows().jdbc());
        this.puttingBack = PuttingBack.of(session, this, new StandIns(session));
    }

    void bringBack() {
        if (puttingBack != null) {
            puttingBack.run();
        }
    }

    /** Takes away again what came back for the time of the undo; what has to stay is among its differences, with the reason. */
    void takeAway() {
        if (puttingBack == null) {
            return;
        }
        List<MissingParent> parents = new ArrayList<>();
        Set<MissingParent.Key> put = putBack();
        missingParents().stream().filter(p -> put.contains(p.key())).forEach(parents::add);
        Collections.reverse(parents);
        try {
            // what refers to another one by a foreign key goes in an earlier round than that one
            List<MissingParent> left = parents;
            int before;
            do {
                before = left.size();
                List<MissingParent> stay = new ArrayList<>();
                for (MissingParent parent : left) {
                    String reason = takeAway(parent);
                    if (reason != null) {
                        refusals.put(parent.key(), reason);
                        stay.add(parent);
                    }
                }
                left = stay;
            } while (!left.isEmpty() && left.size() < before);
            for (MissingParent parent : left) {
                store.difference(new UndoStore.Difference(
                        parent.model(),
                        parent.table(),
                        parent.id(),
                        "id",
                        null,
                        Long.toString(parent.id()),
                        "it came back archived under its old id for the undo's sake and stays: "
                                + Objects.requireNonNull(refusals.get(parent.key()))));
            }
            session.journal().keepId(false);
        } finally {
            puttingBack.end();
        }
    }

    /**
     * Takes a record away that keep-id put back, this undo or the run that is undone.
     *
     * @return why not; null when it is gone
     */
    @Nullable
    String takeAway(MissingParent parent) {
        if (puttingBack == null) {
            return noWay();
        }
        String used = usedSince(parent);
        return used != null
                ? used
                : puttingBack.takeAway(
                        parent, store.wasOrphan("res.users", session.odoo().uid(), parent.model(), parent.id()));
    }

    /** Its row is gone, by this undo before it died, or by somebody. */
    void gone(MissingParent parent) {
        if (puttingBack != null) {
            puttingBack.removeLeftovers(parent);
        }
    }

    boolean hasWay() {
        return puttingBack != null;
    }

    void end() {
        if (puttingBack != null) {
            puttingBack.end();
        }
    }

    static String noWay() {
        return "the target has no way to put a missing record back under its old id, or to take it away again (keep-id): set"
                + " write-jdbc-url and its neighbours, or keep-id-through: server-action, and undo again";
    }

    /** Why a missing record is not back while old values are written. */
    String reason(String model, long id) {
        if (puttingBack == null) {
            return noWay();
        }
        MissingParent.Key key = new MissingParent.Key(model, id);
        String reason = puttingBack.reason(model, id);
        return reason == null ? refusals.getOrDefault(key, "nobody asked for it to come back meanwhile") : reason;
    }

    /** Who came to refer to it after the run that is undone, in words. */
    private @Nullable String usedSince(MissingParent parent) {
        List<String> uses = new ArrayList<>();
        for (Reference reference : session.request().references()) {
            if (!parent.model().equals(reference.parentModel()) || reference.kind() == ReferenceKind.AUDIT) {
                continue;
            }
            Set<Long> naming = new HashSet<>(
                    session.look().naming(session.request().database().dataSource(), reference, parent.id()));
            naming.removeAll(store.orphans(reference.no(), parent.id()));
            if (reference.childTable().equals("ir_model_data")) {
                naming.removeAll(StandIns.externalIds(session, parent));
            }
            if (parent.model().equals(reference.childModel())) {
                naming.remove(parent.id());
            }
            naming.removeAll(store.standIns(String.valueOf(reference.childModel())));
            naming.removeAll(store.madeAnew(String.valueOf(reference.childModel())));
            naming.removeAll(cameMeanwhile(reference, naming));
            if (parent.model().equals("res.company") && "res.users".equals(reference.childModel())) {
                naming.remove(session.odoo().uid()); // who was given the company when it came back
            }
            if (!naming.isEmpty()) {
                uses.add(naming.size() + " of " + reference.childTable() + "." + reference.field());
            }
        }
        return uses.isEmpty() ? null : "it is used since: " + String.join(", ", uses);
    }

    /** Rows that Odoo made by itself while the run or its undo wrote, in place of others that referred to it. */
    private List<Long> cameMeanwhile(Reference reference, Set<Long> ids) {
        String table = reference.childTable();
        if (ids.isEmpty() || !session.rows().columns(table).containsAll(Set.of("id", "create_uid", "create_date"))) {
            return List.of();
        }
        return session.rows()
                .jdbc()
                .sql("SELECT id FROM ONLY " + Sql.quote(table) + " WHERE id = ANY(:ids) AND " + UndoStore.Times.CAME)
                .param("ids", ids.toArray(Long[]::new))
                .params(store.times().parameters(session.odoo().uid()))
                .query(Long.class)
                .list();
    }

    /** Of the records this undo writes, and of those it makes anew. */
    @Override
    public List<Reference> referencesTo(String parentModel, long missingId) {
        return List.of();
    }

    @Override
    public List<MissingParent> missingParents() {
        Map<Integer, Reference> references = new HashMap<>();
        session.request().references().forEach(reference -> references.put(reference.no(), reference));
        Map<MissingParent.Key, Set<Long>> companies = new LinkedHashMap<>();
        Map<MissingParent.Key, String> tables = new HashMap<>();
        store.orphansOfItems(this::nested, (no, restored, missing, company) -> {
            Reference reference = references.get(no);
            if (reference == null
                    || reference.kind() == ReferenceKind.AUDIT
                    || reference.parentModel() == null
                    || reference.parentTable() == null
                    || !restored.names(reference.storage(), missing)) {
                return;
            }
            MissingParent.Key key = new MissingParent.Key(reference.parentModel(), missing);
            String refusal = OldIds.madeByModules(reference.parentModel());
            refusal = refusal == null ? ids.refusal(reference.parentTable(), missing) : refusal;
            if (refusal != null) {
                refusals.put(key, "it cannot come back under its old id meanwhile: " + refusal);
                return;
            }
            tables.put(key, reference.parentTable());
            companies.computeIfAbsent(key, k -> new HashSet<>()).add(company);
        });
        List<MissingParent> parents = new ArrayList<>();
        companies.forEach((key, some) -> {
            some.remove(0L);
            parents.add(new MissingParent(
                    key.model(),
                    Objects.requireNonNull(tables.get(key)),
                    key.id(),
                    some.size() == 1 ? some.iterator().next() : 0,
                    false,
                    true));
        });
        return parents;
    }

    /** The records of a snapshot: the deleted one, and what was deleted with it. */
    private void nested(JsonNode snapshot, BiConsumer<String, Long> record) {
        record.accept(
                snapshot.path("model").asString(""),
                snapshot.path("row").path("id").asLong());
        snapshot.path("lines").forEach(lines -> lines.path("records").forEach(line -> nested(line, record)));
    }

    @Override
    public Set<MissingParent.Key> putBack() {
        return RepairStore.putBack(ours, session.request().runId());
    }

    /** What the undo changes is compared at its end. */
    @Override
    public Map<String, List<SideEffects.Watched>> childrenOfMissing(int most) {
        return Map.of();
    }
}
