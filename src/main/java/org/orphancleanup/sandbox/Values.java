package org.orphancleanup.sandbox;

import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** Values as callers send them, turned into what a column keeps. */
final class Values {

    private static final JsonMapper JSON = JsonMapper.builder().build();

    private Values() {}

    /** Null for empty. */
    static @Nullable Object toStored(int version, Model model, ModelField field, @Nullable Object value) {
        return switch (field.type()) {
            case "many2one" -> many2one(version, field, value);
            case "boolean" -> Python.truth(value);
            case "integer", "many2one_reference" -> integer(value);
            case "float", "monetary" -> decimal(value);
            case "selection" -> selection(model, field, value);
            case "date" -> date(value);
            case "datetime" -> dateTime(value);
            case "json" -> value == null || Boolean.FALSE.equals(value) ? null : JSON.writeValueAsString(value);
            default -> Python.truth(value) ? Objects.requireNonNull(value).toString() : null;
        };
    }

    /** What is no id is taken for empty, without a word. */
    private static @Nullable Object many2one(int version, ModelField field, @Nullable Object value) {
        if (value instanceof Integer || value instanceof Long) {
            long id = ((Number) value).longValue();
            return id == 0 ? null : id;
        }
        if (version >= 19 && value instanceof String text && !text.isEmpty()) {
            String letters =
                    text.chars().mapToObj(letter -> "'" + (char) letter + "'").collect(Collectors.joining(", "));
            throw OdooError.value("Expected singleton: " + field.to() + "(" + letters + ")");
        }
        return null;
    }

    private static Object integer(@Nullable Object value) {
        if (value instanceof Number number) {
            return number.longValue();
        }
        if (value instanceof String text && !text.isBlank()) {
            try {
                return Long.parseLong(text.strip());
            } catch (NumberFormatException e) {
                throw OdooError.value("invalid literal for int() with base 10: " + Python.repr(text));
            }
        }
        return 0L;
    }

    private static Object decimal(@Nullable Object value) {
        if (value instanceof Number || (value instanceof String text && !text.isBlank())) {
            try {
                return new BigDecimal(value.toString().strip());
            } catch (NumberFormatException e) {
                throw OdooError.value("could not convert string to float: " + Python.repr(value));
            }
        }
        return BigDecimal.ZERO;
    }

    private static @Nullable Object selection(Model model, ModelField field, @Nullable Object value) {
        if (!Python.truth(value)) {
            return null;
        }
        String text = Objects.requireNonNull(value).toString();
        if (field.selection() != null && !field.selection().contains(text)) {
            throw OdooError.value("Wrong value for " + model.name() + "." + field.name() + ": " + Python.repr(value));
        }
        return text;
    }

    private static @Nullable Object date(@Nullable Object value) {
        if (!Python.truth(value)) {
            return null;
        }
        String text = Objects.requireNonNull(value).toString();
        try {
            return LocalDate.parse(text.length() > 10 ? text.substring(0, 10) : text)
                    .toString();
        } catch (DateTimeException e) {
            throw OdooError.value("time data " + Python.repr(text) + " does not match format '%Y-%m-%d'");
        }
    }

    private static @Nullable Object dateTime(@Nullable Object value) {
        if (!Python.truth(value)) {
            return null;
        }
        String text = Objects.requireNonNull(value).toString();
        try {
            return text.length() <= 10
                    ? LocalDate.parse(text) + " 00:00:00"
                    : LocalDateTime.parse(
                                    text.substring(0, Math.min(19, text.length()))
                                            .replace('T', ' '),
                                    Environment.DATE_TIME)
                            .format(Environment.DATE_TIME);
        } catch (DateTimeException e) {
            throw OdooError.value("time data " + Python.repr(text) + " does not match format '%Y-%m-%d %H:%M:%S'");
        }
    }

    /** A list of x2many commands; a plain list of ids replaces. */
    static List<List<?>> commands(@Nullable Object value) {
        List<List<?>> commands = new ArrayList<>();
        if (value instanceof List<?> list) {
            if (!list.isEmpty() && list.stream().allMatch(Number.class::isInstance)) {
                commands.add(List.of(6, 0, list));
            } else {
                for (Object item : list) {
                    if (item instanceof List<?> command && !command.isEmpty() && command.get(0) instanceof Number) {
                        commands.add(command);
                    } else {
                        throw OdooError.value("Wrong value: " + Python.repr(item));
                    }
                }
            }
        } else if (!Python.truth(value)) {
            commands.add(List.of(5));
        }
        return commands;
    }

    static Number number(@Nullable Object value) {
        if (value instanceof Number number) {
            return number;
        }
        throw OdooError.type("an integer is required, not " + Python.repr(value));
    }

    static Map<String, @Nullable Object> values(@Nullable Object value) {
        Map<String, @Nullable Object> values = new LinkedHashMap<>();
        if (value instanceof Map<?, ?> map) {
            map.forEach((key, item) -> values.put(String.valueOf(key), item));
        }
        return values;
    }

    /** Ids as a call names them: a list, or one number. */
    static List<Long> ids(@Nullable Object value) {
        if (value instanceof Number number) {
            return List.of(number.longValue());
        }
        List<Long> ids = new ArrayList<>();
        if (value instanceof List<?> list) {
            list.forEach(item -> ids.add(number(item).longValue()));
        }
        return ids;
    }
}
