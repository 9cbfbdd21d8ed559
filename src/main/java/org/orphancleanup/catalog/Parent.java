package org.orphancleanup.catalog;

import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a column points at.
 *
 * @param table null where it cannot be told or holds no rows of its own; then {@code reason} says why
 * @param key the foreign key, null if there is none
 * @param how how the table was found where it does not follow from the declared model
 */
record Parent(
        @Nullable String model,
        @Nullable Table table,
        @Nullable ForeignKey key,
        @Nullable String how,
        String reason) {

    /** The foreign key tells the truth about the table; where there is none, what the field declares counts. */
    static Parent of(TargetFacts facts, String childTable, String column, @Nullable String declaredModel) {
        ModelTables.Match declared = facts.models().match(declaredModel);
        String declaredTable = declared == null ? null : declared.table().name();
        ForeignKey key = facts.schema().foreignKey(childTable, column, declaredTable);
        Table actual = key == null ? null : facts.schema().table(key.parentTable());
        if (key != null && actual != null && !actual.name().equals(declaredTable)) {
            String how = declaredModel == null
                    ? null
                    : "the foreign key " + key.name() + " points to the table " + actual.name()
                            + ", whatever the field declares (" + declaredModel + ")";
            return new Parent(facts.models().modelOf(actual.name()), actual, key, how, "");
        }
        if (declared == null) {
            return new Parent(declaredModel, null, null, null, facts.models().reason(declaredModel));
        }
        // Of models that share the table, the declared one is the better word. With a key the table needs no
        // explanation.
        return new Parent(declaredModel, declared.table(), key, key == null ? declared.how() : null, "");
    }

    boolean inherited() {
        return table != null && table.inherited();
    }

    ConstraintState state() {
        if (inherited() || table == null) {
            return ConstraintState.IMPOSSIBLE;
        }
        return key == null ? ConstraintState.MISSING : key.state();
    }

    static @Nullable String join(@Nullable String... hows) {
        String all = Stream.of(hows).filter(how -> how != null).distinct().collect(Collectors.joining("; "));
        return all.isEmpty() ? null : all;
    }
}
