package org.orphancleanup.job;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.DumperOptions.ScalarStyle;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/**
 * The keys of one mapping and their values by type. A value that is absent or wrong is null; what is wrong has been
 * added to the problems.
 */
final class Fields {

    private static final Pattern INTEGER = Pattern.compile("-?(0|[1-9][0-9]{0,17})");
    private static final Pattern NUMBER = Pattern.compile("-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][-+]?[0-9]+)?");
    private static final Pattern DURATION = Pattern.compile("([1-9][0-9]{0,5})([mhd])");

    /** Of {@code model} or {@code model.field}. */
    private static final Pattern GLOB = Pattern.compile("[A-Za-z0-9_.*?@]+");

    private final MappingNode node;
    private final String prefix;
    private final Problems problems;
    private final Map<String, Node> values = new LinkedHashMap<>();

    private Fields(MappingNode node, String prefix, Problems problems) {
        this.node = node;
        this.prefix = prefix;
        this.problems = problems;
    }

    /**
     * @param name of the mapping for messages, empty for the whole file
     * @param known every key it may have
     * @return null when the node is no mapping
     */
    static @Nullable Fields of(Node node, String name, Collection<String> known, Problems problems) {
        if (!(node instanceof MappingNode mapping)) {
            problems.add(
                    node,
                    (name.isEmpty() ? "the file" : name) + " must be a mapping; write keys and values, one of "
                            + String.join(", ", known));
            return null;
        }
        Fields fields = new Fields(mapping, name.isEmpty() ? "" : name + ".", problems);
        for (NodeTuple tuple : mapping.getValue()) {
            fields.put(tuple.getKeyNode(), tuple.getValueNode(), name, known);
        }
        return fields;
    }

    private void put(Node keyNode, Node value, String name, Collection<String> known) {
        String key = keyNode instanceof ScalarNode scalar ? scalar.getValue() : "";
        if (!known.contains(key)) {
            problems.add(
                    keyNode,
                    "unknown key \"" + key + "\"" + (name.isEmpty() ? "" : " in " + name)
                            + remedy(key, known, "known here: "));
        } else if (values.containsKey(key)) {
            problems.add(keyNode, prefix + key + " stands here a second time; keep one of the two");
        } else {
            values.put(key, value);
            if (isNothing(value)) {
                problems.add(keyNode, prefix + key + " has no value; give it one, or remove the key");
            }
        }
    }

    private static boolean isNothing(Node node) {
        return node.getTag().equals(Tag.NULL);
    }

    private static String remedy(String word, Collection<String> known, String introduction) {
        return Suggestion.of(word, known)
                .map(suggestion -> "; did you mean \"" + suggestion + "\"?")
                .orElse("; " + introduction + String.join(", ", known));
    }

    /** Where the mapping begins, from 1. */
    int line() {
        return Problems.line(node);
    }

    /** Where a key's value stands; the mapping's own line when the key is absent. */
    int line(String key) {
        Node value = values.get(key);
        return value == null ? line() : Problems.line(value);
    }

    boolean has(String key) {
        return values.containsKey(key);
    }

    boolean isEmpty() {
        return node.getValue().isEmpty();
    }

    void problem(String key, String message) {
        problems.add(line(key), prefix + key + " " + message);
    }

    @Nullable
    Node node(String key) {
        Node value = values.get(key);
        return value == null || isNothing(value) ? null : value;
    }

    @Nullable
    Fields fields(String key, Collection<String> known) {
        Node value = node(key);
        return value == null ? null : of(value, prefix + key, known, problems);
    }

    /** @return empty when the key is absent or its value is no list */
    List<Node> list(String key, String remedy) {
        Node value = node(key);
        if (value == null) {
            return List.of();
        }
        if (value instanceof SequenceNode sequence) {
            return sequence.getValue();
        }
        problem(key, "must be a list; " + remedy);
        return List.of();
    }

    @Nullable
    String text(String key) {
        Node value = node(key);
        return value == null ? null : text(key, value);
    }

    private @Nullable String text(String key, Node value) {
        String text = rawText(key, value);
        if (text != null && text.contains("${")) {
            problems.add(
                    value,
                    prefix + key + " holds a variable, and variables are replaced in notify.webhook alone; "
                            + "write the value itself");
            return null;
        }
        return text;
    }

    /** Text in which <code>${...}</code> has no meaning to us. */
    @Nullable
    String rawText(String key, Node value) {
        if (!(value instanceof ScalarNode scalar)) {
            problems.add(value, prefix + key + " must be text; write one value");
            return null;
        }
        if (!isText(scalar)) {
            problems.add(value, prefix + key + " must be text; put it in quotes: \"" + scalar.getValue() + "\"");
            return null;
        }
        if (scalar.getValue().isBlank()) {
            problems.add(value, prefix + key + " is empty; give it a value, or remove it");
            return null;
        }
        return scalar.getValue();
    }

