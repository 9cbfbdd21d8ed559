package org.orphancleanup.repair;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.orphancleanup.UserError;
import org.orphancleanup.catalog.Reference;
import org.orphancleanup.catalog.ReferenceKind;
import org.orphancleanup.catalog.Sql;
import org.orphancleanup.catalog.Storage;
import org.orphancleanup.odoo.OdooException;
import org.orphancleanup.repair.SideEffects.Watched;
import org.orphancleanup.target.Target.KeepIdThrough;
import org.orphancleanup.target.TargetWriter;
import org.springframework.dao.DataAccessException;
import tools.jackson.databind.JsonNode;

/**
 * keep-id: missing parents come back under their old ids before anything else is repaired. The ORM makes a donor, one INSERT
 * copies its row under the old id, and the ORM takes over again: the donor is deleted, caches are told, external ids given.
 * Nothing is written in the records that refer to them.
 *
 * <p>Every step can be done again: a parent that is there is left alone, a donor is found by its external id.
 */
final class PuttingBack {

    /** What the journal and the report call it. */
    static final String RUNG = "keep-id";

    /** The same for one that is taken away again. */
    static final String AWAY = "keep-id taken away";

    private static final int MOST_WATCHED = 1000;

    private final Session session;
    private final ReturningParents store;
    private final StandIns standIns;
    private final Clones clones;
    private final Donors donors;
    private final RowCopies copies;
    private final Recollections recollections;
    private final Map<MissingParent.Key, String> reasons = new HashMap<>();
    private boolean swept;

    PuttingBack(Session session, ReturningParents store, StandIns standIns, RowCopies copies) {
        this.session = session;
        this.store = store;
        this.standIns = standIns;
        this.clones = new Clones(session);
        this.donors = new Donors(session, standIns, clones);
        this.copies = copies;
        this.recollections = new Recollections(session, store, clones);
    }

    /** By the way that the target's settings choose; null where they choose none. */
    static @Nullable PuttingBack of(Session session, ReturningParents store, StandIns standIns) {
        KeepIdThrough through = session.request().keepIdThrough();
        TargetWriter writer = session.request().writer();
        if (through == KeepIdThrough.SERVER_ACTION) {
            return new PuttingBack(session, store, standIns, new ServerActionCopies(session));
        }
        return through == null || writer == null
                ? null
                : new PuttingBack(session, store, standIns, new ConnectionCopies(writer, session.mapper()));
    }

    /** Why a missing parent did not come back. */
    @Nullable
    String reason(Reference reference, long id) {
        return reason(String.valueOf(reference.parentModel()), id);
    }

    @Nullable
    String reason(String model, long id) {
        return reasons.get(new MissingParent.Key(model, id));
    }

    boolean hasFailed() {
        return !reasons.isEmpty();
    }

    /** Puts back what is missing. */
    void run() {
        if (!swept) {
            copies.sweep();
            swept = true;
        }
        List<MissingParent> parents = store.missingParents();
        List<MissingParent> missing = missing(
                        parents.stream().filter(MissingParent::open).toList())
                .stream()
                .map(recollections::named)
                .toList();
        List<MissingParent> unfinished = unfinished(parents, missing);
        reasons.clear();
        if (missing.isEmpty() && unfinished.isEmpty()) {
            donors.remove(List.of());
            return;
        }
        session.journal().keepId(true);
        Map<Watched, Map<String, JsonNode>> before = watched(missing);
        unfinished.forEach(this::isBack);
        List<MissingParent> back = new ArrayList<>(unfinished);
        try {
            putBack(missing, back);
        } finally {
            copies.end();
        }
        takeOver(back);
        donors.remove(back);
        compare(before);
    }

