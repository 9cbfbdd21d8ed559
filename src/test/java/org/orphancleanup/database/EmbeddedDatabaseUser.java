package org.orphancleanup.database;

import java.nio.file.Path;

/** A process of its own that uses a directory: prints the port, and leaves when its standard input ends. */
final class EmbeddedDatabaseUser {

    private EmbeddedDatabaseUser() {}

    public static void main(String[] args) throws Exception {
        try (EmbeddedDatabase database = EmbeddedDatabase.start(Path.of(args[0]), Path.of(args[1]))) {
            System.out.println("port " + database.port());
            System.in.read();
        }
    }
}
