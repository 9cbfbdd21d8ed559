package org.orphancleanup.repair;

import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.orphancleanup.catalog.Reference;
import org.orphancleanup.catalog.Sql;
import org.orphancleanup.catalog.Storage;
import org.orphancleanup.job.JobDefinition;
import org.orphancleanup.odoo.OdooCall;
import org.orphancleanup.odoo.OdooException;
import tools.jackson.databind.JsonNode;

/**
 * Placeholders and stand-ins: looked up in Odoo by their external id each time a run first needs them, and made in one
 * {@code load} call together with that external id, so that a crash never leaves a nameless one.
 */
final class StandIns {

    /** Module of our external ids. */
    static final String MODULE = "__orphan_cleanup__";

    /** Fields that say what a record is, the best first. */
    static final List<String> LABELS =
            List.of("name", "x_name", "display_name", "subject", "title", "description", "comment", "note", "ref");

    private static final int MOST_ATTEMPTS = 12;
    private static final Pattern FIELD_IN_PARENTHESES = Pattern.compile("\\(([a-z_][a-z0-9_]*)\\)");

    private final Session session;
    private final Map<String, Long> known = new LinkedHashMap<>();

    StandIns(Session session) {
        this.session = session;
    }

    /** The shared placeholder of a parent model, for children of this company. */
    synchronized long placeholder(Reference reference, long company, JobDefinition.@Nullable Placeholder named) {
        String model = parentModel(reference);
        if (named != null && named.id() != null) {
            session.journal().standIn(model, null, company, null, named.id(), null, false);
            return named.id();
        }
        String xmlId = named != null && named.xmlId() != null
                ? named.xmlId()
                : MODULE + "." + slug(model) + "_placeholder" + (company == 0 ? "" : "_company_" + company);
        Map<String, Object> values = named == null || named.create() == null ? Map.of() : named.create();
        // one external id is one record, so what a definition names serves every company and belongs to none
        boolean own = named == null || named.xmlId() == null;
        return known.computeIfAbsent("placeholder|" + model + "|" + company + "|" + xmlId, k -> {
            Optional<Long> found = find(session, xmlId, model, table(reference));
            long id = found.orElseGet(
                    () -> make(model, xmlId, "Placeholder " + model, own ? company : 0, values, Map.of()));
            session.journal().standIn(model, null, company, xmlId, id, "Placeholder " + model, found.isEmpty());
            if (found.isEmpty()) {
                session.journal().ownRows(model, id, relationRows(model, id));
            }
            return id;
        });
    }

    /** The archived stand-in of one missing parent. */
    synchronized long standIn(Reference reference, long missingId, long company) {
        String model = parentModel(reference);
        return known.computeIfAbsent("stand-in|" + model + "|" + missingId, k -> {
            String xmlId = MODULE + "." + slug(model) + "_" + missingId;
            String name = "Recovered " + model + " #" + missingId;
            Optional<Long> found = find(session, xmlId, model, table(reference));
            long id = found.orElseGet(() -> make(model, xmlId, name, company, Map.of(), Map.of()));
            session.journal().standIn(model, missingId, company, xmlId, id, name, found.isEmpty());
            if (found.isEmpty()) {
                session.journal().ownRows(model, id, relationRows(model, id));
            }
            return id;
        });
    }

    private Map<String, Long> relationRows(String model, long id) {
        Map<String, Long> rows = new LinkedHashMap<>();
        for (Reference reference : session.request().references()) {
            if (!model.equals(reference.parentModel())) {
                continue;
            }
            Storage storage = reference.storage();
            String column = null;
            if (storage instanceof Storage.RelationRow row) {
                column = row.column();
            } else if (storage instanceof Storage.ModelAndId pair
                    && !session.rows().columns(pair.table()).contains("create_date")) {
                column = pair.idColumn(); // followers, which nothing dates
            }
            long count = column == null ? 0 : Looks.count(session, storage, id, null);
            if (count > 0) {
                rows.put(storage.table() + "." + column, count);
            }
        }
        return rows;
    }

