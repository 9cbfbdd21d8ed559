package org.orphancleanup.run;

import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Keeps how far a run is, for whoever looks at it from another process. The threads that work only count: the heartbeat's
 * writes, as a row written in a step's transaction would be seen at its end, and make the threads wait for each other.
 */
final class RecordedProgress implements Progress {

    private final Progress told;
    private final Clock clock;
    private final List<Stage> stages = new ArrayList<>();
    private boolean changed;

    RecordedProgress(Progress told, Clock clock) {
        this.told = told;
        this.clock = clock;
    }

    private static final class Stage {
        private final String name;
        private final long total;
        private final Instant began;
        private long done;
        private @Nullable Instant ended;

        Stage(String name, long total, Instant began) {
            this.name = name;
            this.total = total;
            this.began = began;
        }
    }

    /** A stage as it stands. */
    record Step(
            String name,
            long total,
            long done,
            Instant began,
            @Nullable Instant ended) {}

    @Override
    public void opened(long run) {
        told.opened(run);
    }

    @Override
    public void begin(String stage, long total) {
        synchronized (this) {
            endLast();
            stages.add(new Stage(stage, total, clock.instant()));
            changed = true;
        }
        told.begin(stage, total);
    }

    @Override
    public void advance(long by) {
        synchronized (this) {
            if (!stages.isEmpty()) {
                stages.get(stages.size() - 1).done += by;
                changed = true;
            }
        }
        told.advance(by);
    }

    @Override
    public void say(String words) {
        told.say(words);
    }

    private void endLast() {
        if (!stages.isEmpty()) {
            Stage last = stages.get(stages.size() - 1);
            last.ended = last.ended == null ? clock.instant() : last.ended;
        }
    }

    synchronized void end() {
        endLast();
        changed = true;
    }

    /** What to write; empty where nothing happened since it was last asked. */
    synchronized List<Step> changes() {
        if (!changed) {
            return List.of();
        }
        changed = false;
        return stages.stream()
                .map(stage -> new Step(stage.name, stage.total, stage.done, stage.began, stage.ended))
                .toList();
    }
}
