package org.orphancleanup.history;

import java.util.List;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** The records that a plan's references miss. */
@Component
public class MissingRecords {

    private final JdbcClient jdbc;

    MissingRecords(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** @param references how many point to it */
    public record Missing(String model, long id, long references) {}

    /** Those that most point to first. */
    public List<Missing> list(long run, int most) {
        return jdbc.sql("""
                        SELECT f.parent_model, p.missing_id, count(*)
                          FROM repair_part p JOIN reference f ON f.run_id = p.run_id AND f.no = p.reference_no
                         WHERE p.run_id = ? AND f.parent_model IS NOT NULL AND f.kind <> 'audit'
                         GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2 LIMIT ?""")
                .param(run)
                .param(most)
                .query((row, number) -> new Missing(row.getString(1), row.getLong(2), row.getLong(3)))
                .list();
    }
}
