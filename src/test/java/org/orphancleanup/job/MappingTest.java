package org.orphancleanup.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.orphancleanup.UserError;

class MappingTest {

    @TempDir
    Path directory;

    private Path file(String text) throws IOException {
        return Files.writeString(directory.resolve("mapping.csv"), text);
    }

    @Test
    void the_right_record_is_found_by_model_and_missing_id() throws IOException {
        Mapping mapping = Mapping.read(file("\uFEFFparent_model,missing_id,new\r\n"
                + "res.partner, 41 ,\"7\"\r\n\r\nres.partner,42,base.main_partner\r\nres.users,41,8"));

        assertThat(mapping.find("res.partner", 41)).contains("7");
        assertThat(mapping.find("res.partner", 42)).contains("base.main_partner");
        assertThat(mapping.find("res.users", 41)).contains("8");
        assertThat(mapping.find("res.users", 42)).isEmpty();
        assertThat(mapping.lineByModel())
                .containsExactly(java.util.Map.entry("res.partner", 2), java.util.Map.entry("res.users", 5));
    }

    @Test
    void every_mistake_is_named_with_its_line() throws IOException {
        Path file = file("""
                parent_model,missing_id,new
                res partner,1,7
                res.partner,0,7
                res.partner,2,somebody
                res.partner,3
                res.partner,4,4
                res.partner,5,7
                res.partner,5,8
                res.partner,5,7
                """);

        assertThatThrownBy(() -> Mapping.read(file))
                .isInstanceOf(UserError.class)
                .hasMessage(String.join(
                        "\n",
                        file + ":2: \"res partner\" is no model; write one such as res.partner in parent_model",
                        file + ":3: \"0\" is no id; write a number above 0 in missing_id",
                        file + ":4: \"somebody\" is neither an id nor an external id;"
                                + " write a number above 0, or module.name, in new",
                        file + ":5: there are 2 values; write three, parent_model,missing_id,new",
                        file + ":6: new is the missing id itself; write the record that takes its place",
                        file + ":8: res.partner 5 already goes to 7 by an earlier line; keep one of the two"));
    }

    @Test
    void a_missing_header_an_empty_file_and_a_broken_one_are_refused() throws IOException {
        assertThatThrownBy(() -> Mapping.read(file("res.partner,1,7\n")))
                .hasMessageContaining(
                        "mapping.csv:1: the header is missing; the first line must be parent_model,missing_id,new");
        assertThatThrownBy(() -> Mapping.read(file("parent_model;missing_id;new\n")))
                .hasMessageContaining("mapping.csv:1: the header is missing");
        assertThatThrownBy(() -> Mapping.read(file(""))).hasMessageContaining("mapping.csv:1: the file is empty");
        assertThatThrownBy(() -> Mapping.read(file("parent_model,missing_id,new\nres.partner,\"1,7\n")))
                .hasMessageContaining("is no CSV file");
        assertThatThrownBy(() -> Mapping.read(directory.resolve("none.csv")))
                .hasMessageContaining("none.csv:1: there is no such file");
    }

    @Test
    void a_header_alone_names_nothing() throws IOException {
        assertThat(Mapping.read(file("parent_model,missing_id,new\n")).find("res.partner", 1))
                .isEmpty();
    }
}
