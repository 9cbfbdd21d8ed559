package org.orphancleanup.guide;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** SQL inside an error's text: it names tables and columns, and tells a new constraint from a new row. */
final class Statements {

    private static final String NAME = "\"?([\\w$]+)\"?";
    private static final String TABLE = "(?:\"?[\\w$]+\"?\\.)?" + NAME;

    private static final Pattern ADD = Pattern.compile(
            "ALTER\\s+TABLE\\s+(?:ONLY\\s+)?" + TABLE + "\\s+ADD\\s+(?:CONSTRAINT\\s+" + NAME
                    + "\\s+)?FOREIGN\\s+KEY\\s*\\(\\s*" + NAME + "\\s*\\)\\s*REFERENCES\\s+" + TABLE,
            Pattern.CASE_INSENSITIVE);
    private static final Pattern VALIDATE = Pattern.compile(
            "ALTER\\s+TABLE\\s+(?:ONLY\\s+)?" + TABLE + "\\s+VALIDATE\\s+CONSTRAINT\\s+" + NAME,
            Pattern.CASE_INSENSITIVE);
    private static final Pattern STATEMENT = Pattern.compile(
            "(?:^|[:\"']\\s*)\\s*(?:INSERT\\s+INTO\\s|UPDATE\\s+(?:ONLY\\s+)?\\S+\\s+SET\\s|DELETE\\s+FROM\\s|ALTER\\s+TABLE\\s"
                    + "|SELECT\\s|COPY\\s|WITH\\s+\\S+\\s+AS\\s|CREATE\\s|VALUES\\s*\\(|ADD\\s+CONSTRAINT\\s|WHERE\\s|FROM\\s|SET\\s)",
            Pattern.CASE_INSENSITIVE);
    private static final Pattern INTO =
            Pattern.compile("(?:INSERT\\s+INTO|UPDATE)\\s+(?:ONLY\\s+)?" + TABLE, Pattern.CASE_INSENSITIVE);

    /** @param constraint null where the statement leaves the name to PostgreSQL */
    private record Added(
            String child,
            @Nullable String constraint,
            @Nullable String column,
            @Nullable String parent) {}

    private final List<Added> added = new ArrayList<>();
    private final String text;

    Statements(String text) {
        this.text = text;
        Matcher add = ADD.matcher(text);
        while (add.find()) {
            added.add(new Added(add.group(1), add.group(2), add.group(3), add.group(4)));
        }
        Matcher validate = VALIDATE.matcher(text);
        while (validate.find()) {
            added.add(new Added(validate.group(1), validate.group(2), null, null));
        }
    }

    /** Whether a line is SQL rather than a sentence about it. */
    static boolean isStatement(String line) {
        return STATEMENT.matcher(line).find();
    }

    /** Whether rows of this table are written somewhere in the text. */
    boolean writes(String table) {
        Matcher into = INTO.matcher(text);
        while (into.find()) {
            if (into.group(1).equals(table)) {
                return true;
            }
        }
        return false;
    }

    /** The same violation, as that of a new constraint where a statement adds or validates it. */
    Violation refine(Violation violation) {
        if (violation.kind() != ViolationKind.MISSING_PARENT
                && violation.kind() != ViolationKind.CONSTRAINT_IMPOSSIBLE) {
            return violation;
        }
        for (Added one : added) {
            boolean same = one.constraint() != null && violation.constraint() != null
                    ? one.constraint().equals(violation.constraint())
                    : (violation.childTable() == null || one.child().equals(violation.childTable()))
                            && (violation.column() == null || violation.column().equals(one.column()));
            if (same) {
                ViolationKind kind = violation.kind() == ViolationKind.MISSING_PARENT
                        ? ViolationKind.CONSTRAINT_NOT_ADDED
                        : violation.kind();
                return violation
                        .as(kind)
                        .completedBy(new Violation(
                                kind,
                                one.constraint(),
                                one.child(),
                                null,
                                null,
                                one.column(),
                                one.parent(),
                                null,
                                null,
                                null));
            }
        }
        return violation;
    }
}
