package org.orphancleanup.catalog;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Which table a model's records lie in. The name alone proves nothing ({@code ir.actions.act_window} is
 * {@code ir_act_window}): what counts is that the table holds the columns of the model's stored fields.
 */
final class ModelTables {

    private static final Set<String> EVERY_MODEL =
            Set.of("id", "display_name", "create_uid", "create_date", "write_uid", "write_date");

    private final DatabaseSchema schema;
    private final Metadata metadata;
    private final Map<String, Match> matches = new TreeMap<>();
    private final Map<String, String> reasons = new HashMap<>();
    private final Map<String, String> models = new HashMap<>();
    /** How often a field of some model points to this one. */
    private final Map<String, Integer> pointers = new HashMap<>();

    /** @param how null where the table follows from the model's name */
    record Match(Table table, @Nullable String how) {}

    ModelTables(DatabaseSchema schema, Metadata metadata) {
        this.schema = schema;
        this.metadata = metadata;
        for (Field field : metadata.fieldsOfType("many2one")) {
            if (field.relation() != null) {
                pointers.merge(field.relation(), 1, Integer::sum);
            }
        }
        List<String> open = new ArrayList<>();
        for (String model : metadata.models()) {
            Table table = schema.table(defaultName(model));
            if (table != null
                    && table.isTable()
                    && table.hasId()
                    && lacking(model, table).isEmpty()) {
                matches.put(model, new Match(table, null));
            } else {
                open.add(model);
            }
        }
        Set<String> taken = new HashSet<>();
        matches.values().forEach(match -> taken.add(match.table().name()));
        Map<String, Set<String>> pointedAt = pointedAt(open);
        Map<String, Match> found = new TreeMap<>();
        for (String model : open) {
            Match match = search(model, taken, pointedAt.getOrDefault(model, Set.of()));
            if (match != null) {
                found.put(model, match);
            }
        }
        matches.putAll(found);
        matches.forEach((model, match) -> models.merge(match.table().name(), model, this::moreImportant));
    }

    private static String defaultName(String model) {
        return model.replace('.', '_');
    }

    private String moreImportant(String one, String other) {
        return pointers.getOrDefault(other, 0) > pointers.getOrDefault(one, 0) ? other : one;
    }

    private List<String> lacking(String model, Table table) {
        return metadata.fields(model).stream()
                .filter(field -> field.hasColumn() && !table.columns().containsKey(field.name()))
                .map(Field::name)
                .toList();
    }

    /** For each of these models the tables that foreign keys of fields declared to point at it point at. */
    private Map<String, Set<String>> pointedAt(List<String> open) {
        Map<String, Set<String>> tables = new HashMap<>();
        Set<String> wanted = new HashSet<>(open);
        for (Field field : metadata.fieldsOfType("many2one")) {
            Match child = matches.get(field.model());
            if (child != null && field.relation() != null && wanted.contains(field.relation())) {
                ForeignKey key = schema.foreignKey(child.table().name(), field.name(), null);
                if (key != null && key.parentTable() != null) {
                    tables.computeIfAbsent(field.relation(), model -> new HashSet<>())
                            .add(key.parentTable());
                }
            }
        }
        return tables;
    }

    private @Nullable Match search(String model, Set<String> taken, Set<String> pointedAt) {
        String byName = defaultName(model);
        Table named = schema.table(byName);
        List<Field> own = metadata.fields(model).stream()
                .filter(field -> !EVERY_MODEL.contains(field.name()))
                .toList();
        if (own.stream().anyMatch(Field::hasColumn)) {
            List<Candidate> candidates = schema.tables().stream()
                    .filter(table -> table.isTable() && table.hasId() && !taken.contains(table.name()))
                    .filter(table -> lacking(model, table).isEmpty())
                    .map(table -> new Candidate(table, foreign(model, table), pointedAt.contains(table.name())))
                    .filter(candidate -> candidate.foreignColumns() == 0 || candidate.pointedAt())
                    .sorted(Comparator.comparingInt(Candidate::foreignColumns))
                    .toList();
            if (!candidates.isEmpty()) {
                Candidate best = candidates.get(0);
                if (candidates.size() > 1 && candidates.get(1).foreignColumns() == best.foreignColumns()) {
                    reasons.put(
                            model,
                            "no table is named " + byName
                                    + ", and several have the columns of the model's stored fields: "
                                    + best.table().name() + ", "
                                    + candidates.get(1).table().name());
                    return null;
                }
                return new Match(best.table(), best.how());
            }
        }
        if (named == null) {
            reasons.put(
                    model,
                    metadata.isAbstract(model)
                            ? "abstract model, which has no table"
                            : "no table is named " + byName
                                    + " and none has the columns of the model's stored fields: an abstract model, or one computed by a query");
            return null;
        }
        if (!named.isTable()) {
            reasons.put(model, "the model's records are no rows: " + byName + " is " + named.whatItIs());
            return null;
        }
        List<String> lacking = lacking(model, named);
        long columns = own.stream().filter(Field::hasColumn).count();
        if (!named.hasId() || lacking.size() * 2L > columns) {
            reasons.put(
                    model,
                    "the table " + byName + " is not the model's: it lacks the columns " + String.join(", ", lacking));
            return null;
        }
        return new Match(
                named,
                "table " + byName + " by its name, although it lacks the columns of the stored fields "
                        + String.join(", ", lacking));
    }

    /** How many columns of a table no stored field of the model accounts for. */
    private int foreign(String model, Table table) {
        Set<String> names = new HashSet<>(EVERY_MODEL);
        metadata.fields(model).forEach(field -> names.add(field.name()));
        return (int) table.columns().keySet().stream()
                .filter(column -> !names.contains(column))
                .count();
    }

    private record Candidate(Table table, int foreignColumns, boolean pointedAt) {

        String how() {
            String evidence = foreignColumns == 0
                    ? "its columns are those of the model's stored fields"
                    : "it has the columns of the model's stored fields";
            return "table " + table.name() + " found: " + evidence
                    + (pointedAt ? ", and foreign keys of fields to this model point at it" : "");
        }
    }

    @Nullable
    Match match(@Nullable String model) {
        return model == null ? null : matches.get(model);
    }

    /** Why a model has no table, in plain words. */
    String reason(@Nullable String model) {
        if (model == null) {
            return "no model is named";
        }
        if (!metadata.knows(model)) {
            return "there is no model " + model;
        }
        return reasons.getOrDefault(model, "no table found");
    }

    /** The model whose records lie in a table; where several share it, the one that most fields point to. */
    @Nullable
    String modelOf(@Nullable String table) {
        return table == null ? null : models.get(table);
    }
}
