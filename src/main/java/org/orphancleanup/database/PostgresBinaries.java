package org.orphancleanup.database;

import io.zonky.test.db.postgres.embedded.DefaultPostgresBinaryResolver;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.zip.CRC32;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.compressors.xz.XZCompressorInputStream;
import org.orphancleanup.UserError;
import org.springframework.util.FileSystemUtils;

/** The PostgreSQL programs in our jar, unpacked once into a cache. */
final class PostgresBinaries {

    private static final Map<Path, Path> HOMES = new ConcurrentHashMap<>();

    private PostgresBinaries() {}

    /**
     * The directory with {@code bin/}, {@code lib/} and {@code share/}. Several processes may ask for it at once: each unpacks
     * beside it and the first to rename wins.
     *
     * @throws UserError on a system for which the jar has no programs
     */
    static Path unpackedIn(Path cache) throws IOException {
        Path known = HOMES.get(cache);
        if (known != null && Files.isDirectory(known)) {
            return known;
        }
        Path home = unpack(cache);
        HOMES.put(cache, home);
        return home;
    }

    private static Path unpack(Path cache) throws IOException {
        byte[] archive = archive();
        CRC32 crc = new CRC32();
        crc.update(archive);
        Path home = cache.resolve("postgres-" + Long.toHexString(crc.getValue()));
        if (Files.isDirectory(home)) {
            return home;
        }
        Files.createDirectories(cache);
        Path fresh = Files.createTempDirectory(cache, "unpacking-");
        try {
            unpack(archive, fresh);
            // createTempDirectory's 0700 would do too, but a cache may be shared by users of one group
            Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString("rwxr-xr-x"));
            try {
                Files.move(fresh, home, StandardCopyOption.ATOMIC_MOVE);
            } catch (IOException e) {
                if (!Files.isDirectory(home)) {
                    throw e;
                }
            }
        } finally {
            FileSystemUtils.deleteRecursively(fresh);
        }
        return home;
    }

    private static byte[] archive() throws IOException {
        String system = System.getProperty("os.name").startsWith("Mac")
                ? "Darwin"
                : System.getProperty("os.name").startsWith("Windows") ? "Windows" : "Linux";
        String machine = System.getProperty("os.arch").toLowerCase(Locale.ROOT);
        try (InputStream archive = DefaultPostgresBinaryResolver.INSTANCE.getPgBinary(
                system, machine.equals("amd64") ? "x86_64" : machine)) {
            return archive.readAllBytes();
        } catch (IllegalStateException e) {
            throw new UserError(
                    UserError.Kind.SETTING,
                    "No embedded PostgreSQL comes with this program for " + system + " on " + machine
                            + ". Set spring.datasource.url, .username and .password to a PostgreSQL of your own.",
                    e);
        }
    }

    private static void unpack(byte[] archive, Path home) throws IOException {
        try (TarArchiveInputStream tar =
                new TarArchiveInputStream(new XZCompressorInputStream(new ByteArrayInputStream(archive)))) {
            for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                Path file = home.resolve(entry.getName()).normalize();
                if (!file.startsWith(home)) {
                    throw new IOException("the archive of PostgreSQL leaves its directory: " + entry.getName());
                }
                if (entry.isDirectory()) {
                    Files.createDirectories(file);
                    continue;
                }
                Files.createDirectories(file.getParent());
                if (entry.isSymbolicLink() || entry.isLink()) {
                    Files.createSymbolicLink(file, Path.of(entry.getLinkName()));
                } else {
                    Files.copy(tar, file);
                    Files.setPosixFilePermissions(
                            file,
                            PosixFilePermissions.fromString((entry.getMode() & 0100) == 0 ? "rw-r--r--" : "rwxr-xr-x"));
                }
            }
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }
}
