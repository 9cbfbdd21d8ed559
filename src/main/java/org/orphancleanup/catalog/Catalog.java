package org.orphancleanup.catalog;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * All references of one target, and what was left out.
 *
 * @param odooVersion such as {@code 18.0}, read from the base module's version
 * @param modulesHash hash over installed modules and their versions; a plan made under another one is stale
 * @param pendingModules modules about to be installed, upgraded or removed; nothing is written while there are any
 * @param unreadable references (by {@link Reference#no()}) that the database role may not read, with the reason and the
 *     remedy in plain words
 */
public record Catalog(
        String odooVersion,
        String databaseUuid,
        String modulesHash,
        List<String> pendingModules,
        List<Reference> references,
        List<LeftOut> leftOut,
        Map<Integer, String> unreadable) {

    public Catalog {
        pendingModules = List.copyOf(pendingModules);
        references = List.copyOf(references);
        leftOut = List.copyOf(leftOut);
        unreadable = Map.copyOf(unreadable);
    }

    /**
     * The same for a run that takes a record out of use: what refers to it counts as dangling, and so does, under the field
     * {@code id}, the record itself, which the last reference stands for.
     */
    public Catalog retiring(String model, String table, long id) {
        List<Reference> retiring = new ArrayList<>();
        for (Reference reference : references) {
            retiring.add(
                    table.equals(reference.parentTable())
                            ? reference.withStorage(reference.storage().without(id))
                            : reference);
        }
        retiring.add(new Reference(
                references.stream().mapToInt(Reference::no).max().orElse(0) + 1,
                ReferenceKind.MANY2ONE,
                model,
                table,
                "id",
                "id",
                List.of(model + ".id"),
                model,
                table,
                false,
                ConstraintState.IMPOSSIBLE,
                null,
                null,
                null,
                true,
                new Storage.Column(table, "id", id),
                "the record itself"));
        return new Catalog(odooVersion, databaseUuid, modulesHash, pendingModules, retiring, leftOut, unreadable);
    }

    /** A relational field or table that has no reference in the catalog, with the reason in plain words. */
    public record LeftOut(
            @Nullable String model,
            @Nullable String field,
            @Nullable String table,
            String reason) {}
}
