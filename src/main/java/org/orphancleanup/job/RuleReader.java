package org.orphancleanup.job;

import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.orphancleanup.catalog.ReferenceKind;
import org.orphancleanup.job.JobDefinition.Mention;
import org.orphancleanup.job.JobDefinition.Placeholder;
import org.orphancleanup.job.JobDefinition.Rule;
import org.orphancleanup.job.JobDefinition.When;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/** Reads the rules of one definition. */
final class RuleReader {

    private static final Set<ReferenceKind> WITHOUT_ONDELETE = EnumSet.of(
            ReferenceKind.MANY2ONE_REFERENCE,
            ReferenceKind.REFERENCE,
            ReferenceKind.COMPANY_DEPENDENT,
            ReferenceKind.AUDIT);

    private final Path file;
    private final boolean readMappings;
    private final Problems problems;
    private final List<Mention> mentions;

    /** @param mentions gets the names of the rules and of their mappings */
    RuleReader(Path file, boolean readMappings, Problems problems, List<Mention> mentions) {
        this.file = file;
        this.readMappings = readMappings;
        this.problems = problems;
        this.mentions = mentions;
    }

    /** A glob that stands for itself alone. */
    static boolean isName(@Nullable String glob) {
        return glob != null && glob.indexOf('*') < 0 && glob.indexOf('?') < 0;
    }

    List<Rule> rules(Fields root) {
        List<Rule> rules = new ArrayList<>();
        int matchesAll = 0;
        for (Node node : root.list("rules", "begin each rule with a dash: - when: {}")) {
            Fields fields =
                    Fields.of(node, "rule", List.of("when", "policy", "placeholder", "mapping", "keep-id"), problems);
            if (fields == null) {
                continue;
            }
            if (matchesAll > 0) {
                problems.add(
                        node,
                        "this rule is never reached: the one in line " + matchesAll
                                + " matches everything; put it before that");
            }
            Rule rule = rule(fields, rules.size() + 1);
            rules.add(rule);
            Node when = fields.node("when");
            if (when instanceof MappingNode mapping && mapping.getValue().isEmpty() && !fields.has("mapping")) {
                matchesAll = rule.line();
            }
        }
        return rules;
    }

    private Rule rule(Fields fields, int number) {
        if (!fields.has("when")) {
            fields.problem("when", "is missing; write when: {} if the rule is meant for everything");
        }
        if (!fields.has("policy")) {
            fields.problem(
                    "policy",
                    "is missing; write one of: "
                            + Stream.of(PolicyKind.values())
                                    .map(PolicyKind::code)
                                    .collect(Collectors.joining(", ")));
        }
        When when = when(fields);
        PolicyKind policy = fields.choice("policy", List.of(PolicyKind.values()), PolicyKind::code);
        Placeholder placeholder = placeholder(fields, when);
        Path mapping = mapping(fields);
        boolean keepId = Boolean.TRUE.equals(fields.flag("keep-id"));
        if (keepId && policy == PolicyKind.REPORT_ONLY) {
            fields.problem(
                    "keep-id",
                    "puts missing parents back, and report-only changes nothing; remove it, or write policy: archive-parent");
        }
        if (policy != null) {
            checkCombination(fields, when, policy);
        }
        if (policy == PolicyKind.RELINK && placeholder == null && mapping == null) {
            placeholder = Placeholder.AUTO;
        }
        return new Rule(
                number,
                fields.line(),
                when,
                policy == null ? PolicyKind.REPORT_ONLY : policy,
                placeholder,
                mapping,
                keepId);
    }

