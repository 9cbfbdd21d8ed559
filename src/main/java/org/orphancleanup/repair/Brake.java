package org.orphancleanup.repair;

import java.nio.file.Files;
import java.time.Clock;
import java.time.LocalTime;
import org.orphancleanup.UserError;
import org.orphancleanup.job.JobDefinition;

/** Looked at before every call: the time window and the pause file of the definition. */
final class Brake {

    private final JobDefinition job;
    private final Clock clock;

    Brake(JobDefinition job, Clock clock) {
        this.job = job;
        this.clock = clock;
    }

    /** @throws UserError when nothing may be written now; what is done stays done, and the run can go on later */
    void check() {
        JobDefinition.Window window = job.limits().window();
        if (window != null) {
            LocalTime now = LocalTime.now(clock.withZone(job.timeZone()));
            if (!window.contains(now)) {
                throw UserError.setting(
                        "it is " + now.withNano(0) + " in " + job.timeZone() + ", outside limits.window "
                                + window.start() + "-" + window.end()
                                + ": nothing more is written; run it again within the window, or change limits.window");
            }
        }
        if (job.limits().pauseFile() != null && Files.exists(job.limits().pauseFile())) {
            throw UserError.setting("the pause file " + job.limits().pauseFile()
                    + " exists (limits.pause-file): nothing more is written; remove it and run again");
        }
    }
}
