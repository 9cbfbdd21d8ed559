package org.orphancleanup.guide;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Reads what an error is about from its text: PostgreSQL's in any language, psycopg2's, Odoo's own, an import's. Names and
 * keys are found by their form: PostgreSQL quotes names in each language's quotation marks, writes keys as {@code
 * (column)=(value)} and calls a foreign key {@code table_column_fkey}.
 */
final class ErrorReader {

    private static final Pattern QUOTED = Pattern.compile("\"([^\"]+)\"|»([^»«]+)«|«\\s?([^«»]+?)[\\s\\u00a0\\u202f]?»"
            + "|[„“]([^„“”\"]+)[“”\"]|「([^「」]+)」|『([^『』]+)』|‘([^‘’]+)’");
    private static final Pattern NAME = Pattern.compile("[\\p{L}_][\\p{L}\\p{N}_$.\\-]*");
    private static final Pattern KEY = Pattern.compile("\\(([^()=]+)\\)=\\(([^()]*)\\)");
    /** The row of a not-null violation: its first value is the id of most of Odoo's tables. */
    private static final Pattern FAILING_ROW = Pattern.compile("\\((\\d+|null), .*\\bnull\\b.*\\)|\\((null)\\)");

    private static final Pattern FOREIGN_KEY_NAME = Pattern.compile(".*_fkey\\d*");
    private static final Pattern FRAME = Pattern.compile("^File \".*\", line \\d+.*");
    private static final Pattern FOREIGN_KEY_STATE =
            Pattern.compile("\\b(23503|23001)\\b|ForeignKeyViolation|RestrictViolation");
    private static final Pattern NOT_NULL_STATE = Pattern.compile("\\b23502\\b|NotNullViolation");

    /** {@code (Record: res.partner(45,), User: 2)} in any language. */
    private static final Pattern RECORD = Pattern.compile(
            "\\([^():：]{1,60}[:：]\\s*([a-z][\\w]*(?:\\.[\\w]+)*)\\(((?:\\d+(?:,\\s*)?)+)\\)[^():：]{1,60}[:：]\\s*\\d+\\s*\\)");
    /** A line of a message that ends in a technical name: {@code Model: Contact (res.partner)}. */
    private static final Pattern TECHNICAL =
            Pattern.compile("^[^:：]{1,80}[:：]\\s*(.*?)\\s*[(（]([a-z][\\w]*(?:\\.[\\w]+)*)[)）]\\s*[.。]?$");
    /** 19 says what is missing in its first line: {@code … the field 'Name' (name).} */
    private static final Pattern QUOTED_FIELD = Pattern.compile("['’‘“„\"]([^'’”]+)['’”\"]\\s*\\((\\w+)\\)\\s*\\.?$");
    /** {@code Constraint: res_partner_parent_id_fkey}. */
    private static final Pattern LAST_NAME = Pattern.compile("^[^:：]{1,80}[:：]\\s*([a-z_]\\w*)$");

    /** An import's answer as text: the value first, then the field. */
    private static final List<String> NO_MATCH_WORDS = List.of(
            "No matching record",
            "Aucun enregistrement",
            "Kein passender Datensatz",
            "registros coincidentes",
            "registro coincidente",
            "一致するレコードが見つかりません",
            "не найдено совпадающих записей",
            "Не найдено совпадающих записей",
            "Nessun record corrispondente",
            "Geen overeenkomend record",
            "Nenhum registro correspondente");

