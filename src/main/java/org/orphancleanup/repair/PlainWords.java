package org.orphancleanup.repair;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.orphancleanup.odoo.OdooException;
import org.springframework.dao.DataAccessException;

/** An error in plain words: what the server said, and what it means. */
final class PlainWords {

    private static final Pattern RECORD = Pattern.compile("Record: ([a-z0-9_.]+)\\((\\d+),?\\)");
    private static final int LONGEST = 500;

    private PlainWords() {}

    static String of(OdooException error) {
        String said = String.valueOf(error.getMessage()).strip().replaceAll("\\s+", " ");
        String words = switch (error.kind()) {
            case MISSING -> missing(said);
            case ACCESS -> "The API user may not: " + said;
            case BUSY -> "Another transaction held the record, also after several tries: " + said;
            case NO_ANSWER -> "Odoo did not answer; whether the call was carried out is not known: " + said;
            case UNREACHABLE -> "Odoo is not reachable: " + said;
            default -> "Odoo refused: " + said;
        };
        return words.length() <= LONGEST ? words : words.substring(0, LONGEST - 1) + "…";
    }

    /** Of a database that refused a statement. */
    static String of(DataAccessException error) {
        return String.valueOf(error.getMostSpecificCause().getMessage()).strip().replaceAll("\\s+", " ");
    }

    private static String missing(String said) {
        Matcher matcher = RECORD.matcher(said);
        return matcher.find()
                ? "Odoo reads " + matcher.group(1) + " #" + matcher.group(2)
                        + " while it writes, which does not exist (MissingError)"
                : "Odoo reads a record that does not exist while it writes: " + said;
    }

    /** Ids of {@code model} that the error names. */
    static List<Long> named(OdooException error, String model) {
        List<Long> ids = new ArrayList<>();
        Matcher matcher = RECORD.matcher(String.valueOf(error.getMessage()));
        while (matcher.find()) {
            if (matcher.group(1).equals(model)) {
                ids.add(Long.parseLong(matcher.group(2)));
            }
        }
        return ids;
    }
}
