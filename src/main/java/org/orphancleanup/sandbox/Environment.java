package org.orphancleanup.sandbox;

import java.math.BigDecimal;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/**
 * One call's transaction: reads with a cache, keeps written values until they are flushed, and computes what follows from
 * them, in the manner of Odoo's ORM.
 */
final class Environment {

    static final DateTimeFormatter DATE_TIME = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss");
    private static final Set<String> AUDIT = Set.of("id", "create_uid", "create_date", "write_uid", "write_date");

    final Connection connection;
    final Registry registry;
    final User user;
    final Map<String, Object> context;
    final Expressions expressions = new Expressions();
    private final Access access;
    private final Tracking tracking;
    private final SqlErrors sqlErrors;
    private final LocalDateTime started = LocalDateTime.now(ZoneOffset.UTC);
    private final String now = started.format(DATE_TIME);

    private final Map<String, Map<Long, Map<String, @Nullable Object>>> cache = new HashMap<>();
    private final Map<String, Map<Long, List<Long>>> relations = new HashMap<>();
    private final Map<Target, Map<String, @Nullable Object>> dirty = new LinkedHashMap<>();
    /** Fields to compute, in the registry's order. */
    private final Map<ComputedField, Set<Long>> pending = new LinkedHashMap<>();

    private record Target(Model model, long id) {}

    private record ComputedField(Model model, ModelField field) {}

    /** @param groups external ids */
    record User(
            long id, String name, long partner, long company, List<Long> companies, Set<String> groups, String lang) {}

    Environment(Connection connection, Registry registry, User user, Map<String, Object> context) {
        this.connection = connection;
        this.registry = registry;
        this.user = user;
        this.context = context;
        this.access = new Access(this);
        this.tracking = new Tracking(this);
        this.sqlErrors = new SqlErrors(registry);
        expressions.define("company", rec("res.company", company()));
        expressions.define("uid", rec("res.users", user.id()));
        expressions.define("now", now);
        expressions.define("today", LocalDate.now(ZoneOffset.UTC).toString());
    }

    Access access() {
        return access;
    }

    String now() {
        return now;
    }

    long company() {
        List<Long> allowed = access.allowedCompanies();
        return context.containsKey("allowed_company_ids") && !allowed.isEmpty() ? allowed.get(0) : user.company();
    }

    boolean flag(String key) {
        return Python.truth(context.get(key));
    }

    private boolean activeTest() {
        return !Boolean.FALSE.equals(context.get("active_test"));
    }

    String lang() {
        return context.get("lang") instanceof String lang ? lang : "en_US";
    }

    Rec rec(String model, long id) {
        return new Rec(this, registry.get(model), id);
    }

    // ---- reading

    /** The value of a field: a {@link Rec}, a list of them, a String, Boolean, Long or BigDecimal; null for empty. */
    @Nullable
    Object get(Rec rec, String name) {
        if (name.equals("display_name")) {
            return displayName(rec);
        }
        ModelField field = rec.model().field(name);
        if (field == null) {
            throw OdooError.key(name);
        }
        if (field.isMany()) {
            Model to = registry.get(Objects.requireNonNull(field.to()));
            return activeOnly(to, many(rec, field)).stream()
                    .map(id -> new Rec(this, to, id))
                    .toList();
        }
        Object value = raw(rec, field);
        if (value != null && field.isMany2one()) {
            return rec(Objects.requireNonNull(field.to()), (Long) value);
        }
        if (value == null) {
            return switch (field.type()) {
                case "boolean" -> Boolean.FALSE;
                case "integer" -> 0L;
                case "float", "monetary" -> BigDecimal.ZERO;
                default -> null;
            };
        }
        return value;
    }

    /** As stored: the id of a many2one, whether its record exists or not. */
    @Nullable
    Object raw(Rec rec, ModelField field) {
        if (!field.stored()) {
            if (field.companyDependent()) {
                exists(rec);
                return property(rec, field);
            }
            return follow(rec, Objects.requireNonNull(field.related()));
        }
        ComputedField computed = new ComputedField(rec.model(), field);
        Set<Long> waiting = pending.get(computed);
        if (waiting != null && waiting.remove(rec.id())) {
            compute(rec, field);
        }
        return row(rec).get(field.name());
    }

    private void exists(Rec rec) {
        row(rec);
    }

    /** The raw value at the end of a path. */
    private @Nullable Object follow(Rec rec, String path) {
        Rec at = rec;
        String[] steps = path.split("\\.");
        for (int i = 0; i < steps.length - 1; i++) {
            Object next = get(at, steps[i]);
            if (next instanceof List<?> several) {
                next = several.isEmpty() ? null : several.get(0);
            }
            if (!(next instanceof Rec found)) {
                return null;
            }
            at = found;
        }
        ModelField last = at.model().field(steps[steps.length - 1]);
        return last == null || last.isMany() ? null : raw(at, last);
    }

    String displayName(Rec rec) {
        String expression = rec.model().displayName();
        if (expression != null) {
            exists(rec);
            Object name = expressions.evaluate(expression, rec);
            return name == null ? "" : name.toString();
        }
        String recordName = rec.model().recordName();
        if (!rec.model().hasField(recordName)) {
            exists(rec);
            return rec.model().name() + "," + rec.id();
        }
        Object name = get(rec, recordName);
        return name instanceof Rec other ? displayName(other) : name == null ? "" : name.toString();
    }

