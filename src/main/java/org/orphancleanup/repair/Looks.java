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
import org.orphancleanup.catalog.Reference;
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
}
