package org.orphancleanup.catalog;

import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Columns that are never read into our database, whoever may read them in Odoo: passwords, one-time secrets, keys and tokens
 * that open something. Reading by SQL passes Odoo's field groups by, so this is on top of what the API user may read.
 */
public final class Secrets {

    /** Parts of a name, between underscores. */
    private static final Pattern NAME = Pattern.compile(
            "(^|_)(pass|passwd|password|passphrase|pwd|secret|secrets|token|tokens|apikey|totp|otp|credential|credentials|pin)(_|$)"
                    + "|(api|access|private|secret|client|merchant|webhook|signature|transaction|encryption|hmac|shared|license)_?key"
                    + "|(^|_)(sha|hash)_(request|response|key|secret|in|out)|client_secret|signin_key|security_key");

    /** Columns of Odoo's own whose names do not say it. */
    private static final Map<String, Set<String>> COLUMNS = Map.of(
            "ir_config_parameter", Set.of("value"), // database.secret and the keys of many a module
            "res_users_apikeys", Set.of("key", "index"),
            "res_users", Set.of("password", "totp_secret"),
            "auth_totp_device", Set.of("key", "index"),
            "payment_token", Set.of("provider_ref", "acquirer_ref"));

    /** Tables of accounts at other services, where only these text columns are read. */
    private static final Map<String, Set<String>> ACCOUNTS = Map.of(
            "payment_provider",
                    Set.of(
                            "name",
                            "display_as",
                            "code",
                            "state",
                            "pre_msg",
                            "pending_msg",
                            "auth_msg",
                            "done_msg",
                            "cancel_msg"),
            "payment_acquirer",
                    Set.of(
                            "name",
                            "display_as",
                            "provider",
                            "state",
                            "pre_msg",
                            "pending_msg",
                            "auth_msg",
                            "done_msg",
                            "cancel_msg"),
            "ir_mail_server", Set.of("name", "from_filter", "smtp_encryption", "smtp_authentication"),
            "fetchmail_server", Set.of("name", "state", "server_type"));

    private Secrets() {}

    /** @param isText whether the column holds text or jsonb */
    public static boolean isSecret(String table, String column, boolean isText) {
        String name = column.toLowerCase(Locale.ROOT);
        if (COLUMNS.getOrDefault(table, Set.of()).contains(name)
                || NAME.matcher(name).find()) {
            return true;
        }
        Set<String> harmless = ACCOUNTS.get(table);
        return harmless != null && isText && !harmless.contains(name);
    }
}