    private Map<String, @Nullable Object> row(Rec rec) {
        Map<Long, Map<String, @Nullable Object>> rows =
                cache.computeIfAbsent(rec.model().name(), key -> new HashMap<>());
        if (!rows.containsKey(rec.id())) {
            fetch(rec.model(), List.of(rec.id()));
        }
        Map<String, @Nullable Object> row = rows.get(rec.id());
        if (row == null) {
            throw OdooError.missing(rec.model().name(), rec.id(), user.id());
        }
        return row;
    }

    /** Reads rows into the cache; what is there already stays, so that unflushed values are not lost. */
    void fetch(Model model, Collection<Long> ids) {
        Map<Long, Map<String, @Nullable Object>> rows = cache.computeIfAbsent(model.name(), key -> new HashMap<>());
        List<Long> wanted =
                ids.stream().filter(id -> !rows.containsKey(id)).distinct().toList();
        if (wanted.isEmpty()) {
            return;
        }
        Map<String, ModelField> columns = model.columns();
        StringJoiner list = new StringJoiner(", ");
        list.add("id");
        columns.values().forEach(field -> list.add(readExpression(field)));
        query("SELECT " + list + " FROM " + quote(model.table()) + " WHERE id = ANY(?)", List.of(wanted), result -> {
            Map<String, @Nullable Object> row = new HashMap<>();
            int index = 2;
            for (ModelField field : columns.values()) {
                row.put(field.name(), column(field, result, index++));
            }
            rows.put(result.getLong(1), row);
        });
    }

    private String readExpression(ModelField field) {
        String column = quote(field.name());
        if (field.companyDependent()) {
            return column + " ->> '" + company() + "'";
        }
        if (field.translate()) {
            return "coalesce(" + column + " ->> '" + lang().replace("'", "") + "', " + column + " ->> 'en_US')";
        }
        return field.type().equals("binary") ? "NULL" : column;
    }

    private static @Nullable Object column(ModelField field, ResultSet result, int index) throws SQLException {
        String text = result.getString(index);
        if (text == null) {
            return null;
        }
        return switch (field.type()) {
            case "many2one", "integer", "many2one_reference" -> Long.valueOf(text);
            case "float", "monetary" -> new BigDecimal(text);
            case "boolean" -> text.equals("t") || text.equals("true");
            case "datetime" -> text.length() > 19 ? text.substring(0, 19) : text;
            default -> text;
        };
    }

    /** Ids of an x2many field as the ORM sees them: records that exist, archived ones too. */
    List<Long> many(Rec rec, ModelField field) {
        return relations
                .computeIfAbsent(rec.model().name() + "." + field.name(), key -> new HashMap<>())
                .computeIfAbsent(rec.id(), id -> {
                    Model to = registry.get(Objects.requireNonNull(field.to()));
                    if (field.type().equals("one2many")) {
                        return new ArrayList<>(pointingTo(
                                to,
                                Objects.requireNonNull(to.field(Objects.requireNonNull(field.inverse()))),
                                rec.model(),
                                List.of(id)));
                    }
                    List<Long> ids = new ArrayList<>();
                    String column2 = quote(Objects.requireNonNull(field.column2()));
                    // joined, so a row whose target is missing is never seen
                    query(
                            "SELECT r." + column2 + " FROM " + quote(Objects.requireNonNull(field.table())) + " r JOIN "
                                    + quote(to.table()) + " t ON t.id = r." + column2 + " WHERE r."
                                    + quote(Objects.requireNonNull(field.column1())) + " = ? ORDER BY 1",
                            List.of(id),
                            result -> ids.add(result.getLong(1)));
                    return ids;
                });
    }

    List<Long> activeOnly(Model model, List<Long> ids) {
        String active = model.activeField();
        if (active == null || !activeTest() || ids.isEmpty()) {
            return ids;
        }
        fetch(model, ids);
        ModelField field = Objects.requireNonNull(model.field(active));
        return ids.stream()
                .filter(id -> Boolean.TRUE.equals(raw(new Rec(this, model, id), field)))
                .toList();
    }

    /** Ids of records whose many2one holds one of these ids, unflushed values included. */
    private Set<Long> pointingTo(Model model, ModelField field, Model target, Collection<Long> ids) {
        Set<Long> found = new LinkedHashSet<>();
        if (!field.column()) {
            return found;
        }
        String sql = "SELECT id FROM " + quote(model.table()) + " WHERE " + quote(field.name()) + " = ANY(?)";
        List<Object> parameters = new ArrayList<>(List.of(List.copyOf(ids)));
        if (field.type().equals("many2one_reference")) {
            sql += " AND " + quote(Objects.requireNonNull(field.modelField())) + " = ?";
            parameters.add(target.name());
        } else if (!field.isMany2one() || field.companyDependent()) {
            return found;
        }
        query(sql + " ORDER BY id", parameters, result -> found.add(result.getLong(1)));
        dirty.forEach((record, values) -> {
            if (record.model.name().equals(model.name()) && values.containsKey(field.name())) {
                if (values.get(field.name()) instanceof Long id && ids.contains(id)) {
                    found.add(record.id);
                } else {
                    found.remove(record.id);
                }
            }
        });
        return found;
    }

    // ---- writing

