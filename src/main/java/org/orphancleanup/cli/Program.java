package org.orphancleanup.cli;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

/** Starts Spring for the commands that need it. */
final class Program {

    /** Would be started, lazy or not, only to be ended again. */
    private static final String QUARTZ = "org.springframework.boot.quartz.autoconfigure.QuartzAutoConfiguration";

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
        return start(WebApplicationType.NONE, Map.of("spring.autoconfigure.exclude", QUARTZ), List.of());
    }

    /** For a command that stays. */
    ConfigurableApplicationContext startServing(Map<String, Object> further, String... unknownOptions) {
        return start(WebApplicationType.SERVLET, further, List.of(unknownOptions));
    }

    private ConfigurableApplicationContext start(
            WebApplicationType type, Map<String, Object> further, List<String> unknownOptions) {
        Map<String, Object> defaults = new HashMap<>(settings);
        defaults.putAll(further);
        String[] arguments =
                Stream.concat(springArguments.stream(), unknownOptions.stream()).toArray(String[]::new);
        return new SpringApplicationBuilder(application)
                .web(type)
                .lazyInitialization(type == WebApplicationType.NONE)
                .logStartupInfo(type != WebApplicationType.NONE)
                .properties(defaults)
                .run(arguments);
    }
}
