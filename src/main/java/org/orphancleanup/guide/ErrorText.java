package org.orphancleanup.guide;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** An error as lines of plain text, whatever it came wrapped in: JSON, a CSV log, Python's repr, wrapped lines. */
final class ErrorText {

    private static final JsonMapper JSON = new JsonMapper();
    /** csvlog begins with the time, user and database. */
    private static final Pattern CSV_LOG =
            Pattern.compile("^\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d\\.\\d+ [^,\"]{1,40},\"?[^,]*,.*");

    private final List<String> lines = new ArrayList<>();
    private final List<JsonNode> importMessages = new ArrayList<>();

    private ErrorText() {}

    static ErrorText of(String text) {
        ErrorText error = new ErrorText();
        error.add(text.strip().replace("\uFEFF", ""));
        return error;
    }

    List<String> lines() {
        return lines;
    }

    /** What Odoo's {@code load} answered: objects with {@code message}, {@code field} and {@code rows}. */
    List<JsonNode> importMessages() {
        return importMessages;
    }

    String joined() {
        return String.join("\n", lines);
    }

    private void add(String text) {
        if (text.startsWith("{") || text.startsWith("[")) {
            try {
                walk(JSON.readTree(text));
                return;
            } catch (JacksonException e) {
                // one object for each line, Python's repr, or anything that only begins like JSON
            }
        }
        // a continued line of PostgreSQL's log begins with a tab
        for (String line : text.replace("\r\n", "\n").replace("\n\t", " ").split("\n")) {
            if (line.startsWith("{") && line.endsWith("}") && !line.equals(text)) {
                add(line);
            } else if (CSV_LOG.matcher(line).matches()) {
                csv(line);
            } else {
                // Python's repr and logs of JSON
                for (String part :
                        line.replace("\\\"", "\"").replace("\\n", "\n").split("\n")) {
                    lines.add(part.strip());
                }
            }
        }
    }

    private void csv(String line) {
        StringBuilder value = new StringBuilder();
        boolean quoted = false;
        for (int i = 0; i < line.length(); i++) {
            char c = line.charAt(i);
            if (quoted && c == '"' && i + 1 < line.length() && line.charAt(i + 1) == '"') {
                value.append('"');
                i++;
            } else if (c == '"') {
                quoted = !quoted;
            } else if (c == ',' && !quoted) {
                lines.add(value.toString().strip());
                value.setLength(0);
            } else {
                value.append(c);
            }
        }
        lines.add(value.toString().strip());
    }

    private void walk(JsonNode node) {
        if (node.isString()) {
            for (String line : node.asString().replace("\r\n", "\n").split("\n")) {
                lines.add(line.strip());
            }
        } else if (node.isObject() && node.path("message").isString() && (node.has("rows") || node.has("record"))) {
            importMessages.add(node);
        } else {
            node.forEach(this::walk);
        }
    }
}
