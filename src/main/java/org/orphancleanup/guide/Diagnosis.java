package org.orphancleanup.guide;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An explained error.
 *
 * @param childModel the model in Odoo's words, as far as text, table name or target tell
 * @param modelsFrom where the models come from: {@code text}, {@code table-names} or {@code target}
 * @param remedies in the order a careful administrator would try them
 */
public record Diagnosis(
        Violation violation,
        String words,
        @Nullable String childModel,
        @Nullable String parentModel,
        String modelsFrom,
        @Nullable OnTarget onTarget,
        List<Remedy> remedies) {}
