package org.orphancleanup.sandbox;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * How a sandbox is started.
 *
 * @param directory where its embedded database lives; null: {@code jdbcUrl} names an empty or a prepared database
 * @param programs where the PostgreSQL programs are unpacked; null: in {@code directory}
 * @param version the Odoo version it poses as: 17, 18 or 19
 * @param port of the server; 0: any free one
 * @param reset make it anew even where there is one
 * @param damaged false: the sound records only
 */
public record SandboxOptions(
        @Nullable Path directory,
        @Nullable Path programs,
        @Nullable String jdbcUrl,
        @Nullable String jdbcUser,
        @Nullable String jdbcPassword,
        int version,
        int port,
        boolean reset,
        boolean damaged) {

    public SandboxOptions {
        if (version < 17 || version > 19) {
            throw new IllegalArgumentException("the sandbox can pose as Odoo 17, 18 or 19, not " + version);
        }
    }

    /** With an embedded database of its own in this directory. */
    public static SandboxOptions in(Path directory) {
        return new SandboxOptions(directory, null, null, null, null, 18, 0, false, true);
    }

    /** In an existing database, of which the user must be a superuser: the damage is done as a replica does. */
    public static SandboxOptions over(String jdbcUrl, @Nullable String user, @Nullable String password) {
        return new SandboxOptions(null, null, jdbcUrl, user, password, 18, 0, false, true);
    }

    public SandboxOptions programs(Path programs) {
        return new SandboxOptions(directory, programs, jdbcUrl, jdbcUser, jdbcPassword, version, port, reset, damaged);
    }

    public SandboxOptions version(int version) {
        return new SandboxOptions(directory, programs, jdbcUrl, jdbcUser, jdbcPassword, version, port, reset, damaged);
    }

    public SandboxOptions port(int port) {
        return new SandboxOptions(directory, programs, jdbcUrl, jdbcUser, jdbcPassword, version, port, reset, damaged);
    }

    public SandboxOptions reset(boolean reset) {
        return new SandboxOptions(directory, programs, jdbcUrl, jdbcUser, jdbcPassword, version, port, reset, damaged);
    }

    public SandboxOptions undamaged() {
        return new SandboxOptions(directory, programs, jdbcUrl, jdbcUser, jdbcPassword, version, port, reset, false);
    }

    @Override
    public String toString() {
        return "SandboxOptions[version=" + version + ", directory=" + directory + "]";
    }
}
