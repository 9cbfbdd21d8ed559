package org.orphancleanup.sandbox;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/** Search domains as SQL conditions. */
final class Domains {

    private static final Set<String> OPERATORS = Set.of(
            "=",
            "!=",
            "<>",
            "<",
            ">",
            "<=",
            ">=",
            "in",
            "not in",
            "like",
            "not like",
            "ilike",
            "not ilike",
            "=like",
            "=ilike",
            "child_of",
            "parent_of",
            "=?",
            "any",
            "not any");

    private final Environment env;

    Domains(Environment env) {
        this.env = env;
    }

    static boolean mentions(List<?> domain, String field) {
        return domain.stream()
                .anyMatch(item -> item instanceof List<?> leaf && !leaf.isEmpty() && field.equals(leaf.get(0)));
    }

    String where(Model model, List<?> domain, String alias, List<@Nullable Object> parameters) {
        if (domain.isEmpty()) {
            return "true";
        }
        // Polish notation, read backwards; parameters belong to their part until the whole is put together
        Deque<Part> stack = new ArrayDeque<>();
        for (int i = domain.size() - 1; i >= 0; i--) {
            Object item = domain.get(i);
            if (item instanceof String operator) {
                stack.push(combine(operator, stack));
            } else {
                List<@Nullable Object> own = new ArrayList<>();
                stack.push(new Part(leaf(model, item, alias, own), own));
            }
        }
        StringJoiner all = new StringJoiner(" AND ");
        while (!stack.isEmpty()) {
            Part part = stack.pop();
            all.add(part.sql);
            parameters.addAll(part.parameters);
        }
        return all.toString();
    }

    private record Part(String sql, List<@Nullable Object> parameters) {}

    private static Part combine(String operator, Deque<Part> stack) {
        Part first = Objects.requireNonNull(stack.poll(), "domain ends too early");
        if (operator.equals("!")) {
            return new Part("NOT (" + first.sql + ")", first.parameters);
        }
        Part second = Objects.requireNonNull(stack.poll(), "domain ends too early");
        List<@Nullable Object> parameters = new ArrayList<>(first.parameters);
        parameters.addAll(second.parameters);
        return new Part("(" + first.sql + (operator.equals("|") ? " OR " : " AND ") + second.sql + ")", parameters);
    }

    private String leaf(Model model, @Nullable Object item, String alias, List<@Nullable Object> parameters) {
        if (!(item instanceof List<?> leaf)
                || leaf.size() != 3
                || !OPERATORS.contains(String.valueOf(leaf.get(1)).toLowerCase(Locale.ROOT))) {
            if (item instanceof List<?> leaf && leaf.size() == 3) {
                throw OdooError.value(
                        env.registry.version() >= 19
                                ? "Invalid operator in condition " + Python.tuple(leaf)
                                : "Invalid leaf " + Python.tuple(leaf));
            }
            throw OdooError.value("Invalid domain term " + Python.repr(item));
        }
        // TRUE_LEAF and FALSE_LEAF
        if (leaf.get(0) instanceof Number one) {
            return one.equals(leaf.get(2)) ? "true" : "false";
        }
        String path = String.valueOf(leaf.get(0));
        String operator = String.valueOf(leaf.get(1)).toLowerCase(Locale.ROOT).replace("<>", "!=");
        Object value = leaf.get(2);
        if (operator.equals("=?")) {
            if (!Python.truth(value)) {
                return "true";
            }
            operator = "=";
        }
        int dot = path.indexOf('.');
        String first = dot < 0 ? path : path.substring(0, dot);
        if (first.equals("id")) {
            return id(model, alias, operator, value, parameters);
        }
        if (first.equals("display_name")) {
            first = model.recordName();
        }
        ModelField field = model.field(first);
        if (field == null) {
            throw OdooError.value("Invalid field " + model.name() + "." + first + " in "
                    + (env.registry.version() >= 19 ? "condition " : "leaf ") + Python.tuple(leaf));
        }
        if (!field.stored() && field.related() != null) {
            return leaf(
                    model,
                    List.of(
                            field.related() + (dot < 0 ? "" : path.substring(dot)),
                            leaf.get(1),
                            value == null ? false : value),
                    alias,
                    parameters);
        }
        if (!field.stored()) {
            return property(model, field, alias, operator, value, parameters);
        }
        if (dot >= 0) {
            Model to = env.registry.get(Objects.requireNonNull(field.to()));
            List<Object> rest = new ArrayList<>(List.of(path.substring(dot + 1), operator));
            rest.add(value == null ? false : value);
            return among(model, field, alias, subquery(to, List.of(rest), parameters));
        }
        if (operator.endsWith("any")) {
            Model to = env.registry.get(Objects.requireNonNull(field.to()));
            String condition =
                    among(model, field, alias, subquery(to, (List<?>) Objects.requireNonNull(value), parameters));
            return operator.startsWith("not") ? "NOT (" + condition + ")" : condition;
        }
        return field.isMany()
                ? many(model, field, alias, operator, value, parameters)
                : plain(model, field, alias, operator, value, parameters);
    }