    private void checkCombination(Fields fields, When when, PolicyKind policy) {
        for (String key : List.of("placeholder", "mapping")) {
            if (policy != PolicyKind.RELINK && fields.has(key)) {
                fields.problem(
                        key,
                        "says where relink points to, and the policy is " + policy.code()
                                + "; remove it, or write policy: relink");
            }
        }
        if (fields.has("placeholder") && fields.has("mapping")) {
            fields.problem(
                    "placeholder",
                    "stands beside mapping, and what a mapping does not name goes on to the next rule; "
                            + "move the placeholder to a rule after this one");
        }
        ReferenceKind kind = when.kind();
        if (policy == PolicyKind.BY_ONDELETE && kind != null && WITHOUT_ONDELETE.contains(kind)) {
            fields.problem(
                    "policy",
                    "by-ondelete needs a field with an ondelete, and " + kind.code()
                            + " has none; write null-out, relink, delete or another policy");
        }
        if (policy == PolicyKind.NULL_OUT && Boolean.TRUE.equals(when.required())) {
            fields.problem(
                    "policy", "null-out cannot empty a required field; write relink, archive-parent or another policy");
        }
    }

    private When when(Fields rule) {
        Fields fields = rule.fields(
                "when", List.of("model", "field", "parent", "kind", "ondelete", "required", "company", "age"));
        if (fields == null) {
            return new When(null, null, null, null, null, null, List.of(), null);
        }
        String field = glob(fields, "field", Mention.Kind.FIELD);
        if (field != null && isName(field) && field.indexOf('.') < 0) {
            fields.problem(
                    "field",
                    "\"" + field + "\" has no model; write \"*." + field + "\" for every model, or model." + field);
        }
        ReferenceKind kind = fields.choice("kind", List.of(ReferenceKind.values()), ReferenceKind::code);
        String ondelete = fields.choice("ondelete", List.of("set null", "cascade", "restrict"), code -> code);
        if (ondelete != null && kind != null && WITHOUT_ONDELETE.contains(kind)) {
            fields.problem(
                    "ondelete", "never matches beside kind " + kind.code() + ", which has none; remove one of the two");
        }
        return new When(
                glob(fields, "model", Mention.Kind.MODEL),
                field,
                glob(fields, "parent", Mention.Kind.MODEL),
                kind,
                ondelete,
                fields.flag("required"),
                companies(fields),
                age(fields));
    }

    private @Nullable String glob(Fields when, String key, Mention.Kind kind) {
        String glob = when.glob(key);
        if (glob != null && isName(glob)) {
            mentions.add(new Mention(file, when.line(key), "when." + key, kind, glob));
        }
        return glob;
    }

    private static List<Long> companies(Fields when) {
        Node node = when.node("company");
        if (node == null) {
            return List.of();
        }
        List<Node> nodes = node instanceof SequenceNode sequence ? sequence.getValue() : List.of(node);
        List<Long> companies = new ArrayList<>();
        for (Node company : nodes) {
            if (company instanceof ScalarNode scalar && scalar.getValue().equals("none")) {
                companies.add(0L);
            } else {
                Long id = when.integer("company", company, 1, Long.MAX_VALUE);
                if (id != null) {
                    companies.add(id);
                }
            }
        }
        if (nodes.isEmpty()) {
            when.problem("company", "is empty; write an id, a list of ids or none, or remove it");
        }
        return List.copyOf(companies);
    }

    private static @Nullable Duration age(Fields when) {
        String text = when.text("age");
        return text == null ? null : when.duration("age", text.startsWith(">") ? text.substring(1) : text);
    }

