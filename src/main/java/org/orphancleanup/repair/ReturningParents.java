package org.orphancleanup.repair;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.orphancleanup.catalog.Reference;

/** Which missing parents come back under their old ids: for a run's repairs, or for the time of an undo. */
interface ReturningParents {

    /** Whether they are back or not. */
    List<MissingParent> missingParents();

    /** Those for which this run has begun an INSERT. */
    Set<MissingParent.Key> putBack();

    /** Records that refer to them and must not change, by table; of each table no more than so many. */
    Map<String, List<SideEffects.Watched>> childrenOfMissing(int most);

    /** The references through which something pointed to one of them; none where it does not stay. */
    List<Reference> referencesTo(String parentModel, long missingId);
}