    void write(Model model, List<Long> ids, Map<String, @Nullable Object> given) {
        access.checkModel(model, "write");
        checkFields(model, given.keySet());
        if (ids.isEmpty()) {
            return;
        }
        access.checkRecords(model, ids, "write");
        writeUnchecked(model, ids, given);
    }

    private void checkFields(Model model, Collection<String> names) {
        for (String name : names) {
            if (!AUDIT.contains(name) && !model.hasField(name)) {
                throw registry.version() >= 19
                        ? OdooError.key(name)
                        : OdooError.value("Invalid field '" + name + "' on model '" + model.name() + "'");
            }
        }
    }

    private void writeUnchecked(Model model, List<Long> ids, Map<String, @Nullable Object> given) {
        Map<String, @Nullable Object> values = new LinkedHashMap<>(given);
        AUDIT.forEach(values::remove);
        List<Rec> records = ids.stream().map(id -> new Rec(this, model, id)).toList();
        access.guard(records, "write", values.keySet(), false);
        if (given.isEmpty()) {
            return;
        }
        fetch(model, ids);
        tracking.before(model, records, values.keySet());
        reads(model.before(), records, values.keySet());
        for (Rec record : records) {
            for (String name : values.keySet()) {
                touched(record, name);
            }
        }
        for (Rec record : records) {
            for (Map.Entry<String, @Nullable Object> entry : values.entrySet()) {
                ModelField field = Objects.requireNonNull(model.field(entry.getKey()));
                if (!field.isMany()) {
                    assign(record, field, Values.toStored(registry.version(), model, field, entry.getValue()));
                }
            }
            if (cached(record)) {
                stamp(record);
            }
        }
        for (Rec record : records) {
            for (String name : values.keySet()) {
                touched(record, name);
            }
        }
        protect(model, ids, values.keySet());
        for (Rec record : records) {
            for (Map.Entry<String, @Nullable Object> entry : values.entrySet()) {
                ModelField field = Objects.requireNonNull(model.field(entry.getKey()));
                if (field.isMany()) {
                    commands(record, field, entry.getValue());
                }
            }
        }
        protect(model, ids, values.keySet());
        Model.NoCycle noCycle = model.noCycle();
        if (noCycle != null && values.containsKey(noCycle.field())) {
            if (registry.version() < 19) {
                // to 18 the database is asked for cycles, so it has to know the new value
                flushRows();
            }
            records.forEach(record -> checkCycle(record, noCycle));
        }
        reads(model.after(), records, values.keySet());
        access.guard(records, "write", values.keySet(), true);
        if (model.parent() != null && values.containsKey(model.parent())) {
            records.forEach(this::path);
        }
    }

    /** A record that is missing gets its relation rows, but no row of its own. */
    private boolean cached(Rec record) {
        return cache.getOrDefault(record.model().name(), Map.of()).containsKey(record.id());
    }

    private void stamp(Rec record) {
        if (!record.model().hasField("write_uid")) {
            return;
        }
        assign(record, Objects.requireNonNull(record.model().field("write_uid")), user.id());
        // with its microseconds, as the transaction's own time
        assign(record, Objects.requireNonNull(record.model().field("write_date")), started.toString());
    }

    private void assign(Rec record, ModelField field, @Nullable Object value) {
        if (!field.stored()) {
            if (field.companyDependent()) {
                setProperty(record, field, value);
            } else {
                assignThrough(record, field, value);
            }
            return;
        }
        if (!cached(record)) {
            return;
        }
        if (field.companyDependent() && registry.version() >= 19 && value == null && shownEmpty(record, field)) {
            // 19 takes a value whose record is missing for an empty one, so emptying it changes nothing
            return;
        }
        row(record).put(field.name(), value);
        dirty.computeIfAbsent(new Target(record.model(), record.id()), key -> new LinkedHashMap<>())
                .put(field.name(), value);
        registry.one2manyOver(record.model(), field.name()).forEach(relations::remove);
    }

    private boolean shownEmpty(Rec record, ModelField field) {
        Object old = row(record).get(field.name());
        return old == null
                || (old instanceof Long id
                        && !existing(registry.get(Objects.requireNonNull(field.to())), List.of(id))
                                .contains(id));
    }

    /** Writes a related field's source. */
    private void assignThrough(Rec record, ModelField field, @Nullable Object value) {
        String path = Objects.requireNonNull(field.related());
        int dot = path.lastIndexOf('.');
        Object owner = expressions.evaluate(path.substring(0, dot), record);
        if (owner instanceof Rec rec) {
            Map<String, @Nullable Object> values = new LinkedHashMap<>();
            values.put(path.substring(dot + 1), value == null ? Boolean.FALSE : value);
            writeUnchecked(rec.model(), List.of(rec.id()), values);
        }
    }

    private void reads(@Nullable List<Model.Read> reads, List<Rec> records, Set<String> written) {
        if (reads == null) {
            return;
        }
        for (Model.Read read : reads) {
            if (read.fields().stream().anyMatch(written::contains)) {
                for (Rec record : records) {
                    if (expressions.holds(read.when(), record)) {
                        expressions.evaluate(read.read(), record);
                    }
                }
            }
        }
    }

