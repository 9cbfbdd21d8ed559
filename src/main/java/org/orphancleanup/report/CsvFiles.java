package org.orphancleanup.report;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVPrinter;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcOperations;

/**
 * findings.csv, observations.csv and repairs.csv: UTF-8, quoted after RFC 4180, lines ending in LF. Rows go from a cursor
 * to the file one by one.
 *
 * <p>Text that a spreadsheet would take for a formula, that is text beginning with {@code = + - @}, a tab or a carriage
 * return, gets an apostrophe in front. Names of Odoo's models and fields never begin like that; what a person typed
 * into Odoo may.
 */
final class CsvFiles {

    private static final String FORMULA_STARTS = "=+-@\t\r";
    private static final CSVFormat FORMAT =
            CSVFormat.RFC4180.builder().setRecordSeparator('\n').get();

    private CsvFiles() {}

    /** One row per orphan of the first look, by table, field, child id and missing id. */
    static void findings(JdbcOperations jdbc, Report report, Writer out) throws IOException {
        CSVPrinter csv = csv(
                out,
                "kind",
                "child_model",
                "child_table",
                "child_id",
                "field",
                "parent_model",
                "parent_table",
                "missing_id",
                "constraint_state");
        for (ReferenceRow reference : report.references()) {
            if (report.tallies().of(reference.no()).found() == 0) {
                continue;
            }
            // What is the same in each row of a reference is made ready once.
            String before =
                    FORMAT.format(reference.kind().code(), text(reference.childModel()), text(reference.childTable()))
                            + ",";
            String between = ","
                    + FORMAT.format(
                            text(reference.field()), text(reference.parentModel()), text(reference.parentTable()))
                    + ",";
            String after = "," + FORMAT.format(reference.state().code()) + FORMAT.getRecordSeparator();
            // Per reference, as the index gives them in this order without sorting a million rows.
            jdbc.query(
                    """
                    SELECT DISTINCT child_id, missing_id FROM orphan
                    WHERE run_id = ? AND look = 0 AND reference_no = ? ORDER BY child_id, missing_id""",
                    row -> {
                        write(
                                out,
                                before,
                                Long.toString(row.getLong(1)),
                                between,
                                Long.toString(row.getLong(2)),
                                after);
                    },
                    report.run().id(),
                    reference.no());
        }
        csv.flush();
    }

    static void observations(JdbcOperations jdbc, long runId, Writer out) throws IOException {
        CSVPrinter csv = csv(out, "kind", "model", "table", "id", "field", "message", "advice");
        jdbc.query(
                """
                SELECT kind, model, table_name, record_id, field, message, advice FROM observation WHERE run_id = ?
                ORDER BY kind, table_name, record_id NULLS FIRST, field NULLS FIRST, message""",
                row -> {
                    print(
                            csv,
                            text(row.getString(1)),
                            text(row.getString(2)),
                            text(row.getString(3)),
                            row.getObject(4),
                            text(row.getString(5)),
                            text(row.getString(6)),
                            text(row.getString(7)));
                },
                runId);
        csv.flush();
    }

    /**
     * One row per decided orphan, in the order of the plan. {@code outcome} is {@code planned} while there is none,
     * {@code rule} the line of the rule in the job definition (empty: the default), {@code reason} why it ended so, or why
     * the policy was chosen; {@code undone} is what an undo took back later. An undo lists what it took back.
     */
    static void repairs(JdbcOperations jdbc, long runId, Writer out) throws IOException {
        CSVPrinter csv = csv(
                out, "model", "id", "field", "missing_id", "policy", "rule", "outcome", "reason", "new_value", "rung");
        jdbc.query(
                """
                SELECT coalesce(repair.child_model, repair.child_table), repair.child_id, reference.field,
                       part.missing_id, part.policy, part.rule_line, CASE WHEN part.undone_by IS NULL THEN coalesce(part.outcome, 'planned') ELSE 'undone' END,
                       coalesce(part.reason, part.why), part.new_value, part.rung
                FROM repair_part part
                JOIN repair ON repair.run_id = part.run_id AND repair.no = part.repair_no
                JOIN reference ON reference.run_id = part.run_id AND reference.no = part.reference_no
                WHERE part.run_id = ? ORDER BY part.repair_no, part.reference_no, part.missing_id""",
                row -> {
                    print(
                            csv,
                            text(row.getString(1)),
                            row.getLong(2),
                            text(row.getString(3)),
                            row.getLong(4),
                            text(row.getString(5)),
                            row.getObject(6),
                            row.getString(7),
                            text(row.getString(8)),
                            text(row.getString(9)),
                            text(row.getString(10)));
                },
                runId);
        jdbc.query(
                UndoFacts.ITEMS,
                row -> {
                    print(
                            csv,
                            text(row.getString("model")),
                            row.getLong("record_id"),
                            text(row.getString("fields")),
                            "",
                            "undo",
                            "",
                            row.getString("outcome"),
                            text(row.getString("reason")),
                            row.getObject("new_id") == null ? "" : "record:" + row.getLong("new_id"),
                            UndoFacts.what(row.getString("kind"), row.getString("fields")));
                },
                runId);
        csv.flush();
    }

    static @Nullable String text(@Nullable String value) {
        return value == null || value.isEmpty() || FORMULA_STARTS.indexOf(value.charAt(0)) < 0 ? value : "'" + value;
    }

    private static CSVPrinter csv(Writer out, String... header) throws IOException {
        return new CSVPrinter(out, FORMAT.builder().setHeader(header).get());
    }

    private static void write(Writer out, String... pieces) {
        try {
            for (String piece : pieces) {
                out.write(piece);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void print(CSVPrinter csv, @Nullable Object... values) {
        try {
            csv.printRecord(values);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
