package org.orphancleanup.history;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A part of a list, by keyset: as fast at the end of a million rows as at their beginning.
 *
 * @param next where the following page begins, for {@link Cut}; null: this is the last
 * @param previous where the page before ends; null: this is the first
 */
public record Page<T>(
        List<T> rows, @Nullable String next, @Nullable String previous) {

    /**
     * Which part.
     *
     * @param after the key of the row before the first one wanted; null: from the beginning
     * @param before the key of the row after the last one wanted; null unless one goes back
     */
    public record Cut(
            int size, @Nullable String after, @Nullable String before) {

        public static Cut first(int size) {
            return new Cut(size, null, null);
        }

        boolean back() {
            return before != null;
        }

        /** Whole numbers, as many as the key has; null where there is none, or nonsense was sent. */
        long @Nullable [] key(int parts) {
            String text = before != null ? before : after;
            if (text == null || !text.matches("-?\\d{1,18}(~-?\\d{1,18}){" + (parts - 1) + "}")) {
                return null;
            }
            return java.util.Arrays.stream(text.split("~"))
                    .mapToLong(Long::parseLong)
                    .toArray();
        }

        /** One row more than the page has, in the order of reading. */
        <T> Page<T> page(List<T> read, int parts, Function<T, String> key) {
            boolean more = read.size() > size;
            List<T> rows = new ArrayList<>(more ? read.subList(0, size) : read);
            if (back()) {
                Collections.reverse(rows);
            }
            boolean begun = key(parts) != null;
            boolean hasNext = back() ? begun : more;
            boolean hasPrevious = back() ? more : begun;
            return new Page<>(
                    rows,
                    hasNext && !rows.isEmpty() ? key.apply(rows.get(rows.size() - 1)) : null,
                    hasPrevious && !rows.isEmpty() ? key.apply(rows.get(0)) : null);
        }
    }
}