    private String subquery(Model model, List<?> domain, List<@Nullable Object> parameters) {
        return "SELECT s.id FROM " + Environment.quote(model.table()) + " s WHERE "
                + where(model, domain, "s", parameters);
    }

    /** Records whose relational field leads to one of the subquery's. */
    private String among(Model model, ModelField field, String alias, String subquery) {
        if (field.type().equals("one2many")) {
            Model to = env.registry.get(Objects.requireNonNull(field.to()));
            ModelField inverse = Objects.requireNonNull(to.field(Objects.requireNonNull(field.inverse())));
            String ofModel = inverse.modelField() == null
                    ? ""
                    : " AND " + Environment.quote(inverse.modelField()) + " = '" + model.name() + "'";
            return alias + ".id IN (SELECT " + Environment.quote(inverse.name()) + " FROM "
                    + Environment.quote(to.table()) + " WHERE id IN (" + subquery + ")" + ofModel + ")";
        }
        if (field.type().equals("many2many")) {
            return alias + ".id IN (SELECT " + Environment.quote(Objects.requireNonNull(field.column1())) + " FROM "
                    + Environment.quote(Objects.requireNonNull(field.table())) + " WHERE "
                    + Environment.quote(Objects.requireNonNull(field.column2())) + " IN (" + subquery + "))";
        }
        return column(field, alias) + " IN (" + subquery + ")";
    }

    private String many(
            Model model,
            ModelField field,
            String alias,
            String operator,
            @Nullable Object value,
            List<@Nullable Object> parameters) {
        Model to = env.registry.get(Objects.requireNonNull(field.to()));
        boolean negative = operator.equals("!=") || operator.startsWith("not");
        String condition;
        if (!Python.truth(value)) {
            condition = "NOT (" + among(model, field, alias, "SELECT s.id FROM " + Environment.quote(to.table()) + " s")
                    + ")";
        } else if (value instanceof String) {
            condition = among(
                    model,
                    field,
                    alias,
                    subquery(to, List.of(List.of(to.recordName(), operator.replace("not ", ""), value)), parameters));
        } else {
            String in = operator.equals("child_of") || operator.equals("parent_of") ? operator : "in";
            condition =
                    among(model, field, alias, subquery(to, List.of(List.of("id", in, Values.ids(value))), parameters));
        }
        return negative ? "NOT (" + condition + ")" : condition;
    }

    private String id(
            Model model, String alias, String operator, @Nullable Object value, List<@Nullable Object> parameters) {
        String column = alias + ".id";
        switch (operator) {
            case "in", "not in" -> {
                parameters.add(Values.ids(value));
                return (operator.equals("in") ? "" : "NOT ") + column + " = ANY(?)";
            }
            case "child_of", "parent_of" -> {
                parameters.add(Values.ids(value));
                String parent = model.parent() == null ? "parent_id" : model.parent();
                String table = Environment.quote(model.table());
                String up = Environment.quote(parent);
                return column + " IN (WITH RECURSIVE tree AS (SELECT id, " + up + " AS up FROM " + table
                        + " WHERE id = ANY(?) UNION SELECT c.id, c." + up + " FROM " + table + " c JOIN tree ON "
                        + (operator.equals("child_of") ? "c." + up + " = tree.id" : "c.id = tree.up")
                        + ") SELECT id FROM tree)";
            }
            default -> {
                if (!(value instanceof Number number)) {
                    return operator.equals("!=") ? "true" : "false";
                }
                parameters.add(number.longValue());
                return column + " " + operator + " ?";
            }
        }
    }

    private String column(ModelField field, String alias) {
        String column = alias + "." + Environment.quote(field.name());
        if (field.companyDependent()) {
            return "(" + column + " ->> '" + env.company() + "')" + (field.isMany2one() ? "::int4" : "");
        }
        return field.translate() ? "(" + column + " ->> 'en_US')" : column;
    }

    private String property(
            Model model,
            ModelField field,
            String alias,
            String operator,
            @Nullable Object value,
            List<@Nullable Object> parameters) {
        parameters.add(model.name());
        parameters.add(field.name());
        parameters.add(env.company());
        String of =
                alias + ".id IN (SELECT split_part(p.res_id, ',', 2)::int FROM ir_property p JOIN ir_model_fields f ON"
                        + " f.id = p.fields_id WHERE f.model = ? AND f.name = ? AND p.company_id = ? AND p.res_id IS NOT NULL";
        if (!Python.truth(value)) {
            return (operator.equals("=") ? "NOT " : "") + of + ")";
        }
        parameters.add(
                Values.ids(value).stream().map(id -> field.to() + "," + id).toList());
        return (operator.equals("!=") || operator.startsWith("not") ? "NOT " : "") + of
                + " AND p.value_reference = ANY(?))";
    }