    private void checkCycle(Rec record, Model.NoCycle noCycle) {
        Set<Long> seen = new LinkedHashSet<>();
        ModelField field = Objects.requireNonNull(record.model().field(noCycle.field()));
        Rec at = record;
        while (seen.add(at.id())) {
            if (existing(at.model(), List.of(at.id())).isEmpty()) {
                if (registry.version() >= 19
                        && !at.equals(record)
                        && record.model().name().equals("res.partner")) {
                    throw OdooError.missing(at.model().name(), at.id(), user.id());
                }
                return;
            }
            Object parent = raw(at, field);
            if (!(parent instanceof Long id)) {
                return;
            }
            at = new Rec(this, record.model(), id);
        }
        throw OdooError.validation(noCycle.message());
    }

    /** Keeps {@code parent_path} of a record and of what is below it. */
    private void path(Rec record) {
        flushRows();
        Object parent = raw(
                record,
                Objects.requireNonNull(record.model()
                        .field(Objects.requireNonNull(record.model().parent()))));
        String table = quote(record.model().table());
        String[] above = {""};
        if (parent instanceof Long id) {
            query(
                    "SELECT parent_path FROM " + table + " WHERE id = ?",
                    List.of(id),
                    result -> above[0] = Objects.requireNonNullElse(result.getString(1), ""));
        }
        String[] old = {""};
        query(
                "SELECT parent_path FROM " + table + " WHERE id = ?",
                List.of(record.id()),
                result -> old[0] = Objects.requireNonNullElse(result.getString(1), ""));
        String fresh = above[0] + record.id() + "/";
        if (old[0].isEmpty()) {
            update("UPDATE " + table + " SET parent_path = ? WHERE id = ?", List.of(fresh, record.id()));
        } else {
            update(
                    "UPDATE " + table
                            + " SET parent_path = ? || substr(parent_path, ?::int) WHERE parent_path LIKE ? || '%'",
                    List.of(fresh, (long) old[0].length() + 1, old[0]));
        }
        cache.getOrDefault(record.model().name(), Map.of()).values().forEach(row -> row.remove("parent_path"));
        forget(record.model());
    }

    /** Forgets clean rows of a model, whose columns were changed behind the cache. */
    private void forget(Model model) {
        Map<Long, Map<String, @Nullable Object>> rows = cache.get(model.name());
        if (rows != null) {
            rows.keySet().removeIf(id -> !dirty.containsKey(new Target(model, id)));
        }
    }

    // ---- x2many commands

    private void commands(Rec record, ModelField field, @Nullable Object value) {
        Model to = registry.get(Objects.requireNonNull(field.to()));
        List<Long> old = many(record, field);
        Set<Long> fresh = new LinkedHashSet<>(old);
        boolean one2many = field.type().equals("one2many");
        ModelField inverse = one2many ? to.field(Objects.requireNonNull(field.inverse())) : null;
        for (List<?> command : Values.commands(value)) {
            int code = Values.number(command.get(0)).intValue();
            long id = command.size() > 1 && command.get(1) instanceof Number number ? number.longValue() : 0;
            Object last = command.size() > 2 ? command.get(2) : null;
            switch (code) {
                case 0 -> {
                    Map<String, @Nullable Object> values = Values.values(last);
                    if (inverse != null) {
                        values.put(inverse.name(), record.id());
                    }
                    fresh.add(create(to, values));
                }
                case 1 -> write(to, List.of(id), Values.values(last));
                case 2 -> {
                    unlink(to, List.of(id));
                    fresh.remove(id);
                }
                case 3 -> fresh.remove(id);
                case 4 -> fresh.add(id);
                case 5 -> fresh.clear();
                case 6 -> {
                    fresh.clear();
                    if (last instanceof List<?> ids) {
                        ids.forEach(each -> fresh.add(Values.number(each).longValue()));
                    }
                }
                default ->
                    throw OdooError.value("Wrong value for " + record.model().name() + "." + field.name() + ": "
                            + Python.repr(command));
            }
        }
        List<Long> added = fresh.stream().filter(id -> !old.contains(id)).toList();
        List<Long> removed = old.stream().filter(id -> !fresh.contains(id)).toList();
        if (inverse != null) {
            List<Long> toAdd = added.stream()
                    .filter(id -> !Objects.equals(record.id(), raw(new Rec(this, to, id), inverse)))
                    .toList();
            if (!toAdd.isEmpty()) {
                writeUnchecked(to, toAdd, Map.of(inverse.name(), record.id()));
            }
            List<Long> left = List.copyOf(existing(to, removed));
            if (!left.isEmpty()) {
                if (inverse.required() || "cascade".equals(inverse.ondelete())) {
                    unlink(to, left);
                } else {
                    writeUnchecked(to, left, Map.of(inverse.name(), Boolean.FALSE));
                }
            }
        } else {
            relate(record, field, added, removed);
        }
        relations
                .computeIfAbsent(record.model().name() + "." + field.name(), key -> new HashMap<>())
                .put(record.id(), new ArrayList<>(fresh));
        touched(record, field.name());
    }

    private void relate(Rec record, ModelField field, List<Long> added, List<Long> removed) {
        if (!added.isEmpty() || !removed.isEmpty()) {
            flushRows();
        }
        String table = quote(Objects.requireNonNull(field.table()));
        String own = quote(Objects.requireNonNull(field.column1()));
        String other = quote(Objects.requireNonNull(field.column2()));
        for (long id : added) {
            update(
                    "INSERT INTO " + table + " (" + own + ", " + other + ") VALUES (?, ?) ON CONFLICT DO NOTHING",
                    List.of(record.id(), id));
        }
        if (!removed.isEmpty()) {
            update(
                    "DELETE FROM " + table + " WHERE " + own + " = ? AND " + other + " = ANY(?)",
                    List.of(record.id(), removed));
        }
    }

