package org.orphancleanup.repair;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.orphancleanup.catalog.Reference;
import org.orphancleanup.catalog.Sql;
import org.orphancleanup.catalog.Storage;
import org.orphancleanup.detect.OrphanLook;
import org.orphancleanup.plan.NewValue;

/** Fresh looks at the parts of repairs. */
final class Looks {

    private Looks() {}

    /** Repair numbers of which a chosen part still dangles. */
    static Set<Long> dangling(Session session, List<Repair> repairs, Predicate<Repair.Part> chosen) {
        Set<Long> numbers = new HashSet<>();
        parts(session, repairs, chosen).forEach((no, parts) -> {
            if (!parts.isEmpty()) {
                numbers.add(no);
            }
        });
        return numbers;
    }

    /** Where the missing parent came back first, a policy is carried out when the reference points to it no longer. */
    private static boolean pointing(Repair.Part part) {
        return part.keepId() && !(part.newValue() instanceof NewValue.KeepId);
    }

    /** The chosen parts that still dangle, by repair number. */
    static Map<Long, Set<Repair.Key>> parts(Session session, List<Repair> repairs, Predicate<Repair.Part> chosen) {
        Map<Integer, Reference> references = new HashMap<>();
        Map<Boolean, Map<Integer, List<OrphanLook.Key>>> keys = new LinkedHashMap<>();
        for (Repair repair : repairs) {
            for (Repair.Part part : repair.parts()) {
                if (chosen.test(part)) {
                    references.put(part.reference().no(), part.reference());
                    keys.computeIfAbsent(pointing(part), k -> new LinkedHashMap<>())
                            .computeIfAbsent(part.reference().no(), k -> new ArrayList<>())
                            .add(new OrphanLook.Key(repair.id(), part.missingId()));
                }
            }
        }
        Map<Boolean, Map<Integer, Set<OrphanLook.Key>>> open = new HashMap<>();
        DataSource target = session.request().database().dataSource();
        keys.forEach((pointing, byReference) -> byReference.forEach((no, list) -> {
            Reference reference = Objects.requireNonNull(references.get(no));
            open.computeIfAbsent(pointing, k -> new HashMap<>())
                    .put(
                            no,
                            pointing
                                    ? session.look().stillPointing(target, reference, list)
                                    : session.look().stillDangling(target, reference, list));
        }));
        Map<Long, Set<Repair.Key>> result = new LinkedHashMap<>();
        for (Repair repair : repairs) {
            Set<Repair.Key> still = new HashSet<>();
            for (Repair.Part part : repair.parts()) {
                if (chosen.test(part)
                        && open.getOrDefault(pointing(part), Map.of())
                                .getOrDefault(part.reference().no(), Set.of())
                                .contains(new OrphanLook.Key(repair.id(), part.missingId()))) {
                    still.add(part.key());
                }
            }
            result.put(repair.no(), still);
        }
        return result;
    }

    /**
     * How many rows of a reference point to a record.
     *
     * @param born those with this {@code create_date} are left out, where the table has one; null: none
     */
    static long count(Session session, Storage storage, long id, @Nullable String born) {
        String from = " FROM ONLY " + Sql.quote(storage.table()) + " c WHERE ";
        String condition;
        if (storage instanceof Storage.Column column) {
            condition = "c." + Sql.quote(column.column()) + " = :id";
        } else if (storage instanceof Storage.RelationRow relation) {
            condition = "c." + Sql.quote(relation.column()) + " = :id";
        } else if (storage instanceof Storage.ModelAndId pair) {
            condition = "c." + Sql.quote(pair.modelColumn()) + " = " + Sql.literal(pair.model()) + " AND c."
                    + Sql.quote(pair.idColumn()) + " = :id";
        } else if (storage instanceof Storage.ModelCommaId pair) {
            condition = "c." + Sql.quote(pair.column()) + " = " + Sql.literal(pair.model() + ",") + " || :id";
        } else if (storage instanceof Storage.CompanyValue value) {
            condition = "c." + Sql.quote(value.column()) + " ->> '" + value.company() + "' = :id::text";
        } else {
            return 0;
        }
        if (!(storage instanceof Storage.RelationRow)
                && born != null
                && session.rows().columns(storage.table()).contains("create_date")) {
            condition += " AND c.create_date IS DISTINCT FROM :born::timestamp";
        }
        return session.rows()
                .jdbc()
                .sql("SELECT count(*)" + from + condition)
                .param("id", id)
                .param("born", born)
                .query(Long.class)
                .single();
    }
}
