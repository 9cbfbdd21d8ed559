package org.orphancleanup.report;

import java.util.regex.Pattern;

/** The text of a job definition as a report may show it. */
final class Definition {

    private static final Pattern PASSWORD_IN_URL = Pattern.compile("(://[^\\s/:@\"']*:)[^\\s/@\"']+(?=@)");

    /** The address of a webhook is a key in itself; {@code ${NAME}} is none. */
    private static final Pattern HOOK = Pattern.compile("https?://[^\\s,\"'\\]}]+");

    private Definition() {}

    static String withoutSecrets(String yaml) {
        StringBuilder text = new StringBuilder();
        for (String line : yaml.split("\n", -1)) {
            String shown = PASSWORD_IN_URL.matcher(line).replaceAll("$1***");
            if (shown.contains("webhook") || shown.strip().startsWith("- http")) {
                shown = HOOK.matcher(shown).replaceAll("***");
            }
            text.append(text.isEmpty() ? "" : "\n").append(shown);
        }
        return text.toString();
    }
}