    /** A date is text to us, and to YAML 1.2. So is a plain {@code yes}. */
    private static boolean isText(ScalarNode scalar) {
        return scalar.getTag().equals(Tag.STR)
                || scalar.getTag().equals(Tag.TIMESTAMP)
                || scalar.getTag().equals(Tag.BOOL) && !isTrue(scalar) && !isFalse(scalar);
    }

    private static boolean isTrue(ScalarNode scalar) {
        return scalar.getValue().equalsIgnoreCase("true");
    }

    private static boolean isFalse(ScalarNode scalar) {
        return scalar.getValue().equalsIgnoreCase("false");
    }

    @Nullable
    Boolean flag(String key) {
        Node value = node(key);
        if (value == null) {
            return null;
        }
        if (value instanceof ScalarNode scalar
                && scalar.getTag().equals(Tag.BOOL)
                && (isTrue(scalar) || isFalse(scalar))) {
            return isTrue(scalar);
        }
        problem(key, "is neither true nor false; write true or false, without quotes");
        return null;
    }

    @Nullable
    Long integer(String key, long minimum, long maximum) {
        Node value = node(key);
        return value == null ? null : integer(key, value, minimum, maximum);
    }

    @Nullable
    Long integer(String key, Node value, long minimum, long maximum) {
        if (value instanceof ScalarNode scalar
                && scalar.getScalarStyle() == ScalarStyle.PLAIN
                && INTEGER.matcher(scalar.getValue()).matches()) {
            long number = Long.parseLong(scalar.getValue());
            if (number >= minimum && number <= maximum) {
                return number;
            }
            problems.add(
                    value,
                    prefix + key + " is " + number + "; write a number from " + minimum
                            + (maximum == Long.MAX_VALUE ? " on" : " to " + maximum));
            return null;
        }
        problems.add(value, prefix + key + " must be a whole number; write digits alone, without quotes");
        return null;
    }

    @Nullable
    Double number(String key, double minimum, double maximum) {
        Node value = node(key);
        if (value == null) {
            return null;
        }
        if (value instanceof ScalarNode scalar
                && scalar.getScalarStyle() == ScalarStyle.PLAIN
                && NUMBER.matcher(scalar.getValue()).matches()) {
            double number = Double.parseDouble(scalar.getValue());
            if (number >= minimum && number <= maximum) {
                return number;
            }
            problem(key, "is " + scalar.getValue() + "; write a number from " + minimum + " to " + maximum);
            return null;
        }
        problem(key, "must be a number; write it without quotes, such as 0.2");
        return null;
    }

    @Nullable
    Duration duration(String key) {
        String text = text(key);
        return text == null ? null : duration(key, text);
    }

    @Nullable
    Duration duration(String key, String text) {
        Matcher matcher = DURATION.matcher(text);
        if (!matcher.matches()) {
            problem(key, "\"" + text + "\" is no duration; write one such as 90m, 24h or 7d");
            return null;
        }
        long amount = Long.parseLong(matcher.group(1));
        return switch (matcher.group(2)) {
            case "m" -> Duration.ofMinutes(amount);
            case "h" -> Duration.ofHours(amount);
            default -> Duration.ofDays(amount);
        };
    }

    /** @param code of a choice, as it is written in the file */
    <T> @Nullable T choice(String key, List<T> choices, Function<T, String> code) {
        String text = text(key);
        if (text == null) {
            return null;
        }
        for (T choice : choices) {
            if (code.apply(choice).equals(text)) {
                return choice;
            }
        }
        List<String> codes = choices.stream().map(code).toList();
        problem(key, "cannot be \"" + text + "\"" + remedy(text, codes, "write one of: "));
        return null;
    }

    @Nullable
    String glob(String key) {
        Node value = node(key);
        return value == null ? null : glob(key, value);
    }

    @Nullable
    String glob(String key, Node value) {
        String glob = text(key, value);
        if (glob != null && !GLOB.matcher(glob).matches()) {
            problems.add(
                    value,
                    prefix + key + " \"" + glob
                            + "\" is no model or field; write letters, digits, dots and underscores, * for any, ? for one");
            return null;
        }
        return glob;
    }

    /** @return null when the key is absent; what is wrong is left out */
    @Nullable
    List<GlobNode> globs(String key) {
        if (!has(key)) {
            return null;
        }
        List<GlobNode> globs = new ArrayList<>();
        for (Node value : list(key, "write [\"*\"], with each glob in quotes")) {
            String glob = glob(key, value);
            if (glob != null) {
                globs.add(new GlobNode(glob, Problems.line(value)));
            }
        }
        return globs;
    }

    /** @param line where it stands, from 1 */
    record GlobNode(String glob, int line) {}
}
