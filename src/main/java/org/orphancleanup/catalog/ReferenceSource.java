package org.orphancleanup.catalog;

import java.util.List;

/**
 * Finds the references of some kinds. Each stored relational field ends either in a reference or among what is left out.
 * The list is the one place to add a kind; the order counts, as a column is listed once, by the first who knows it.
 */
interface ReferenceSource {

    List<ReferenceSource> ALL = List.of(
            new Many2OneFields(),
            new RelationTables(),
            new ForeignKeysWithoutField(),
            new Many2OneReferenceFields(),
            new ReferenceFields(),
            new CompanyDependentFields(),
            new CompanyProperties());

    void collect(TargetFacts facts, CatalogDraft draft);
}