    /** The records that hold our own external ids of what came back. */
    static List<Long> externalIds(Session session, MissingParent parent) {
        return session.rows()
                .jdbc()
                .sql("SELECT id FROM ir_model_data WHERE module = :module AND model = :model AND res_id = :id")
                .param("module", MODULE)
                .param("model", parent.model())
                .param("id", parent.id())
                .query(Long.class)
                .list();
    }

    /** The record an external id names, if both exist. */
    static Optional<Long> find(Session session, String xmlId, String model, String table) {
        String[] parts = xmlId.split("\\.", 2);
        return session.rows()
                .jdbc()
                .sql(
                        "SELECT d.res_id FROM ir_model_data d WHERE d.module = :module AND d.name = :name AND d.model = :model"
                                + " AND EXISTS (SELECT FROM " + Sql.quote(table) + " p WHERE p.id = d.res_id)")
                .param("module", parts[0])
                .param("name", parts[1])
                .param("model", model)
                .query(Long.class)
                .optional();
    }

    /**
     * An archived record, where its model lets it be one.
     *
     * @param more besides the quiet context
     */
    long make(
            String model,
            String xmlId,
            String name,
            long company,
            Map<String, Object> values,
            Map<String, Object> more) {
        ModelInfo info = session.model(model);
        Map<String, Object> context = new LinkedHashMap<>(session.contexts().quiet(company));
        context.putAll(more);
        Map<String, String> columns = new LinkedHashMap<>();
        columns.put("id", xmlId);
        String label = info.has("name") ? "name" : info.has("x_name") ? "x_name" : null;
        if (label != null && isText(info.type(label))) {
            columns.put(label, name);
        }
        if (company != 0 && info.has("company_id") && info.isStored("company_id")) {
            columns.put("company_id/.id", Long.toString(company));
        }
        if (info.isArchivable()) {
            columns.put("active", "False");
        } else if (info.has("deprecated") && "boolean".equals(info.type("deprecated"))) {
            columns.put("deprecated", "True"); // accounts of 17 and 18 are archived by this
        }
        Peculiarities.STAND_IN_VALUES.getOrDefault(model, Map.of()).forEach((field, value) -> {
            if (info.has(field)) {
                columns.put(field, value);
            }
        });
        if (model.equals("res.users")) {
            // Odoo gives every new user its default groups; nobody may ever sign in as a stand-in
            columns.put((info.has("group_ids") ? "group_ids" : "groups_id") + "/.id", "");
        }
        values.forEach((field, value) -> {
            columns.remove(field);
            columns.remove(field + "/.id");
            columns.put(
                    "many2one".equals(info.type(field)) && value instanceof Number ? field + "/.id" : field,
                    value instanceof Boolean flag ? (flag ? "True" : "False") : String.valueOf(value));
        });
        Map<String, String> bare = bare(info, columns, more);
        long id;
        try {
            id = load(info, name, company, bare, context);
        } catch (OdooException e) {
            session.goOnOrThrow(e);
            if (bare.size() == columns.size()) {
                throw e;
            }
            id = load(info, name, company, columns, context); // some model wants its lines
        }
        silence(model, id, context);
        archiveMadeWith(info, id, context);
        return id;
    }

    /** What an archived stand-in was made with (an employee's contact, a user's) is archived, too. */
    private void archiveMadeWith(ModelInfo info, long id, Map<String, Object> context) {
        Map<String, JsonNode> row = session.rows()
                .read(session.table(info.model()), info.fields().keySet(), List.of(id))
                .getOrDefault(id, Map.of());
        JsonNode active = row.get("active");
        if (active == null || !active.isBoolean() || active.asBoolean()) {
            return;
        }
        row.forEach((field, value) -> {
            String model = info.relation(field);
            if (model == null
                    || !"many2one".equals(info.type(field))
                    || !value.isIntegralNumber()
                    || model.equals(info.model())
                    || !session.rows().columns(session.table(model)).contains("active")) {
                return;
            }
            Map<String, JsonNode> made = session.rows()
                    .read(session.table(model), Set.of("active"), List.of(value.asLong()))
                    .getOrDefault(value.asLong(), Map.of());
            if (made.getOrDefault("active", value).asBoolean(false)
                    && Objects.equals(made.get("create_date"), row.get("create_date"))
                    && Objects.equals(made.get("create_uid"), row.get("create_uid"))) {
                archive(model, value.asLong(), context);
            }
        });
    }

