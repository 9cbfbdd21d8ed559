package org.orphancleanup.guide;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What {@code check-import} came to.
 *
 * @param order in which the files load; the same file twice where a cycle needs a second pass
 * @param notes what could not be looked at
 */
public record ImportResult(
        String target, List<Source> files, List<Problem> problems, List<Step> order, List<String> notes) {

    /** A file, or values sent as JSON; {@code model} is empty for the latter, which name it in each record. */
    public record Source(String file, String model, long rows) {}

    /** Whether it keeps rows from being loaded. */
    public enum Level {
        PROBLEM,
        WARNING;

        @Override
        @com.fasterxml.jackson.annotation.JsonValue
        public String toString() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    /**
     * @param kind such as {@code no-field}, {@code external-id-not-found}
     * @param rows of the file that have it; 0 where it is about the whole column
     * @param firstRow as a spreadsheet numbers it; for JSON the record's number from 1; null where it is about no row
     * @param examples some of the values
     */
    public record Problem(
            Level level,
            String kind,
            String file,
            @Nullable String column,
            long rows,
            @Nullable Long firstRow,
            List<String> examples,
            String words) {}

    /** @param without columns to leave out in this pass
     *  @param only columns of a second pass; empty: all but {@code without} */
    public record Step(String file, String model, List<String> without, List<String> only) {}

    public boolean hasProblems() {
        return problems.stream().anyMatch(problem -> problem.level() == Level.PROBLEM);
    }
}
