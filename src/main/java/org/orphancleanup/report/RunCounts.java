package org.orphancleanup.report;

import javax.sql.DataSource;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;

/** Counts what became of a run's dangling references, from our own database. */
@Component
public class RunCounts {

    private final JdbcTemplate jdbc;

    public RunCounts(DataSource ours) {
        this.jdbc = new JdbcTemplate(ours);
    }

    /** All zero for a run that is not there. */
    public Counts read(long runId) {
        return Tallies.read(jdbc, runId).total();
    }
}