    // ---- creating

    long create(Model model, Map<String, @Nullable Object> given) {
        access.checkModel(model, "create");
        checkFields(model, given.keySet());
        Map<String, @Nullable Object> values = new LinkedHashMap<>(given);
        AUDIT.forEach(values::remove);
        defaults(model, values);
        Model.Link inherits = model.inherits();
        if (inherits != null) {
            inherit(model, inherits, values);
        }
        Model.Link creates = model.creates();
        if (creates != null && !Python.truth(values.get(creates.field()))) {
            Map<String, @Nullable Object> other = new LinkedHashMap<>();
            other.put("name", values.get("name"));
            values.put(creates.field(), create(registry.get(creates.model()), other));
        }
        long id = number(
                "SELECT nextval(pg_get_serial_sequence(?, 'id'))",
                model.inheritsTable() == null ? model.table() : model.inheritsTable());
        Rec record = new Rec(this, model, id);
        Map<String, @Nullable Object> row = new HashMap<>();
        model.columns().keySet().forEach(name -> row.put(name, null));
        cache.computeIfAbsent(model.name(), key -> new HashMap<>()).put(id, row);
        Map<String, @Nullable Object> columns = new LinkedHashMap<>();
        List<ModelField> through = new ArrayList<>();
        for (Map.Entry<String, @Nullable Object> entry : values.entrySet()) {
            ModelField field = Objects.requireNonNull(model.field(entry.getKey()));
            if (field.column()) {
                Object stored = Values.toStored(registry.version(), model, field, entry.getValue());
                row.put(field.name(), stored);
                columns.put(field.name(), stored);
            } else if (!field.isMany()) {
                through.add(field);
            }
        }
        // a computed field may be required, so it has to be known before the row is there
        for (ModelField field : model.fields()) {
            if (field.stored() && field.computed() && !columns.containsKey(field.name()) && !field.isMany()) {
                Object stored = computedValue(record, field);
                row.put(field.name(), stored);
                columns.put(field.name(), stored);
            }
        }
        for (ModelField field : model.fields()) {
            if (field.column() && field.type().equals("boolean") && !columns.containsKey(field.name())) {
                columns.put(field.name(), Boolean.FALSE);
                row.put(field.name(), Boolean.FALSE);
            }
        }
        for (String name : AUDIT) {
            if (model.hasField(name)) {
                columns.put(name, name.endsWith("_uid") ? (Object) user.id() : now);
            }
        }
        row.putAll(columns);
        insert(model, id, columns);
        columns.keySet().forEach(name -> registry.one2manyOver(model, name).forEach(relations::remove));
        for (ModelField field : through) {
            assign(record, field, Values.toStored(registry.version(), model, field, values.get(field.name())));
        }
        for (ModelField field : model.fields()) {
            touched(record, field.name());
        }
        for (ModelField field : model.fields()) {
            Set<Long> waiting = pending.get(new ComputedField(model, field));
            if (waiting != null) {
                waiting.remove(id);
            }
        }
        for (Map.Entry<String, @Nullable Object> entry : values.entrySet()) {
            ModelField field = Objects.requireNonNull(model.field(entry.getKey()));
            if (field.isMany()) {
                commands(record, field, entry.getValue());
            }
        }
        if (model.parent() != null) {
            path(record);
        }
        Model.Link variant = model.variant();
        if (variant != null && !Boolean.TRUE.equals(context.get("sandbox_variant"))) {
            variant(model, id, variant, values);
        }
        access.checkRecords(model, List.of(id), "create");
        Model.NoCycle noCycle = model.noCycle();
        if (noCycle != null && values.containsKey(noCycle.field())) {
            checkCycle(record, noCycle);
        }
        tracking.created(record);
        return id;
    }

    private void variant(Model model, long id, Model.Link variant, Map<String, @Nullable Object> values) {
        Map<String, @Nullable Object> of = new LinkedHashMap<>();
        of.put(variant.field(), id);
        of.put("active", values.getOrDefault("active", Boolean.TRUE));
        create(registry.get(variant.model()), of);
        relations.remove(model.name() + ".product_variant_ids");
    }

    /** The parent record of delegation takes the values that are its own. */
    private void inherit(Model model, Model.Link inherits, Map<String, @Nullable Object> values) {
        Model parent = registry.get(inherits.model());
        Map<String, @Nullable Object> own = new LinkedHashMap<>();
        for (String name : List.copyOf(values.keySet())) {
            ModelField field = Objects.requireNonNull(model.field(name));
            if (!field.stored() && (inherits.field() + "." + name).equals(field.related())) {
                own.put(name, values.remove(name));
            }
        }
        if (Python.truth(values.get(inherits.field()))) {
            if (!own.isEmpty()) {
                write(
                        parent,
                        List.of(Values.number(values.get(inherits.field())).longValue()),
                        own);
            }
            return;
        }
        Object before = context.put("sandbox_variant", Boolean.TRUE);
        try {
            values.put(inherits.field(), create(parent, own));
        } finally {
            if (before == null) {
                context.remove("sandbox_variant");
            }
        }
    }

