package org.orphancleanup;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.yaml.snakeyaml.Yaml;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The chart as far as it can be looked at without helm: its values, its schema, and what of its templates is plain YAML. */
class HelmChartTest {

    private static final Path CHART = Path.of("helm/odoo-orphan-cleanup");
    private static final Pattern VALUE = Pattern.compile("\\.Values((?:\\.[A-Za-z]+)+)");

    private static final Pattern CONTROL_LINE = Pattern.compile("(?m)^\\s*\\{\\{-?[^\\n]*}}\\s*$\\n?");

    private static final Pattern EXPRESSION = Pattern.compile("\\{\\{[^\\n]*?}}");

    private static final Schema SCHEMA = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_7)
            .getSchema(text(CHART.resolve("values.schema.json")));

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> map(Object node) {
        return (Map<String, Object>) node;
    }

    private static Map<String, Object> defaults() {
        return new Yaml().load(text(CHART.resolve("values.yaml")));
    }

    private static List<Path> templates() throws IOException {
        try (Stream<Path> files = Files.list(CHART.resolve("templates"))) {
            return files.sorted().toList();
        }
    }

    /** As helm puts values of a person over those of the chart. */
    @SuppressWarnings("unchecked")
    private static Map<String, Object> merged(Map<String, Object> under, Map<String, Object> over) {
        Map<String, Object> merged = new LinkedHashMap<>(under);
        over.forEach((key, value) -> merged.merge(
                key,
                value == null ? Map.of() : value,
                (old, latest) -> old instanceof Map<?, ?> one && latest instanceof Map<?, ?> other
                        ? merged((Map<String, Object>) one, (Map<String, Object>) other)
                        : latest));
        over.forEach((key, value) -> {
            if (value == null) {
                merged.put(key, null);
            }
        });
        return merged;
    }

    private static List<String> mistakes(String yaml) {
        Map<String, Object> values = merged(defaults(), new Yaml().load(yaml));
        return SCHEMA.validate(JsonMapper.shared().writeValueAsString(values), InputFormat.JSON).stream()
                .map(Object::toString)
                .toList();
    }

    @ParameterizedTest
    @ValueSource(strings = {"one-node", "two-nodes", "cron"})
    void sets_of_values_that_are_right_pass_the_schema(String name) throws IOException {
        try (InputStream file = HelmChartTest.class.getResourceAsStream("helm/" + name + ".yaml")) {
            assertThat(mistakes(new String(file.readAllBytes(), StandardCharsets.UTF_8)))
                    .isEmpty();
        }
    }

    @Test
    void the_values_of_the_chart_pass_its_schema() {
        assertThat(mistakes("{}")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "replica: 2",
                "mode: job",
                "user: 0",
                "user: null",
                "user: 12345",
                "replicas: two",
                "{replicas: 2, persistence: {accessMode: ReadWriteMany}}",
                "{replicas: 2, database: {url: 'jdbc:postgresql://h/d'}}",
                "persistence: {enabled: false}",
                "ingress: {enabled: true}",
                "database: {url: 'jdbc:postgresql://user:password@h/d'}",
                "database: {url: 'jdbc:postgresql://h/d?password=x'}",
                "database: {password: x}",
                "image: {digest: 'sha256:12'}",
                "cron: {schedule: 'every night'}",
                "cron: {args: [serve]}",
                "secrets: {values: {password: x}}",
                "jobs: {nightly: 'name: nightly'}",
                "service: {port: 0}"
            })
    void sets_of_values_that_are_wrong_do_not(String yaml) {
        assertThat(mistakes(yaml)).isNotEmpty();
    }

    @Test
    void every_value_that_a_template_uses_is_among_the_values_and_in_the_schema_and_no_other_is() throws IOException {
        Set<String> used = new TreeSet<>();
        for (Path template : templates()) {
            VALUE.matcher(text(template))
                    .results()
                    .forEach(value -> used.add(value.group(1).substring(1)));
        }
        JsonNode schema = JsonMapper.shared().readTree(text(CHART.resolve("values.schema.json")));

        assertThat(used).isNotEmpty().allSatisfy(path -> {
            Object value = defaults();
            JsonNode type = schema;
            for (String name : path.split("\\.")) {
                assertThat(map(value)).as(path).containsKey(name);
                value = map(value).get(name);
                type = type.path("properties").path(name);
                assertThat(type.isMissingNode()).as("%s in the schema", path).isFalse();
            }
        });
        Set<String> tops = used.stream().map(path -> path.split("\\.")[0]).collect(Collectors.toSet());
        assertThat(tops).isEqualTo(defaults().keySet());
        assertThat(schema.path("properties").propertyNames()).containsAll(tops).hasSize(tops.size() + 1);
        assertThat(schema.path("properties").has("global")).isTrue();
    }

    @Test
    void what_of_a_template_is_plain_yaml_is_yaml() throws IOException {
        for (Path template : templates()) {
            if (template.toString().endsWith(".yaml")) {
                assertThat(new Yaml().loadAll(plain(text(template))))
                        .as("%s", template)
                        .allSatisfy(
                                document -> assertThat(map(document)).containsKeys("apiVersion", "kind", "metadata"));
            }
        }
    }

    private static String plain(String template) {
        return EXPRESSION.matcher(CONTROL_LINE.matcher(template).replaceAll("")).replaceAll("x");
    }

    private static Map<String, Object> podSpec() {
        String helpers = text(CHART.resolve("templates/_helpers.tpl"));
        return new Yaml().load(plain(helpers.substring(helpers.indexOf("define \"orphan.podSpec\"") + 27)));
    }

    @Test
    void the_pod_may_nothing_that_it_does_not_need() {
        Map<String, Object> pod = podSpec();
        Map<String, Object> container = map(((List<?>) pod.get("containers")).get(0));

        assertThat(pod.get("automountServiceAccountToken")).isEqualTo(false);
        assertThat(map(pod.get("securityContext")))
                .extractingByKeys("runAsNonRoot", "seccompProfile")
                .containsExactly(true, Map.of("type", "RuntimeDefault"));
        assertThat(container.get("securityContext"))
                .isEqualTo(Map.of(
                        "allowPrivilegeEscalation", false,
                        "privileged", false,
                        "readOnlyRootFilesystem", true,
                        "capabilities", Map.of("drop", List.of("ALL"))));
    }

    @Test
    void every_mounted_volume_is_there_and_only_the_data_and_tmp_can_be_written_to() {
        Map<String, Object> pod = podSpec();
        Map<String, Object> container = map(((List<?>) pod.get("containers")).get(0));
        List<?> mounts = (List<?>) container.get("volumeMounts");

        assertThat(mounts.stream().map(mount -> map(mount).get("name")).toList())
                .isNotEmpty()
                .isEqualTo(((List<?>) pod.get("volumes"))
                        .stream().map(volume -> map(volume).get("name")).toList());
        assertThat(mounts.stream()
                        .map(HelmChartTest::map)
                        .filter(mount -> !Boolean.TRUE.equals(mount.get("readOnly")))
                        .map(mount -> mount.get("mountPath")))
                .containsExactly("/data", "/tmp");
    }

    @Test
    void every_environment_variable_is_a_setting_that_exists() throws IOException {
        String java;
        try (Stream<Path> files = Files.walk(Path.of("src/main/java"))) {
            java = files.filter(file -> file.toString().endsWith(".java"))
                    .map(HelmChartTest::text)
                    .collect(Collectors.joining());
        }
        StringBuilder spring = new StringBuilder();
        for (String name : List.of(
                "META-INF/spring-configuration-metadata.json",
                "META-INF/additional-spring-configuration-metadata.json")) {
            for (URL file :
                    Collections.list(HelmChartTest.class.getClassLoader().getResources(name))) {
                try (InputStream stream = file.openStream()) {
                    spring.append(new String(stream.readAllBytes(), StandardCharsets.UTF_8));
                }
            }
        }
        List<String> variables = Pattern.compile("\\b(?:ORPHAN|SPRING|SERVER|MANAGEMENT)_[A-Z_]+")
                .matcher(text(CHART.resolve("templates/_helpers.tpl")))
                .results()
                .map(MatchResult::group)
                .distinct()
                .toList();

        assertThat(variables).hasSize(8).allSatisfy(variable -> {
            String setting = variable.toLowerCase(Locale.ROOT).replace('_', '.');
            if (variable.startsWith("ORPHAN_")) {
                assertThat(java).contains("\"orphan." + setting.substring(7).replace('.', '-') + "\"");
            } else {
                assertThat(spring.toString()
                                .replaceAll("(\"name\"\\s*:\\s*\"[^\"]*)-", "$1.")
                                .replace('-', '.'))
                        .contains("\"" + setting + "\"");
            }
        });
    }

    @Test
    void it_installs_the_version_of_this_source_with_the_user_of_the_image() {
        Map<String, Object> chart = new Yaml().load(text(CHART.resolve("Chart.yaml")));

        assertThat(text(Path.of("pom.xml")))
                .contains("<artifactId>odoo-orphan-cleanup</artifactId>\n  <version>" + chart.get("appVersion")
                        + "</version>");
        assertThat(text(Path.of("Dockerfile"))).contains("USER " + defaults().get("user") + ":");
    }
}
