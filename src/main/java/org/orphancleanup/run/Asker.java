package org.orphancleanup.run;

/**
 * Who asked, and through what.
 *
 * @param name the name of the user: in the operating system, or as signed in; or of the schedule
 * @param through {@code command-line}, {@code schedule}, {@code web} or {@code api}
 */
public record Asker(String name, String through) {

    /** The one who sits at the command line. */
    public static Asker atCommandLine() {
        return new Asker(ThisProcess.user(), "command-line");
    }
}