    private @Nullable Placeholder placeholder(Fields rule, When when) {
        Node node = rule.node("placeholder");
        if (node == null) {
            return null;
        }
        if (!(node instanceof MappingNode)) {
            String text = rule.text("placeholder");
            if (text != null && !text.equals("auto")) {
                rule.problem(
                        "placeholder",
                        "cannot be \"" + text + "\"; write auto, { xml-id: \"" + text + "\" } or { id: 1 }");
            }
            return Placeholder.AUTO;
        }
        Fields fields = rule.fields("placeholder", List.of("xml-id", "id", "create"));
        if (fields == null) {
            return null;
        }
        String xmlId = fields.text("xml-id");
        if (xmlId != null && !Mapping.EXTERNAL_ID.matcher(xmlId).matches()) {
            fields.problem("xml-id", "\"" + xmlId + "\" is no external id; write module.name");
        }
        Long id = fields.integer("id", 1, Long.MAX_VALUE);
        Map<String, Object> create = create(fields);
        if (fields.has("id") && (fields.has("xml-id") || fields.has("create"))) {
            fields.problem("id", "stands beside xml-id or create; keep either the id or the others");
        } else if (fields.has("create") && !fields.has("xml-id")) {
            fields.problem(
                    "create",
                    "needs an external id, by which the placeholder is found again; "
                            + "write xml-id: __orphan_cleanup__.product_placeholder or the like beside it");
        } else if (fields.isEmpty()) {
            rule.problem("placeholder", "is empty; write auto, { xml-id: module.name } or { id: 1 }");
        } else if (!isName(when.parent()) && !isName(when.field())) {
            rule.problem(
                    "placeholder",
                    "is one record of one model, and the rule matches parents of several; "
                            + "name the parent model in when.parent, or the field in when.field, without wildcard");
        }
        return new Placeholder(xmlId, id, create);
    }

    /** Values that one cell of Odoo's import takes. */
    private @Nullable Map<String, Object> create(Fields placeholder) {
        Node node = placeholder.node("create");
        if (node == null) {
            return null;
        }
        if (!(node instanceof MappingNode mapping)) {
            placeholder.problem("create", "must be a mapping; write { name: \"Unknown product\" }");
            return null;
        }
        Map<String, Object> values = new LinkedHashMap<>();
        for (NodeTuple tuple : mapping.getValue()) {
            String key = tuple.getKeyNode() instanceof ScalarNode scalar ? scalar.getValue() : "";
            Object value = value(tuple.getValueNode());
            if (!key.matches("[A-Za-z0-9_]+")) {
                problems.add(
                        tuple.getKeyNode(),
                        "placeholder.create: \"" + key + "\" is no field; write its technical name");
            } else if (value == null) {
                problems.add(
                        tuple.getValueNode(),
                        "placeholder.create." + key + " must be text, a number, true or false; write one value");
            } else if (values.put(key, value) != null) {
                problems.add(
                        tuple.getKeyNode(),
                        "placeholder.create." + key + " stands here a second time; keep one of the two");
            }
        }
        return values;
    }

    private static @Nullable Object value(Node node) {
        if (!(node instanceof ScalarNode scalar)) {
            return null;
        }
        String text = scalar.getValue();
        Tag tag = scalar.getTag();
        if (tag.equals(Tag.INT) && text.matches("-?(0|[1-9][0-9]{0,17})")) {
            return Long.valueOf(text);
        } else if (tag.equals(Tag.FLOAT) && text.matches("-?[0-9]+\\.[0-9]+")) {
            return new BigDecimal(text);
        } else if (tag.equals(Tag.BOOL) && (text.equalsIgnoreCase("true") || text.equalsIgnoreCase("false"))) {
            return Boolean.valueOf(text);
        }
        return tag.equals(Tag.NULL) ? null : text;
    }

    private @Nullable Path mapping(Fields rule) {
        String text = rule.text("mapping");
        if (text == null) {
            return null;
        }
        Path mapping = file.resolveSibling(text);
        if (readMappings) {
            Problems inMapping = new Problems(mapping);
            Mapping.read(mapping, inMapping)
                    .lineByModel()
                    .forEach((model, line) ->
                            mentions.add(new Mention(mapping, line, "parent_model", Mention.Kind.MODEL, model)));
            if (Files.exists(mapping)) {
                problems.addAll(inMapping);
            } else {
                rule.problem(
                        "mapping",
                        "there is no file " + mapping
                                + "; put it there, or mend the path, which is relative to the job definition's directory");
            }
        }
        return mapping.toAbsolutePath().normalize();
    }
}
