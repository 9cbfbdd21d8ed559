package org.orphancleanup.guide;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * PostgreSQL's own sentences in the languages it speaks. They tell which of a text's names is what where its form leaves
 * a choice: Japanese and Chinese have another order, and a not-null violation has no constraint's name to go by.
 */
final class PostgresMessages {

    /** A violation that is none of ours: unique and check constraints. */
    static final String OTHER = "other";

    private static final Pattern ROLE = Pattern.compile("\\{(\\w+)}");
    private static final String NAME = "([^\\s\"«»„“”「」(){}]+?)";

    private final List<Template> templates;

    private PostgresMessages(List<Template> templates) {
        this.templates = templates;
    }

    /** Without any: what is left is the form of a text. */
    static PostgresMessages none() {
        return new PostgresMessages(List.of());
    }

    static PostgresMessages load() {
        List<Template> templates = new ArrayList<>();
        try (InputStream file = PostgresMessages.class.getResourceAsStream("postgresql-messages.tsv")) {
            String text = new String(Objects.requireNonNull(file).readAllBytes(), StandardCharsets.UTF_8);
            text.lines().filter(line -> !line.startsWith("#")).forEach(line -> {
                String[] parts = line.split("\t", 3);
                templates.add(template(parts[0], parts[2]));
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        // the longer sentence first: a short one may be part of it
        templates.sort(Comparator.comparingInt((Template template) -> -template.length()));
        return new PostgresMessages(List.copyOf(templates));
    }

    private static Template template(String kind, String text) {
        List<String> roles = new ArrayList<>();
        StringBuilder regex = new StringBuilder();
        String longest = "";
        int from = 0;
        Matcher role = ROLE.matcher(text);
        while (role.find()) {
            regex.append(literal(text.substring(from, role.start()))).append(NAME);
            longest = longer(longest, text.substring(from, role.start()));
            roles.add(role.group(1));
            from = role.end();
        }
        String rest = text.substring(from);
        regex.append(rest.isEmpty() ? "(?!\\S)" : literal(rest));
        return new Template(kind, Pattern.compile(regex.toString()), roles, longer(longest, rest), text.length());
    }

    private static String literal(String text) {
        List<String> words = new ArrayList<>();
        for (String word : text.split("[\\s\\u00a0]+", -1)) {
            words.add(word.isEmpty() ? "" : Pattern.quote(word));
        }
        return String.join("[\\s\\u00a0]+", words);
    }

    /** The longest word-run to look for before a pattern is tried. */
    private static String longer(String one, String text) {
        String best = one;
        for (String word : text.split("[\\s\\u00a0]+")) {
            best = word.length() > best.length() ? word : best;
        }
        return best;
    }

    private record Template(String kind, Pattern pattern, List<String> roles, String needle, int length) {}

    /** @param names by role: child, column, constraint, parent */
    record Match(String kind, Map<String, String> names, int end) {}

    @Nullable
    Match find(String line) {
        for (Template template : templates) {
            if (!line.contains(template.needle())) {
                continue;
            }
            Matcher matcher = template.pattern().matcher(line);
            if (matcher.find()) {
                Map<String, String> names = new LinkedHashMap<>();
                for (int i = 0; i < template.roles().size(); i++) {
                    names.put(template.roles().get(i), matcher.group(i + 1));
                }
                return new Match(template.kind(), names, matcher.end());
            }
        }
        return null;
    }
}
