package org.orphancleanup.run;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.orphancleanup.UserError;
import org.orphancleanup.job.JobDefinition;
import org.springframework.stereotype.Component;

/** Nothing is written before a backup is known to exist, or a person said why there is none. */
@Component
class BackupGate {

    private static final String WAY_OUT = " Or run cleanup with --no-backup \"REASON\", which is kept in the journal.";

    private final Clock clock;

    BackupGate(Clock clock) {
        this.clock = clock;
    }

    /**
     * @return how it was passed, for the journal
     * @throws UserError when it was not, naming the setting
     */
    String pass(JobDefinition job, @Nullable String reasonForNone) {
        JobDefinition.Backup backup = job.backup();
        if (reasonForNone != null && !reasonForNone.isBlank()) {
            return "none (--no-backup): " + reasonForNone.strip();
        }
        if (backup.newestGlob() != null) {
            return newest(job, backup.newestGlob(), Objects.requireNonNullElse(backup.maxAge(), Duration.ofHours(24)));
        }
        if (!backup.command().isEmpty()) {
            return command(job, backup.command());
        }
        if (backup.require()) {
            throw UserError.setting("Nothing is written without a backup, and job \"" + job.name()
                    + "\" says nothing of one. Set backup.newest (glob, max-age) or backup.command in "
                    + where(job) + ", or backup.require: false." + WAY_OUT);
        }
        return "none (backup.require: false)";
    }

    /** An undo passes the gate as its run did where the definition knows of no backup of its own. */
    String passAgain(JobDefinition job, @Nullable String asBefore) {
        boolean own =
                job.backup().newestGlob() != null || !job.backup().command().isEmpty();
        return own || asBefore == null ? pass(job, null) : "as for the run it undoes: " + asBefore;
    }

    private String newest(JobDefinition job, String glob, Duration maxAge) {
        Path newest = null;
        FileTime time = FileTime.fromMillis(0);
        for (Map.Entry<Path, FileTime> file : matching(glob)) {
            if (newest == null || file.getValue().compareTo(time) > 0) {
                newest = file.getKey();
                time = file.getValue();
            }
        }
        if (newest == null) {
            throw UserError.setting("Nothing is written without a backup: no file matches backup.newest.glob " + glob
                    + " of " + where(job) + "." + WAY_OUT);
        }
        Instant now = clock.instant();
        Duration age = Duration.between(time.toInstant(), now);
        if (age.compareTo(maxAge) > 0) {
            throw UserError.setting("Nothing is written without a backup: the newest file of backup.newest.glob " + glob
                    + ", " + newest + ", is " + words(age) + " old, older than backup.newest.max-age " + words(maxAge)
                    + " of " + where(job) + "." + WAY_OUT);
        }
        return "newest file " + newest + " of " + time.toInstant();
    }

    private static List<Map.Entry<Path, FileTime>> matching(String glob) {
        Path absolute = Path.of("").toAbsolutePath();
        String pattern = glob.startsWith("/") ? glob : absolute + "/" + glob;
        // the part before the first wildcard is where to look
        int wildcard = pattern.length();
        for (char sign : new char[] {'*', '?', '[', '{'}) {
            int at = pattern.indexOf(sign);
            wildcard = at < 0 ? wildcard : Math.min(wildcard, at);
        }
        Path start = Path.of(pattern.substring(0, Math.max(1, pattern.lastIndexOf('/', wildcard - 1))));
        if (!Files.exists(start)) {
            return List.of();
        }
        PathMatcher matcher = FileSystems.getDefault().getPathMatcher("glob:" + pattern);
        List<Map.Entry<Path, FileTime>> found = new ArrayList<>();
        int depth = pattern.contains("**")
                ? Integer.MAX_VALUE
                : Path.of(pattern.replaceAll("[*?\\[\\]{}]", "x")).getNameCount() - start.getNameCount();
        try {
            Files.walkFileTree(start, EnumSet.of(FileVisitOption.FOLLOW_LINKS), depth, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                    if (matcher.matches(file)) {
                        found.add(Map.entry(file, attributes.lastModifiedTime()));
                    }
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFileFailed(Path file, IOException e) {
                    // a folder that may not be read holds no backup that could be looked at
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (IOException e) {
            throw UserError.setting("backup.newest.glob " + glob + " cannot be looked at: " + e.getMessage());
        }
        return found;
    }

    private static String command(JobDefinition job, List<String> command) {
        try {
            Path output = Files.createTempFile("orphan-cleanup-backup", ".out");
            try {
                Process process = new ProcessBuilder(command)
                        .redirectInput(Path.of("/dev/null").toFile())
                        .redirectErrorStream(true)
                        .redirectOutput(output.toFile())
                        .start();
                int exitCode = process.waitFor();
                if (exitCode != 0) {
                    String said = new String(Files.readAllBytes(output), StandardCharsets.UTF_8).strip();
                    throw UserError.setting("Nothing is written without a backup: backup.command of " + where(job)
                            + " ended with exit code " + exitCode
                            + (said.isEmpty() ? "." : " and said: " + said.substring(Math.max(0, said.length() - 500)))
                            + WAY_OUT);
                }
                return "command " + command.get(0) + " ended with exit code 0";
            } finally {
                Files.deleteIfExists(output);
            }
        } catch (IOException e) {
            throw UserError.setting("Nothing is written without a backup: backup.command of " + where(job)
                    + " cannot be run: " + e.getMessage() + "." + WAY_OUT);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while the backup command ran", e);
        }
    }

    private static String where(JobDefinition job) {
        return job.file() == null ? "the job definition" : job.file().toString();
    }

    static String words(Duration duration) {
        if (duration.toHours() >= 48) {
            return duration.toDays() + " days";
        } else if (duration.toMinutes() >= 120) {
            return duration.toHours() + " hours";
        } else if (duration.toSeconds() >= 120) {
            return duration.toMinutes() + " minutes";
        }
        return duration.toSeconds() + " seconds";
    }
}
