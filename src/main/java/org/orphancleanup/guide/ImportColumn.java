package org.orphancleanup.guide;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.orphancleanup.catalog.ModelShapes;
import org.orphancleanup.catalog.ModelShapes.FieldShape;

/**
 * What a column of an import file is, as Odoo's own {@code load} takes it.
 *
 * @param path field names from the file's model to the model that has the field, through one2many fields; empty for its own
 * @param model that has the field
 * @param parent the model referred to; null where it refers to none
 * @param many several references in one cell, with commas between them
 * @param required the field refuses to be empty
 * @param problem why Odoo would refuse the column; null where it would not
 */
record ImportColumn(
        String header,
        List<String> path,
        String model,
        Kind kind,
        String field,
        @Nullable String parent,
        boolean many,
        boolean required,
        @Nullable String problem) {

    enum Kind {
        /** The external id of the record itself. */
        OWN_EXTERNAL_ID,
        /** The database id of the record itself. */
        OWN_ID,
        VALUE,
        EXTERNAL_ID,
        ID,
        NAME,
        /** Not read any further. */
        NONE
    }

    boolean isReference() {
        return kind == Kind.EXTERNAL_ID || kind == Kind.ID || kind == Kind.NAME;
    }

    static ImportColumn of(ModelShapes shapes, String model, String header) {
        String[] parts = header.split("/", -1);
        String at = model;
        for (int i = 0; i < parts.length; i++) {
            String part = parts[i].strip();
            List<String> path = List.of(parts).subList(0, i);
            boolean last = i == parts.length - 1;
            if (last && part.equals("id")) {
                return new ImportColumn(header, path, at, Kind.OWN_EXTERNAL_ID, "id", null, false, false, null);
            }
            if (last && part.equals(".id")) {
                return new ImportColumn(header, path, at, Kind.OWN_ID, ".id", null, false, false, null);
            }
            FieldShape field = shapes.fields(at).get(part);
            if (field == null) {
                return refused(header, path, at, part, at + " has no field " + part + hint(shapes.fields(at), part));
            }
            String relation = field.relation();
            if (relation == null) {
                return last
                        ? new ImportColumn(header, path, at, Kind.VALUE, part, null, false, field.required(), null)
                        : refused(
                                header, path, at, part, at + "." + part + " refers to no model, so nothing follows it");
            }
            boolean one = field.type().equals("many2one");
            if (last) {
                return new ImportColumn(header, path, at, Kind.NAME, part, relation, !one, field.required(), null);
            }
            String next = parts[i + 1].strip();
            boolean ends = i + 1 == parts.length - 1;
            if (ends && !field.type().equals("one2many")) {
                if (next.equals("id")) {
                    return new ImportColumn(
                            header, path, at, Kind.EXTERNAL_ID, part, relation, !one, field.required(), null);
                }
                if (next.equals(".id")) {
                    return new ImportColumn(header, path, at, Kind.ID, part, relation, !one, field.required(), null);
                }
            }
            if (one) {
                return refused(
                        header,
                        path,
                        at,
                        part,
                        "Odoo takes a many2one by name (" + part + "), external id (" + part + "/id) or database id ("
                                + part + "/.id), not by " + next);
            }
            at = relation;
        }
        return refused(header, List.of(), model, header, "nothing is named");
    }

    private static ImportColumn refused(String header, List<String> path, String model, String field, String problem) {
        return new ImportColumn(header, path, model, Kind.NONE, field, null, false, false, problem);
    }

    /** A spreadsheet often has the labels that a person sees. */
    private static String hint(Map<String, FieldShape> fields, String word) {
        String label = word.toLowerCase(java.util.Locale.ROOT);
        String meant = fields.values().stream()
                .filter(field -> field.label().equals(label))
                .map(FieldShape::name)
                .collect(Collectors.joining(", "));
        return meant.isEmpty() ? "" : "; it is the label of " + meant;
    }
}
