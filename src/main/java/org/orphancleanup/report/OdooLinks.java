package org.orphancleanup.report;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Addresses of records in Odoo's web client. */
final class OdooLinks {

    private static final Pattern FIRST_NUMBER = Pattern.compile("\\d+");

    /** The first version whose addresses are paths. */
    private static final int PATHS_SINCE = 18;

    private final @Nullable String base;
    private final boolean paths;

    /** @param version as the base module says; unknown: as in the newest */
    OdooLinks(@Nullable String url, @Nullable String version) {
        String lower = url == null ? "" : url.toLowerCase(Locale.ROOT);
        // A link is no place for any other scheme, whoever wrote the configuration.
        boolean web = lower.startsWith("https://") || lower.startsWith("http://");
        this.base = url == null || !web ? null : url.replaceAll("/+$", "");
        Matcher number = FIRST_NUMBER.matcher(version == null ? "" : version);
        this.paths = !number.find() || Integer.parseInt(number.group()) >= PATHS_SINCE;
    }

    /** Null where the record has no page: no model owns it, or no address of Odoo is known. */
    @Nullable
    String record(@Nullable String model, long id) {
        if (base == null || model == null) {
            return null;
        }
        String name = URLEncoder.encode(model, StandardCharsets.UTF_8);
        if (!paths) {
            return base + "/web#id=" + id + "&model=" + name + "&view_type=form";
        }
        // Odoo tells a model from an action's path by its dot.
        return base + "/odoo/" + (model.contains(".") ? "" : "m-") + name + "/" + id;
    }
}
