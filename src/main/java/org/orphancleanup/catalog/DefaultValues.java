package org.orphancleanup.catalog;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** ir_default: the value a field of new records gets, as JSON; from 18 on also what holds for companies without a value. */
final class DefaultValues implements ObservationSource {

    private static final String TABLE = "ir_default";
    private static final Pattern IDS = Pattern.compile("\\d{1,18}|\\[\\s*\\d{1,18}(\\s*,\\s*\\d{1,18})*\\s*]");
    private static final Pattern REFERENCE = Pattern.compile("\"([\\w.]+),(\\d{1,18})\"");
    private static final Pattern NUMBER = Pattern.compile("\\d+");

    @Override
    public void collect(TargetFacts facts, ObservationDraft draft) {
        Table table = facts.schema().table(TABLE);
        if (table == null
                || !table.isTable()
                || !table.columns().keySet().containsAll(List.of("id", "field_id", "json_value"))) {
            return;
        }
        ObservationDraft.Place place =
                new ObservationDraft.Place(ObservationKind.DEFAULT, "ir.default", table, "json_value");
        if (!draft.canRead(place, List.of("id", "field_id", "json_value"))) {
            return;
        }
        List<ObservationDraft.Mention> mentions = new ArrayList<>();
        facts.jdbc().sql("""
                SELECT d.id, f.model, f.name, f.ttype, f.relation, d.json_value
                FROM ONLY ir_default d JOIN ir_model_fields f ON f.id = d.field_id
                WHERE f.ttype IN ('many2one', 'many2many', 'reference') AND d.json_value ~ '[0-9]' ORDER BY d.id""").query(row -> {
            String words = "the default of " + row.getString(2) + "." + row.getString(3);
            String value = row.getString(6).strip();
            Matcher reference = REFERENCE.matcher(value);
            if (row.getString(4).equals("reference")) {
                if (reference.matches()) {
                    mentions.add(new ObservationDraft.Mention(
                            row.getLong(1), reference.group(1), Long.parseLong(reference.group(2)), words));
                }
            } else if (row.getString(5) != null && IDS.matcher(value).matches()) {
                Matcher numbers = NUMBER.matcher(value);
                while (numbers.find()) {
                    mentions.add(new ObservationDraft.Mention(
                            row.getLong(1), row.getString(5), Long.parseLong(numbers.group()), words));
                }
            }
        });
        draft.mentions(place, mentions);
    }
}