    private void defaults(Model model, Map<String, @Nullable Object> values) {
        for (ModelField field : model.fields()) {
            if (!values.containsKey(field.name())) {
                Object value = defaultOf(field);
                if (value != null) {
                    values.put(field.name(), value);
                }
            }
        }
    }

    /** Null where the field has none. */
    @Nullable
    Object defaultOf(ModelField field) {
        if (context.containsKey("default_" + field.name())) {
            return context.get("default_" + field.name());
        }
        if (!field.stored()) {
            return null;
        }
        if (field.defaultValue() != null) {
            return field.defaultValue();
        }
        String expression = field.defaultExpression();
        if (expression == null) {
            return null;
        }
        if (expression.startsWith("#first(")) {
            return first(expression.substring(8, expression.length() - 2));
        }
        Object value = expressions.evaluate(expression, null);
        return value instanceof Rec rec ? (Object) rec.id() : value;
    }

    /** The first record of a model that the current company may use. */
    private @Nullable Object first(String name) {
        Model model = registry.get(name);
        ModelField company = model.companyRule() == null ? null : model.field(model.companyRule());
        Object[] found = {null};
        if (company != null && company.isMany2one() && company.column()) {
            query(
                    "SELECT id FROM " + quote(model.table()) + " WHERE company_id = ? ORDER BY id LIMIT 1",
                    List.of(company()),
                    result -> found[0] = result.getLong(1));
        }
        if (found[0] == null) {
            query(
                    "SELECT id FROM " + quote(model.table()) + " ORDER BY id LIMIT 1",
                    List.of(),
                    result -> found[0] = result.getLong(1));
        }
        return found[0];
    }

    private void insert(Model model, long id, Map<String, @Nullable Object> columns) {
        StringJoiner names = new StringJoiner(", ", "(id, ", ")");
        StringJoiner places = new StringJoiner(", ", "(?, ", ")");
        List<@Nullable Object> parameters = new ArrayList<>();
        parameters.add(id);
        columns.forEach((name, value) -> {
            ModelField field = Objects.requireNonNull(model.field(name));
            names.add(quote(name));
            places.add(newValue(field, "NULL::jsonb", value, parameters));
        });
        update("INSERT INTO " + quote(model.table()) + " " + names + " VALUES " + places, parameters);
    }

    /** The SQL of a column's new value; adds its parameters. */
    private String newValue(ModelField field, String old, @Nullable Object value, List<@Nullable Object> parameters) {
        if (field.companyDependent()) {
            String company = "'" + company() + "'";
            if (value == null) {
                return "nullif(coalesce(" + old + ", '{}'::jsonb) - " + company + ", '{}'::jsonb)";
            }
            parameters.add(value);
            String type = field.isMany2one() ? "int4" : value instanceof BigDecimal ? "numeric" : "text";
            return "coalesce(" + old + ", '{}'::jsonb) || jsonb_build_object(" + company + ", ?::" + type + ")";
        }
        if (field.translate()) {
            if (value == null) {
                return "NULL";
            }
            parameters.add(value);
            parameters.add(value);
            return "jsonb_build_object('en_US', ?::text) || coalesce(" + old + ", '{}'::jsonb) || jsonb_build_object('"
                    + lang().replace("'", "") + "', ?::text)";
        }
        if (value == null) {
            return "NULL";
        }
        parameters.add(value);
        return "?::" + field.columnType();
    }

    // ---- deleting

    void unlink(Model model, List<Long> ids) {
        access.checkModel(model, "unlink");
        if (ids.isEmpty()) {
            return;
        }
        access.checkRecords(model, ids, "unlink");
        List<Rec> records = existing(model, ids).stream()
                .map(id -> new Rec(this, model, id))
                .toList();
        access.guard(records, "unlink", Set.of(), false);
        for (Rec record : records) {
            for (ModelField field : model.fields()) {
                touched(record, field.name());
            }
        }
        pending.forEach((computed, waiting) -> {
            if (computed.model.name().equals(model.name())) {
                ids.forEach(waiting::remove);
            }
        });
        flushRows();
        update("DELETE FROM " + quote(model.table()) + " WHERE id = ANY(?)", List.of(ids));
        List<Object> owned = List.of(model.name(), ids);
        update("DELETE FROM ir_model_data WHERE model = ? AND res_id = ANY(?)", owned);
        update("DELETE FROM ir_attachment WHERE res_model = ? AND res_id = ANY(?)", owned);
        if (registry.version() < 18) {
            update(
                    "DELETE FROM ir_property WHERE res_id = ANY(?)",
                    List.of(ids.stream().map(id -> model.name() + "," + id).toList()));
        }
        if (model.thread()) {
            update("DELETE FROM mail_message WHERE model = ? AND res_id = ANY(?)", owned);
            update("DELETE FROM mail_followers WHERE res_model = ? AND res_id = ANY(?)", owned);
            update("DELETE FROM mail_activity WHERE res_model = ? AND res_id = ANY(?)", owned);
        }
        // the database may have deleted or emptied more than this
        cache.clear();
        relations.clear();
    }

    // ---- computing

