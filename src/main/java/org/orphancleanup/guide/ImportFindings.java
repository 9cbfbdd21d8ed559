package org.orphancleanup.guide;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.orphancleanup.guide.ImportResult.Level;
import org.orphancleanup.guide.ImportResult.Problem;
import org.orphancleanup.guide.ImportResult.Source;
import org.springframework.jdbc.core.JdbcTemplate;

/** Asks the temporary tables what does not resolve, and which file needs which. */
final class ImportFindings {

    private static final String EXAMPLES = "(array_agg(DISTINCT left(value, 80) ORDER BY left(value, 80)))[1:5]";

    /** A reference that the target itself answers. */
    private static final String IN_TARGET = """
            EXISTS (SELECT FROM import_known k WHERE k.model = r.model AND k.kind = r.kind AND k.value = r.value
              AND k.problem IS NULL)""";

    private static final String NAMED = """
            (r.kind = 'n' AND EXISTS (SELECT FROM import_name o WHERE o.model = r.model AND o.value = r.value AND %1$s)
              OR r.kind = 'x' AND EXISTS (SELECT FROM import_record o WHERE o.model = r.model AND o.kind = 'x'
                AND o.value = r.value AND %1$s))""";

    private final JdbcTemplate jdbc;
    private final List<Source> sources;
    private final List<List<ImportColumn>> columns;

    ImportFindings(JdbcTemplate jdbc, List<Source> sources, List<List<ImportColumn>> columns) {
        this.jdbc = jdbc;
        this.sources = sources;
        this.columns = columns;
    }

    /** A column of a file refers to records that another file, or a later row of the same one, brings. */
    record Edge(int file, int column, int parent, long rows) {}

    List<Problem> problems() {
        List<Problem> problems = new ArrayList<>();
        jdbc.query("""
                SELECT file, col, kind, model, problem, count(DISTINCT row_no) AS rows, min(row_no) AS first, %s AS examples
                FROM (SELECT r.*, (SELECT min(k.problem) FROM import_known k
                        WHERE k.model = r.model AND k.kind = r.kind AND k.value = r.value) AS problem
                      FROM import_ref r WHERE NOT %s AND NOT %s) open
                GROUP BY file, col, kind, model, problem ORDER BY file, col, kind, problem""".formatted(EXAMPLES, IN_TARGET, NAMED.formatted("true")), row -> {
            int file = row.getInt("file");
            ImportColumn column = columns.get(file).get(row.getInt("col"));
            String why = row.getString("problem");
            String model = row.getString("model");
            char kind = row.getString("kind").charAt(0);
            problems.add(problem(
                    kind == 'x' ? "external-id-not-found" : kind == 'i' ? "id-not-found" : "name-not-found",
                    file,
                    column.header(),
                    row.getLong("rows"),
                    row.getLong("first"),
                    List.of((String[]) row.getArray("examples").getArray()),
                    why != null
                            ? (kind == 'x' ? "the external id " : "the name ") + why
                            : switch (kind) {
                                case 'x' -> "no " + model + " has this external id, in the database or in these files";
                                case 'i' ->
                                    "no " + model
                                            + " has this id in the database; ids differ between databases, so use external ids";
                                default -> "no " + model + " is called this, in the database or in these files";
                            }));
        });
        own(problems);
        jdbc.query("""
                SELECT file, model, %s AS examples, count(*) AS rows, min(second) AS first FROM (
                  SELECT file, model, value, max(row_no) AS second FROM import_record WHERE kind = 'x'
                  GROUP BY file, model, value HAVING count(*) > 1) twice GROUP BY file, model ORDER BY file, model""".formatted(EXAMPLES), row -> {
            problems.add(new Problem(
                    Level.WARNING,
                    "twice",
                    sources.get(row.getInt("file")).file(),
                    "id",
                    row.getLong("rows"),
                    row.getLong("first"),
                    List.of((String[]) row.getArray("examples").getArray()),
                    "the same external id stands in several rows of " + row.getString("model")
                            + ": the last one wins"));
        });
        jdbc.query("""
                SELECT e.file, e.col, count(*) AS rows, min(e.row_no) AS first FROM import_empty e
                WHERE NOT EXISTS (SELECT FROM import_record r
                  JOIN import_known k ON k.model = r.model AND k.kind = r.kind AND k.value = r.value AND k.problem IS NULL
                  WHERE r.file = e.file AND r.row_no = e.row_no)
                GROUP BY e.file, e.col ORDER BY e.file, e.col""", row -> {
            ImportColumn column = columns.get(row.getInt("file")).get(row.getInt("col"));
            problems.add(problem(
                    "required-empty",
                    row.getInt("file"),
                    column.header(),
                    row.getLong("rows"),
                    row.getLong("first"),
                    List.of(),
                    column.model() + "." + column.field() + " is required, and rows of new records leave it empty"));
        });
        return problems;
    }

    /** The ids that rows give themselves. */
    private void own(List<Problem> problems) {
        jdbc.query("""
                SELECT r.file, r.model, r.kind, k.problem, count(*) AS rows, min(r.row_no) AS first,
                  (array_agg(DISTINCT left(r.value, 80)))[1:5] AS examples
                FROM import_record r LEFT JOIN import_known k ON k.model = r.model AND k.kind = r.kind AND k.value = r.value
                WHERE k.problem IS NOT NULL OR r.kind = 'i' AND k.value IS NULL
                GROUP BY r.file, r.model, r.kind, k.problem ORDER BY r.file, r.model""", row -> {
            boolean id = row.getString("kind").equals("i");
            problems.add(problem(
                    id ? "id-not-found" : "external-id-taken",
                    row.getInt("file"),
                    id ? ".id" : "id",
                    row.getLong("rows"),
                    row.getLong("first"),
                    List.of((String[]) row.getArray("examples").getArray()),
                    id
                            ? "no " + row.getString("model") + " has this id, so there is nothing to update"
                            : "the external id " + row.getString("problem")));
        });
    }

    private Problem problem(
            String kind,
            int file,
            @Nullable String column,
            long rows,
            @Nullable Long first,
            List<String> examples,
            String words) {
        return new Problem(Level.PROBLEM, kind, sources.get(file).file(), column, rows, first, examples, words);
    }

    /** A row of the same file is needed only where it comes later: Odoo knows the ones above. */
    List<Edge> edges() {
        List<Edge> edges = new ArrayList<>();
        jdbc.query("""
                WITH needed AS (
                  SELECT r.file, r.col, r.row_no, o.file AS parent, o.row_no AS parent_row, r.ctid AS ref
                  FROM import_ref r JOIN import_record o ON r.kind = 'x' AND o.kind = 'x' AND o.model = r.model AND o.value = r.value
                  WHERE NOT %1$s
                  UNION ALL
                  SELECT r.file, r.col, r.row_no, o.file, o.row_no, r.ctid
                  FROM import_ref r JOIN import_name o ON r.kind = 'n' AND o.model = r.model AND o.value = r.value
                  WHERE NOT %1$s),
                satisfied AS (SELECT DISTINCT ref FROM needed WHERE parent = file AND parent_row < row_no)
                SELECT file, col, parent, count(DISTINCT row_no) FROM needed
                WHERE NOT EXISTS (SELECT FROM satisfied s WHERE s.ref = needed.ref)
                GROUP BY file, col, parent ORDER BY file, col, parent""".formatted(IN_TARGET), row -> {
            edges.add(new Edge(row.getInt(1), row.getInt(2), row.getInt(3), row.getLong(4)));
        });
        return edges;
    }
}
