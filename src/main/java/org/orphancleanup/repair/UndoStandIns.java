package org.orphancleanup.repair;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.orphancleanup.catalog.Reference;
import org.orphancleanup.catalog.Sql;
import org.orphancleanup.catalog.Storage;
import org.orphancleanup.job.PolicyKind;
import org.orphancleanup.odoo.OdooException;
import org.orphancleanup.plan.NewValue;
import org.orphancleanup.plan.Outcome;
import org.orphancleanup.repair.SideEffects.Watched;
import org.orphancleanup.repair.UndoItem.Result;
import tools.jackson.databind.JsonNode;

/**
 * Removes stand-ins and placeholders that nothing uses any more. What was made together with one, in the same transaction of
 * Odoo's and so with the same {@code create_date}, is its own and no use of it.
 *
 * <p>A stand-in under the old id (keep-id) is used by all its former children, and taking it away is to leave them dangling
 * again: its row goes as it came, by one SQL statement. Where the target no longer has a way to do that, the ORM deletes it
 * if nothing would be deleted or emptied along with it. Where a foreign key refers to it, or something new does, it stays,
 * and the reason says so.
 */
final class UndoStandIns {

    private final Session session;
    private final UndoStore store;
    private final Snapshots snapshots;
    private final UndoParents parents;
    private final RelationRows relationRows;

    UndoStandIns(
            Session session, UndoStore store, Snapshots snapshots, UndoParents parents, RelationRows relationRows) {
        this.parents = parents;
        this.relationRows = relationRows;
        this.session = session;
        this.store = store;
        this.snapshots = snapshots;
    }

    Result undo(UndoItem item) {
        Map<String, JsonNode> row = session.rows()
                .read(item.table(), session.model(item.model()).fields().keySet(), List.of(item.id()))
                .get(item.id());
        UndoStore.Made made = store.made(item);
        boolean underOldId = made.missingId() != null && made.missingId() == item.id();
        MissingParent parent = new MissingParent(item.model(), item.table(), item.id(), made.company(), false, false);
        if (row == null) {
            if (underOldId) {
                parents.gone(parent);
            }
            return Result.undone(item, "it was gone already");
        }
        if (underOldId && parents.hasWay()) {
            String stays = parents.takeAway(parent);
            return stays == null ? Result.undone(item, null) : Result.not(item, Outcome.HELD, "it stays: " + stays);
        }
        List<String> uses = uses(item, made, row, underOldId);
        if (!uses.isEmpty()) {
            return Result.not(
                    item,
                    Outcome.HELD,
                    underOldId
                            ? "it stays, as to delete it would delete or empty what refers to it: "
                                    + String.join(", ", uses) + ". To take it away without: " + UndoParents.noWay()
                            : "it stays, as it is still used: " + String.join(", ", uses));
        }
        return unlink(item, row, underOldId);
    }

    /** Who refers to it, in words. */
    private List<String> uses(UndoItem item, UndoStore.Made made, Map<String, JsonNode> row, boolean underOldId) {
        List<String> uses = new ArrayList<>();
        JsonNode born = row.get("create_date");
        for (Reference reference : session.request().references()) {
            if (!item.model().equals(reference.parentModel())) {
                continue;
            }
            Storage storage = reference.storage();
            if (underOldId && !goesWithIt(storage)) {
                continue;
            }
            if (reference.childModel() != null && reference.childModel().equals("ir.model.data")) {
                continue; // its own external id goes with it
            }
            long count =
                    Looks.count(session, storage, item.id(), born == null || born.isNull() ? null : born.asString());
            JsonNode own = made.ownRows();
            if (own != null && storage instanceof Storage.RelationRow relation) {
                count -= own.path(relation.table() + "." + relation.column()).asLong(0);
            } else if (own != null && storage instanceof Storage.ModelAndId pair) {
                count -= own.path(pair.table() + "." + pair.idColumn()).asLong(0);
            }
            if (count > 0) {
                uses.add(count + " of " + reference.childTable() + "." + reference.field());
            }
        }
        return uses;
    }