    /** Marks what depends on a record's field. */
    private void touched(Rec record, String name) {
        for (Registry.Trigger trigger : registry.triggers(record.model(), name)) {
            Collection<Long> ids = List.of(record.id());
            Model at = record.model();
            List<Model> models = new ArrayList<>();
            Model walk = trigger.model();
            for (String step : trigger.path()) {
                models.add(walk);
                walk = registry.get(Objects.requireNonNull(
                        Objects.requireNonNull(walk.field(step)).to()));
            }
            for (int i = trigger.path().size() - 1; i >= 0 && !ids.isEmpty(); i--) {
                Model owner = models.get(i);
                ids = back(
                        owner, Objects.requireNonNull(owner.field(trigger.path().get(i))), at, ids);
                at = owner;
            }
            if (!ids.isEmpty()) {
                pending.computeIfAbsent(
                                new ComputedField(trigger.model(), trigger.field()), key -> new LinkedHashSet<>())
                        .addAll(ids);
            }
        }
    }

    /** Records of {@code owner} whose field leads to one of these. */
    private Collection<Long> back(Model owner, ModelField field, Model target, Collection<Long> ids) {
        if (field.type().equals("one2many")) {
            ModelField inverse = target.field(Objects.requireNonNull(field.inverse()));
            Set<Long> owners = new LinkedHashSet<>();
            if (inverse != null && inverse.column()) {
                for (Long id : existing(target, ids)) {
                    if (row(new Rec(this, target, id)).get(inverse.name()) instanceof Long parent) {
                        owners.add(parent);
                    }
                }
            }
            return owners;
        }
        return field.isMany2one() ? pointingTo(owner, field, target, ids) : List.of();
    }

    private void protect(Model model, List<Long> ids, Set<String> names) {
        for (String name : names) {
            Set<Long> waiting = pending.get(new ComputedField(model, Objects.requireNonNull(model.field(name))));
            if (waiting != null) {
                ids.forEach(waiting::remove);
            }
        }
    }

    private @Nullable Object computedValue(Rec record, ModelField field) {
        if (field.related() != null) {
            return follow(record, field.related());
        }
        Object value = expressions.evaluate(Objects.requireNonNull(field.compute()), record);
        if (value instanceof Rec rec) {
            return rec.id();
        }
        if (value instanceof Number number
                && (field.type().equals("float") || field.type().equals("monetary"))) {
            return new BigDecimal(number.toString());
        }
        return value;
    }

    private void compute(Rec record, ModelField field) {
        Object fresh = computedValue(record, field);
        Object old = row(record).get(field.name());
        boolean same = fresh instanceof BigDecimal a && old instanceof BigDecimal b
                ? a.compareTo(b) == 0
                : Objects.equals(fresh, old);
        if (!same) {
            touched(record, field.name());
            assign(record, field, fresh);
            stamp(record);
            touched(record, field.name());
        }
    }

    /** Computes and writes all that is waiting. */
    void flush() {
        int rounds = 0;
        while (true) {
            ComputedField next = null;
            for (Map.Entry<ComputedField, Set<Long>> entry : pending.entrySet()) {
                if (!entry.getValue().isEmpty() && (next == null || before(entry.getKey(), next))) {
                    next = entry.getKey();
                }
            }
            if (next == null) {
                break;
            }
            if (++rounds > 10_000) {
                throw new IllegalStateException(
                        "field " + next.model.name() + "." + next.field.name() + " never settles");
            }
            if (next.field.flushes()) {
                flushRows();
            }
            Set<Long> ids = Objects.requireNonNull(pending.remove(next));
            Set<Long> existing = existing(next.model, ids);
            fetch(next.model, existing);
            for (Long id : existing) {
                compute(new Rec(this, next.model, id), next.field);
            }
            if (next.field.flushes()) {
                flushRows();
            }
        }
        flushRows();
    }

    private boolean before(ComputedField one, ComputedField other) {
        return one.field.flushes() && !other.field.flushes();
    }

    private void flushRows() {
        Map<Target, Map<String, @Nullable Object>> rows = new LinkedHashMap<>(dirty);
        dirty.clear();
        rows.forEach((target, values) -> {
            StringJoiner assignments = new StringJoiner(", ");
            List<@Nullable Object> parameters = new ArrayList<>();
            values.forEach((name, value) -> {
                ModelField field = Objects.requireNonNull(target.model.field(name));
                assignments.add(quote(name) + " = " + newValue(field, quote(name), value, parameters));
            });
            parameters.add(target.id);
            update("UPDATE " + quote(target.model.table()) + " SET " + assignments + " WHERE id = ?", parameters);
        });
    }

    /** The end of a call: everything is written, and messages say what changed. */
    void finish() {
        flush();
        tracking.after();
        flush();
    }

    // ---- properties of version 17

    private String propertyCondition() {
        return " FROM ir_property p JOIN ir_model_fields f ON f.id = p.fields_id WHERE f.model = ? AND f.name = ?"
                + " AND p.res_id = ? AND p.company_id = ?";
    }

    private @Nullable Object property(Rec record, ModelField field) {
        Object[] found = {null};
        query(
                "SELECT p.value_reference, p.value_text" + propertyCondition(),
                List.of(record.model().name(), field.name(), record.model().name() + "," + record.id(), company()),
                result -> {
                    String reference = result.getString(1);
                    found[0] = reference == null
                            ? result.getString(2)
                            : (Object) Long.valueOf(reference.substring(reference.indexOf(',') + 1));
                });
        return found[0] instanceof String text && !field.type().equals("char") ? new BigDecimal(text) : found[0];
    }

