package org.orphancleanup;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code mvnw}, with a Maven that only says its version and what it was asked, and a download from a local file. */
class MavenWrapperTest {

    private static final List<String> TOOLS = List.of(
            "sed",
            "head",
            "awk",
            "cut",
            "mkdir",
            "mktemp",
            "rm",
            "mv",
            "tar",
            "gzip",
            "curl",
            "sha512sum",
            "dirname",
            "cat");

    @TempDir
    Path directory;

    private Path project;
    private Path path;
    private Path store;

    private record Ended(int exitCode, String output) {}

    @BeforeEach
    void a_project_and_a_path_without_maven() throws IOException {
        project = Files.createDirectories(directory.resolve("a project"));
        path = Files.createDirectory(directory.resolve("bin"));
        store = directory.resolve("m2");
        Files.copy(Path.of("mvnw"), project.resolve("mvnw"));
        Files.createDirectory(project.resolve(".mvn"));
        for (String tool : TOOLS) {
            executable(path.resolve(tool), "exec " + whereIs(tool) + " \"$@\"");
        }
    }

    private static Path whereIs(String tool) {
        return List.of(Path.of("/usr/bin", tool), Path.of("/bin", tool)).stream()
                .filter(Files::isExecutable)
                .findFirst()
                .orElseThrow(() -> new AssertionError("no " + tool + " on this machine"));
    }

    private static void maven(Path file, String version) throws IOException {
        executable(
                file,
                "if [ \"$1\" = --version ]; then printf '\\033[1mApache Maven " + version
                        + "\\033[m (a1b2)\\n'; else echo \"" + version + ": $*\"; fi");
    }

    private static void executable(Path file, String script) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, "#!/bin/sh\n" + script + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    /** What the archive offers; the pinned checksum is its own, or that of something else. */
    private Path download(boolean isGenuine) throws IOException, InterruptedException, GeneralSecurityException {
        maven(directory.resolve("apache-maven-9.9.9/bin/mvn"), "9.9.9");
        Path archive = directory.resolve("maven.tar.gz");
        assertThat(new ProcessBuilder("tar", "-czf", archive.toString(), "apache-maven-9.9.9")
                        .directory(directory.toFile())
                        .start()
                        .waitFor())
                .isZero();
        byte[] pinned = isGenuine ? Files.readAllBytes(archive) : new byte[0];
        Files.writeString(
                project.resolve(".mvn/maven-download.properties"),
                "# a comment\nversion=9.9.9\nurl=" + archive.toUri() + "\nsha512="
                        + HexFormat.of()
                                .formatHex(MessageDigest.getInstance("SHA-512").digest(pinned)) + "\n");
        return archive;
    }

    private Ended run(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("./mvnw"));
        command.addAll(List.of(arguments));
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(project.toFile()).redirectErrorStream(true);
        builder.environment().put("PATH", path.toString());
        builder.environment().put("MAVEN_USER_HOME", store.toString());
        builder.environment().remove("MVNW_URL");
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        return new Ended(process.exitValue(), output);
    }

    @Test
    void a_maven_on_the_path_that_is_new_enough_is_used() throws Exception {
        for (String version : List.of("3.8.7", "3.9.0", "3.10.1", "4.0.0")) {
            maven(path.resolve("mvn"), version);

            assertThat(run("-B", "verify", "-Da=b c")).isEqualTo(new Ended(0, version + ": -B verify -Da=b c\n"));
        }
        assertThat(store).doesNotExist();
    }

    @Test
    void an_older_one_is_not_and_a_checked_download_takes_its_place_once() throws Exception {
        maven(path.resolve("mvn"), "3.8.6");
        Path archive = download(true);

        Ended first = run("verify");
        Files.delete(archive);
        Ended second = run("verify");

        assertThat(first.output()).contains("downloading 9.9.9 from file:").endsWith("9.9.9: verify\n");
        assertThat(second).isEqualTo(new Ended(0, "9.9.9: verify\n"));
        try (var kept = Files.list(store.resolve("wrapper/dists"))) {
            assertThat(kept).hasSize(1);
        }
    }

    @Test
    void without_any_maven_it_is_downloaded_too() throws Exception {
        download(true);

        assertThat(run("verify").output()).endsWith("9.9.9: verify\n");
    }

    @Test
    void what_has_another_checksum_is_not_installed() throws Exception {
        download(false);

        Ended ended = run("verify");

        assertThat(ended.exitCode()).isEqualTo(1);
        assertThat(ended.output()).contains("another checksum").doesNotContain("9.9.9: verify");
        try (var kept = Files.list(store.resolve("wrapper/dists"))) {
            assertThat(kept).isEmpty();
        }
    }

    @Test
    void a_download_that_fails_says_what_to_do() throws Exception {
        Files.delete(download(true));

        Ended ended = run("verify");

        assertThat(ended.exitCode()).isEqualTo(1);
        assertThat(ended.output()).contains("install Maven 3.8.7 or later, or set MVNW_URL");
    }

    @Test
    void what_is_pinned_is_an_archived_release_of_maven_3() throws IOException {
        assertThat(Files.readString(Path.of(".mvn/maven-download.properties")))
                .containsPattern(
                        "(?m)^url=https://archive\\.apache\\.org/dist/maven/maven-3/([0-9.]+)/binaries/apache-maven-\\1-bin\\.tar\\.gz$")
                .containsPattern("(?m)^sha512=[0-9a-f]{128}$");
    }
}
