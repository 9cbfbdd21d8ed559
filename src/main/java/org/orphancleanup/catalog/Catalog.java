package org.orphancleanup.catalog;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * All references of one target, and what was left out.
 *
 * @param odooVersion such as {@code 18.0}, read from the base module's version
 * @param modulesHash hash over installed modules and their versions; a plan made under another one is stale
 * @param pendingModules modules about to be installed, upgraded or removed; nothing is written while there are any
 */
public record Catalog(
        String odooVersion,
        String databaseUuid,
        String modulesHash,
        List<String> pendingModules,
        List<Reference> references,
        List<LeftOut> leftOut) {

    public Catalog {
        pendingModules = List.copyOf(pendingModules);
        references = List.copyOf(references);
        leftOut = List.copyOf(leftOut);
    }

    /** A relational field or table that has no reference in the catalog, with the reason in plain words. */
    public record LeftOut(
            @Nullable String model,
            @Nullable String field,
            @Nullable String table,
            String reason) {}
}
