package org.orphancleanup.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.orphancleanup.UserError;
import org.orphancleanup.job.JobDefinition;

class BackupGateTest {

    private static final Instant NOW = Instant.parse("2026-03-01T12:00:00Z");

    @TempDir
    Path backups;

    private final BackupGate gate = new BackupGate(Clock.fixed(NOW, ZoneOffset.UTC));

    @Test
    void the_newest_file_of_the_glob_must_be_young_enough() throws IOException {
        file("monday.dump", NOW.minus(Duration.ofHours(30)));
        file("tuesday.dump", NOW.minus(Duration.ofHours(6)));
        file("note.txt", NOW);

        assertThat(gate.pass(newest("*.dump", Duration.ofHours(24)), null)).contains("tuesday.dump");
        assertThatThrownBy(() -> gate.pass(newest("*.dump", Duration.ofHours(3)), null))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("tuesday.dump")
                .hasMessageContaining("6 hours")
                .hasMessageContaining("backup.newest.max-age")
                .hasMessageContaining("nightly.yaml");
    }

    @Test
    void a_glob_may_name_a_file_in_any_folder() throws IOException {
        Files.createDirectories(backups.resolve("2026/03"));
        file("2026/03/full.dump", NOW);

        assertThat(gate.pass(newest("*/*/full.dump", Duration.ofHours(1)), null))
                .contains("full.dump");
        assertThat(gate.pass(newest("**.dump", Duration.ofHours(1)), null)).contains("full.dump");
        assertThatThrownBy(() -> gate.pass(newest("*.dump", Duration.ofHours(1)), null))
                .hasMessageContaining("no file matches");
    }

    @Test
    void a_folder_that_does_not_exist_holds_no_backup() {
        assertThatThrownBy(() -> gate.pass(newest("nowhere/*.dump", Duration.ofHours(1)), null))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("no file matches");
    }

    @Test
    void a_command_passes_with_exit_code_0_only() {
        assertThat(gate.pass(command("true"), null)).contains("exit code 0");
        assertThatThrownBy(() -> gate.pass(command("sh", "-c", "echo disk full; exit 3"), null))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("exit code 3")
                .hasMessageContaining("disk full");
        assertThatThrownBy(() -> gate.pass(command("/no/such/program"), null))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("backup.command");
    }

    @Test
    void without_any_backup_nothing_is_written_unless_a_person_or_the_definition_says_so() {
        JobDefinition silent = Definitions.with(new JobDefinition.Backup(true, null, null, List.of()));

        assertThatThrownBy(() -> gate.pass(silent, null))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("backup.newest")
                .hasMessageContaining("--no-backup");
        assertThat(gate.pass(silent, "restored copy")).contains("restored copy");
        assertThat(gate.pass(Definitions.with(new JobDefinition.Backup(false, null, null, List.of())), null))
                .contains("require: false");
    }

    private void file(String name, Instant modified) throws IOException {
        Path file = Files.writeString(backups.resolve(name), "x");
        Files.setLastModifiedTime(file, FileTime.from(modified));
    }

    private JobDefinition newest(String glob, Duration maxAge) {
        return Definitions.with(new JobDefinition.Backup(true, backups + "/" + glob, maxAge, List.of()));
    }

    private static JobDefinition command(String... command) {
        return Definitions.with(new JobDefinition.Backup(true, null, null, List.of(command)));
    }
}
