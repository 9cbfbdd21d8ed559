package org.orphancleanup.run;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** Which process this is, in words that another process can check. */
@Component
class ThisProcess {

    private static final Logger LOG = LoggerFactory.getLogger(ThisProcess.class);

    /** The system tells start times in hundredths of a second, and counts them from a boot time that is adjusted now and then. */
    private static final Duration TOLERANCE = Duration.ofSeconds(2);

    private final String host = hostName();
    private final Set<Long> runs = ConcurrentHashMap.newKeySet();

    void begins(long run) {
        runs.add(run);
    }

    void ends(long run) {
        runs.remove(run);
    }

    /** Whether whoever worked on a run of this machine still does; this process knows of itself what it works on. */
    boolean worksOn(long run, long pid, Instant startedAt) {
        return lives(pid, startedAt) && (pid != pid() || runs.contains(run));
    }

    String host() {
        return host;
    }

    long pid() {
        return ProcessHandle.current().pid();
    }

    Instant startedAt() {
        return startOf(ProcessHandle.current());
    }

    /** Whether the process of this number on this machine is the one that started then. */
    static boolean lives(long pid, Instant startedAt) {
        return ProcessHandle.of(pid)
                .filter(ProcessHandle::isAlive)
                .filter(process ->
                        Duration.between(startOf(process), startedAt).abs().compareTo(TOLERANCE) <= 0)
                .isPresent();
    }

    private static Instant startOf(ProcessHandle process) {
        return process.info().startInstant().orElse(Instant.EPOCH);
    }

    /** The user in the operating system; who has no name there is known by number. */
    static String user() {
        String name = System.getProperty("user.name");
        if (name != null && !name.isBlank() && !name.equals("?")) {
            return name;
        }
        try {
            return "uid " + Files.getAttribute(Path.of("/proc/self"), "unix:uid");
        } catch (IOException | UnsupportedOperationException e) {
            LOG.debug("the user's number is not told", e);
            return "unknown";
        }
    }

    private static String hostName() {
        Path kernel = Path.of("/proc/sys/kernel/hostname");
        try {
            return Files.isReadable(kernel)
                    ? Files.readString(kernel).strip()
                    : InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "localhost";
        } catch (IOException e) {
            LOG.debug("the host's name is not told", e);
            return "localhost";
        }
    }
}
