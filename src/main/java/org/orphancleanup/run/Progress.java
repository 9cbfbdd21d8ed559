package org.orphancleanup.run;

/** Told how far a run is. Called from several threads. */
public interface Progress {

    Progress NONE = new Progress() {
        @Override
        public void begin(String stage, long total) {}

        @Override
        public void advance(long by) {}
    };

    /** The run has this number; before anything else is said. */
    default void opened(long run) {}

    /** A stage begins; the one before it has ended. @param total steps to come, in whatever unit; 0: not known */
    void begin(String stage, long total);

    void advance(long by);

    /** One line for a person, between two stages or in the middle of one. */
    default void say(String words) {}
}
