package org.orphancleanup.catalog;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Ids inside the domains and contexts of ir_filters. Both are Python, of which only what is written plainly is read: a
 * condition with a number or a list of numbers, a {@code default_} key with one.
 */
final class FilterTexts implements ObservationSource {

    private static final String TABLE = "ir_filters";

    private static final String NUMBERS =
            "(\\d{1,18}(?!\\.?\\d)|[\\[(]\\s*\\d{1,18}(?:\\s*,\\s*\\d{1,18})*\\s*,?\\s*[\\])])";
    private static final Pattern CONDITION = Pattern.compile(
            "[(\\[]\\s*['\"]([\\w.]+)['\"]\\s*,\\s*['\"](=|!=|<>|==|in|not in|child_of|parent_of)['\"]\\s*,\\s*"
                    + NUMBERS);
    private static final Pattern DEFAULT = Pattern.compile("['\"]default_(\\w+)['\"]\\s*:\\s*" + NUMBERS);
    private static final Pattern NUMBER = Pattern.compile("\\d+");

    @Override
    public void collect(TargetFacts facts, ObservationDraft draft) {
        Table table = facts.schema().table(TABLE);
        if (table == null || !table.isTable() || !table.columns().keySet().containsAll(List.of("id", "model_id"))) {
            return;
        }
        for (Map.Entry<String, Pattern> text :
                Map.of("domain", CONDITION, "context", DEFAULT).entrySet()) {
            String column = text.getKey();
            ObservationDraft.Place place =
                    new ObservationDraft.Place(ObservationKind.FILTER, "ir.filters", table, column);
            if (!table.columns().containsKey(column) || !draft.canRead(place, List.of("id", "model_id", column))) {
                continue;
            }
            List<ObservationDraft.Mention> mentions = new ArrayList<>();
            facts.jdbc()
                    .sql("SELECT id, model_id, " + Sql.quote(column) + " FROM ONLY " + Sql.quote(TABLE) + " WHERE "
                            + Sql.quote(column) + " ~ '[0-9]' ORDER BY id")
                    .query(row -> {
                        mentions(
                                facts.metadata(),
                                row.getLong(1),
                                String.valueOf(row.getString(2)),
                                text.getValue().matcher(row.getString(3)),
                                column.equals("context") ? "the default of " : "the condition on ",
                                mentions);
                    });
            draft.mentions(place, mentions);
        }
    }

    private static void mentions(
            Metadata metadata,
            long id,
            String model,
            Matcher matcher,
            String words,
            List<ObservationDraft.Mention> mentions) {
        while (matcher.find()) {
            String path = matcher.group(1);
            String named = namedModel(metadata, model, path);
            if (named != null) {
                Matcher numbers = NUMBER.matcher(matcher.group(matcher.groupCount()));
                while (numbers.find()) {
                    mentions.add(
                            new ObservationDraft.Mention(id, named, Long.parseLong(numbers.group()), words + path));
                }
            }
        }
    }

    /** What a path of fields ends at; null where that is no record. */
    private static @Nullable String namedModel(Metadata metadata, String model, String path) {
        String at = model;
        for (String name : path.split("\\.")) {
            if (name.equals("id")) {
                return at;
            }
            at = metadata.relation(at, name);
            if (at == null) {
                return null;
            }
        }
        return at;
    }
}
