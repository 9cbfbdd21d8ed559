package org.orphancleanup.catalog;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The places of observations in the making. */
final class ObservationDraft {

    /** Mentions in one statement. */
    private static final int AT_ONCE = 1_000;

    private final TargetFacts facts;
    private final List<Reference> references;
    private final List<ObservationPlace> places = new ArrayList<>();

    ObservationDraft(TargetFacts facts, List<Reference> references) {
        this.facts = facts;
        this.references = references;
    }

    /** Where the ids stand. */
    record Place(ObservationKind kind, @Nullable String model, Table table, String field) {}

    /** A record's text names another record. */
    record Mention(long recordId, String namedModel, long namedId, String words) {}

    List<Reference> references() {
        return references;
    }

    List<ObservationPlace> places() {
        return List.copyOf(places);
    }

    /** @return false where the columns may not be read, which is then said */
    boolean canRead(Place place, List<String> columns) {
        String reason = facts.schema().unreadable(place.table().name(), columns);
        if (reason != null) {
            skip(place, reason);
        }
        return reason == null;
    }

    void skip(Place place, String reason) {
        places.add(new ObservationPlace(
                place.kind(), place.model(), place.table().name(), place.field(), null, "", "", null, reason));
    }

    /** A place that was read here and names nothing. */
    void nothingNamed(Place place) {
        add(place, null, "");
    }

    /** A place with a statement of its own, whose table has the alias {@code c}. */
    void add(Place place, @Nullable String windowColumn, String select) {
        add(place, windowColumn, select, "", null);
    }

    /**
     * A place whose rows are counted together.
     *
     * @param what the columns of the result
     */
    void count(Place place, String windowColumn, String what, ObservationPlace.Together rows, String groupBy) {
        add(place, windowColumn, what + rows.from(), groupBy, rows);
    }

    private void add(
            Place place,
            @Nullable String windowColumn,
            String select,
            String groupBy,
            ObservationPlace.@Nullable Together together) {
        places.add(new ObservationPlace(
                place.kind(),
                place.model(),
                place.table().name(),
                place.field(),
                windowColumn,
                select,
                groupBy,
                together,
                null));
    }

    /**
     * Rows of a table with an {@code id} that name a record which is not there.
     *
     * @param joins what follows the table, {@code c}, in FROM
     * @param condition of the rows that name that model
     * @param id the named id, a bigint or null
     * @param words SQL text: how it is named, the beginning of the message
     */
    void missing(Place place, String namedModel, String joins, String condition, String id, String words) {
        String select = "SELECT c.id::bigint, " + words + " || " + ending(namedModel, "named.id")
                + " FROM ONLY " + Sql.quote(place.table().name()) + " c" + joins + " CROSS JOIN LATERAL (SELECT " + id
                + " AS id) named WHERE " + condition + " AND named.id <> 0";
        finish(place, "id", namedModel, select);
    }

    /** Mentions that were found in texts: whether what they name is there. */
    void mentions(Place place, List<Mention> mentions) {
        if (mentions.isEmpty()) {
            nothingNamed(place);
        }
        Map<String, List<Mention>> byModel = new TreeMap<>();
        mentions.forEach(mention -> byModel.computeIfAbsent(mention.namedModel(), model -> new ArrayList<>())
                .add(mention));
        byModel.forEach((model, named) -> {
            for (int from = 0; from < named.size(); from += AT_ONCE) {
                List<String> rows = named.subList(from, Math.min(from + AT_ONCE, named.size())).stream()
                        .map(mention -> "(" + mention.recordId() + "::bigint, " + mention.namedId() + "::bigint, "
                                + Sql.literal(mention.words()) + "::text)")
                        .toList();
                String select = "SELECT named.record_id, named.words || " + ending(model, "named.id") + " FROM (VALUES "
                        + String.join(", ", rows) + ") named (record_id, id, words) WHERE true";
                finish(place, null, model, select);
            }
        });
    }

    private String ending(String model, String id) {
        String end = facts.metadata().knows(model) ? ", which is missing" : ", a model that does not exist";
        return Sql.literal(" names " + model + " ") + " || " + id + " || " + Sql.literal(end);
    }

    private void finish(Place place, @Nullable String windowColumn, String namedModel, String select) {
        ModelTables.Match named = facts.models().match(namedModel);
        if (named == null && facts.metadata().knows(namedModel)) {
            skip(place, "names " + namedModel + ": " + facts.models().reason(namedModel));
            return;
        }
        if (named == null) {
            add(place, windowColumn, select);
            return;
        }
        String parent = named.table().name();
        String reason = facts.schema().unreadable(parent, List.of("id"));
        if (reason == null) {
            add(
                    place,
                    windowColumn,
                    select + " AND NOT EXISTS (SELECT FROM " + Sql.quote(parent) + " p WHERE p.id = named.id)");
        } else {
            skip(place, reason);
        }
    }
}