    private static final Pattern VALUE_AND_FIELD =
            Pattern.compile("['‘’“„«\"]([^'‘’“”„«»\"]*)['‘’“”»\"][^'‘’“„«\"]*['‘’“„«\"]([^'‘’“”„«»\"]*)['‘’“”»\"]");
    private static final List<String> REQUIRED_WORDS = List.of(
            "Missing required",
            "requise manquante",
            "requerido para",
            "Pflichtwert",
            "erforderlicher Wert",
            "値がありません",
            "Отсутствует");
    private static final Pattern REQUIRED = Pattern.compile(
            "(?:Missing required value for the field|Valeur requise manquante pour le champ|Falta el valor requerido para el campo"
                    + "|Fehlender Pflichtwert für das Feld|Ein erforderlicher Wert für das Feld|フィールドの?(?:必須|に必要な)値がありません"
                    + "|Отсутствует (?:обязательное|требуемое) значение для поля)\\s*['‘’“„«](.*?)['’”“»](?:\\s*\\((\\w+)\\))?");

    /** What is longer is no sentence but a statement or a row. */
    private static final int LONGEST_SENTENCE = 2_000;

    private final PostgresMessages messages;

    ErrorReader() {
        this(PostgresMessages.load());
    }

    ErrorReader(PostgresMessages messages) {
        this.messages = messages;
    }

    /** Every violation of a text, in its order; texts about the same event are one. */
    List<Violation> read(String text) {
        ErrorText error = ErrorText.of(text);
        Reading reading = new Reading(error.lines(), new Statements(error.joined()), error.joined());
        error.importMessages().forEach(reading::importMessage);
        for (int line = 0; line < error.lines().size(); line++) {
            line = reading.look(line);
        }
        return reading.found;
    }

    /** A key, and the table that its sentence names. */
    private record Detail(
            @Nullable String column,
            @Nullable String value,
            @Nullable String table) {}

    private final class Reading {

        private final List<String> lines;
        private final Statements statements;
        private final boolean saysForeignKey;
        private final boolean saysNotNull;
        private final List<Violation> found = new ArrayList<>();

        private Reading(List<String> lines, Statements statements, String text) {
            this.lines = lines;
            this.statements = statements;
            saysForeignKey = FOREIGN_KEY_STATE.matcher(text).find();
            saysNotNull = NOT_NULL_STATE.matcher(text).find();
        }

        private void add(Violation violation) {
            Violation whole = statements.refine(violation);
            for (int i = 0; i < found.size(); i++) {
                if (found.get(i).agreesWith(whole)) {
                    found.set(i, found.get(i).completedBy(whole));
                    return;
                }
            }
            found.add(whole);
        }

        /** @return the last line that was used */
        private int look(int at) {
            String line = lines.get(at);
            if (line.isEmpty()
                    || line.startsWith("File ") && FRAME.matcher(line).matches()) {
                return at;
            }
            String two = at + 1 < lines.size() ? line + " " + lines.get(at + 1) : line;
            PostgresMessages.Match match = messages.find(line);
            boolean wrapped = false;
            // some sentences are longer than their line
            if (match == null
                    && line.length() < LONGEST_SENTENCE
                    && quoted(line).size() == 1
                    && !KEY.matcher(two).find()) {
                match = messages.find(two);
                wrapped = match != null;
            }
            int last = wrapped ? at + 1 : at;
            if (match != null) {
                known(match, last);
                return last;
            }
            if (missingRecord(line)) {
                return at;
            }
            int refusal = odooRefusal(at);
            if (refusal > at) {
                return refusal;
            }
            if (!noMatch(line) && !Statements.isStatement(line)) {
                byForm(at);
            }
            return at;
        }

        private @Nullable Detail detail(int at) {
            for (int i = at; i < Math.min(lines.size(), at + 3); i++) {
                String line = lines.get(i);
                Matcher key = KEY.matcher(line);
                if (key.find()) {
                    List<String> names = quoted(line.substring(key.end()));
                    if (names.isEmpty() && i > at) {
                        names = quoted(line.substring(0, key.start())); // Japanese names the table first
                    }
                    return new Detail(key.group(1).strip(), key.group(2), names.isEmpty() ? null : names.get(0));
                }
                if (i > at && (messages.find(line) != null || Statements.isStatement(line))) {
                    return null;
                }
                // without the right to read the row PostgreSQL names the table alone
                List<String> names = quoted(line);
                if (i > at && names.size() == 1 && !FRAME.matcher(line).matches()) {
                    return new Detail(null, null, names.get(0));
                }
            }
            return null;
        }

