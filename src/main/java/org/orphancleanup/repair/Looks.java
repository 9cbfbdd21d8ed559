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
import org.orphancleanup.catalog.Reference;
import org.orphancleanup.detect.OrphanLook;

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

    /** The chosen parts that still dangle, by repair number. */
    static Map<Long, Set<Repair.Key>> parts(Session session, List<Repair> repairs, Predicate<Repair.Part> chosen) {
        Map<Integer, Reference> references = new HashMap<>();
        Map<Integer, List<OrphanLook.Key>> keys = new LinkedHashMap<>();
        for (Repair repair : repairs) {
            for (Repair.Part part : repair.parts()) {
                if (chosen.test(part)) {
                    references.put(part.reference().no(), part.reference());
                    keys.computeIfAbsent(part.reference().no(), k -> new ArrayList<>())
                            .add(new OrphanLook.Key(repair.id(), part.missingId()));
                }
            }
        }
        Map<Integer, Set<OrphanLook.Key>> dangling = new HashMap<>();
        keys.forEach((no, list) -> dangling.put(
                no,
                session.look()
                        .stillDangling(
                                session.request().database().dataSource(),
                                Objects.requireNonNull(references.get(no)),
                                list)));
        Map<Long, Set<Repair.Key>> result = new LinkedHashMap<>();
        for (Repair repair : repairs) {
            Set<Repair.Key> still = new HashSet<>();
            for (Repair.Part part : repair.parts()) {
                if (chosen.test(part)
                        && dangling.getOrDefault(part.reference().no(), Set.of())
                                .contains(new OrphanLook.Key(repair.id(), part.missingId()))) {
                    still.add(part.key());
                }
            }
            result.put(repair.no(), still);
        }
        return result;
    }
}
