package org.orphancleanup.job;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.orphancleanup.UserError;
import org.springframework.core.env.Environment;
import org.springframework.stereotype.Component;
import org.springframework.util.StringUtils;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** The files of the jobs directory: {@code orphan.jobs-dir}, else {@code jobs/} where the program runs. */
@Component
class FileJobDefinitions implements JobDefinitions {

    private static final List<String> SUFFIXES = List.of(".yaml", ".yml", ".json");

    private final Path directory;

    FileJobDefinitions(Environment environment) {
        String directory = environment.getProperty("orphan.jobs-dir");
        this.directory = Path.of(StringUtils.hasText(directory) ? directory : "jobs");
    }

    @Override
    public JobDefinition load(String nameOrFile) {
        boolean looksLikeFile = nameOrFile.contains("/") || SUFFIXES.stream().anyMatch(nameOrFile::endsWith);
        if (looksLikeFile) {
            return read(Path.of(nameOrFile));
        }
        Map<String, List<Path>> filesByName = filesByName();
        List<Path> found = filesByName.getOrDefault(nameOrFile, List.of());
        if (found.size() > 1) {
            throw UserError.setting(twice(nameOrFile, found));
        } else if (found.size() == 1) {
            return read(found.get(0));
        }
        Optional<Path> file = filesByName.values().stream()
                .flatMap(List::stream)
                .filter(candidate -> nameOrFile.equals(stem(candidate)))
                .findFirst();
        if (file.isPresent()) {
            return read(file.get());
        }
        Set<String> known = filesByName.keySet();
        throw UserError.setting("There is no job \"" + nameOrFile + "\" in "
                + directory.toAbsolutePath().normalize()
                + Suggestion.of(nameOrFile, known)
                        .map(suggestion -> "; did you mean \"" + suggestion + "\"?")
                        .orElse(
                                known.isEmpty()
                                        ? ", which holds no job; name another directory with ORPHAN_JOBS_DIR, or give a file"
                                        : "; there are: " + String.join(", ", known)));
    }

    @Override
    public JobDefinition parse(String yaml, Path file) {
        return read(yaml, file, false);
    }

    @Override
    public JobDefinition scanOf(String target, boolean fullScan) {
        String text = "name: scan\ntarget: \"" + target.replace("\\", "\\\\").replace("\"", "\\\"") + "\"\nscan: "
                + (fullScan ? "full" : "trust") + "\n";
        return parse(text, Path.of("scan.yaml")).withoutFile();
    }

    @Override
    public JobDefinition releaseOf(
            String yaml, Path file, List<String> fields, String policy, boolean keepId, @Nullable Long to) {
        List<String> releasing =
                PolicyKind.releasing().stream().map(PolicyKind::code).toList();
        if (!releasing.contains(policy)) {
            throw UserError.setting("--policy \"" + policy + "\" releases no record: write one of "
                    + String.join(", ", releasing) + ". To have it back as it was: quarantine restore.");
        }
        if (to != null && !policy.equals(PolicyKind.RELINK.code())) {
            throw UserError.setting(
                    "--to names the record that relink points to: leave it out, or write --policy relink.");
        }
        Map<String, Object> definition = keysOf(yaml);
        definition.remove("schedule");
        definition.put("scan", "full"); // an enforced reference may have come to be so since
        definition.put("references", Map.of("include", fields));
        definition.put("default", PolicyKind.REPORT_ONLY.code());
        definition.put(
                "rules",
                fields.stream()
                        .map(field -> {
                            Map<String, Object> rule = new LinkedHashMap<>();
                            rule.put("when", Map.of("field", field));
                            rule.put("policy", policy);
                            if (keepId) {
                                rule.put("keep-id", true);
                            }
                            if (to != null) {
                                rule.put("placeholder", Map.of("id", to));
                            }
                            return rule;
                        })
                        .toList());
        definition.put("limits", withoutShare(definition));
        return parse(new Yaml().dump(definition), file);
    }