        private @Nullable String failingRow(int at) {
            for (int i = at; i < Math.min(lines.size(), at + 3); i++) {
                Matcher row = FAILING_ROW.matcher(lines.get(i));
                if (row.find()) {
                    return "null".equals(row.group(1)) || row.group(1) == null ? "" : row.group(1);
                }
            }
            return null;
        }

        private void known(PostgresMessages.Match match, int last) {
            Map<String, String> names = match.names();
            String child = unqualified(names.get("child"));
            String column = names.get("column");
            switch (match.kind()) {
                case "missing-parent" ->
                    missingParent(Objects.requireNonNull(child), names.get("constraint"), detail(last));
                case "referenced" ->
                    referenced(
                            Objects.requireNonNull(child),
                            names.get("constraint"),
                            unqualified(names.get("parent")),
                            detail(last));
                case "not-null" -> notNull(child, column, failingRow(last));
                case "null-rows" ->
                    add(new Violation(
                            ViolationKind.NULL_ROWS, null, child, null, null, column, null, null, null, null));
                case "not-possible" ->
                    add(new Violation(
                            ViolationKind.CONSTRAINT_IMPOSSIBLE,
                            names.get("constraint"),
                            null,
                            null,
                            null,
                            null,
                            unqualified(names.get("parent")),
                            null,
                            null,
                            null));
                default -> {
                    // a unique or check constraint has nothing to do with references
                }
            }
        }

        private void missingParent(String child, @Nullable String constraint, @Nullable Detail detail) {
            add(new Violation(
                    ViolationKind.MISSING_PARENT,
                    constraint,
                    child,
                    null,
                    null,
                    detail != null && detail.column() != null ? detail.column() : column(child, constraint),
                    detail == null ? null : unqualified(detail.table()),
                    null,
                    detail == null ? null : detail.value(),
                    null));
        }

        private void referenced(
                String child, @Nullable String constraint, @Nullable String parent, @Nullable Detail detail) {
            add(new Violation(
                    ViolationKind.REFERENCED,
                    constraint,
                    child,
                    null,
                    null,
                    column(child, constraint),
                    parent,
                    null,
                    detail == null ? null : detail.value(),
                    null));
        }

        private void notNull(@Nullable String child, @Nullable String column, @Nullable String id) {
            add(new Violation(
                    ViolationKind.NOT_NULL,
                    null,
                    child,
                    null,
                    id == null || id.isEmpty() ? null : id,
                    column,
                    null,
                    null,
                    null,
                    null));
        }

        /** Languages and wordings nobody listed. */
        private void byForm(int at) {
            String line = lines.get(at);
            int last = at;
            if (quoted(line).size() == 1
                    && at + 2 < lines.size()
                    && quoted(lines.get(at + 1)).size() == 1) {
                String two = line + " " + lines.get(at + 1);
                if (!KEY.matcher(two).find() && KEY.matcher(lines.get(at + 2)).find()) {
                    line = two; // some sentences are longer than their line
                    last = at + 1;
                }
            }
            Matcher key = KEY.matcher(line);
            // a sentence and its key in one line; some languages put the key first
            List<String> names = quoted(key.find() && key.start() > 0 ? line.substring(0, key.start()) : line);
            if (names.isEmpty() || names.size() > 3) {
                return;
            }
            Detail detail = detail(last);
            String constraint = constraint(names);
            boolean foreign = constraint != null
                            && FOREIGN_KEY_NAME.matcher(constraint).matches()
                    || names.size() > 1
                            && (saysForeignKey || detail != null && detail.table() != null && detail.column() != null);
            if (foreign && names.size() > 1) {
                byForm(names, constraint == null ? names.get(1) : constraint, detail);
                return;
            }
            if (saysNotNull && detail == null && names.size() < 3) {
                String column = names.get(0);
                String child = names.size() == 2 ? names.get(1) : null;
                boolean swapped = child != null && statements.writes(column) && !statements.writes(child);
                notNull(swapped ? column : child, swapped ? child : column, failingRow(last));
            }
        }