    /** What fails for want of another missing parent succeeds in a later round. */
    private void putBack(List<MissingParent> missing, List<MissingParent> back) {
        List<MissingParent> left = ordered(missing);
        int before;
        do {
            before = left.size();
            List<MissingParent> failed = new ArrayList<>();
            for (MissingParent parent : left) {
                session.brake().check();
                String reason = putBack(parent);
                if (reason == null) {
                    back.add(parent);
                    reasons.remove(parent.key());
                } else {
                    reasons.put(parent.key(), reason);
                    failed.add(parent);
                }
            }
            left = failed;
        } while (!left.isEmpty() && left.size() < before);
    }

    /** @return why not; null when it is back */
    private @Nullable String putBack(MissingParent parent) {
        try {
            Donors.Donor donor = donors.get(parent.model(), parent.table(), company(parent));
            Map<String, @Nullable Long> halves = halves(parent, donor);
            Map<String, Object> values = clones.values(parent, donor, halves, isAlive(parent));
            recollections.of(parent).values().forEach((field, value) -> values.put(field, value.value()));
            return insert(parent, donor, values);
        } catch (OdooException e) {
            session.goOnOrThrow(e);
            return "The missing " + parent.model() + " could not be put back. " + PlainWords.of(e);
        }
    }

    /** A company that the API user lacks cannot be asked of the ORM. */
    private long company(MissingParent parent) {
        return session.contexts().userCompanies().contains(parent.company()) ? parent.company() : 0;
    }

    private @Nullable String insert(MissingParent parent, Donors.Donor donor, Map<String, Object> values) {
        session.journal().notDone(parent.model(), RUNG, parent.id());
        long call = session.journal()
                .begin(
                        parent.model(),
                        RUNG,
                        List.of(parent.id()),
                        Map.of("way", copies.words(), "source", donor.id(), "values", values),
                        Map.of(),
                        RUNG,
                        Map.of());
        long started = System.nanoTime();
        String refused = null;
        OdooException error = null;
        try {
            copies.copy(parent.model(), parent.table(), donor.id(), values);
        } catch (DataAccessException e) {
            refused = PlainWords.of(e);
        } catch (OdooException e) {
            error = e;
            refused = PlainWords.of(e);
        }
        long millis = Journal.millisSince(started);
        if (exists(parent)) {
            session.journal().done(call, millis, Map.of());
            isBack(parent);
            return null;
        }
        if (error != null) {
            session.journal().refused(call, millis, error);
            session.goOnOrThrow(error);
        } else {
            session.journal().notSent(call, millis, refused == null ? "no row to copy" : refused);
        }
        return "The missing " + parent.model() + " could not be put back: "
                + (refused == null ? "the row to copy is gone" : refused);
    }

    /** Written down again where a run died before it was. */
    private void isBack(MissingParent parent) {
        session.journal().doneAfterAll(parent.model(), RUNG, parent.id());
        session.journal()
                .standIn(parent.model(), parent.id(), parent.company(), null, parent.id(), parent.label(), true);
        session.journal()
                .recalled(parent.model(), parent.id(), recollections.of(parent).all());
    }

    private boolean exists(MissingParent parent) {
        return missing(List.of(parent)).isEmpty();
    }

    private List<MissingParent> missing(Collection<MissingParent> parents) {
        List<MissingParent> missing = new ArrayList<>();
        parents.stream()
                .collect(Collectors.groupingBy(MissingParent::table, LinkedHashMap::new, Collectors.toList()))
                .forEach((table, some) -> {
                    Set<Long> there = new HashSet<>(session.rows()
                            .jdbc()
                            .sql("SELECT id FROM " + Sql.quote(table) + " WHERE id = ANY(:ids)")
                            .param("ids", some.stream().map(MissingParent::id).toArray(Long[]::new))
                            .query(Long.class)
                            .list());
                    some.stream().filter(p -> !there.contains(p.id())).forEach(missing::add);
                });
        return missing;
    }

    /** Put back by this run before it died, and not taken over since. */
    private List<MissingParent> unfinished(List<MissingParent> parents, List<MissingParent> missing) {
        Set<MissingParent.Key> put = store.putBack();
        Set<MissingParent.Key> gone = missing.stream().map(MissingParent::key).collect(Collectors.toSet());
        return parents.stream()
                .filter(p -> put.contains(p.key()) && !gone.contains(p.key()))
                .filter(p ->
                        StandIns.find(session, xmlId(p), p.model(), p.table()).isEmpty())
                .map(recollections::named)
                .toList();
    }

