package org.orphancleanup.target;

import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.orphancleanup.UserError;
import org.orphancleanup.target.TargetProperties.Settings;
import org.springframework.stereotype.Component;

/** Targets from Spring's configuration: files, the environment, the command line. */
@Component
class ConfiguredTargets implements Targets {

    private static final String DEFAULT = "default";
    private static final Settings NOTHING =
            new Settings(null, null, null, null, null, null, null, null, null, null, null, null, null, null, null);

    private final Map<String, Settings> named;
    private final Settings oneOff;

    ConfiguredTargets(TargetProperties properties) {
        this.named = new TreeMap<>(properties.targets() == null ? Map.of() : properties.targets());
        this.oneOff = properties.target() == null ? NOTHING : properties.target();
    }

    @Override
    public Set<String> names() {
        Set<String> names = new TreeSet<>(named.keySet());
        if (!oneOff.isBlank()) {
            names.add(DEFAULT);
        }
        return Collections.unmodifiableSet(names);
    }

    @Override
    public Target get(String name) {
        if (!names().contains(name)) {
            throw UserError.setting("There is no target \"" + name + "\". "
                    + (names().isEmpty() ? "None is configured" : "There are: " + String.join(", ", names()))
                    + ". Set orphan.targets." + name + ".jdbc-url and its neighbours in config/application.yaml"
                    + (name.equals(DEFAULT) ? ", or ORPHAN_TARGET_JDBC_URL in the environment." : "."));
        }
        if (name.equals(DEFAULT) && named.containsKey(DEFAULT) && !oneOff.isBlank()) {
            throw UserError.setting("Target \"default\" is set twice: by ORPHAN_TARGET_… in the environment and by "
                    + "orphan.targets.default.…: remove one, or give the latter another name.");
        }
        TargetSettings settings = settings(name);
        settings.connections();
        settings.statementTimeout();
        return settings.target();
    }

    @Override
    public TargetDatabase open(Target target) {
        TargetSettings settings = settings(target.name());
        return new TargetDatabaseOpener(target, settings).open();
    }

    @Override
    public TargetWriter writer(Target target, TargetDatabase database) {
        return new WriteConnection(target, settings(target.name()), database);
    }

    /** Of a target that is not configured, such as the demo's own: nothing but defaults. */
    private TargetSettings settings(String name) {
        boolean isOneOff = name.equals(DEFAULT) && !named.containsKey(DEFAULT);
        return new TargetSettings(name, isOneOff, isOneOff ? oneOff : named.getOrDefault(name, NOTHING));
    }
}
