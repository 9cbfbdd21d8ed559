package org.orphancleanup.target;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.orphancleanup.UserError;
import org.orphancleanup.target.Target.KeepIdThrough;
import org.orphancleanup.target.Target.Protocol;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Import;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

class ConfiguredTargetsTest {

    private static final String SECRET = "s3cret-w0rd";

    @EnableConfigurationProperties(TargetProperties.class)
    @Import(ConfiguredTargets.class)
    static class Configuration {}

    @Test
    void the_environment_alone_defines_the_target_default() {
        Target target = inEnvironment(Map.ofEntries(
                        Map.entry("ORPHAN_TARGET_JDBC_URL", "jdbc:postgresql://db/odoo"),
                        Map.entry("ORPHAN_TARGET_JDBC_USER", "reader"),
                        Map.entry("ORPHAN_TARGET_JDBC_PASSWORD", SECRET),
                        Map.entry("ORPHAN_TARGET_URL", "https://odoo.example.com/"),
                        Map.entry("ORPHAN_TARGET_DATABASE", "odoo"),
                        Map.entry("ORPHAN_TARGET_LOGIN", "admin"),
                        Map.entry("ORPHAN_TARGET_API_KEY", "key"),
                        Map.entry("ORPHAN_TARGET_API", "json-2"),
                        Map.entry("ORPHAN_TARGET_KEEP_ID_THROUGH", "server-action"),
                        Map.entry("ORPHAN_TARGET_WRITE_JDBC_URL", "jdbc:postgresql://db/odoo?x=1"),
                        Map.entry("ORPHAN_TARGET_WRITE_JDBC_USER", "writer"),
                        Map.entry("ORPHAN_TARGET_WRITE_JDBC_PASSWORD", "w")))
                .get("default");

        assertThat(target)
                .isEqualTo(new Target(
                        "default",
                        new Target.Jdbc("jdbc:postgresql://db/odoo", "reader", new Secret(SECRET)),
                        new Target.Api("https://odoo.example.com", "odoo", "admin", new Secret("key"), Protocol.JSON_2),
                        new Target.Jdbc("jdbc:postgresql://db/odoo?x=1", "writer", new Secret("w")),
                        KeepIdThrough.SERVER_ACTION));
        assertThat(target.toString()).doesNotContain(SECRET, "key=key");
    }

    @Test
    void named_targets_come_from_files_and_from_the_environment() {
        Targets targets = inEnvironment(
                Map.of(
                        "ORPHAN_TARGETS_STAGING_JDBC_URL", "jdbc:postgresql://staging/odoo",
                        "ORPHAN_TARGETS_STAGING_WRITE_JDBC_URL", "jdbc:postgresql://staging/odoo"),
                "orphan.targets.production.jdbc-url=jdbc:postgresql://db/odoo",
                "orphan.targets.production.jdbc-user=reader");

        assertThat(targets.names()).containsExactly("production", "staging");
        assertThat(targets.get("production").api()).isNull();
        assertThat(targets.get("production").keepIdThrough()).isNull();
        assertThat(targets.get("staging").jdbc().url()).isEqualTo("jdbc:postgresql://staging/odoo");
        assertThat(targets.get("staging").keepIdThrough()).isEqualTo(KeepIdThrough.WRITE_CONNECTION);
    }

    @Test
    void variables_set_to_nothing_define_nothing() {
        assertThat(inEnvironment(Map.of("ORPHAN_TARGET_JDBC_URL", "", "ORPHAN_TARGET_API_KEY", " "))
                        .names())
                .isEmpty();
    }

    @Test
    void a_secret_read_from_a_file_loses_its_line_end() {
        Target target = inFile(
                "jdbc-url=jdbc:postgresql://db/odoo",
                "url=http://127.0.0.1:8069",
                "database=odoo",
                "login=admin",
                "api-key=key\n");

        assertThat(target.api()).isNotNull();
        assertThat(target.api().key().reveal()).isEqualTo("key");
    }

    @Test
    void an_unknown_target_is_told_with_those_there_are() {
        Targets targets = inEnvironment(
                Map.of(), "orphan.targets.a.jdbc-url=jdbc:postgresql:x", "orphan.targets.b.jdbc-url=jdbc:postgresql:x");

        assertThatThrownBy(() -> targets.get("c"))
                .isInstanceOfSatisfying(
                        UserError.class, e -> assertThat(e.kind()).isEqualTo(UserError.Kind.SETTING))
                .hasMessageContaining("no target \"c\"")
                .hasMessageContaining("a, b")
                .hasMessageContaining("orphan.targets.c.jdbc-url");
        assertThatThrownBy(() -> inEnvironment(Map.of()).get("default")).hasMessageContaining("ORPHAN_TARGET_JDBC_URL");
    }