    private static String xmlId(MissingParent parent) {
        return StandIns.MODULE + "." + StandIns.slug(parent.model()) + "_" + parent.id();
    }

    /** Parents of parents first; what belongs to a cycle comes in any order, and in rounds. */
    private List<MissingParent> ordered(List<MissingParent> missing) {
        Set<String> models = missing.stream().map(MissingParent::model).collect(Collectors.toCollection(TreeSet::new));
        Map<String, Set<String>> needs = new HashMap<>();
        for (Reference reference : session.request().catalog()) {
            String child = reference.childModel();
            String parent = reference.parentModel();
            if (child != null
                    && parent != null
                    && reference.required()
                    && reference.kind() == ReferenceKind.MANY2ONE
                    && models.contains(child)
                    && models.contains(parent)) {
                needs.computeIfAbsent(child, k -> new TreeSet<>()).add(parent);
            }
        }
        Set<String> order = new LinkedHashSet<>();
        Set<String> seen = new HashSet<>();
        models.forEach(model -> visit(model, needs, seen, order));
        List<String> sorted = new ArrayList<>(order);
        return missing.stream()
                .sorted((a, b) -> {
                    int byModel = Integer.compare(sorted.indexOf(a.model()), sorted.indexOf(b.model()));
                    return byModel != 0 ? byModel : Long.compare(a.id(), b.id());
                })
                .toList();
    }

    private static void visit(String model, Map<String, Set<String>> needs, Set<String> seen, Set<String> order) {
        if (seen.add(model)) {
            needs.getOrDefault(model, Set.of()).forEach(other -> visit(other, needs, seen, order));
            order.add(model);
        }
    }

    /** A record that Odoo keeps in two tables. */
    private record Half(String column, String model, String table) {}

    private final Map<String, List<Half>> delegations = new HashMap<>();

    private List<Half> delegations(String model) {
        return delegations.computeIfAbsent(model, m -> {
            List<Half> halves = new ArrayList<>(session.rows()
                    .jdbc()
                    .sql("""
                            SELECT f.name, f.relation FROM ir_model_inherit i
                              JOIN ir_model m ON m.id = i.model_id
                              JOIN ir_model_fields f ON f.id = i.parent_field_id
                             WHERE m.model = :model""")
                    .param("model", model)
                    .query((rs, n) -> new Half(rs.getString(1), rs.getString(2), table(rs.getString(2))))
                    .list());
            for (String column : Peculiarities.HALVES.getOrDefault(model, List.of())) {
                String relation = session.model(model).relation(column);
                if (relation != null) {
                    halves.add(new Half(column, relation, table(relation)));
                }
            }
            return halves;
        });
    }

    private String table(String model) {
        return session.table(model);
    }

    /** The other halves of the clone: records of its own, never the donor's. */
    private Map<String, @Nullable Long> halves(MissingParent parent, Donors.Donor donor) {
        Map<String, @Nullable Long> halves = new LinkedHashMap<>();
        for (Half half : delegations(parent.model())) {
            halves.put(half.column(), half(parent, donor, half));
        }
        halves.putAll(donor.holders());
        if (!donor.isExisting()) {
            ModelInfo info = session.model(parent.model());
            List<String> required = clones.required(parent.table(), info);
            for (String column : clones.manyToOneColumns(parent.table())) {
                String relation = info.relation(column);
                if (halves.containsKey(column) || relation == null || relation.equals(parent.model())) {
                    continue;
                }
                Half half = new Half(column, relation, table(relation));
                if (isMadeWith(donor, half)) {
                    halves.put(column, required.contains(column) ? half(parent, donor, half) : null);
                }
            }
        }
        return halves;
    }

