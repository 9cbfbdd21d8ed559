package org.orphancleanup.job;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;
import org.orphancleanup.UserError;

/**
 * Where a person knows the right record: a CSV file in UTF-8 with the header {@code parent_model,missing_id,new}, where
 * {@code new} is an id or an external id.
 */
public final class Mapping {

    private static final List<String> HEADER = List.of("parent_model", "missing_id", "new");
    private static final CSVFormat FORMAT =
            CSVFormat.DEFAULT.builder().setTrim(true).setIgnoreEmptyLines(true).get();

    static final Pattern EXTERNAL_ID = Pattern.compile("[A-Za-z0-9_]+\\.[A-Za-z0-9_.-]+");

    private static final Pattern MODEL = Pattern.compile("[A-Za-z0-9_]+(\\.[A-Za-z0-9_]+)*");
    private static final Pattern ID = Pattern.compile("[1-9][0-9]{0,17}");

    private final Map<Missing, String> found;
    private final Map<String, Integer> lineByModel;

    private record Missing(String model, long id) {}

    private Mapping(Map<Missing, String> found, Map<String, Integer> lineByModel) {
        this.found = found;
        this.lineByModel = lineByModel;
    }

    /** @throws UserError with every mistake of the file, each with file, line and remedy */
    public static Mapping read(Path file) {
        Problems problems = new Problems(file);
        Mapping mapping = read(file, problems);
        problems.throwIfAny();
        return mapping;
    }

    /** @param problems gets every mistake */
    static Mapping read(Path file, Problems problems) {
        Map<Missing, String> found = new HashMap<>();
        Map<String, Integer> lineByModel = new LinkedHashMap<>();
        String text = Utf8.read(
                file, problems, "put it there, or mend the path, which is relative to the job definition's directory");
        if (text == null) {
            return new Mapping(found, lineByModel);
        }
        boolean isFirst = true;
        try (CSVParser rows = CSVParser.parse(text, FORMAT)) {
            for (CSVRecord row : rows) {
                int line = (int) rows.getCurrentLineNumber();
                if (!isFirst) {
                    row(row, line, found, lineByModel, problems);
                } else if (!row.toList().equals(HEADER)) {
                    problems.add(line, "the header is missing; the first line must be " + String.join(",", HEADER));
                    break;
                }
                isFirst = false;
            }
            if (isFirst) {
                problems.add(1, "the file is empty; its first line must be " + String.join(",", HEADER));
            }
        } catch (UncheckedIOException | IOException e) {
            problems.add(1, "this is no CSV file: " + e.getMessage() + "; mend the quotation marks");
        }
        return new Mapping(found, lineByModel);
    }

    private static void row(
            CSVRecord row, int line, Map<Missing, String> found, Map<String, Integer> lineByModel, Problems problems) {
        if (row.size() != HEADER.size()) {
            problems.add(line, "there are " + row.size() + " values; write three, " + String.join(",", HEADER));
            return;
        }
        String model = row.get(0);
        String missing = row.get(1);
        String replacement = row.get(2);
        int before = problems.count();
        if (!MODEL.matcher(model).matches()) {
            problems.add(line, "\"" + model + "\" is no model; write one such as res.partner in parent_model");
        }
        if (!ID.matcher(missing).matches()) {
            problems.add(line, "\"" + missing + "\" is no id; write a number above 0 in missing_id");
        }
        if (!ID.matcher(replacement).matches()
                && !EXTERNAL_ID.matcher(replacement).matches()) {
            problems.add(
                    line,
                    "\"" + replacement
                            + "\" is neither an id nor an external id; write a number above 0, or module.name, in new");
        } else if (replacement.equals(missing)) {
            problems.add(line, "new is the missing id itself; write the record that takes its place");
        }
        if (problems.count() > before) {
            return;
        }
        lineByModel.putIfAbsent(model, line);
        String other = found.putIfAbsent(new Missing(model, Long.parseLong(missing)), replacement);
        if (other != null && !other.equals(replacement)) {
            problems.add(
                    line,
                    model + " " + missing + " already goes to " + other + " by an earlier line; keep one of the two");
        }
    }

    /** The id or external id of the record that takes the place of a missing one. */
    public Optional<String> find(String parentModel, long missingId) {
        return Optional.ofNullable(found.get(new Missing(parentModel, missingId)));
    }

    /** The models it names, each with its first line. */
    Map<String, Integer> lineByModel() {
        return lineByModel;
    }
}
