package org.orphancleanup.repair;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.orphancleanup.catalog.Reference;
import org.orphancleanup.catalog.ReferenceKind;
import org.orphancleanup.catalog.Sql;
import org.orphancleanup.catalog.Storage;
import org.orphancleanup.detect.Traces;
import org.orphancleanup.odoo.OdooCall;
import org.orphancleanup.odoo.OdooException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;

/**
 * What is still known of records that are gone: other records kept their name and some of their values. Nothing is guessed:
 * a text that Odoo computed from a missing record counts as its name only where the same field of other rows shows the names
 * of records that are there. Where those who refer to a record contradict each other, nothing is known.
 */
final class Recollections {

    private static final Logger LOG = LoggerFactory.getLogger(Recollections.class);

    /** A model counts as one of persons when it holds e-mail addresses or telephone numbers. */
    private static final Pattern OF_PERSONS = Pattern.compile("(?!alias_)(.*_)?(email|phone|mobile)(_.*)?");

    private static final Set<String> LEFT_ALONE = Set.of(
            "id",
            "active",
            "state",
            "company_id",
            "parent_path",
            "create_uid",
            "create_date",
            "write_uid",
            "write_date");

    private static final Set<String> TYPES = Set.of(
            "char", "text", "integer", "float", "monetary", "boolean", "date", "datetime", "selection", "many2one");

    private static final int SAMPLE = 20;
    private static final int LONGEST_NAME = 120;

    private final Session session;
    private final ReturningParents store;
    private final Clones clones;
    private final Map<List<String>, Boolean> showsNames = new HashMap<>();
    private final Map<MissingParent.Key, Recollection> known = new HashMap<>();

    Recollections(Session session, ReturningParents store, Clones clones) {
        this.session = session;
        this.store = store;
        this.clones = clones;
    }

    /**
     * A value of a missing record.
     *
     * @param value as JSON takes it
     * @param source the record and field that kept it
     */
    record Recalled(String field, Object value, String source) {}

    /** @param values by field, without its name */
    record Recollection(@Nullable Recalled name, Map<String, Recalled> values) {

        static final Recollection NOTHING = new Recollection(null, Map.of());

        List<Recalled> all() {
            List<Recalled> all = new ArrayList<>();
            if (name != null) {
                all.add(name);
            }
            all.addAll(values.values());
            return all;
        }
    }

    /** The same parent with the name it had, where that is known. */
    MissingParent named(MissingParent parent) {
        Recalled name = of(parent).name();
        return name == null ? parent : parent.named(name.value().toString());
    }

    Recollection of(MissingParent parent) {
        return known.computeIfAbsent(parent.key(), key -> recall(parent));
    }

    private Recollection recall(MissingParent parent) {
        ModelInfo info;
        try {
            info = session.model(parent.model());
        } catch (OdooException e) {
            session.goOnOrThrow(e); // a model the API user may not see: nothing of it is shown either
            return Recollection.NOTHING;
        }
        // what goes again has no use for a name
        if (!parent.stays() || isOfPersons(info) && !session.request().job().recoverPersons()) {
            return Recollection.NOTHING;
        }
        List<Reference> children = children(parent);
        Map<String, Recalled> values = new LinkedHashMap<>();
        ask(parent, () -> tracked(parent, info)).forEach(value -> values.putIfAbsent(value.field(), value));
        for (Reference child : children) {
            ask(parent, () -> copies(child, parent)).forEach(value -> values.putIfAbsent(value.field(), value));
        }
        Recalled own = values.remove(Objects.toString(label(info), ""));
        Recalled name = own != null ? own : name(parent, children);
        return new Recollection(name, usable(parent, info, values));
    }

    /** What the first source tells that knows it; the others are not asked, as some are long to read. */
    private @Nullable Recalled name(MissingParent parent, List<Reference> children) {
        List<Supplier<List<Recalled>>> sources = new ArrayList<>();
        children.forEach(child -> sources.add(() -> paths(child, parent)));
        sources.add(() -> tracedElsewhere(parent));
        sources.add(() -> recordName(parent));
        children.forEach(child -> sources.add(() -> computed(child, parent)));
        sources.add(() -> externalId(parent));
        for (Supplier<List<Recalled>> source : sources) {
            List<Recalled> names = ask(parent, source);
            if (!names.isEmpty()) {
                return names.get(0);
            }
        }
        return null;
    }