    /** Made by the very call that made the donor, so that it may go with it. */
    private boolean isMadeWith(Donors.Donor donor, Half half) {
        JsonNode id = donor.row().get(half.column());
        JsonNode stamp = donor.row().get("create_date");
        if (id == null || !id.isIntegralNumber() || stamp == null || stamp.isNull()) {
            return false;
        }
        return stamp.equals(clones.row(half.table(), id.asLong()).get("create_date"));
    }

    private Long half(MissingParent parent, Donors.Donor donor, Half half) {
        String back = session.rows()
                .jdbc()
                .sql("""
                        SELECT back.name
                          FROM ir_model_fields back
                         WHERE back.model = :half AND back.relation = :model AND back.ttype = 'many2one' AND back.store
                           AND EXISTS (SELECT FROM ir_model_fields lines
                                        WHERE lines.model = :model AND lines.ttype = 'one2many'
                                          AND lines.relation = :half AND lines.relation_field = back.name)
                         ORDER BY back.name LIMIT 1""")
                .param("half", half.model())
                .param("model", parent.model())
                .query(String.class)
                .optional()
                .orElse(null);
        if (back != null && clones.shape(half.table()).columns().containsKey(back)) {
            Long own = session.rows()
                    .jdbc()
                    .sql("SELECT max(id) FROM " + Sql.quote(half.table()) + " WHERE " + Sql.quote(back) + " = :id")
                    .param("id", parent.id())
                    .query((rs, n) -> rs.getLong(1))
                    .single();
            if (own != 0) {
                return own; // the half that the missing record left
            }
        }
        String xmlId = StandIns.MODULE + "." + StandIns.slug(half.model()) + "_of_" + StandIns.slug(parent.model())
                + "_" + parent.id();
        // one that is there was made by a run that died, and may not have been written down
        long id = StandIns.find(session, xmlId, half.model(), half.table())
                .orElseGet(() -> standIns.make(
                        half.model(),
                        xmlId,
                        parent.label(),
                        company(parent),
                        like(donor, half),
                        Peculiarities.CONTEXT));
        session.journal().standIn(half.model(), null, parent.company(), xmlId, id, parent.label(), true);
        return id;
    }

    /** What the donor's own half must refer to, this one refers to as well. */
    private Map<String, Object> like(Donors.Donor donor, Half half) {
        JsonNode id = donor.row().get(half.column());
        if (donor.isExisting() || id == null || !id.isIntegralNumber()) {
            return Map.of();
        }
        Map<String, JsonNode> row = clones.row(half.table(), id.asLong());
        ModelInfo info = session.model(half.model());
        Map<String, Object> values = new LinkedHashMap<>();
        clones.required(half.table(), info).forEach(column -> {
            JsonNode value = row.get(column);
            if ("many2one".equals(info.type(column))
                    && value != null
                    && value.isIntegralNumber()
                    && !delegations(half.model()).stream()
                            .anyMatch(h -> h.column().equals(column))) {
                values.put(column, value.asLong());
            }
        });
        return values;
    }

    /** A record in use is made of it: archived, it would take that one out of use too. */
    private boolean isAlive(MissingParent parent) {
        record Whole(String model, String column) {}
        return session
                .rows()
                .jdbc()
                .sql("""
                        SELECT m.model, f.name FROM ir_model_inherit i
                          JOIN ir_model m ON m.id = i.model_id
                          JOIN ir_model_fields f ON f.id = i.parent_field_id
                         WHERE f.relation = :model""")
                .param("model", parent.model())
                .query((rs, n) -> new Whole(rs.getString(1), rs.getString(2)))
                .list()
                .stream()
                .anyMatch(whole -> {
                    String table = table(whole.model());
                    TableShape shape = clones.shape(table);
                    return shape.columns().containsKey(whole.column())
                            && session.rows()
                                    .jdbc()
                                    .sql("SELECT EXISTS (SELECT FROM " + Sql.quote(table) + " WHERE "
                                            + Sql.quote(whole.column()) + " = :id"
                                            + (shape.columns().containsKey("active") ? " AND active" : "") + ")")
                                    .param("id", parent.id())
                                    .query(Boolean.class)
                                    .single();
                });
    }

