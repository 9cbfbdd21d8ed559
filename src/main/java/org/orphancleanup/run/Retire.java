package org.orphancleanup.run;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A record that is to be taken out of use.
 *
 * @param base the job definition whose limits, guards, approval and backup gate hold; null: those of a definition that says nothing
 * @param delete nothing else needs it, so that it goes; false: it is archived
 * @param into the record that takes its place in {@code relinked}; null: none does
 * @param relinked {@code model.field} of the references that are to point to {@code into}
 */
public record Retire(
        String target,
        @Nullable String base,
        String model,
        String table,
        long id,
        boolean delete,
        @Nullable Long into,
        List<String> relinked) {

    public Retire {
        relinked = List.copyOf(relinked);
    }

    /** As commands write it. */
    public String record() {
        return model + "," + id;
    }
}
