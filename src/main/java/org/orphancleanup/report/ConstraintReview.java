package org.orphancleanup.report;

import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.orphancleanup.catalog.ConstraintState;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;

/** The foreign keys that constraints.sql is about, and the enforced ones beside them, with what stands in the way of each. */
@Component
public class ConstraintReview {

    private final JdbcTemplate jdbc;
    private final Clock clock;

    public ConstraintReview(DataSource ours, Clock clock) {
        this.jdbc = new JdbcTemplate(ours);
        this.clock = clock;
    }

    /**
     * A reference that a foreign key could guard, and rows that dangle in it.
     *
     * @param referenceNo within the catalog of the run
     * @param constraint the one that is there, or that Odoo would give it
     * @param orphans null: not read by the run
     * @param remade the database's action is not what Odoo's field declares, so Odoo makes the constraint anew when the
     *     module is updated
     */
    public record Key(
            int referenceNo,
            ConstraintState state,
            String constraint,
            @Nullable Long orphans,
            boolean remade) {}

    /** Those of which rows dangle, or that were not read. */
    public List<Key> obstructed(long runId) {
        Report report = Report.read(jdbc, runId, clock);
        Set<List<String>> remade = ConstraintScript.differences(report).stream()
                .map(difference -> List.of(difference.table(), difference.column()))
                .collect(Collectors.toSet());
        List<Key> keys = new ArrayList<>();
        for (ReferenceRow row : report.references()) {
            Long orphans = ConstraintScript.inTheWay(report, row);
            if (ConstraintScript.canBeKey(row) && (orphans == null || orphans > 0)) {
                keys.add(new Key(
                        row.no(),
                        row.state(),
                        ConstraintScript.name(row),
                        orphans,
                        remade.contains(List.of(row.childTable(), row.field()))));
            }
        }
        return keys;
    }
}
