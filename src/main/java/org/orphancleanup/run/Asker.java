package org.orphancleanup.run;

/**
 * Who asked, and through what.
 *
 * @param name the name of the user in the operating system, or of the schedule
 * @param through {@code command-line}, {@code schedule} or {@code web}
 */
public record Asker(String name, String through) {

    /** The one who sits at the command line. */
    public static Asker atCommandLine() {
        return new Asker(ThisProcess.user(), "command-line");
    }
}