    private void archive(String model, long id, Map<String, Object> context) {
        Map<String, Object> values = Map.of("active", false);
        Journal.Call call =
                new Journal.Call(model, "write", List.of(id), values, context, "archived with its stand-in");
        try {
            session.journal().carryOut(call, () -> session.odoo().write(model, List.of(id), values, context));
        } catch (OdooException e) {
            session.goOnOrThrow(e); // it stays in use, and harms nobody
        }
    }

    /** With empty to-many fields, so that no default links it to others or gives it lines. */
    private static Map<String, String> bare(ModelInfo info, Map<String, String> columns, Map<String, Object> more) {
        Map<String, String> bare = new LinkedHashMap<>(columns);
        if (!more.isEmpty()) {
            info.fields().keySet().stream()
                    .filter(field -> info.isPlainToMany(field) && !columns.containsKey(field))
                    .forEach(field -> bare.put(field, ""));
        }
        return bare;
    }

    /**
     * Odoo fills what it has defaults for; what it then misses it names, one field at a time, and nothing is made until
     * nothing is missing.
     */
    private long load(
            ModelInfo info, String name, long company, Map<String, String> columns, Map<String, Object> context) {
        for (int attempt = 1; ; attempt++) {
            session.brake().check();
            List<String> fields = List.copyOf(columns.keySet());
            List<List<String>> rows = List.of(List.copyOf(columns.values()));
            Journal.Call call = new Journal.Call(
                    info.model(), "load", List.of(), Map.of("fields", fields, "data", rows), context, null);
            try {
                return session.journal()
                        .carryOut(
                                call,
                                () -> session.odoo()
                                        .load(info.model(), fields, rows, context)
                                        .get(0));
            } catch (OdooException e) {
                if (attempt > MOST_ATTEMPTS
                        || e.kind() != OdooException.Kind.REFUSED
                        || !fillMissing(info, name, company, columns, String.valueOf(e.getMessage()))) {
                    throw e;
                }
            }
        }
    }

    /** @return false when the refusal names no field that could be filled */
    private boolean fillMissing(
            ModelInfo info, String name, long company, Map<String, String> columns, String refusal) {
        boolean filled = false;
        Matcher matcher = FIELD_IN_PARENTHESES.matcher(refusal);
        while (matcher.find()) {
            String field = matcher.group(1);
            boolean given = columns.containsKey(field) || columns.containsKey(field + "/.id");
            if (info.isRequired(field) && !given && !delegates(info.model()).contains(field)) {
                filled |= fill(info, field, name, company, columns);
            }
        }
        return filled || fillNamed(info, name, company, columns, refusal);
    }

    /** Some refusals name a field by its label alone ("The account code must be set …"), and what they want of a code is plain. */
    private boolean fillNamed(ModelInfo info, String name, long company, Map<String, String> columns, String refusal) {
        String said = refusal.toLowerCase(Locale.ROOT);
        for (Map.Entry<String, JsonNode> entry : info.fields().entrySet()) {
            String field = entry.getKey();
            String label = entry.getValue().path("string").asString("").toLowerCase(Locale.ROOT);
            if (label.length() < 3
                    || entry.getValue().path("readonly").asBoolean(false)
                    || delegates(info.model()).contains(field)
                    || !Pattern.compile("\\b" + Pattern.quote(label) + "\\b")
                            .matcher(said)
                            .find()) {
                continue;
            }
            String given = columns.getOrDefault(field, columns.get(field + "/.id"));
            if (given == null && fill(info, field, name, company, columns)) {
                return true;
            }
            String code = name.replaceAll("[^A-Za-z0-9.]", "") + (company == 0 ? "" : company);
            if (given != null && isText(info.type(field)) && !given.equals(code)) {
                columns.put(field, code);
                return true;
            }
        }
        return false;
    }

