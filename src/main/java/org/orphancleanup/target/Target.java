package org.orphancleanup.target;

import org.jspecify.annotations.Nullable;

/**
 * One Odoo instance as configured.
 *
 * @param name its name in {@code orphan.targets}, or {@code default}
 * @param jdbc the read-only connection to Odoo's database
 * @param api null where only scans are wanted
 * @param write the separate write connection, used for {@code keep-id} alone
 */
public record Target(
        String name,
        Jdbc jdbc,
        @Nullable Api api,
        @Nullable Jdbc write,
        @Nullable KeepIdThrough keepIdThrough) {

    /** A JDBC connection; {@code url} begins with {@code jdbc:postgresql:}. */
    public record Jdbc(
            String url, @Nullable String user, @Nullable Secret password) {

        /** The URL without parameters and user: what may be printed, and what tells one database server from another. */
        public String address() {
            int parameters = url.indexOf('?');
            return (parameters < 0 ? url : url.substring(0, parameters)).replaceFirst("//[^/]*@", "//");
        }

        /** Parameters of a URL can be secret. */
        @Override
        public String toString() {
            return "Jdbc[url=" + address() + ", user=" + user + "]";
        }
    }

    /** Odoo's external API. {@code key} is an API key, or a password where the protocol takes one. */
    public record Api(String url, String database, String login, Secret key, Protocol protocol) {}

    /** {@code orphan.targets.<name>.api}. */
    public enum Protocol {
        AUTO,
        JSON_RPC,
        JSON_2
    }

    /** {@code orphan.targets.<name>.keep-id-through}. */
    public enum KeepIdThrough {
        WRITE_CONNECTION,
        SERVER_ACTION
    }
}