    @Test
    void a_target_set_twice_is_a_mistake() {
        Targets targets = inEnvironment(
                Map.of("ORPHAN_TARGET_JDBC_URL", "jdbc:postgresql:x"),
                "orphan.targets.default.jdbc-url=jdbc:postgresql:y");

        assertThatThrownBy(() -> targets.get("default"))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("twice");
    }

    @Test
    void a_mistake_in_the_environment_names_the_variable() {
        assertThatThrownBy(() -> inEnvironment(Map.of("ORPHAN_TARGET_URL", "http://odoo"))
                        .get("default"))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("ORPHAN_TARGET_JDBC_URL");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "jdbc-user=x | jdbc-url",
                "jdbc-url=jdbc:mysql://db/odoo?password=s3cret-w0rd | jdbc-url",
                "jdbc-url=postgresql://odoo:s3cret-w0rd@db/odoo | jdbc-url",
                "jdbc-url=jdbc:postgresql://odoo:s3cret-w0rd@db/odoo | jdbc-password",
                "jdbc-url=jdbc:postgresql://db:port/odoo?password=s3cret-w0rd | jdbc-url",
                "OK;url=http://odoo | database, orphan.targets.t.login, orphan.targets.t.api-key",
                "OK;database=odoo | url",
                "OK;API;api=xml-rpc | api is \"xml-rpc\"",
                "OK;API;url=odoo.example.com | url",
                "OK;API;url=ftp://odoo.example.com | url",
                "OK;API;url=https://u:s3cret-w0rd@odoo.example.com | url",
                "OK;API;url=https://odoo.example.com?db=x | url",
                "OK;API;url=https://bad host?s3cret-w0rd | url",
                "OK;keep-id-through=write-connection | write-jdbc-url",
                "OK;keep-id-through=server-action | url",
                "OK;keep-id-through=magic | keep-id-through is \"magic\"",
                "OK;write-jdbc-user=w | write-jdbc-url",
                "OK;write-jdbc-url=jdbc:h2:mem | write-jdbc-url",
                "OK;connections=0 | connections",
                "OK;connections=many | connections",
                "OK;statement-timeout=soon | statement-timeout",
                "OK;statement-timeout=-1s | statement-timeout",
            })
    void each_mistake_names_the_full_setting(String settings, String named) {
        String all = settings.replace("OK;", "jdbc-url=jdbc:postgresql://db/odoo;")
                .replace("API;", "url=http://odoo;database=d;login=l;api-key=k;");

        assertThatThrownBy(() -> inFile(all.split(";")))
                .isInstanceOfSatisfying(
                        UserError.class, e -> assertThat(e.kind()).isEqualTo(UserError.Kind.SETTING))
                .hasMessageContaining("orphan.targets.t." + named)
                .satisfies(e -> assertThat(String.valueOf(e.getMessage()) + e.getCause())
                        .doesNotContain(SECRET));
    }

    private static Target inFile(String... settings) {
        Map<String, Object> values = new HashMap<>();
        for (String setting : settings) {
            String[] parts = setting.split("=", 2);
            values.put("orphan.targets.t." + parts[0], parts[1]);
        }
        Targets[] bound = new Targets[1];
        new ApplicationContextRunner()
                .withUserConfiguration(Configuration.class)
                .withInitializer(context -> context.getEnvironment()
                        .getPropertySources()
                        .addFirst(new org.springframework.core.env.MapPropertySource("file", values)))
                .run(context -> bound[0] = context.getBean(Targets.class));
        return bound[0].get("t");
    }

    private static Targets inEnvironment(Map<String, Object> variables, String... properties) {
        Targets[] bound = new Targets[1];
        new ApplicationContextRunner()
                .withUserConfiguration(Configuration.class)
                .withInitializer(context -> context.getEnvironment()
                        .getPropertySources()
                        .replace(
                                StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME,
                                new SystemEnvironmentPropertySource(
                                        StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME, variables)))
                .withPropertyValues(properties)
                .run(context -> bound[0] = context.getBean(Targets.class));
        return bound[0];
    }
}