    /** The ORM gets to know what came back: external ids, and the caches of models that keep any. */
    private void takeOver(List<MissingParent> back) {
        List<Map<String, Object>> names = new ArrayList<>();
        for (MissingParent parent : back) {
            String[] xmlId = xmlId(parent).split("\\.", 2);
            if (StandIns.find(session, xmlId(parent), parent.model(), parent.table())
                    .isEmpty()) {
                names.add(Map.of(
                        "module",
                        xmlId[0],
                        "name",
                        xmlId[1],
                        "model",
                        parent.model(),
                        "res_id",
                        parent.id(),
                        "noupdate",
                        true));
            }
            if (Peculiarities.CACHED.contains(parent.model())) {
                tellCaches(parent);
            }
        }
        if (!names.isEmpty()) {
            call("ir.model.data", "create", List.of(), Map.of("vals_list", names));
        }
    }

    /** Any write through the ORM does; the value is the one that is there. */
    private void tellCaches(MissingParent parent) {
        if (parent.model().equals("res.company")) {
            // nobody reads what belongs to a company that is not among his own. A write of the company itself would set
            // defaults anew (19), and this one empties the same caches
            call(
                    "res.users",
                    "write",
                    List.of(session.odoo().uid()),
                    Map.of("vals", Map.of("company_ids", List.of(List.of(4, parent.id(), 0)))));
            return;
        }
        Map<String, Object> values =
                session.model(parent.model()).isArchivable() ? Map.of("active", false) : Map.of("name", parent.label());
        call(parent.model(), "write", List.of(parent.id()), Map.of("vals", values));
    }

    private boolean call(String model, String method, List<Long> ids, Map<String, Object> arguments) {
        return session.tell(model, method, ids, arguments, Map.of());
    }

    /** Rows of the records that refer to what is missing. */
    private Map<Watched, Map<String, JsonNode>> watched(List<MissingParent> missing) {
        Map<Watched, Map<String, JsonNode>> rows = new LinkedHashMap<>();
        if (missing.isEmpty()) {
            return rows;
        }
        store.childrenOfMissing(MOST_WATCHED).forEach((table, children) -> {
            String model = children.get(0).model();
            try {
                session.rows()
                        .read(
                                table,
                                session.model(model).fields().keySet(),
                                children.stream().map(Watched::id).toList())
                        .forEach((id, row) -> children.stream()
                                .filter(c -> c.id() == id)
                                .findFirst()
                                .ifPresent(c -> rows.put(c, row)));
            } catch (OdooException e) {
                session.goOnOrThrow(e); // a model the API user may not see
            }
        });
        return rows;
    }

    /** Nothing of them should have changed; what did is in the report. */
    private void compare(Map<Watched, Map<String, JsonNode>> before) {
        before.keySet().stream().collect(Collectors.groupingBy(Watched::table)).forEach((table, children) -> {
            ModelInfo info = session.model(children.get(0).model());
            Map<Long, Map<String, JsonNode>> after = session.rows()
                    .read(
                            table,
                            info.fields().keySet(),
                            children.stream().map(Watched::id).toList());
            for (Watched child : children) {
                Map<String, JsonNode> was = Objects.requireNonNull(before.get(child));
                Map<String, JsonNode> is = after.getOrDefault(child.id(), was);
                Journal.difference(was, is).forEach((field, value) -> {
                    if (!field.equals("write_uid") && !field.equals("write_date")) {
                        session.journal()
                                .changedBesides(
                                        child.repairNo(),
                                        child.model(),
                                        child.id(),
                                        field,
                                        Objects.requireNonNull(was.get(field)),
                                        value,
                                        info.isDerived(field));
                    }
                });
            }
        });
    }

