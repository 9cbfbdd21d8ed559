package org.orphancleanup.cli;

import java.io.PrintStream;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.orphancleanup.run.Progress;

/** Prints how far a run is: one line that is drawn again on a terminal, a line now and then elsewhere. */
final class ProgressLines implements Progress, AutoCloseable {

    private static final int WIDTH = 30;
    private static final long REDRAW = TimeUnit.MILLISECONDS.toNanos(100);
    private static final long REPEAT = TimeUnit.SECONDS.toNanos(10);

    private final PrintStream stream;
    private final boolean terminal;
    private final LongSupplier nanoTime;

    private String stage = "";
    private long total;
    private long done;
    private long drawnAt;

    ProgressLines(PrintStream stream, boolean terminal, LongSupplier nanoTime) {
        this.stream = stream;
        this.terminal = terminal;
        this.nanoTime = nanoTime;
    }

    @Override
    public synchronized void begin(String stage, long total) {
        end();
        this.stage = stage;
        this.total = total;
        this.done = 0;
        draw();
    }

    @Override
    public synchronized void advance(long by) {
        done += by;
        if (nanoTime.getAsLong() - drawnAt >= (terminal ? REDRAW : REPEAT)) {
            draw();
        }
    }

    @Override
    public synchronized void say(String words) {
        if (terminal) {
            stream.print("\r\033[K");
        }
        stream.println(words);
        if (terminal && !stage.isEmpty()) {
            draw();
        }
    }

    /** Ends the line of the last stage. */
    @Override
    public synchronized void close() {
        end();
    }

    private void end() {
        if (stage.isEmpty()) {
            return;
        }
        if (terminal) {
            draw();
            stream.println();
        } else if (done > 0) {
            draw();
        }
        stage = "";
    }

    private void draw() {
        drawnAt = nanoTime.getAsLong();
        String counted = total > 0 ? done + " of " + total : done > 0 ? Long.toString(done) : "";
        if (!terminal) {
            stream.println(counted.isEmpty() || done == 0 ? stage : stage + ": " + counted);
            return;
        }
        int filled = total > 0 ? (int) Math.min(WIDTH, done * WIDTH / total) : 0;
        String bar = total > 0 ? " [" + "#".repeat(filled) + "-".repeat(WIDTH - filled) + "]" : "";
        // clears what is left of a longer line
        stream.print("\r" + stage + bar + " " + counted + "\033[K");
        stream.flush();
    }
}
