package org.orphancleanup.web;

import java.nio.file.Files;
import java.nio.file.Path;
import org.orphancleanup.database.DataDirectory;
import org.orphancleanup.report.ReportWriter;
import org.orphancleanup.run.Run;
import org.orphancleanup.run.RunStore;
import org.orphancleanup.schedule.Schedules;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.core.io.FileSystemResource;
import org.springframework.core.io.Resource;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.stereotype.Controller;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.server.ResponseStatusException;

/** The runs, and their reports. */
@Controller
class StartPage {

    private static final int RUNS = 200;
    private static final String REPORT_POLICY =
            "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'; base-uri 'none'";

    private final RunStore store;
    private final ReportWriter reports;
    private final DataDirectory directory;
    private final ObjectProvider<Schedules> schedules;

    StartPage(RunStore store, ReportWriter reports, DataDirectory directory, ObjectProvider<Schedules> schedules) {
        this.store = store;
        this.reports = reports;
        this.directory = directory;
        this.schedules = schedules;
    }

    @GetMapping("/")
    String runs(Model model) {
        model.addAttribute("runs", store.recent(RUNS));
        model.addAttribute("most", RUNS);
        model.addAttribute(
                "jobs", schedules.stream().flatMap(list -> list.list().stream()).toList());
        return "runs";
    }

    @GetMapping("/runs/{id}/report")
    ResponseEntity<Resource> report(@PathVariable long id) {
        Path folder = directory.reports().resolve(Long.toString(id));
        Path file = folder.resolve("report.html");
        if (!Files.exists(file)) {
            if (store.find(id).filter(Run::hasEnded).isEmpty()) {
                throw new ResponseStatusException(HttpStatus.NOT_FOUND);
            }
            // another machine wrote it, or somebody removed it: our database still has it all
            reports.write(id, folder);
        }
        return ResponseEntity.ok()
                .contentType(new MediaType(MediaType.TEXT_HTML, java.nio.charset.StandardCharsets.UTF_8))
                // the report is one file, its style and pictures in it
                .header("Content-Security-Policy", REPORT_POLICY)
                .header(HttpHeaders.CACHE_CONTROL, "no-cache")
                .body(new FileSystemResource(file));
    }
}