    @Override
    public JobDefinition retireOf(
            String target,
            @Nullable String base,
            String model,
            String policy,
            List<String> relinked,
            @Nullable Long into) {
        Map<String, Object> definition = new LinkedHashMap<>();
        Path file = Path.of("retire.yaml");
        if (base != null) {
            JobDefinition given = load(base);
            if (!given.target().equals(target)) {
                throw UserError.setting("Job \"" + given.name() + "\" is of target \"" + given.target()
                        + "\", not of \"" + target + "\": name one of that target with --job.");
            }
            definition.putAll(keysOf(given.text()));
            file = given.file() == null ? file : given.file();
        }
        definition.remove("schedule");
        definition.put("name", "retire");
        definition.put("target", target);
        definition.put("scan", "full");
        definition.remove("references");
        definition.put("default", PolicyKind.REPORT_ONLY.code());
        List<Map<String, Object>> rules = new ArrayList<>();
        // the model by name: what a wildcard must not delete, a person who names the record may
        rules.add(Map.of("when", Map.of("model", model, "field", model + ".id"), "policy", policy));
        for (String field : relinked) {
            rules.add(Map.of(
                    "when",
                    Map.of("field", field),
                    "policy",
                    PolicyKind.RELINK.code(),
                    "placeholder",
                    Map.of("id", Objects.requireNonNull(into))));
        }
        definition.put("rules", rules);
        definition.put("limits", withoutShare(definition));
        return parse(new Yaml().dump(definition), file);
    }

    /** Of a definition that was read before, so that nothing is wrong with it. */
    private static Map<String, Object> keysOf(String yaml) {
        return new LinkedHashMap<>(new Yaml(new SafeConstructor(new LoaderOptions())).<Map<String, Object>>load(yaml));
    }

    /** One record may be the whole of a small table. */
    private static Map<String, Object> withoutShare(Map<String, Object> definition) {
        Map<String, Object> limits = new LinkedHashMap<>();
        if (definition.get("limits") instanceof Map<?, ?> given) {
            given.forEach((key, value) -> limits.put(String.valueOf(key), value));
        }
        limits.put("share-of-table", 1);
        return limits;
    }

    @Override
    public List<Entry> list() {
        List<Entry> entries = new ArrayList<>();
        filesByName()
                .forEach((name, files) -> files.forEach(file -> {
                    try {
                        JobDefinition job = read(file);
                        entries.add(
                                files.size() > 1
                                        ? new Entry(file, null, twice(name, files))
                                        : new Entry(file, job, null));
                    } catch (UserError e) {
                        entries.add(new Entry(file, null, e.getMessage()));
                    }
                }));
        entries.sort(Comparator.comparing(Entry::file));
        return entries;
    }

    @Override
    public Map<Path, String> stamps() {
        if (!Files.isDirectory(directory)) {
            throw UserError.setting(
                    "There is no jobs directory " + directory + ". Make it, or name another with ORPHAN_JOBS_DIR.");
        }
        Map<Path, String> stamps = new TreeMap<>();
        for (Path file : files()) {
            try {
                stamps.put(file, Files.getLastModifiedTime(file) + " " + Files.size(file));
            } catch (IOException e) {
                stamps.put(file, "unreadable");
            }
        }
        return stamps;
    }

    /** By the name a file gives its job, whatever else is wrong in it, else by its own. */
    private Map<String, List<Path>> filesByName() {
        Map<String, List<Path>> filesByName = new TreeMap<>();
        for (Path file : files()) {
            Problems ignored = new Problems(file);
            String text = Utf8.read(file, ignored, "");
            JobDefinition job = text == null ? null : new DefinitionReader(file, false, ignored).read(text);
            filesByName
                    .computeIfAbsent(
                            job == null || job.name().isEmpty() ? stem(file) : job.name(), name -> new ArrayList<>())
                    .add(file);
        }
        return filesByName;
    }

    private static String twice(String name, List<Path> files) {
        return files.get(0) + ":1: " + files.size() + " files name their job \"" + name + "\": "
                + files.stream().map(Path::toString).collect(Collectors.joining(", "))
                + "; give each its own name";
    }

    private List<Path> files() {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> SUFFIXES.stream().anyMatch(file.toString()::endsWith))
                    .filter(file -> !file.toString().endsWith(".schema.json"))
                    .filter(file -> !file.getFileName().toString().startsWith("."))
                    .sorted(Comparator.naturalOrder())
                    .toList();
        } catch (IOException e) {
            throw UserError.setting("The jobs directory " + directory + " cannot be read: " + e.getMessage()
                    + ". Give the program the right to, or name another with ORPHAN_JOBS_DIR.");
        }
    }

    private static String stem(Path file) {
        String name = file.getFileName().toString();
        return name.substring(0, name.lastIndexOf('.'));
    }

    private static JobDefinition read(Path file) {
        Problems problems = new Problems(file);
        String text = Utf8.read(file, problems, "give the path of a job definition");
        problems.throwIfAny();
        return read(Objects.requireNonNull(text), file, true);
    }

    private static JobDefinition read(String text, Path file, boolean readMappings) {
        Problems problems = new Problems(file);
        JobDefinition job = new DefinitionReader(file, readMappings, problems).read(text);
        problems.throwIfAny();
        return Objects.requireNonNull(job);
    }
}
