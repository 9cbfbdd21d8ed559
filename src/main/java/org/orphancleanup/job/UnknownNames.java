package org.orphancleanup.job;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.orphancleanup.job.JobDefinition.Mention;

/** Names in a definition that its target lacks. */
public final class UnknownNames {

    private UnknownNames() {}

    /**
     * @param models every model of the target
     * @return one line each: file, line, what is wrong, remedy; empty when all are known
     */
    public static List<String> in(JobDefinition job, Set<String> models) {
        List<String> problems = new ArrayList<>();
        for (Mention mention : job.mentions()) {
            String problem = problem(mention, models);
            if (problem != null) {
                problems.add(mention.file() + ":" + mention.line() + ": " + mention.key() + ": " + problem);
            }
        }
        return problems;
    }

    private static @Nullable String problem(Mention mention, Set<String> models) {
        String name = mention.name();
        String model = name.substring(0, Math.max(0, name.lastIndexOf('.')));
        boolean isModel = models.contains(name);
        boolean isField = models.contains(model);
        return switch (mention.kind()) {
            case MODEL -> isModel ? null : unknown(name, models);
            case MODEL_OR_FIELD -> isModel || isField ? null : unknown(name, models);
            case FIELD ->
                isField
                        ? null
                        : isModel
                                ? name + " is a model, and this matches model.field; write \"" + name
                                        + ".*\" for all its fields"
                                : unknown(model, models);
        };
    }

    private static String unknown(String model, Set<String> models) {
        return "the target has no model " + model
                + Suggestion.of(model, models)
                        .map(suggestion -> "; did you mean \"" + suggestion + "\"?")
                        .orElse("; mend the name, or install the module that brings it");
    }
}