    /** A source that is not there, or that nobody may read, keeps nothing. */
    private List<Recalled> ask(MissingParent parent, Supplier<List<Recalled>> source) {
        try {
            return source.get().stream()
                    .filter(value -> !value.value().toString().isBlank())
                    .toList();
        } catch (OdooException e) {
            session.goOnOrThrow(e);
        } catch (DataAccessException e) {
            LOG.debug("a source of {} #{} was not readable: {}", parent.model(), parent.id(), e.getMessage());
        }
        return List.of();
    }

    static boolean isOfPersons(ModelInfo info) {
        return info.fields().keySet().stream()
                .anyMatch(field -> "char".equals(info.type(field))
                        && OF_PERSONS.matcher(field).matches());
    }

    private static @Nullable String label(ModelInfo info) {
        return StandIns.LABELS.stream()
                .filter(field -> "char".equals(info.type(field)) || "text".equals(info.type(field)))
                .findFirst()
                .orElse(null);
    }

    /** Many2one references of this plan that point to the parent. */
    private List<Reference> children(MissingParent parent) {
        return store.referencesTo(parent.model(), parent.id()).stream()
                .filter(reference -> reference.kind() == ReferenceKind.MANY2ONE
                        && reference.childModel() != null
                        && reference.fieldName() != null
                        && reference.storage() instanceof Storage.Column)
                .toList();
    }

    private Traces traces() {
        return new Traces(jdbc());
    }

    private JdbcClient jdbc() {
        return session.rows().jdbc();
    }

    private boolean canRead(String table, String model, String... columns) {
        Set<String> there = session.rows().columns(table);
        Set<String> readable = session.readable(model);
        return List.of(columns).stream().allMatch(c -> there.contains(c) && (c.equals("id") || readable.contains(c)));
    }

    /** The last value of each tracked field. */
    private List<Recalled> tracked(MissingParent parent, ModelInfo info) {
        List<Recalled> values = new ArrayList<>();
        if (!canRead("mail_tracking_value", "mail.tracking.value", "field_id", "new_value_char", "mail_message_id")) {
            return values;
        }
        for (Traces.TrackedValue tracked : traces().tracked(parent.model(), parent.id())) {
            String field = tracked.field();
            Object value = switch (String.valueOf(info.type(field))) {
                case "char" -> tracked.text();
                case "text" -> tracked.longText();
                case "integer", "many2one" -> number(tracked.number());
                case "boolean" -> tracked.number() != 0;
                case "float", "monetary" -> tracked.decimal();
                case "datetime" -> tracked.time();
                case "date" -> tracked.time() == null ? null : tracked.time().substring(0, 10);
                case "selection" -> choice(info, field, tracked.text());
                default -> null;
            };
            if (value != null) {
                values.add(new Recalled(field, value, tracked.source()));
            }
        }
        return values;
    }

    private static @Nullable Object number(long value) {
        return value == 0 ? null : (Object) value;
    }

    private static @Nullable String choice(ModelInfo info, String field, @Nullable String shown) {
        for (JsonNode choice : Objects.requireNonNull(info.fields().get(field)).path("selection")) {
            if (choice.path(1).asString("").equals(shown)) {
                return choice.path(0).asString("");
            }
        }
        return null;
    }

    /** Stored copies: related fields of those who refer to it. */
    private List<Recalled> copies(Reference child, MissingParent parent) {
        List<Recalled> values = new ArrayList<>();
        String model = Objects.requireNonNull(child.childModel());
        String link = Objects.requireNonNull(child.fieldName());
        ModelInfo info = session.model(model);
        for (String copy : info.fields().keySet()) {
            String field = info.copyOf(copy, link);
            if (field != null && info.isStored(copy) && canRead(child.storage().table(), model, copy)) {
                values.addAll(only(child, parent, copy, field, String.valueOf(info.type(copy))));
            }
        }
        return values;
    }

