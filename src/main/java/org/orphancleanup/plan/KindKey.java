package org.orphancleanup.plan;

import java.util.List;
import java.util.TreeSet;
import org.orphancleanup.catalog.Reference;
import org.orphancleanup.catalog.Storage;

/** What repairs of one kind have in common, so that one call serves all of them: model, company, and the values written. */
final class KindKey {

    private KindKey() {}

    static String of(ChildRecord record) {
        String model = record.model == null ? record.table : record.model;
        return model + "|" + (record.company == null ? 0 : record.company) + "|" + values(record);
    }

    private static String values(ChildRecord record) {
        List<Part> planned = record.parts.stream().filter(Part::isPlanned).toList();
        for (Part part : planned) {
            if (part.newValue instanceof NewValue.Unlink || part.newValue instanceof NewValue.Quarantine) {
                return part.newValue.code();
            }
        }
        TreeSet<String> values = new TreeSet<>();
        for (Part part : planned) {
            if (part.newValue != null) {
                values.add(value(part, part.newValue));
            }
        }
        return String.join(";", values);
    }

    private static String value(Part part, NewValue newValue) {
        Reference reference = part.reference;
        StringBuilder text = new StringBuilder(reference.field());
        if (reference.storage() instanceof Storage.ModelAndId || reference.storage() instanceof Storage.ModelCommaId) {
            // one column points to many models, and each has a placeholder of its own
            text.append('(').append(reference.parentModel()).append(')');
        } else if (part.isRelationRow()) {
            // which link goes is part of the value
            text.append('(')
                    .append(reference.childTable())
                    .append(',')
                    .append(part.missingId)
                    .append(')');
        }
        text.append('=').append(newValue.code());
        if (newValue instanceof NewValue.StandIn && !part.isRelationRow()) {
            text.append(':').append(part.missingId);
        }
        return text.toString();
    }
}