    /** Deletes what was put back for other policies' sake, where nothing refers to it any more, and what a dead run left. */
    void removeTemporary() {
        copies.sweep();
        donors.remove(List.of());
        Set<MissingParent.Key> put = store.putBack();
        List<MissingParent> temporary = store.missingParents().stream()
                .filter(p -> !p.stays() && put.contains(p.key()))
                .toList();
        Set<MissingParent> gone = new HashSet<>(missing(temporary)); // before the run died
        // children before parents
        List<MissingParent> order = new ArrayList<>(ordered(temporary));
        Collections.reverse(order);
        for (MissingParent parent : order) {
            if (!gone.contains(parent)
                    && (isReferredTo(parent) || !session.unlink(parent.model(), parent.id(), Peculiarities.CONTEXT))) {
                continue; // it stays, archived, and the report lists it
            }
            session.journal().standInRemoved(parent.model(), parent.id());
            delegations(parent.model()).forEach(half -> removeHalf(parent, half));
            donors.documents(parent.model()).values().forEach(model -> removeHolder(parent, model));
        }
        session.journal().keepId(false);
    }

    /** Foreign keys by which rows refer to a record, in words; such a record can only be unlinked. */
    List<String> keysInUse(MissingParent parent) {
        return keys(parent.table()).stream()
                .filter(key -> session.rows()
                        .jdbc()
                        .sql("SELECT EXISTS (SELECT FROM " + Sql.quote(key.table()) + " c WHERE c."
                                + Sql.quote(key.column()) + " = :id"
                                + (key.table().equals(parent.table()) ? " AND c.id <> :id)" : ")"))
                        .param("id", parent.id())
                        .query(Boolean.class)
                        .single())
                .map(key -> key.table() + "." + key.column())
                .toList();
    }

    private List<TargetWriter.Key> keys(String table) {
        return session.rows()
                .jdbc()
                .sql("""
                        SELECT c.relname, a.attname FROM pg_constraint k
                          JOIN pg_class c ON c.oid = k.conrelid
                          JOIN pg_attribute a ON a.attrelid = c.oid AND k.conkey = ARRAY[a.attnum]
                          JOIN pg_class p ON p.oid = k.confrelid AND p.relnamespace = current_schema()::regnamespace
                         WHERE k.contype = 'f' AND p.relname = :table ORDER BY 1, 2""")
                .param("table", table)
                .query((rs, n) -> new TargetWriter.Key(rs.getString(1), rs.getString(2)))
                .list();
    }

    /**
     * For an undo: a record that keep-id put back goes again without the ORM, so that what refers to it is left as it is, and
     * dangles as it did before. With it go its external id and what was made for it alone.
     *
     * @param hadUser whether the API user had this company among his own before it came back
     * @return why not; null when it is gone
     */
    @Nullable
    String takeAway(MissingParent parent, boolean hadUser) {
        session.brake().check();
        List<String> keys = keysInUse(parent);
        if (!keys.isEmpty()) {
            return "a foreign key lets nothing refer to a record that does not exist: " + String.join(", ", keys);
        }
        if (parent.model().equals("res.company") && !hadUser) {
            // as it was told when it came back
            session.tell(
                    "res.users",
                    "write",
                    List.of(session.odoo().uid()),
                    Map.of("vals", Map.of("company_ids", List.of(List.of(3, parent.id(), 0)))),
                    Map.of());
        }
        Watched watched = new Watched(0, parent.model(), parent.table(), parent.id());
        Map<String, JsonNode> row = session.rows()
                .read(parent.table(), session.readable(parent.model()), List.of(parent.id()))
                .get(parent.id());
        String refused = row == null ? null : remove(parent, watched, row);
        if (refused != null) {
            return refused;
        }
        removeLeftovers(parent);
        return null;
    }

    /** The external id of a record whose row is gone, and what was made for it alone: an undo that died may have left them. */
    void removeLeftovers(MissingParent parent) {
        List<Long> names = StandIns.externalIds(session, parent);
        if (!names.isEmpty()) {
            call("ir.model.data", "unlink", names, Map.of()); // and Odoo forgets what it kept in its caches
        }
        session.journal().standInRemoved(parent.model(), parent.id());
        delegations(parent.model()).forEach(half -> removeHalf(parent, half));
        donors.documents(parent.model()).values().forEach(model -> removeHolder(parent, model));
    }

