package org.orphancleanup.job;

import static java.util.Objects.requireNonNullElse;

import java.io.StringReader;
import java.nio.file.Path;
import java.text.ParseException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.orphancleanup.job.Fields.GlobNode;
import org.orphancleanup.job.JobDefinition.Allow;
import org.orphancleanup.job.JobDefinition.Approval;
import org.orphancleanup.job.JobDefinition.Backup;
import org.orphancleanup.job.JobDefinition.Limits;
import org.orphancleanup.job.JobDefinition.Mention;
import org.orphancleanup.job.JobDefinition.References;
import org.orphancleanup.job.JobDefinition.Rule;
import org.orphancleanup.job.JobDefinition.SecondPerson;
import org.orphancleanup.job.JobDefinition.SideEffects;
import org.orphancleanup.job.JobDefinition.Window;
import org.quartz.CronExpression;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.reader.ReaderException;

/** Reads one definition and collects every mistake in it. */
final class DefinitionReader {

    private static final List<String> KEYS = List.of(
            "name",
            "target",
            "schedule",
            "time-zone",
            "scan",
            "references",
            "rules",
            "default",
            "approval",
            "second-person",
            "recover-persons",
            "allow",
            "plan-valid-for",
            "limits",
            "side-effects",
            "rehearsal",
            "backup",
            "notify");
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,99}");
    private static final Pattern WINDOW =
            Pattern.compile("([01][0-9]|2[0-3]):([0-5][0-9])-([01][0-9]|2[0-3]):([0-5][0-9])");
    private static final Pattern QUARTZ_WILDCARDS = Pattern.compile("\\b9[89]\\b");
    private static final Pattern ABOVE = Pattern.compile("above: *([0-9]{1,9})");
    private static final String APPROVALS = "write required, none, or { above: 100 }";

    private final Path file;
    private final boolean readMappings;
    private final Problems problems;
    private final List<Mention> mentions = new ArrayList<>();

    /** @param readMappings false: mapping files are neither looked for nor read */
    DefinitionReader(Path file, boolean readMappings, Problems problems) {
        this.file = file;
        this.readMappings = readMappings;
        this.problems = problems;
    }

    /** @return to be used only when there were no problems */
    @Nullable
    JobDefinition read(String text) {
        Node node = compose(text);
        Fields root = node == null ? null : Fields.of(node, "", KEYS, problems);
        return root == null ? null : definition(root, text);
    }

    private @Nullable Node compose(String text) {
        try {
            Node node = new Yaml(new LoaderOptions()).compose(new StringReader(text));
            if (node == null) {
                problems.add(1, "the file is empty; write at least name and target");
            }
            return node;
        } catch (MarkedYAMLException e) {
            int line = e.getProblemMark() == null ? 1 : e.getProblemMark().getLine() + 1;
            problems.add(line, "this is no YAML: " + e.getProblem() + remedy(requireNonNullElse(e.getProblem(), "")));
        } catch (ReaderException e) {
            int line = 1
                    + (int) text.substring(0, Math.min(e.getPosition(), text.length()))
                            .chars()
                            .filter(sign -> sign == '\n')
                            .count();
            problems.add(line, "this is no YAML: a control character; remove it");
        } catch (YAMLException e) {
            problems.add(1, "this is no YAML: " + e.getMessage());
        }
        return null;
    }

    private static String remedy(String problem) {
        if (problem.contains("mapping values are not allowed")) {
            return "; put a value that holds \": \" in quotes, and keys within a line in braces: { above: 100 }";
        } else if (problem.contains("TAB")) {
            return "; indent with spaces";
        } else if (problem.startsWith("unexpected character found") || problem.contains("undefined alias")) {
            return "; put a value that begins with * or & in quotes: \"*\"";
        } else if (problem.contains("another document")) {
            return "; write one job in each file";
        }
        return "; mend indentation, quotes and brackets here or just before";
    }

    private JobDefinition definition(Fields root, String text) {
        refuseWhatIsNotBuilt(root);
        String name = required(root, "name");
        if (name != null && !NAME.matcher(name).matches()) {
            root.problem("name", "\"" + name + "\" cannot be a file's name; write letters, digits, dots, - and _");
        }
        String target = required(root, "target");
        String schedule = root.text("schedule");
        if (schedule != null) {
            checkCron(root, schedule);
        }
        ZoneId zone = zone(root);
        String scan = root.choice("scan", List.of("full", "trust"), code -> code);
        References references = references(root);
        List<Rule> rules = new RuleReader(file, readMappings, problems, mentions).rules(root);
        PolicyKind fallback = root.choice("default", List.of(PolicyKind.values()), PolicyKind::code);
        Approval approval = approval(root);
        SecondPerson secondPerson = choice(root, "second-person", SecondPerson.values());
        Allow allow = allow(root);
        Duration planValidFor = root.duration("plan-valid-for");
        Limits limits = limits(root);
        boolean recoverPersons = Boolean.TRUE.equals(root.flag("recover-persons"));
        SideEffects sideEffects = choice(root, "side-effects", SideEffects.values());
        Backup backup = backup(root);
        return new JobDefinition(
                requireNonNullElse(name, ""),
                file.toAbsolutePath().normalize(),
                text,
                requireNonNullElse(target, ""),
                schedule,
                zone,
                !"trust".equals(scan),
                references,
                rules,
                requireNonNullElse(fallback, PolicyKind.REPORT_ONLY),
                approval,
                requireNonNullElse(secondPerson, SecondPerson.NONE),
                allow,
                requireNonNullElse(planValidFor, Duration.ofHours(24)),
                limits,
                requireNonNullElse(sideEffects, SideEffects.PRESERVE),
                recoverPersons,
                backup,
                mentions);
    }

    /** A guard that is set and does nothing would be worse than none. What gets built goes from here. */
    private void refuseWhatIsNotBuilt(Fields root) {
        for (String key : List.of("rehearsal", "notify")) {
            if (root.has(key)) {
                root.problem(key, "is not built yet, and nothing set is ignored; remove it");
            }
        }
    }

    private @Nullable String required(Fields root, String key) {
        if (!root.has(key)) {
            root.problem(key, "is missing; write " + key + ": and a name");
        }
        return root.text(key);
    }

    private static void checkCron(Fields root, String schedule) {
        String reason = null;
        try {
            CronExpression.validateExpression(schedule);
            // Quartz takes these two numbers for * and ?
            if (QUARTZ_WILDCARDS.matcher(schedule).find()) {
                reason = "98 and 99 are no values";
            }
        } catch (ParseException e) {
            reason = e.getMessage();
        }
        if (reason != null) {
            root.problem(
                    "schedule",
                    "\"" + schedule + "\" is no Quartz cron expression: " + reason
                            + "; write seconds, minutes, hours, day of month, month, day of week, such as"
                            + " \"0 30 2 * * ?\" for half past two at night");
        }
    }

    private static ZoneId zone(Fields root) {
        String zone = root.text("time-zone");
        if (zone != null) {
            try {
                return ZoneId.of(zone);
            } catch (DateTimeException e) {
                root.problem(
                        "time-zone",
                        "\"" + zone + "\" is unknown"
                                + Suggestion.of(zone, ZoneId.getAvailableZoneIds())
                                        .map(suggestion -> "; did you mean \"" + suggestion + "\"?")
                                        .orElse("; write one such as Europe/Brussels"));
            }
        }
        return ZoneId.systemDefault();
    }

    private References references(Fields root) {
        Fields fields = root.fields("references", List.of("include", "exclude"));
        List<String> include = fields == null ? null : globs(fields, "references", "include", Mention.Kind.FIELD);
        List<String> exclude = fields == null ? null : globs(fields, "references", "exclude", Mention.Kind.FIELD);
        if (include != null && include.isEmpty() && fields != null) {
            fields.problem("include", "names nothing, so nothing would be read; write [\"*\"], or remove it");
        }
        return new References(requireNonNullElse(include, List.of("*")), requireNonNullElse(exclude, List.of()));
    }

    private @Nullable List<String> globs(Fields fields, String parent, String key, Mention.Kind kind) {
        List<GlobNode> globs = fields.globs(key);
        if (globs == null) {
            return null;
        }
        for (GlobNode glob : globs) {
            if (RuleReader.isName(glob.glob())) {
                mentions.add(new Mention(file, glob.line(), parent + "." + key, kind, glob.glob()));
            }
        }
        return globs.stream().map(GlobNode::glob).toList();
    }

    private static Approval approval(Fields root) {
        Node node = root.node("approval");
        if (node instanceof MappingNode) {
            Fields fields = root.fields("approval", List.of("above"));
            Long above = fields == null ? null : fields.integer("above", 0, Integer.MAX_VALUE);
            if (fields != null && fields.isEmpty()) {
                root.problem("approval", "is empty; " + APPROVALS);
            }
            return new Approval(Approval.Kind.ABOVE, above == null ? 0 : above.intValue());
        }
        String text = root.text("approval");
        Matcher above = ABOVE.matcher(requireNonNullElse(text, ""));
        if (above.matches()) {
            return new Approval(Approval.Kind.ABOVE, Integer.parseInt(above.group(1)));
        } else if ("none".equals(text)) {
            return new Approval(Approval.Kind.NONE, 0);
        } else if (text != null && !"required".equals(text)) {
            root.problem("approval", "cannot be \"" + text + "\"; " + APPROVALS);
        }
        return new Approval(Approval.Kind.REQUIRED, 0);
    }

    private Allow allow(Fields root) {
        Fields fields = root.fields(
                "allow",
                List.of("widening", "auto-placeholder", "locked-documents", "protected", "automations", "messages"));
        if (fields == null) {
            return new Allow(List.of(), List.of(), List.of(), List.of(), false, false);
        }
        return new Allow(
                allowed(fields, "widening"),
                allowed(fields, "auto-placeholder"),
                allowed(fields, "locked-documents"),
                allowed(fields, "protected"),
                Boolean.TRUE.equals(fields.flag("automations")),
                Boolean.TRUE.equals(fields.flag("messages")));
    }

    private List<String> allowed(Fields allow, String key) {
        return requireNonNullElse(globs(allow, "allow", key, Mention.Kind.MODEL_OR_FIELD), List.of());
    }

    private Limits limits(Fields root) {
        Fields fields = root.fields(
                "limits",
                List.of(
                        "repairs-per-run",
                        "repairs-per-reference",
                        "share-of-table",
                        "window",
                        "ids-per-call",
                        "parallel-calls",
                        "pause-file"));
        if (fields == null) {
            return new Limits(10_000, 2_000, 0.2, null, 200, 2, null);
        }
        Double share = fields.number("share-of-table", 0, 1);
        String pauseFile = fields.text("pause-file");
        return new Limits(
                count(fields, "repairs-per-run", 10_000),
                count(fields, "repairs-per-reference", 2_000),
                requireNonNullElse(share, 0.2),
                window(fields),
                count(fields, "ids-per-call", 200),
                count(fields, "parallel-calls", 2),
                pauseFile == null ? null : beside(pauseFile));
    }

    /** A path in the definition is relative to the definition's directory. */
    private Path beside(String path) {
        return file.toAbsolutePath().normalize().resolveSibling(path);
    }

    private static int count(Fields fields, String key, int otherwise) {
        Long count = fields.integer(key, 1, Integer.MAX_VALUE);
        return count == null ? otherwise : count.intValue();
    }

    private static @Nullable Window window(Fields limits) {
        String text = limits.text("window");
        if (text == null) {
            return null;
        }
        Matcher matcher = WINDOW.matcher(text);
        if (!matcher.matches()) {
            limits.problem("window", "\"" + text + "\" is no window; write two times of day, such as \"02:00-05:00\"");
            return null;
        }
        LocalTime start = LocalTime.parse(matcher.group(1) + ":" + matcher.group(2));
        LocalTime end = LocalTime.parse(matcher.group(3) + ":" + matcher.group(4));
        if (start.equals(end)) {
            limits.problem("window", "\"" + text + "\" begins when it ends; write two different times, or remove it");
        }
        return new Window(start, end);
    }

    private Backup backup(Fields root) {
        Fields fields = root.fields("backup", List.of("require", "newest", "command"));
        if (fields == null) {
            return new Backup(true, null, null, List.of());
        }
        Boolean require = fields.flag("require");
        Fields newest = fields.fields("newest", List.of("glob", "max-age"));
        String glob = newest == null ? null : newest.text("glob");
        Duration maxAge = newest == null ? null : newest.duration("max-age");
        if (newest != null && !newest.has("glob")) {
            newest.problem("glob", "is missing; write which files are backups, such as \"/backups/*.dump\"");
        }
        List<String> command = new ArrayList<>();
        for (Node word : fields.list("command", "write each word by itself: [\"/usr/local/bin/backup\", \"odoo\"]")) {
            String text = fields.rawText("command", word);
            if (text != null) {
                command.add(text);
            }
        }
        if (fields.has("command") && fields.has("newest")) {
            fields.problem("command", "stands beside newest, and only one is looked at; keep one of the two");
        } else if (fields.node("command") != null && fields.list("command", "").isEmpty()) {
            fields.problem("command", "is empty; write the command that shows or makes a backup, or remove it");
        }
        return new Backup(
                require == null || require,
                glob == null ? null : beside(glob).toString(),
                maxAge,
                List.copyOf(command));
    }

    private static <E extends Enum<E>> @Nullable E choice(Fields fields, String key, E[] values) {
        return fields.choice(
                key,
                Arrays.asList(values),
                value -> value.name().toLowerCase(Locale.ROOT).replace('_', '-'));
    }
}