    /** The value that all who refer to it agree on. */
    private List<Recalled> only(Reference child, MissingParent parent, String copy, String field, String type) {
        record Found(long different, long row, @Nullable String text) {}
        String column = "c." + Sql.quote(copy);
        Found found = jdbc().sql("SELECT count(DISTINCT " + column + "::text), coalesce(min(c.id), 0), min(" + column
                        + "::text) FROM ONLY " + Sql.quote(child.storage().table()) + " c WHERE c."
                        + Sql.quote(Objects.requireNonNull(child.fieldName())) + " = :id AND " + column
                        + " IS NOT NULL")
                .param("id", parent.id())
                .query((rs, n) -> new Found(rs.getLong(1), rs.getLong(2), rs.getString(3)))
                .single();
        if (found.different() != 1 || found.text() == null) {
            return List.of();
        }
        String text = found.text();
        Object value = switch (type) {
            case "integer", "many2one" -> number(Long.parseLong(text));
            case "float", "monetary" -> new BigDecimal(text);
            case "boolean" -> text.startsWith("t");
            default -> text.startsWith("{") ? null : text; // a translated one is read as JSON
        };
        return value == null
                ? List.of()
                : List.of(new Recalled(field, value, child.childModel() + " #" + found.row() + ", " + copy));
    }

    /** A path such as "All / Saleable / Chairs": what stands before a child's own name is its parent's. */
    private List<Recalled> paths(Reference child, MissingParent parent) {
        String model = Objects.requireNonNull(child.childModel());
        String link = Objects.requireNonNull(child.fieldName());
        ModelInfo info = session.model(model);
        String label = label(info);
        if (!model.equals(parent.model()) || label == null) {
            return List.of();
        }
        String table = child.storage().table();
        for (String path : info.fields().keySet()) {
            if (!"char".equals(info.type(path))
                    || !info.isStored(path)
                    || !info.dependsOn(path, link)
                    || !info.dependsOn(path, label)
                    || !canRead(table, model, path, label)) {
                continue;
            }
            record Row(long id, String path, String label) {}
            Set<String> names = new LinkedHashSet<>();
            List<Row> rows = jdbc().sql("SELECT c.id, c." + Sql.quote(path) + "::text, c." + Sql.quote(label)
                            + "::text FROM ONLY " + Sql.quote(table) + " c WHERE c." + Sql.quote(link)
                            + " = :id AND c." + Sql.quote(path) + " IS NOT NULL AND c." + Sql.quote(label)
                            + " IS NOT NULL LIMIT " + SAMPLE)
                    .param("id", parent.id())
                    .query((rs, n) -> new Row(rs.getLong(1), rs.getString(2), rs.getString(3)))
                    .list();
            for (Row row : rows) {
                for (String separator : List.of(" / ", "/", ", ")) {
                    if (row.path().endsWith(separator + row.label())) {
                        String before = row.path()
                                .substring(
                                        0,
                                        row.path().length()
                                                - separator.length()
                                                - row.label().length());
                        int last = separator.equals(", ") ? -1 : before.lastIndexOf(separator);
                        names.add(last < 0 ? before : before.substring(last + separator.length()));
                        break;
                    }
                }
            }
            if (names.size() == 1) {
                return List.of(new Recalled(
                        label,
                        names.iterator().next(),
                        model + " #" + rows.get(0).id() + ", " + path));
            }
        }
        return List.of();
    }

    /** Tracking of other records tells names of those they pointed to. */
    private List<Recalled> tracedElsewhere(MissingParent parent) {
        if (!canRead("mail_tracking_value", "mail.tracking.value", "field_id", "old_value_char", "new_value_char")) {
            return List.of();
        }
        return text(traces().trackedElsewhere(parent.model(), parent.id()));
    }

    /** A message keeps the name of the record it was written on. */
    private List<Recalled> recordName(MissingParent parent) {
        if (!canRead("mail_message", "mail.message", "record_name", "res_id")) {
            return List.of();
        }
        return text(traces().recordName(parent.model(), parent.id()));
    }

    /** A text that Odoo computed of it, such as an order line's of its product, if all rows agree. */
    private List<Recalled> computed(Reference child, MissingParent parent) {
        String model = Objects.requireNonNull(child.childModel());
        String link = Objects.requireNonNull(child.fieldName());
        ModelInfo info = session.model(model);
        String table = child.storage().table();
        for (String field : info.fields().keySet()) {
            String type = info.type(field);
            if (("char".equals(type) || "text".equals(type))
                    && info.isStored(field)
                    && info.dependsOn(field, link)
                    && canRead(table, model, field, link)
                    && showsNames.computeIfAbsent(
                            List.of(table, link, field), k -> showsNames(child, parent.model(), field))) {
                List<Recalled> value = only(child, parent, field, "name", "char");
                if (!value.isEmpty()) {
                    return text(List.of(new Traces.Trace(
                            value.get(0).value().toString(), value.get(0).source())));
                }
            }
        }
        return List.of();
    }

