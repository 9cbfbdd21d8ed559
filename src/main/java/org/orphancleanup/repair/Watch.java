package org.orphancleanup.repair;

import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.orphancleanup.catalog.Sql;
import org.orphancleanup.repair.SideEffects.Watched;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import tools.jackson.databind.JsonNode;

/**
 * Rows that are compared before and after calls of ours, and who wrote them in between: what somebody else wrote meanwhile is no
 * side effect, and setting it back would cost him his edit.
 *
 * <p>Odoo's own stamps do not tell: our write covers them. PostgreSQL does. In a snapshot that is held over the call the row as it
 * was read stays visible, and with it the transaction that replaced it ({@code xmax}); where that is the transaction that made
 * the row as it is now ({@code xmin}), and that one is ours, nobody else came in between. Where this cannot be shown, as with a
 * row that somebody held a lock on, it counts as written by others.
 */
final class Watch {

    private static final Logger LOG = LoggerFactory.getLogger(Watch.class);

    private final Session session;
    private final Map<Watched, Map<String, JsonNode>> before;
    private final Map<Watched, Version> seen;
    private final Set<Watched> others = new LinkedHashSet<>();
    private final Set<Watched> overwritten = new LinkedHashSet<>();

    private Watch(Session session, Map<Watched, Map<String, JsonNode>> before, Map<Watched, Version> seen) {
        this.session = session;
        this.before = before;
        this.seen = seen;
    }

    /** Records were written after they were read, seen before anything was sent. */
    static final class Overtaken extends RuntimeException {

        private static final long serialVersionUID = 1L;

        private final transient Set<Watched> changed;
        private final transient Set<Watched> edited;

        private Overtaken(Set<Watched> changed, Set<Watched> edited) {
            super("written by somebody else at this moment: "
                    + changed.stream().map(r -> r.model() + " #" + r.id()).collect(Collectors.joining(", "))
                    + "; nothing was sent");
            this.changed = changed;
            this.edited = edited;
        }

        /** All that is not as it was read. */
        Set<Watched> changed() {
            return changed;
        }

        /** Those that somebody else edited; the others follow another record's change, or another call of ours wrote them. */
        Set<Watched> edited() {
            return edited;
        }
    }

    /**
     * A row's version.
     *
     * @param made the transaction that wrote it
     * @param replaced the one that replaced or deleted it, or locked it; 0: none
     * @param byUs it carries the API user as its last writer
     * @param at its last write as Odoo stamps it: when the transaction began; null: no stamps
     */
    private record Version(
            String made,
            String replaced,
            boolean byUs,
            @Nullable LocalDateTime at) {}

    /** @param read the rows to be watched */
    static Watch of(Session session, Supplier<Map<Watched, Map<String, JsonNode>>> read) {
        return session.rows().inOneSnapshot(() -> {
            Map<Watched, Map<String, JsonNode>> rows = read.get();
            return new Watch(session, rows, versions(session, rows.keySet()));
        });
    }

    /** What is known of some of the rows. */
    Watch of(Set<Watched> some) {
        Map<Watched, Map<String, JsonNode>> rows = new LinkedHashMap<>(before);
        rows.keySet().retainAll(some);
        Watch part = new Watch(session, rows, new LinkedHashMap<>());
        part.others.addAll(others);
        part.others.retainAll(some);
        part.overwritten.addAll(overwritten);
        part.overwritten.retainAll(some);
        return part;
    }

    /** The rows as they were read. */
    Map<Watched, Map<String, JsonNode>> before() {
        return before;
    }

    /**
     * Makes a call.
     *
     * @param written what it writes or deletes: these tell which transaction was ours
     * @param yielding a record of {@code written} that somebody else wrote meanwhile keeps the call from being sent
     * @throws Overtaken where it was not sent
     */
    void over(Set<Watched> written, boolean yielding, Runnable send) {
        List<Version> begin = new ArrayList<>();
        Map<Watched, Version> replaced = new LinkedHashMap<>();
        try {
            session.rows().inOneSnapshot(() -> {
                Map<Watched, Version> now = versions(session, seen.keySet());
                Set<Watched> changed = new LinkedHashSet<>();
                seen.forEach((row, version) -> {
                    Version is = now.get(row);
                    if (is == null || !is.made().equals(version.made())) {
                        changed.add(row);
                    }
                });
                others.addAll(changed);
                if (yielding) {
                    changed.retainAll(written);
                    if (!changed.isEmpty()) {
                        throw new Overtaken(
                                changed,
                                changed.stream()
                                        .filter(row -> isEdited(seen.get(row), now.get(row)))
                                        .collect(Collectors.toSet()));
                    }
                }
                begin.add(new Version("", "", true, started()));
                try {
                    send.run();
                } finally {
                    try {
                        replaced.putAll(versions(session, seen.keySet()));
                    } catch (DataAccessException e) {
                        // a snapshot held too long is taken from us: nothing can be shown of what this call changed
                        LOG.info("Who wrote during a call cannot be told: {}", String.valueOf(e.getMessage()));
                    }
                }
                return true;
            });
        } finally {
            if (!begin.isEmpty()) {
                attribute(written, replaced, Objects.requireNonNull(begin.get(0).at()));
            }
        }
    }