    /** Whether an unlink takes along or changes what refers to the record in this way. */
    private boolean goesWithIt(Storage storage) {
        if (storage instanceof Storage.Column column) {
            return UndoWrites.foreignKey(session, column.table(), column.column()) != null;
        } else if (storage instanceof Storage.RelationRow relation) {
            return UndoWrites.foreignKey(session, relation.table(), relation.column()) != null;
        }
        // files, messages, followers, activities: Odoo deletes them with their record
        return storage instanceof Storage.ModelAndId;
    }

    private Result unlink(UndoItem item, Map<String, JsonNode> row, boolean underOldId) {
        session.brake().check();
        Map<String, Object> context = session.contexts().quiet(0);
        if (!underOldId) { // the rows of one under the old id were there before it, and are to dangle again
            removeLines(item, row, context);
        }
        Watched watched = new Watched(item.no(), item.model(), item.table(), item.id());
        JsonNode snapshot = snapshots
                .of(item.model(), item.table(), List.of(item.id()), false)
                .get(item.id());
        long call = session.journal()
                .begin(
                        item.model(),
                        "unlink",
                        List.of(item.id()),
                        Map.of(),
                        context,
                        "stand-in removed",
                        Map.of(watched, row),
                        snapshot == null ? Map.of() : Map.of(watched, snapshot));
        long started = System.nanoTime();
        try {
            session.odoo().unlink(item.model(), List.of(item.id()), context);
        } catch (OdooException e) {
            boolean gone = isGone(item);
            Map<Watched, @Nullable Map<String, JsonNode>> left = new LinkedHashMap<>();
            left.put(watched, gone ? null : Map.of());
            session.journal().refused(call, Journal.millisSince(started), e, left);
            session.goOnOrThrow(e);
            if (!gone) {
                return Result.not(
                        item,
                        e.kind() == OdooException.Kind.NO_ANSWER ? Outcome.FAILED : Outcome.HELD,
                        "it stays. " + PlainWords.of(e));
            }
        }
        boolean gone = isGone(item);
        Map<Watched, @Nullable Map<String, JsonNode>> left = new LinkedHashMap<>();
        left.put(watched, gone ? null : Map.of());
        session.journal().done(call, Journal.millisSince(started), left);
        if (!gone) {
            return Result.not(item, Outcome.HELD, "Odoo answered yes, and the record is still there");
        }
        if (!underOldId) {
            removeCompanies(item);
        }
        return Result.undone(item, madeWithIt(item, row));
    }

    /**
     * The companies of a record are what lets the API user see it (a user without groups above all), so that they are emptied
     * only when it is gone; with a foreign key the database has done that.
     */
    private void removeCompanies(UndoItem item) {
        for (Reference reference : session.request().references()) {
            if (item.model().equals(reference.parentModel())
                    && "res.company".equals(reference.childModel())
                    && reference.storage() instanceof Storage.RelationRow relation) {
                session.rows()
                        .jdbc()
                        .sql("SELECT " + Sql.quote(relation.ownerColumn()) + " FROM " + Sql.quote(relation.table())
                                + " WHERE " + Sql.quote(relation.column()) + " = :id")
                        .param("id", item.id())
                        .query(Long.class)
                        .list()
                        .forEach(company -> {
                            Repair.Part part = new Repair.Part(
                                    reference, item.id(), PolicyKind.DELETE, new NewValue.Empty(), null, false);
                            Repair repair = new Repair(
                                    item.no(),
                                    "res.company",
                                    session.table("res.company"),
                                    company,
                                    company,
                                    "stand-in removed",
                                    List.of(part));
                            relationRows.repair(repair, part, null, new LinkedHashMap<>(), new LinkedHashMap<>());
                        });
            }
        }
    }

