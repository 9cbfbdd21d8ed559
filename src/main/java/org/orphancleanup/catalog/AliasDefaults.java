package org.orphancleanup.catalog;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * mail.alias: the values that records made from incoming mail get, as the text of a Python dictionary. Of it only what is
 * written plainly is read: a field with a number, with a list of numbers, or with the commands that link records.
 */
final class AliasDefaults implements ObservationSource {

    private static final String TABLE = "mail_alias";
    private static final String COLUMN = "alias_defaults";
    private static final String NUMBERS = "[\\[(]\\s*\\d{1,18}(?:\\s*,\\s*\\d{1,18})*\\s*,?\\s*[\\])]";

    /** {@code (4, id)}, {@code (4, id, 0)}, {@code (6, 0, [ids])}, as tuples or lists. */
    private static final String COMMAND =
            "[\\[(]\\s*(?:4\\s*,\\s*\\d{1,18}\\s*(?:,\\s*\\w+\\s*)?,?|6\\s*,\\s*\\w+\\s*,\\s*" + NUMBERS
                    + "\\s*,?)\\s*[\\])]";

    private static final Pattern VALUE = Pattern.compile("['\"](\\w+)['\"]\\s*:\\s*(?:(\\d{1,18})(?!\\.?\\d)|("
            + NUMBERS + ")|([\\[(]\\s*" + COMMAND + "(?:\\s*,\\s*" + COMMAND + ")*\\s*,?\\s*[\\])]))");
    private static final Pattern LINK = Pattern.compile("[\\[(]\\s*4\\s*,\\s*(\\d+)|(" + NUMBERS + ")");
    private static final Pattern NUMBER = Pattern.compile("\\d+");

    @Override
    public void collect(TargetFacts facts, ObservationDraft draft) {
        Table table = facts.schema().table(TABLE);
        if (table == null
                || !table.isTable()
                || !table.columns().keySet().containsAll(List.of("id", "alias_model_id", COLUMN))) {
            return;
        }
        ObservationDraft.Place place =
                new ObservationDraft.Place(ObservationKind.ALIAS_DEFAULT, "mail.alias", table, COLUMN);
        if (!draft.canRead(place, List.of("id", "alias_model_id", COLUMN))) {
            return;
        }
        List<ObservationDraft.Mention> mentions = new ArrayList<>();
        facts.jdbc().sql("""
                SELECT a.id, m.model, a.alias_defaults
                FROM ONLY mail_alias a JOIN ir_model m ON m.id = a.alias_model_id
                WHERE a.alias_defaults ~ '[0-9]' ORDER BY a.id""").query(row -> {
            Matcher value = VALUE.matcher(row.getString(3));
            while (value.find()) {
                String field = value.group(1);
                String named = facts.metadata().relation(row.getString(2), field);
                if (named != null) {
                    for (long id : ids(value)) {
                        mentions.add(new ObservationDraft.Mention(
                                row.getLong(1), named, id, "the default of " + row.getString(2) + "." + field));
                    }
                }
            }
        });
        draft.mentions(place, mentions);
    }

    private static List<Long> ids(Matcher value) {
        List<Long> ids = new ArrayList<>();
        if (value.group(4) == null) {
            numbers(value.group(2) == null ? value.group(3) : value.group(2), ids);
            return ids;
        }
        Matcher link = LINK.matcher(value.group(4));
        while (link.find()) {
            numbers(link.group(1) == null ? link.group(2) : link.group(1), ids);
        }
        return ids;
    }

    private static void numbers(String text, List<Long> ids) {
        Matcher number = NUMBER.matcher(text);
        while (number.find()) {
            ids.add(Long.parseLong(number.group()));
        }
    }
}
