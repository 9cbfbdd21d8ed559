package org.orphancleanup.web;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.orphancleanup.audit.Action;
import org.orphancleanup.audit.AuditLog;
import org.orphancleanup.database.DataDirectory;
import org.orphancleanup.report.ReportWriter;
import org.orphancleanup.run.Run;
import org.orphancleanup.run.RunStore;
import org.springframework.core.io.FileSystemResource;
import org.springframework.core.io.Resource;
import org.springframework.http.ContentDisposition;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.server.ResponseStatusException;

/** The report of a run, and its files. */
@Controller
class ReportFiles {

    private static final String REPORT_POLICY =
            "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'; base-uri 'none'";

    /** They hold no values of rows. */
    private static final Set<String> FOR_EVERYBODY = Set.of("findings.csv", "observations.csv", "constraints.sql");

    private final RunStore store;
    private final ReportWriter reports;
    private final DataDirectory directory;
    private final AuditLog audit;

    ReportFiles(RunStore store, ReportWriter reports, DataDirectory directory, AuditLog audit) {
        this.store = store;
        this.reports = reports;
        this.directory = directory;
        this.audit = audit;
    }

    @GetMapping("/runs/{id}/report")
    ResponseEntity<Resource> report(@PathVariable long id) {
        return ResponseEntity.ok()
                .contentType(new MediaType(MediaType.TEXT_HTML, StandardCharsets.UTF_8))
                // the report is one file, its style and pictures in it
                .header("Content-Security-Policy", REPORT_POLICY)
                .header(HttpHeaders.CACHE_CONTROL, "no-store")
                .body(file(id, "report.html"));
    }

    @GetMapping("/runs/{id}/files/{name}")
    ResponseEntity<Resource> download(@PathVariable long id, @PathVariable String name) {
        if (!ReportWriter.FILES.contains(name)) {
            throw new ResponseStatusException(HttpStatus.NOT_FOUND);
        }
        Me me = Me.now();
        if (!FOR_EVERYBODY.contains(name)) {
            if (!me.isOperator()) {
                throw new ResponseStatusException(HttpStatus.FORBIDDEN);
            }
            audit.write(me.name(), "web", Action.VALUES_SEEN, id, name, null);
        }
        return ResponseEntity.ok()
                .contentType(MediaType.APPLICATION_OCTET_STREAM)
                .header(
                        HttpHeaders.CONTENT_DISPOSITION,
                        ContentDisposition.attachment()
                                .filename("run-" + id + "-" + name)
                                .build()
                                .toString())
                .header(HttpHeaders.CACHE_CONTROL, "no-store")
                .body(file(id, name));
    }

    private Resource file(long id, String name) {
        Path folder = directory.reports().resolve(Long.toString(id));
        Path file = folder.resolve(name);
        if (!Files.exists(file)) {
            if (store.find(id).filter(Run::hasEnded).isEmpty()) {
                throw new ResponseStatusException(HttpStatus.NOT_FOUND);
            }
            // another machine wrote it, or somebody removed it: our database still has it all
            reports.write(id, folder);
        }
        return new FileSystemResource(file);
    }
}
