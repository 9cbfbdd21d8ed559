package org.orphancleanup.plan;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.orphancleanup.UserError;

/** A mapping file: CSV of {@code parent_model,missing_id,new}, with an id or an external id for {@code new}. */
final class Mapping {

    private static final String HEADER = "parent_model,missing_id,new";

    private record Key(String parentModel, long missingId) {}

    private final Map<Key, String> entries = new HashMap<>();

    private Mapping() {}

    /** @throws UserError naming file and line of what cannot be read */
    static Mapping read(Path file) {
        List<String> lines;
        try {
            lines = Files.readAllLines(file);
        } catch (IOException e) {
            throw new UserError(
                    UserError.Kind.SETTING,
                    "The mapping file " + file + " cannot be read: is it there, and is it UTF-8 text?",
                    e);
        }
        Mapping mapping = new Mapping();
        if (lines.isEmpty() || !cells(lines.get(0)).equals(cells(HEADER))) {
            throw UserError.setting(file + ", line 1: the first line must be " + HEADER + ".");
        }
        for (int i = 1; i < lines.size(); i++) {
            if (!lines.get(i).isBlank()) {
                mapping.add(file, i + 1, lines.get(i));
            }
        }
        return mapping;
    }

    private void add(Path file, int number, String line) {
        List<String> cells = cells(line);
        if (cells.size() != 3 || cells.get(0).isEmpty() || !cells.get(1).matches("\\d{1,18}")) {
            throw UserError.setting(
                    file + ", line " + number
                            + ": give a model, the missing id, and the new id or external id, such as res.partner,45,base.main_partner.");
        }
        if (!cells.get(2).matches("[1-9]\\d{0,17}|[^\\s.,]+\\.[^\\s,]+")) {
            throw UserError.setting(file + ", line " + number + ": \"" + cells.get(2)
                    + "\" is neither an id nor an external id such as base.main_partner.");
        }
        Key key = new Key(cells.get(0), Long.parseLong(cells.get(1)));
        String before = entries.putIfAbsent(key, cells.get(2));
        if (before != null && !before.equals(cells.get(2))) {
            throw UserError.setting(file + ", line " + number + ": " + key.parentModel() + " " + key.missingId()
                    + " is mapped to " + before + " already; keep one of the two lines.");
        }
    }

    /** Values hold neither commas nor quotes, so a cell is what stands between commas; a byte order mark is left out. */
    private static List<String> cells(String line) {
        return List.of(line.replace("\uFEFF", "").split(",", -1)).stream()
                .map(cell -> cell.strip().replaceAll("^\"(.*)\"$", "$1"))
                .toList();
    }

    /** An id or external id; null where the file does not name it. */
    @Nullable
    String of(@Nullable String parentModel, long missingId) {
        return parentModel == null ? null : entries.get(new Key(parentModel, missingId));
    }
}
