package org.orphancleanup.catalog;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.orphancleanup.catalog.Catalog.LeftOut;

/** A catalog in the making: one reference for each place of storage. */
final class CatalogDraft {

    private static final Comparator<Reference> ORDER = Comparator.comparing(Reference::childTable)
            .thenComparing(Reference::field)
            .thenComparing(reference -> String.valueOf(reference.parentModel()))
            .thenComparing(reference -> reference.storage().toString());

    private static final Comparator<LeftOut> LEFT_OUT_ORDER = Comparator.comparing(
                    (LeftOut entry) -> text(entry.table()))
            .thenComparing(entry -> text(entry.model()))
            .thenComparing(entry -> text(entry.field()))
            .thenComparing(LeftOut::reason);

    private final Map<Storage, Reference> references = new LinkedHashMap<>();
    private final Set<List<String>> columns = new HashSet<>();
    private final List<LeftOut> leftOut = new ArrayList<>();

    private static String text(@Nullable String text) {
        return text == null ? "" : text;
    }

    /** Whether a column is part of a reference already, in an integer column or a relation row. */
    boolean hasColumn(String table, String column) {
        return columns.contains(List.of(table, column));
    }

    /** Adds a reference; where its place is known already, only the names under which rules find it. */
    void add(Reference reference) {
        columns.add(List.of(reference.childTable(), reference.field()));
        references.merge(reference.storage(), reference, (known, other) -> {
            TreeSet<String> names = new TreeSet<>(known.ruleFields());
            names.addAll(other.ruleFields());
            return known.withRuleFields(List.copyOf(names));
        });
    }

    void leaveOut(Field field, @Nullable String table, String reason) {
        leftOut.add(new LeftOut(field.model(), field.name(), table, reason));
    }

    /** Leaves out what no field declares. */
    void leaveOut(String table, String reason) {
        leftOut.add(new LeftOut(null, null, table, reason));
    }

    Catalog finish(DatabaseSchema schema, Metadata metadata) {
        List<Reference> numbered = new ArrayList<>();
        Map<Integer, String> unreadable = new TreeMap<>();
        for (Reference reference : references.values().stream().sorted(ORDER).toList()) {
            int no = numbered.size() + 1;
            numbered.add(reference.withNo(no));
            String reason = unreadable(schema, reference);
            if (reason != null) {
                unreadable.put(no, reason);
            }
        }
        return new Catalog(
                metadata.odooVersion(),
                metadata.databaseUuid(),
                metadata.modulesHash(),
                metadata.pendingModules(),
                numbered,
                leftOut.stream().sorted(LEFT_OUT_ORDER).toList(),
                unreadable);
    }

    private static @Nullable String unreadable(DatabaseSchema schema, Reference reference) {
        String reason = schema.unreadable(
                reference.storage().table(), reference.storage().columns());
        if (reason == null && reference.parentTable() != null) {
            reason = schema.unreadable(reference.parentTable(), List.of("id"));
        }
        return reason;
    }
}