    private void attribute(Set<Watched> written, Map<Watched, Version> replaced, LocalDateTime begin) {
        Map<Watched, Version> now = versions(session, seen.keySet());
        Set<String> ours = new HashSet<>();
        Set<LocalDateTime> stamps = new HashSet<>();
        for (Watched row : written) {
            Version was = replaced.get(row);
            Version is = now.get(row);
            if (is == null) {
                if (was != null && seen.containsKey(row)) {
                    ours.add(was.replaced());
                }
            } else if (isTouched(row, is)
                    && (is.at() == null ? was != null && was.replaced().equals(is.made()) : isOurs(is, begin))) {
                ours.add(is.made());
                if (is.at() != null) {
                    stamps.add(is.at());
                }
            }
        }
        for (Watched row : List.copyOf(seen.keySet())) {
            Version is = now.get(row);
            if (is == null) {
                seen.remove(row);
                continue;
            }
            if (!isTouched(row, is)) {
                continue;
            }
            Version was = replaced.get(row);
            boolean ourVersion = ours.contains(is.made())
                    || (is.byUs() && (stamps.isEmpty() ? isOurs(is, begin) : stamps.contains(is.at())));
            if (!ourVersion || was == null || !was.replaced().equals(is.made())) {
                others.add(row);
                if (ourVersion) {
                    overwritten.add(row);
                }
            }
            seen.put(row, is);
        }
    }

    private static boolean isEdited(@Nullable Version was, @Nullable Version is) {
        return is == null
                || is.at() == null
                || (!is.byUs() && !(was != null && is.at().equals(was.at())));
    }

    private static boolean isOurs(Version version, LocalDateTime begin) {
        return version.byUs() && version.at() != null && !version.at().isBefore(begin);
    }

    private boolean isTouched(Watched row, Version now) {
        Version version = seen.get(row);
        return version != null && !version.made().equals(now.made());
    }

    /** The rows that others wrote, or may have written, since they were read. */
    Set<Watched> others() {
        return others;
    }

    /** Those of them that our call wrote last: what it sent may have covered what they wrote. */
    Set<Watched> overwritten() {
        return overwritten;
    }

    /** By the clock that Odoo's stamps are taken from. */
    private LocalDateTime started() {
        return session.rows()
                .jdbc()
                .sql("SELECT now() AT TIME ZONE 'UTC'")
                .query((rs, n) -> rs.getObject(1, LocalDateTime.class))
                .single();
    }

    private static Map<Watched, Version> versions(Session session, Collection<Watched> rows) {
        Map<Watched, Version> versions = new LinkedHashMap<>();
        Map<String, List<Watched>> byTable = rows.stream().collect(Collectors.groupingBy(Watched::table));
        byTable.forEach((table, watched) -> {
            boolean stamped = session.rows().columns(table).containsAll(Set.of("write_uid", "write_date"));
            Map<Long, Version> found = new LinkedHashMap<>();
            session.rows()
                    .jdbc()
                    .sql("SELECT id, xmin::text, xmax::text, "
                            + (stamped ? "write_uid IS NOT DISTINCT FROM :uid, write_date" : "false, NULL::timestamp")
                            + " FROM ONLY " + Sql.quote(table) + " WHERE id = ANY(:ids)")
                    .param("uid", session.odoo().uid())
                    .param("ids", watched.stream().map(Watched::id).toArray(Long[]::new))
                    .query(rs -> {
                        found.put(
                                rs.getLong(1),
                                new Version(
                                        rs.getString(2),
                                        rs.getString(3),
                                        rs.getBoolean(4),
                                        rs.getObject(5, LocalDateTime.class)));
                    });
            watched.forEach(row -> {
                Version version = found.get(row.id());
                if (version != null) {
                    versions.put(row, version);
                }
            });
        });
        return versions;
    }
}