        private void byForm(List<String> names, String constraint, @Nullable Detail detail) {
            List<String> tables = new ArrayList<>(names);
            tables.remove(constraint);
            String first = String.valueOf(unqualified(tables.get(0)));
            if (tables.size() == 1) {
                missingParent(first, constraint, detail);
                return;
            }
            String second = String.valueOf(unqualified(tables.get(1)));
            String named = detail == null ? null : unqualified(detail.table());
            boolean firstIsChild = named != null
                    ? first.equals(named)
                    : constraint.startsWith(first + "_")
                            && (!constraint.startsWith(second + "_") || first.length() > second.length());
            referenced(firstIsChild ? first : second, constraint, firstIsChild ? second : first, detail);
        }

        private static @Nullable String constraint(List<String> names) {
            for (String name : names) {
                if (FOREIGN_KEY_NAME.matcher(name).matches()) {
                    return name;
                }
            }
            for (String name : names) {
                if (names.stream().anyMatch(other -> name.startsWith(other + "_"))) {
                    return name;
                }
            }
            return null;
        }

        private boolean missingRecord(String line) {
            Matcher record = RECORD.matcher(line);
            if (!record.find()) {
                return false;
            }
            String ids = record.group(2).replaceAll("[,\\s]+$", "").replaceAll(",\\s*", ", ");
            add(new Violation(
                    ViolationKind.MISSING_RECORD, null, null, null, null, null, null, record.group(1), ids, null));
            return true;
        }

        private boolean noMatch(String line) {
            if (NO_MATCH_WORDS.stream().anyMatch(line::contains)) {
                Matcher no = VALUE_AND_FIELD.matcher(line);
                if (no.find()) {
                    add(new Violation(
                            ViolationKind.NO_MATCH,
                            null,
                            null,
                            null,
                            null,
                            null,
                            null,
                            null,
                            no.group(1),
                            no.group(2)));
                    return true;
                }
            }
            if (REQUIRED_WORDS.stream().anyMatch(line::contains)) {
                Matcher required = REQUIRED.matcher(line);
                if (required.find()) {
                    add(new Violation(
                            ViolationKind.NOT_NULL,
                            null,
                            null,
                            null,
                            null,
                            required.group(2),
                            null,
                            null,
                            null,
                            required.group(1)));
                    return true;
                }
            }
            return false;
        }

        private void importMessage(JsonNode node) {
            String text = node.path("message").asString("");
            String field = node.path("field").asString("");
            List<Violation> inner = read(text);
            List<String> values = values(text);
            // a language whose words nobody listed: a value and a field, in the answer of a load
            if (inner.isEmpty() && !field.isEmpty() && values.size() == 2) {
                inner = List.of(new Violation(
                        ViolationKind.NO_MATCH,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        values.get(0),
                        values.get(1)));
            }
            for (Violation violation : inner) {
                add(violation.completedBy(new Violation(
                        violation.kind(),
                        null,
                        null,
                        null,
                        null,
                        field.isEmpty() ? null : field,
                        null,
                        null,
                        null,
                        null)));
            }
        }

