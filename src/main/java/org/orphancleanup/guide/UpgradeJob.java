package org.orphancleanup.guide;

import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.orphancleanup.catalog.Reference;
import org.orphancleanup.catalog.ReferenceKind;

/** Writes the job definition that would clean what stands in the way. It asks for approval and a backup, and is to be read first. */
final class UpgradeJob {

    private UpgradeJob() {}

    static String name(String target) {
        return "upgrade-cleanup-" + target.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-");
    }

    /**
     * @param keepId the target is set up to put missing parents back under their old ids
     * @return null where no reference is given
     */
    static @Nullable String of(String target, boolean keepId, List<Reference> dangling) {
        if (dangling.isEmpty()) {
            return null;
        }
        TreeMap<String, Reference> fields = new TreeMap<>();
        dangling.forEach(reference -> fields.putIfAbsent(reference.ruleFields().get(0), reference));
        StringBuilder text = new StringBuilder()
                .append("# Written by upgrade-check. Read the rules before you run it, and see what it would do with\n")
                .append("# cleanup --job FILE --dry-run. It writes nothing before a person has approved its plan.\n");
        if (!keepId) {
            text.append(
                            "# With keep-id set up for the target, archive-parent with keep-id: true is the strongest repair,\n")
                    .append("# and the only one for create_uid and write_uid: see the README.\n");
        }
        text.append("name: ").append(name(target)).append("\n");
        text.append("target: ").append(quote(target)).append("\n");
        text.append("scan: full\nreferences:\n  include:\n");
        fields.keySet()
                .forEach(field -> text.append("    - ").append(quote(field)).append("\n"));
        text.append("rules:\n");
        fields.forEach((field, reference) -> text.append("  - when: { field: ")
                .append(quote(field))
                .append(" }\n    policy: ")
                .append(keepId ? "archive-parent\n    keep-id: true" : policy(reference))
                .append("\n"));
        return text.append("default: report-only\napproval: required\n")
                .append("backup: { newest: { glob: \"/backups/*.dump\", max-age: 24h } }   # where yours lie\n")
                .toString();
    }

    /** What keeps most: what the field itself would have done is right where it only empties it. */
    private static String policy(Reference reference) {
        if (reference.kind() == ReferenceKind.MANY2MANY) {
            return "delete";
        }
        boolean empties = reference.ondelete() == null || reference.ondelete().equals("set null");
        return empties && !reference.required() ? "null-out" : "archive-parent";
    }

    /** As a double-quoted scalar of YAML. */
    private static String quote(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
    }
}
