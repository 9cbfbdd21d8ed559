package org.orphancleanup.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ProgressLinesTest {

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final PrintStream stream = new PrintStream(bytes, true, StandardCharsets.UTF_8);
    private long now;

    @Test
    void a_pipe_gets_plain_lines_and_no_more_than_one_in_ten_seconds() {
        try (ProgressLines progress = new ProgressLines(stream, false, () -> now)) {
            progress.begin("detect", 100);
            progress.advance(10);
            now += TimeUnit.SECONDS.toNanos(11);
            progress.advance(10);
            progress.advance(10);
            progress.begin("plan", 0);
        }

        assertThat(printed().lines()).containsExactly("detect", "detect: 20 of 100", "detect: 30 of 100", "plan");
        assertThat(printed()).doesNotContain("\r").doesNotContain("\033");
    }

    @Test
    void a_terminal_gets_a_bar_that_is_drawn_in_place() {
        try (ProgressLines progress = new ProgressLines(stream, true, () -> now)) {
            progress.begin("detect", 100);
            now += TimeUnit.SECONDS.toNanos(1);
            progress.advance(50);
        }

        assertThat(printed())
                .contains("\rdetect [###############---------------] 50 of 100")
                .endsWith("\n");
        assertThat(printed().lines()).hasSizeLessThanOrEqualTo(4);
    }

    private String printed() {
        return bytes.toString(StandardCharsets.UTF_8);
    }
}
