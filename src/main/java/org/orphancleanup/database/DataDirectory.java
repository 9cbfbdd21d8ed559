package org.orphancleanup.database;

import java.nio.file.Path;

/** Where everything lies that this program keeps: {@code ORPHAN_DATA_DIR}, {@code orphan.data-dir}, else {@code data}. */
public record DataDirectory(Path path) {

    public Path reports() {
        return path.resolve("reports");
    }

    public Path demo() {
        return path.resolve("demo");
    }
}