    private void setProperty(Rec record, ModelField field, @Nullable Object value) {
        List<Object> key =
                List.of(record.model().name(), field.name(), record.model().name() + "," + record.id(), company());
        update("DELETE FROM ir_property WHERE id IN (SELECT p.id" + propertyCondition() + ")", key);
        if (value == null) {
            return;
        }
        boolean reference = field.isMany2one();
        update(
                "INSERT INTO ir_property (name, fields_id, res_id, company_id, type, value_reference, value_text, create_uid,"
                        + " create_date, write_uid, write_date) SELECT f.name, f.id, ?, ?, ?, ?, ?, ?, ?::timestamp, ?, ?::timestamp"
                        + " FROM ir_model_fields f WHERE f.model = ? AND f.name = ?",
                Arrays.asList(
                        key.get(2),
                        company(),
                        reference ? "many2one" : field.type(),
                        reference ? field.to() + "," + value : null,
                        reference ? null : value.toString(),
                        user.id(),
                        now,
                        user.id(),
                        now,
                        key.get(0),
                        key.get(1)));
    }

    // ---- searching

    List<Long> search(Model model, List<?> domain, int offset, @Nullable Integer limit, @Nullable String order) {
        access.checkModel(model, "read");
        flush();
        List<@Nullable Object> parameters = new ArrayList<>();
        String sql = "SELECT t.id FROM " + quote(model.table()) + " t WHERE " + condition(model, domain, parameters)
                + " ORDER BY " + new Domains(this).order(model, order) + (limit == null ? "" : " LIMIT " + limit)
                + (offset == 0 ? "" : " OFFSET " + offset);
        List<Long> ids = new ArrayList<>();
        query(sql, parameters, result -> ids.add(result.getLong(1)));
        return ids;
    }

    long count(Model model, List<?> domain) {
        access.checkModel(model, "read");
        flush();
        List<@Nullable Object> parameters = new ArrayList<>();
        String sql =
                "SELECT count(*) FROM " + quote(model.table()) + " t WHERE " + condition(model, domain, parameters);
        long[] count = {0};
        query(sql, parameters, result -> count[0] = result.getLong(1));
        return count[0];
    }

    private String condition(Model model, List<?> domain, List<@Nullable Object> parameters) {
        Domains domains = new Domains(this);
        String where = domains.where(model, domain, "t", parameters);
        String active = model.activeField();
        if (active != null && activeTest() && !Domains.mentions(domain, active)) {
            where = "(" + where + ") AND t." + quote(active);
        }
        String rule = access.rule(model, "t", parameters);
        return rule == null ? where : "(" + where + ") AND (" + rule + ")";
    }

    Set<Long> existing(Model model, Collection<Long> ids) {
        Set<Long> found = new LinkedHashSet<>();
        Map<Long, Map<String, @Nullable Object>> rows = cache.getOrDefault(model.name(), Map.of());
        List<Long> unknown = new ArrayList<>();
        for (Long id : ids) {
            if (rows.containsKey(id)) {
                found.add(id);
            } else {
                unknown.add(id);
            }
        }
        if (!unknown.isEmpty()) {
            query(
                    "SELECT id FROM " + quote(model.table()) + " WHERE id = ANY(?)",
                    List.of(unknown),
                    result -> found.add(result.getLong(1)));
        }
        Set<Long> inOrder = new LinkedHashSet<>(ids);
        inOrder.retainAll(found);
        return inOrder;
    }

    /** Drops what is cached, as after a rollback to a savepoint. */
    void invalidate() {
        cache.clear();
        relations.clear();
        dirty.clear();
        pending.clear();
    }

    // ---- SQL

    interface Row {
        void accept(ResultSet result) throws SQLException;
    }

    void query(String sql, List<? extends @Nullable Object> parameters, Row row) {
        try (PreparedStatement statement = prepare(sql, parameters);
                ResultSet result = statement.executeQuery()) {
            while (result.next()) {
                row.accept(result);
            }
        } catch (SQLException e) {
            throw sqlErrors.translate(e);
        }
    }

    int update(String sql, List<? extends @Nullable Object> parameters) {
        try (PreparedStatement statement = prepare(sql, parameters)) {
            return statement.executeUpdate();
        } catch (SQLException e) {
            throw sqlErrors.translate(e);
        }
    }

    long number(String sql, Object parameter) {
        long[] number = {0};
        query(sql, List.of(parameter), result -> number[0] = result.getLong(1));
        return number[0];
    }

    private PreparedStatement prepare(String sql, List<? extends @Nullable Object> parameters) throws SQLException {
        PreparedStatement statement = connection.prepareStatement(sql);
        int index = 1;
        for (Object parameter : parameters) {
            if (parameter instanceof Collection<?> list) {
                boolean text = list.stream().anyMatch(String.class::isInstance);
                Array array = connection.createArrayOf(text ? "text" : "int8", list.toArray());
                statement.setArray(index++, array);
            } else {
                statement.setObject(index++, parameter);
            }
        }
        return statement;
    }

    static String quote(String identifier) {
        return "\"" + identifier.replace("\"", "\"\"") + "\"";
    }
}
