package org.orphancleanup.run;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.orphancleanup.detect.Window;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/**
 * The windows of a scan, in table {@code scan_slice}: dealt out once, ticked off in the transaction that keeps their findings.
 * So a scan taken up again reads what was not read, however much the target changed since.
 */
@Component
class ScanWindows {

    /** Rows a slice covers; small tables go together, as each slice costs a transaction. */
    private static final long SLICE = 500_000;

    /** What a statement costs, in rows. */
    private static final long STATEMENT = 2_000;

    private final JdbcClient jdbc;
    private final JdbcTemplate template;
    private final JsonMapper mapper;

    ScanWindows(JdbcTemplate template, JsonMapper mapper) {
        this.jdbc = JdbcClient.create(template);
        this.template = template;
        this.mapper = mapper;
    }

    record Slice(int no, List<Window> windows) {}

    boolean dealt(long run, int look) {
        return jdbc.sql("SELECT EXISTS (SELECT FROM scan_slice WHERE run_id = ? AND look = ?)")
                .param(run)
                .param(look)
                .query(Boolean.class)
                .single();
    }

    /** Deals windows out to parts, evenly by the rows they cover. */
    void deal(long run, int look, List<Window> windows, int parts) {
        List<List<Window>> slices = new ArrayList<>();
        List<Window> slice = new ArrayList<>();
        long size = 0;
        for (Window window : windows) {
            long next = weight(window);
            if (!slice.isEmpty() && size + next > SLICE) {
                slices.add(slice);
                slice = new ArrayList<>();
                size = 0;
            }
            slice.add(window);
            size += next;
        }
        if (!slice.isEmpty()) {
            slices.add(slice);
        }
        long[] load = new long[parts];
        List<Object[]> rows = new ArrayList<>();
        slices.sort(Comparator.comparingLong(ScanWindows::weightOfAll).reversed());
        for (List<Window> dealt : slices) {
            int least = 0;
            for (int part = 1; part < parts; part++) {
                least = load[part] < load[least] ? part : least;
            }
            load[least] += weightOfAll(dealt);
            rows.add(new Object[] {run, look, rows.size(), least, mapper.writeValueAsString(dealt)});
        }
        template.batchUpdate(
                "INSERT INTO scan_slice (run_id, look, no, part, windows) VALUES (?, ?, ?, ?, ?::jsonb)", rows);
    }

    private static long weightOfAll(List<Window> windows) {
        return windows.stream().mapToLong(ScanWindows::weight).sum();
    }

    private static long weight(Window window) {
        return STATEMENT + window.rows();
    }

    @Nullable
    Slice next(long run, int look, int part) {
        return jdbc.sql("""
                        SELECT no, windows FROM scan_slice
                        WHERE run_id = ? AND look = ? AND part = ? AND NOT done ORDER BY no LIMIT 1""")
                .param(run)
                .param(look)
                .param(part)
                .query((row, number) -> new Slice(
                        row.getInt("no"),
                        mapper.readValue(row.getString("windows"), new TypeReference<List<Window>>() {})))
                .optional()
                .orElse(null);
    }

    void done(long run, int look, Slice slice) {
        jdbc.sql("UPDATE scan_slice SET done = true WHERE run_id = ? AND look = ? AND no = ?")
                .param(run)
                .param(look)
                .param(slice.no())
                .update();
    }

    /** Rows that the references were looked for in, by their numbers. */
    Map<Integer, Long> rows(long run, int look) {
        Map<Integer, Long> rows = new HashMap<>();
        jdbc.sql("""
                        SELECT (w ->> 'referenceNo')::int, max((w ->> 'rowsInTable')::bigint)
                        FROM scan_slice, jsonb_array_elements(windows) AS w WHERE run_id = ? AND look = ? GROUP BY 1""").param(run).param(look).query(row -> {
            rows.put(row.getInt(1), row.getLong(2));
        });
        return rows;
    }

    /** Windows that are not done. */
    long open(long run, int look) {
        return jdbc.sql("""
                        SELECT coalesce(sum(jsonb_array_length(windows)), 0) FROM scan_slice
                        WHERE run_id = ? AND look = ? AND NOT done""").param(run).param(look).query(Long.class).single();
    }
}
