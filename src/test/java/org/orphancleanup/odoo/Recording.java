package org.orphancleanup.odoo;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** One exchange with a real Odoo, as it was recorded beside this repository. */
public record Recording(int odoo, String file, JsonNode content) {

    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final Map<Integer, List<Recording>> READ = new ConcurrentHashMap<>();

    /** In their order; the test is skipped where the recordings are not there. */
    public static List<Recording> all(int odoo) {
        Path directory = Path.of("..", "shared", "odoo", String.valueOf(odoo), "recordings");
        assumeTrue(Files.isDirectory(directory), "no recordings of Odoo " + odoo + " in " + directory);
        return READ.computeIfAbsent(odoo, version -> read(odoo, directory));
    }

    private static List<Recording> read(int odoo, Path directory) {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.toString().endsWith(".json"))
                    .map(file -> new Recording(odoo, file.getFileName().toString(), JSON.readTree(file.toFile())))
                    .sorted(Comparator.comparing(
                            recording -> Integer.parseInt(recording.file().split("_", 2)[0])))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The one of this name, without its number: {@code write_ok}. */
    public static Recording named(int odoo, String name) {
        return all(odoo).stream()
                .filter(recording -> recording.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError("Odoo " + odoo + " has no recording " + name));
    }

    public String name() {
        return content.path("name").asString();
    }

    public String path() {
        return content.path("request").path("url").asString();
    }

    public JsonNode requestBody() {
        return content.path("request").path("body");
    }

    public String header(String name) {
        return content.path("request").path("headers").path(name).asString("");
    }

    public int status() {
        return content.path("response").path("status").asInt();
    }

    public String contentType() {
        return content.path("response").path("headers").path("Content-Type").asString();
    }

    /** JSON, or the text as it was. */
    public String responseBody() {
        JsonNode response = content.path("response");
        return response.has("body")
                ? response.path("body").toString()
                : response.path("text").asString();
    }

    @Override
    public String toString() {
        return "Odoo " + odoo + " " + file;
    }
}