    private boolean fill(ModelInfo info, String field, String name, long company, Map<String, String> columns) {
        switch (String.valueOf(info.type(field))) {
            // codes and the like take letters and digits alone
            case "char" -> columns.put(field, field.contains("name") ? name : token(name));
            case "text", "html" -> columns.put(field, name);
            case "date" -> columns.put(field, LocalDate.now(session.clock()).toString());
            case "datetime" -> columns.put(field, LocalDate.now(session.clock()) + " 00:00:00");
            case "selection" -> {
                JsonNode choices =
                        Objects.requireNonNull(info.fields().get(field)).path("selection");
                if (choices.isEmpty()) {
                    return false;
                }
                columns.put(field, choices.get(0).get(0).asString());
            }
            case "many2one" -> {
                Long any = anyRecord(String.valueOf(info.relation(field)), company);
                if (any == null) {
                    return false;
                }
                columns.put(field + "/.id", any.toString());
            }
            default -> columns.put(field, "0");
        }
        return true;
    }

    /** Fields through which a model's records delegate to a record of their own, which must be made with them, never shared. */
    private List<String> delegates(String model) {
        return session.rows()
                .jdbc()
                .sql("""
                        SELECT f.name FROM ir_model_inherit i
                          JOIN ir_model m ON m.id = i.model_id
                          JOIN ir_model_fields f ON f.id = i.parent_field_id
                         WHERE m.model = :model""")
                .param("model", model)
                .query(String.class)
                .list();
    }

    /** Some models greet or follow what is made whatever the context says: a stand-in has neither messages nor followers. */
    private void silence(String model, long id, Map<String, Object> context) {
        for (String[] thread : new String[][] {{"mail.message", "model"}, {"mail.followers", "res_model"}}) {
            String table = thread[0].replace('.', '_');
            if (!session.rows().columns(table).contains("res_id")) {
                continue;
            }
            List<Long> rows = session.rows()
                    .jdbc()
                    .sql("SELECT id FROM " + Sql.quote(table) + " WHERE " + Sql.quote(thread[1])
                            + " = :model AND res_id = :id")
                    .param("model", model)
                    .param("id", id)
                    .query(Long.class)
                    .list();
            if (rows.isEmpty()) {
                continue;
            }
            Journal.Call call =
                    new Journal.Call(thread[0], "unlink", rows, Map.of(), context, "a stand-in's own greeting");
            try {
                session.journal().carryOut(call, () -> session.odoo().unlink(thread[0], rows, context));
            } catch (OdooException e) {
                session.goOnOrThrow(e); // they stay, and harm nobody
            }
        }
    }

    /** The oldest record that this company may use. */
    private @Nullable Long anyRecord(String model, long company) {
        List<Object> domain = new ArrayList<>();
        if (company != 0 && session.model(model).has("company_id")) {
            domain.add(List.of("company_id", "in", List.of(false, company)));
        }
        Map<String, Object> context = new LinkedHashMap<>(session.contexts().quiet(company));
        context.put("active_test", true);
        JsonNode found = session.odoo()
                .call(new OdooCall(
                        model, "search", null, Map.of("domain", domain), Map.of("limit", 1, "order", "id"), context));
        return found.isArray() && !found.isEmpty() ? found.get(0).asLong() : null;
    }

    private static boolean isText(@Nullable String type) {
        return "char".equals(type) || "text".equals(type);
    }

    private static String parentModel(Reference reference) {
        return Objects.requireNonNull(reference.parentModel(), "the plan refuses unknown parent models");
    }

    private static String table(Reference reference) {
        return Objects.requireNonNull(reference.parentTable(), "the plan refuses unknown parent models");
    }

    static String token(String name) {
        return name.replaceAll("[^A-Za-z0-9]", "");
    }

    static String slug(String model) {
        return model.toLowerCase(Locale.ROOT).replace('.', '_');
    }
}
