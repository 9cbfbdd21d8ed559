package org.orphancleanup.cli;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.env.MapPropertySource;

/** Starts Spring for the commands that need it. */
final class Program {

    /** What serve alone uses; Quartz would be started, lazy or not, only to be ended again. */
    private static final String SERVE_ONLY = "org.springframework.boot.quartz.autoconfigure.QuartzAutoConfiguration,"
            + "org.springframework.boot.thymeleaf.autoconfigure.ThymeleafAutoConfiguration";

    private final Class<?> application;
    private final Map<String, Object> settings;
    private final List<String> springArguments;
    private final Console console;

    Program(Class<?> application, Map<String, Object> settings, List<String> springArguments, Console console) {
        this.application = application;
        this.settings = settings;
        this.springArguments = springArguments;
        this.console = console;
    }

    Console console() {
        return console;
    }

    /** For a command that runs and ends: no web server, and only the beans it uses. */
    ConfigurableApplicationContext start() {
        return start(WebApplicationType.NONE, Map.of("spring.autoconfigure.exclude", SERVE_ONLY), List.of());
    }

    /**
     * For a command that stays.
     *
     * @param fixed settings that nothing overrides
     */
    ConfigurableApplicationContext startServing(Map<String, Object> fixed, String... unknownOptions) {
        return start(WebApplicationType.SERVLET, fixed, List.of(unknownOptions));
    }

    private ConfigurableApplicationContext start(
            WebApplicationType type, Map<String, Object> fixed, List<String> unknownOptions) {
        return new SpringApplicationBuilder(application)
                .web(type)
                .lazyInitialization(type == WebApplicationType.NONE)
                .logStartupInfo(type != WebApplicationType.NONE)
                .properties(settings)
                .initializers(context ->
                        context.getEnvironment().getPropertySources().addFirst(new MapPropertySource("command", fixed)))
                .run(Stream.concat(springArguments.stream(), unknownOptions.stream())
                        .toArray(String[]::new));
    }
}
