package org.orphancleanup.catalog;

import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * References whose rows name the model they point to: one for each model named, with the rows that name it. A model that is
 * not there any more is one too, all of its rows dangle.
 */
final class NamedModels {

    private final TargetFacts facts;
    private final CatalogDraft draft;

    NamedModels(TargetFacts facts, CatalogDraft draft) {
        this.facts = facts;
        this.draft = draft;
    }

    /**
     * Where such a reference lies.
     *
     * @param field null where no field of these types declares it
     */
    record Place(
            ReferenceKind kind,
            Table table,
            String column,
            String ruleName,
            @Nullable Field field,
            @Nullable String how) {}

    /** @return false where no row names any model that could be checked or is unknown */
    boolean add(Place place, List<String> models, Function<String, Storage> storage) {
        boolean added = false;
        for (String model : models) {
            ModelTables.Match parent = facts.models().match(model);
            if (parent == null && facts.metadata().knows(model)) {
                draft.leaveOut(
                        place.table().name(),
                        "rows of " + place.table().name() + " that name " + model + " in " + place.column()
                                + " cannot be checked: " + facts.models().reason(model));
                continue;
            }
            draft.add(reference(place, model, parent, storage.apply(model)));
            added = true;
        }
        return added;
    }

    private Reference reference(Place place, String model, ModelTables.@Nullable Match parent, Storage storage) {
        Column column = place.table().columns().get(place.column());
        Field field = place.field();
        String childModel = facts.models().modelOf(place.table().name());
        return new Reference(
                0,
                place.kind(),
                childModel,
                place.table().name(),
                place.column(),
                childModel == null ? null : place.column(),
                List.of(place.ruleName()),
                model,
                parent == null ? null : parent.table().name(),
                parent != null && parent.table().inherited(),
                ConstraintState.IMPOSSIBLE,
                null,
                null,
                field == null ? null : field.ondelete(),
                (field != null && field.required()) || (column != null && column.notNull()),
                storage,
                Parent.join(place.how(), parent == null ? "no model is called " + model : parent.how()));
    }
}