        /** What Odoo makes of PostgreSQL's error: two lines, model and constraint or field. */
        private int odooRefusal(int at) {
            int next = at + 1;
            if (next >= lines.size()
                    || lines.get(at).length() > LONGEST_SENTENCE
                    || lines.get(next).isEmpty()) {
                return at;
            }
            Matcher first = TECHNICAL.matcher(lines.get(at));
            String second = lines.get(next);
            Matcher required = QUOTED_FIELD.matcher(lines.get(at));
            Matcher model = TECHNICAL.matcher(second);
            // 19, a required value: the field, then the model
            if (model.matches() && required.find() && isModel(model.group(2)) && !isModel(required.group(2))) {
                odoo(ViolationKind.NOT_NULL, model.group(2), required.group(2), required.group(1), null);
                return next;
            }
            if (!first.matches() || !isModel(first.group(2))) {
                // 19 about a table that is no model's
                Matcher key = LAST_NAME.matcher(second);
                if (LAST_WORD.matcher(lines.get(at)).matches()
                        && key.matches()
                        && FOREIGN_KEY_NAME.matcher(key.group(1)).matches()) {
                    odoo(ViolationKind.FOREIGN_KEY, null, null, null, key.group(1));
                    return next;
                }
                return at;
            }
            Matcher field = TECHNICAL.matcher(second);
            Matcher constraint = LAST_NAME.matcher(second);
            if (field.matches() && !isModel(field.group(2))) {
                // 19 puts what it names between quotation marks, and names a field only of a foreign key
                boolean quotes = field.group(1).startsWith("'");
                odoo(
                        quotes ? ViolationKind.FOREIGN_KEY : ViolationKind.NOT_NULL,
                        first.group(2),
                        field.group(2),
                        field.group(1).replaceAll("^'|'$", ""),
                        null);
                return next;
            }
            if (constraint.matches()) {
                odoo(ViolationKind.FOREIGN_KEY, first.group(2), null, null, constraint.group(1));
                return next;
            }
            return at;
        }

        private void odoo(
                ViolationKind kind,
                @Nullable String model,
                @Nullable String field,
                @Nullable String label,
                @Nullable String constraint) {
            String known = "unknown".equals(model) ? null : model;
            String child = known == null ? null : ModelNames.table(known);
            add(new Violation(
                    kind,
                    constraint,
                    constraint != null && child != null && constraint.startsWith(child + "_") ? child : null,
                    known,
                    null,
                    "unknown".equals(field)
                            ? null
                            : field != null ? field : child == null ? null : column(child, constraint),
                    null,
                    null,
                    null,
                    "unknown".equals(field) ? null : label));
        }
    }

    private static final Pattern LAST_WORD = Pattern.compile("^[^:：]{1,80}[:：]\\s*[\\p{L} ]+$");

    private static boolean isModel(String name) {
        return name.contains(".") || name.equals("unknown") || name.startsWith("x_");
    }

    /** Names between quotation marks, whatever the language's are. */
    private static List<String> quoted(String line) {
        List<String> names = new ArrayList<>();
        Matcher quoted = QUOTED.matcher(line);
        while (quoted.find()) {
            for (int group = 1; group <= quoted.groupCount(); group++) {
                String name = quoted.group(group);
                if (name != null && NAME.matcher(name.strip()).matches()) {
                    names.add(name.strip());
                }
            }
        }
        return names;
    }

    private static List<String> values(String text) {
        List<String> values = new ArrayList<>();
        Matcher quoted = Pattern.compile("['‘’“„«\"]([^'‘’“”„«»\"]+)['‘’“”»\"]").matcher(text);
        while (quoted.find()) {
            values.add(quoted.group(1));
        }
        return values;
    }

    private static @Nullable String unqualified(@Nullable String table) {
        return table == null ? null : table.substring(table.lastIndexOf('.') + 1);
    }

    /** The column in a foreign key's name, where it is called as PostgreSQL and Odoo call it and was not cut at 63 bytes. */
    static @Nullable String column(String child, @Nullable String constraint) {
        if (constraint == null || !constraint.startsWith(child + "_")) {
            return null;
        }
        String rest = constraint.substring(child.length() + 1);
        int end = rest.lastIndexOf("_fkey");
        return end > 0 && constraint.length() < 63 ? rest.substring(0, end) : null;
    }
}