    private String plain(
            Model model,
            ModelField field,
            String alias,
            String operator,
            @Nullable Object value,
            List<@Nullable Object> parameters) {
        String column = column(field, alias);
        if (field.type().equals("boolean")) {
            boolean wanted = Python.truth(value) == (operator.equals("=") || operator.equals("in"));
            return wanted ? column + " IS TRUE" : column + " IS NOT TRUE";
        }
        if (field.isMany2one() && value instanceof String) {
            Model to = env.registry.get(Objects.requireNonNull(field.to()));
            return column + " IN (" + subquery(to, List.of(List.of(to.recordName(), operator, value)), parameters)
                    + ")";
        }
        switch (operator) {
            case "=", "!=" -> {
                boolean equal = operator.equals("=");
                if (value == null || Boolean.FALSE.equals(value)) {
                    boolean zero = field.type().equals("many2one_reference")
                            || field.type().equals("integer");
                    String empty = zero ? "coalesce(" + column + ", 0) = 0" : column + " IS NULL";
                    return equal ? empty : "NOT (" + empty + ")";
                }
                if (value instanceof List<?>) {
                    return in(field, column, value, equal, parameters);
                }
                parameters.add(value instanceof Integer number ? (Object) number.longValue() : value);
                return equal
                        ? column + " = " + place(field)
                        : "(" + column + " IS NULL OR " + column + " != " + place(field) + ")";
            }
            case "in", "not in" -> {
                return in(field, column, value, operator.equals("in"), parameters);
            }
            case "<", ">", "<=", ">=" -> {
                parameters.add(value);
                return column + " " + operator + " " + place(field);
            }
            case "child_of", "parent_of" -> {
                Model to = field.to() == null ? model : env.registry.get(field.to());
                return column + " IN (" + subquery(to, List.of(List.of("id", operator, Values.ids(value))), parameters)
                        + ")";
            }
            default -> {
                boolean negative = operator.startsWith("not ");
                boolean exact = operator.startsWith("=");
                String like = operator.contains("ilike") ? "ILIKE" : "LIKE";
                parameters.add(exact ? value : "%" + (value == null ? "" : value) + "%");
                return negative
                        ? "(" + column + " IS NULL OR " + column + "::text NOT " + like + " ?)"
                        : column + "::text " + like + " ?";
            }
        }
    }

    private static String in(
            ModelField field,
            String column,
            @Nullable Object value,
            boolean positive,
            List<@Nullable Object> parameters) {
        List<Object> values = new ArrayList<>();
        boolean empty = false;
        if (value instanceof List<?> list) {
            for (Object item : list) {
                if (item == null || Boolean.FALSE.equals(item)) {
                    empty = true;
                } else {
                    values.add(item instanceof Integer number ? (Object) number.longValue() : item);
                }
            }
        } else if (value == null || Boolean.FALSE.equals(value)) {
            empty = true;
        } else {
            values.add(value);
        }
        parameters.add(values);
        String condition = column + " = ANY(?" + (numeric(field) ? "" : "::text[]") + ")"
                + (empty ? " OR " + column + " IS NULL" : "");
        return positive
                ? "(" + condition + ")"
                : "(NOT (" + condition + ")" + (empty ? "" : " OR " + column + " IS NULL") + ")";
    }

    private static boolean numeric(ModelField field) {
        return switch (field.type()) {
            case "many2one", "integer", "many2one_reference", "float", "monetary" -> true;
            default -> false;
        };
    }

    private static String place(ModelField field) {
        return switch (field.type()) {
            case "date" -> "?::date";
            case "datetime" -> "?::timestamp";
            case "float", "monetary" -> "?::numeric";
            case "many2one", "integer", "many2one_reference" -> "?::int8";
            default -> "?::text";
        };
    }

    String order(Model model, @Nullable String asked) {
        String order = asked != null ? asked : Objects.requireNonNullElse(model.order(), "id");
        StringJoiner result = new StringJoiner(", ");
        for (String term : order.split(",")) {
            String[] words = term.strip().split("\\s+");
            ModelField field = model.field(words[0]);
            if (!words[0].equals("id") && (field == null || !field.column())) {
                if (asked != null) {
                    throw OdooError.value("Invalid field '" + words[0] + "' on model '" + model.name() + "'");
                }
                continue;
            }
            boolean descending = words.length > 1 && words[1].equalsIgnoreCase("desc");
            result.add((field == null ? "t.id" : column(field, "t")) + (descending ? " DESC" : ""));
        }
        return result.length() == 0 ? "t.id" : result.toString();
    }
}