    /** Whether the field's first line is, in other rows, the name of the record they point to. */
    private boolean showsNames(Reference child, String parentModel, String field) {
        String link = "c." + Sql.quote(Objects.requireNonNull(child.fieldName()));
        String column = "c." + Sql.quote(field);
        Map<Long, String> shown = new LinkedHashMap<>();
        jdbc().sql("SELECT DISTINCT ON (" + link + ") " + link + ", " + column + "::text FROM ONLY "
                        + Sql.quote(child.storage().table()) + " c JOIN "
                        + Sql.quote(Objects.requireNonNull(child.parentTable())) + " p ON p.id = " + link + " WHERE "
                        + column + " IS NOT NULL ORDER BY " + link + " DESC LIMIT " + SAMPLE)
                .query(rs -> {
                    shown.put(rs.getLong(1), firstLine(rs.getString(2)));
                });
        if (shown.size() < 2) {
            return false;
        }
        Map<Long, String> names = names(parentModel, shown.keySet());
        long same = shown.entrySet().stream()
                .filter(e -> e.getValue().equals(names.get(e.getKey())))
                .count();
        return same * 5 >= shown.size() * 4;
    }

    private Map<Long, String> names(String model, Collection<Long> ids) {
        Map<Long, String> names = new HashMap<>();
        JsonNode records = session.odoo()
                .call(new OdooCall(
                        model,
                        "read",
                        List.copyOf(ids),
                        Map.of("fields", List.of("display_name")),
                        Map.of(),
                        session.contexts().quiet(0)));
        records.forEach(record -> names.put(
                record.path("id").asLong(), record.path("display_name").asString("")));
        return names;
    }

    private static String firstLine(String text) {
        return text.lines().map(String::strip).findFirst().orElse("");
    }

    private List<Recalled> externalId(MissingParent parent) {
        if (!canRead("ir_model_data", "ir.model.data", "module", "name", "res_id")) {
            return List.of();
        }
        return text(traces().externalId(parent.model(), parent.id(), StandIns.MODULE));
    }

    private static List<Recalled> text(List<Traces.Trace> found) {
        if (found.isEmpty() || found.get(0).text() == null) {
            return List.of();
        }
        String line = firstLine(String.valueOf(found.get(0).text()));
        return List.of(new Recalled(
                "name",
                line.length() > LONGEST_NAME ? line.substring(0, LONGEST_NAME) : line,
                found.get(0).source()));
    }

    /** What can be set with the row itself: plain columns that no constraint looks at and whose record, if any, exists. */
    private Map<String, Recalled> usable(MissingParent parent, ModelInfo info, Map<String, Recalled> values) {
        TableShape shape = clones.shape(parent.table());
        Set<String> columns = session.rows().columns(parent.table());
        Set<String> unique = shape.uniques().stream().flatMap(Set::stream).collect(Collectors.toSet());
        Map<String, Recalled> usable = new LinkedHashMap<>();
        values.forEach((field, value) -> {
            TableShape.Column column = shape.columns().get(field);
            if (column != null
                    && columns.contains(field)
                    && !column.type().equals("jsonb")
                    && !LEFT_ALONE.contains(field)
                    && !unique.contains(field)
                    && !shape.checked().contains(field)
                    && TYPES.contains(String.valueOf(info.type(field)))
                    && info.isBase(field)
                    && (!"many2one".equals(info.type(field)) || exists(info, field, value.value()))) {
                usable.put(field, value);
            }
        });
        return usable;
    }

    private boolean exists(ModelInfo info, String field, Object id) {
        String relation = info.relation(field);
        return relation != null
                && id instanceof Long number
                && jdbc().sql("SELECT EXISTS (SELECT FROM " + Sql.quote(session.table(relation)) + " WHERE id = :id)")
                        .param("id", number)
                        .query(Boolean.class)
                        .single();
    }
}