    /**
     * Rows made with it that belong to it go with it by the database's foreign keys; where such a key is missing they would stay
     * and dangle, so they are removed before.
     */
    private void removeLines(UndoItem item, Map<String, JsonNode> row, Map<String, Object> context) {
        JsonNode born = row.get("create_date");
        Map<String, Object> empty = new LinkedHashMap<>();
        for (Reference reference : session.request().references()) {
            if (!item.model().equals(reference.parentModel()) || reference.constraintName() != null) {
                continue;
            }
            String model = reference.childModel();
            if (reference.storage() instanceof Storage.Column column
                    && model != null
                    && born != null
                    && "cascade".equals(reference.ondelete())
                    && session.rows().columns(column.table()).contains("create_date")) {
                List<Long> ids = session.rows()
                        .jdbc()
                        .sql("SELECT id FROM ONLY " + Sql.quote(column.table()) + " WHERE " + Sql.quote(column.column())
                                + " = :id AND create_date = :born::timestamp")
                        .param("id", item.id())
                        .param("born", born.asString())
                        .query(Long.class)
                        .list();
                if (!ids.isEmpty()) {
                    call(model, "unlink", ids, Map.of(), context);
                }
            } else if (reference.storage() instanceof Storage.RelationRow relation && !"res.company".equals(model)) {
                reference.ruleFields().stream()
                        .filter(name -> name.startsWith(item.model() + ".")
                                && name.indexOf('.', item.model().length() + 1) < 0)
                        .findFirst()
                        .ifPresent(name -> {
                            if (Looks.count(session, relation, item.id(), null) > 0) {
                                empty.put(name.substring(item.model().length() + 1), List.of(List.of(5, 0, 0)));
                            }
                        });
            }
        }
        // one by one: a field that may not be empty is no reason to keep the others
        empty.forEach(
                (field, command) -> call(item.model(), "write", List.of(item.id()), Map.of(field, command), context));
    }

    /** @return why it was refused, null if it was not */
    private @Nullable String call(
            String model, String method, List<Long> ids, Map<String, Object> values, Map<String, Object> context) {
        Journal.Call call =
                new Journal.Call(model, method, ids, values, context, "made with a stand-in, removed with it");
        try {
            session.journal()
                    .carryOut(
                            call,
                            () -> method.equals("unlink")
                                    ? session.odoo().unlink(model, ids, context)
                                    : session.odoo().write(model, ids, values, context));
            return null;
        } catch (OdooException e) {
            session.goOnOrThrow(e);
            return PlainWords.of(e);
        }
    }

    private boolean isGone(UndoItem item) {
        return session.rows().read(item.table(), Set.of(), List.of(item.id())).isEmpty();
    }

    /** A user's partner, an employee's contact, made in the same transaction and left behind by the removal, go as well. */
    private @Nullable String madeWithIt(UndoItem item, Map<String, JsonNode> row) {
        List<String> left = new ArrayList<>();
        ModelInfo info = session.model(item.model());
        row.forEach((field, id) -> {
            String model = info.relation(field);
            if (model == null || !"many2one".equals(info.type(field)) || !id.isIntegralNumber()) {
                return;
            }
            String table = session.table(model);
            Map<String, JsonNode> parent =
                    session.rows().read(table, Set.of(), List.of(id.asLong())).get(id.asLong());
            JsonNode born = row.get("create_date");
            if (parent != null
                    && born != null
                    && born.equals(parent.get("create_date"))
                    && Objects.equals(parent.get("create_uid"), row.get("create_uid"))
                    && !(table.equals(item.table()) && id.asLong() == item.id())) {
                String refused = call(
                        model,
                        "unlink",
                        List.of(id.asLong()),
                        Map.of(),
                        session.contexts().quiet(0));
                if (refused != null) {
                    left.add(model + " #" + id.asLong() + ", made with it, stays. " + refused);
                }
            }
        });
        return left.isEmpty() ? null : String.join("; ", left);
    }
}
