package org.orphancleanup.catalog;

import java.util.List;

/** Finds the places of some kinds of observation, by metadata. The list is the one place to add a kind. */
interface ObservationSource {

    List<ObservationSource> ALL = List.of(
            new PropertyValues(),
            new AnalyticDistributions(),
            new ModelsAndNumbers(),
            new ParentPaths(),
            new RelationRowFaults(),
            new FilterTexts(),
            new DefaultValues(),
            new AliasDefaults(),
            new Parameters());

    void collect(TargetFacts facts, ObservationDraft draft);
}
