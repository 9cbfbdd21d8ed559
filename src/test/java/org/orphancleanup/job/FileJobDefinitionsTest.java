package org.orphancleanup.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.orphancleanup.UserError;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;
import org.springframework.mock.env.MockEnvironment;

class FileJobDefinitionsTest {

    @TempDir
    Path directory;

    private FileJobDefinitions definitions() {
        return new FileJobDefinitions(new MockEnvironment().withProperty("orphan.jobs-dir", directory.toString()));
    }

    private Path file(String name, String text) throws IOException {
        return Files.writeString(directory.resolve(name), text);
    }

    @Test
    void a_job_is_found_by_its_name_its_file_s_name_or_its_path() throws IOException {
        Path file = file("every-night.yaml", "name: nightly\ntarget: b\n");
        file("other.yml", "name: other\ntarget: b\n");

        assertThat(definitions().load("nightly").file()).isEqualTo(file);
        assertThat(definitions().load("every-night").name()).isEqualTo("nightly");
        assertThat(definitions().load(file.toString()).name()).isEqualTo("nightly");
    }

    @Test
    void the_directory_comes_from_the_environment_too() throws IOException {
        file("a.yaml", "name: a\ntarget: b\n");
        StandardEnvironment environment = new StandardEnvironment();
        environment
                .getPropertySources()
                .addFirst(new SystemEnvironmentPropertySource(
                        StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME,
                        Map.of("ORPHAN_JOBS_DIR", directory.toString())));

        assertThat(new FileJobDefinitions(environment).load("a").target()).isEqualTo("b");
    }

    @Test
    void without_a_setting_the_directory_is_jobs_where_the_program_runs() {
        assertThat(new FileJobDefinitions(new MockEnvironment()).list())
                .extracting(entry -> entry.file().toString())
                .contains("jobs/nightly-scan.yaml")
                .doesNotContain("jobs/job.schema.json");
    }

    @Test
    void an_unknown_job_is_refused_with_the_nearest_or_all_there_are() throws IOException {
        assertThatThrownBy(() -> definitions().load("nightly"))
                .isInstanceOf(UserError.class)
                .hasMessageContaining("There is no job \"nightly\" in " + directory, "ORPHAN_JOBS_DIR");
        file("nightly.yaml", "name: nightly\ntarget: b\n");

        assertThatThrownBy(() -> definitions().load("nigthly")).hasMessageContaining("did you mean \"nightly\"?");
        assertThatThrownBy(() -> definitions().load("weekend")).hasMessageContaining("there are: nightly");
        assertThatThrownBy(() -> definitions().load("./weekend.yaml"))
                .hasMessageContaining("./weekend.yaml:1: there is no such file");
    }

    @Test
    void two_files_with_one_name_are_refused() throws IOException {
        Path one = file("one.yaml", "name: nightly\ntarget: b\n");
        Path two = file("two.yaml", "name: nightly\ntarget: c\n");

        assertThatThrownBy(() -> definitions().load("nightly"))
                .isInstanceOf(UserError.class)
                .hasMessageContaining(one + ", " + two);
        assertThat(definitions().list())
                .extracting(JobDefinitions.Entry::problem)
                .allSatisfy(problem -> assertThat(problem).contains("2 files name their job \"nightly\""));
    }

    @Test
    void a_broken_file_is_listed_with_what_is_wrong() throws IOException {
        Path broken = file("broken.yaml", "name: broken\ntarget: b\nscan: quick\n");
        file("sound.json", "{\"name\": \"sound\", \"target\": \"b\"}");
        file("job.schema.json", "{}");
        file("notes.txt", "");

        assertThat(definitions().list()).hasSize(2);
        assertThat(definitions().list().get(0).problem())
                .isEqualTo(broken + ":3: scan cannot be \"quick\"; write one of: full, trust");
        assertThat(definitions().list().get(1).definition().name()).isEqualTo("sound");
        assertThatThrownBy(() -> definitions().load("broken")).hasMessageStartingWith(broken + ":3: ");
    }

    @Test
    void a_scan_without_a_job_reads_everything_and_changes_nothing() {
        JobDefinition scan = definitions().scanOf("pro\"duction", false);

        assertThat(scan.file()).isNull();
        assertThat(scan.target()).isEqualTo("pro\"duction");
        assertThat(scan.fullScan()).isFalse();
        assertThat(scan.references().include()).containsExactly("*");
        assertThat(scan.rules()).isEmpty();
        assertThat(scan.fallback()).isEqualTo(PolicyKind.REPORT_ONLY);
        assertThat(definitions().parse(scan.text(), Path.of("scan.yaml")).withoutFile())
                .isEqualTo(scan);
    }

    @Test
    void what_a_run_kept_is_read_without_its_file() {
        JobDefinition job = definitions().parse("name: a\ntarget: b\n", directory.resolve("gone.yaml"));

        assertThat(job.file()).isEqualTo(directory.resolve("gone.yaml"));
        assertThatThrownBy(() -> definitions().parse("name: a\n", directory.resolve("gone.yaml")))
                .isInstanceOf(UserError.class)
                .hasMessageStartingWith(directory.resolve("gone.yaml") + ":1: target is missing");
    }
}