    private @Nullable String remove(MissingParent parent, Watched watched, Map<String, JsonNode> row) {
        long call = session.journal()
                .begin(
                        parent.model(),
                        AWAY,
                        List.of(parent.id()),
                        Map.of("way", copies.words()),
                        Map.of(),
                        AWAY,
                        Map.of(watched, row));
        long started = System.nanoTime();
        String refused = "nothing was deleted";
        OdooException error = null;
        try {
            copies.remove(parent.model(), parent.table(), parent.id(), keys(parent.table()));
        } catch (DataAccessException e) {
            refused = PlainWords.of(e);
        } catch (OdooException e) {
            error = e;
            refused = PlainWords.of(e);
        }
        if (!exists(parent)) {
            Map<Watched, @Nullable Map<String, JsonNode>> gone = new LinkedHashMap<>();
            gone.put(watched, null);
            session.journal().done(call, Journal.millisSince(started), gone);
            return null;
        }
        if (error != null) {
            session.journal().refused(call, Journal.millisSince(started), error);
            session.goOnOrThrow(error);
        } else {
            session.journal().notSent(call, Journal.millisSince(started), refused);
        }
        return "it could not be taken away: " + refused;
    }

    /** After the last one was taken away. An undo taken up at its end has made no way of its own, and finds the dead one's. */
    void end() {
        copies.end();
        copies.sweep();
    }

    private void removeHalf(MissingParent parent, Half half) {
        remove(half.model(), half.table(), "_" + parent.id(), parent);
    }

    /** The document of lines that are gone again. */
    private void removeHolder(MissingParent parent, String model) {
        String suffix = company(parent) == 0 ? "" : "_company_" + company(parent);
        remove(model, session.table(model), suffix, parent);
    }

    private void remove(String model, String table, String suffix, MissingParent parent) {
        String xmlId = StandIns.MODULE + "." + StandIns.slug(model) + "_of_" + StandIns.slug(parent.model()) + suffix;
        StandIns.find(session, xmlId, model, table).ifPresent(id -> {
            if (!isReferredTo(new MissingParent(model, table, id, 0, false, false))
                    && session.unlink(model, id, Peculiarities.CONTEXT)) {
                session.journal().standInRemoved(model, id);
            }
        });
    }

    private boolean isReferredTo(MissingParent parent) {
        for (Reference reference : session.request().catalog()) {
            if (parent.model().equals(reference.parentModel())) {
                Set<Long> named;
                try {
                    named = session.look().naming(session.request().database().dataSource(), reference, parent.id());
                } catch (UserError e) {
                    return true; // what the role may not read may refer to it
                }
                if (!named.isEmpty() && !isOnlyItself(reference, parent)) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Its own external id, and a reference to itself. */
    private boolean isOnlyItself(Reference reference, MissingParent parent) {
        if (reference.childTable().equals("ir_model_data")) {
            return session.rows()
                    .jdbc()
                    .sql(
                            "SELECT count(*) = 0 FROM ir_model_data WHERE model = :model AND res_id = :id AND module <> :module")
                    .param("model", parent.model())
                    .param("id", parent.id())
                    .param("module", StandIns.MODULE)
                    .query(Boolean.class)
                    .single();
        }
        return reference.childTable().equals(parent.table())
                && !(reference.storage() instanceof Storage.RelationRow)
                && session.rows()
                        .jdbc()
                        .sql("SELECT count(*) = 0 FROM ONLY " + Sql.quote(parent.table()) + " WHERE id <> :id AND "
                                + Sql.quote(reference.storage().columns().get(1)) + "::text = :text")
                        .param("id", parent.id())
                        .param("text", Long.toString(parent.id()))
                        .query(Boolean.class)
                        .single();
    }
}
