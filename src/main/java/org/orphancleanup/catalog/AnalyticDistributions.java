package org.orphancleanup.catalog;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Distributions over analytic accounts: jsonb {@code {"id,id": percentage}}. The fields are the json ones that Odoo's mixin
 * of them declares, in whatever model has them from it.
 */
final class AnalyticDistributions implements ObservationSource {

    private static final String MIXIN = "analytic.mixin";
    private static final String ACCOUNT = "account.analytic.account";

    @Override
    public void collect(TargetFacts facts, ObservationDraft draft) {
        Set<String> names = facts.metadata().fields(MIXIN).stream()
                .filter(field -> field.type().equals("json"))
                .map(Field::name)
                .collect(Collectors.toSet());
        for (Field field : facts.metadata().fieldsOfType("json")) {
            ModelTables.Match match = facts.models().match(field.model());
            Column column = match == null ? null : match.table().columns().get(field.name());
            if (match == null
                    || !names.contains(field.name())
                    || column == null
                    || !column.type().equals("jsonb")) {
                continue;
            }
            ObservationDraft.Place place = new ObservationDraft.Place(
                    ObservationKind.ANALYTIC_DISTRIBUTION, field.model(), match.table(), field.name());
            if (draft.canRead(place, List.of("id", field.name()))) {
                String value = "c." + Sql.quote(field.name());
                draft.missing(
                        place,
                        ACCOUNT,
                        " CROSS JOIN LATERAL jsonb_object_keys(CASE jsonb_typeof(" + value + ") WHEN 'object' THEN "
                                + value + " END) k CROSS JOIN LATERAL regexp_split_to_table(k, ',') s",
                        value + " IS NOT NULL",
                        "CASE WHEN s ~ '^[0-9]{1,18}$' THEN s::bigint END",
                        "'the key ' || k");
            }
        }
    }
}
