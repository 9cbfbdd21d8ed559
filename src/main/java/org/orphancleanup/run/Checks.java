package org.orphancleanup.run;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.orphancleanup.UserError;
import org.orphancleanup.catalog.Catalog;
import org.orphancleanup.catalog.CatalogReader;
import org.orphancleanup.job.JobDefinition;
import org.orphancleanup.job.JobDefinitions;
import org.orphancleanup.odoo.OdooClient;
import org.orphancleanup.odoo.OdooClients;
import org.orphancleanup.odoo.OdooException;
import org.orphancleanup.target.Target;
import org.orphancleanup.target.TargetDatabase;
import org.orphancleanup.target.Targets;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;

/** Everything that can be known before a run: connections, rights, versions, the job file. Writes nothing anywhere. */
@Component
public class Checks {

    private final JobDefinitions definitions;
    private final Targets targets;
    private final OdooClients clients;
    private final CatalogReader reader;

    Checks(JobDefinitions definitions, Targets targets, OdooClients clients, CatalogReader reader) {
        this.definitions = definitions;
        this.targets = targets;
        this.clients = clients;
        this.reader = reader;
    }

    public enum Level {
        OK,
        WARNING,
        PROBLEM;

        @Override
        @JsonValue
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public record Finding(Level level, String words) {}

    /** @param exitCode that of the first problem; 0 without one */
    public record Result(List<Finding> findings, int exitCode) {}

    /** Of a target, or of a job and its target: one of both is named. */
    public Result check(@Nullable String targetName, @Nullable String jobName) {
        Findings findings = new Findings();
        JobDefinition job = null;
        if (jobName != null) {
            job = findings.of(() -> definitions.load(jobName));
            if (job == null) {
                return findings.result();
            }
            findings.ok("job " + job.name() + (job.file() == null ? "" : " (" + job.file() + ")") + " is sound");
        }
        String wanted = job == null ? targetName : job.target();
        Target target = findings.of(() -> targets.get(String.valueOf(wanted)));
        if (target == null) {
            return findings.result();
        }
        long companies = database(target, job, findings);
        api(target, job, companies, findings);
        return findings.result();
    }

    /** The number of companies in the database; 0: not known. */
    private long database(Target target, @Nullable JobDefinition job, Findings findings) {
        TargetDatabase opened = findings.of(() -> targets.open(target));
        if (opened == null) {
            return 0;
        }
        try (TargetDatabase database = opened) {
            DataSource source = database.dataSource();
            JdbcClient jdbc = JdbcClient.create(source);
            findings.ok("database: PostgreSQL "
                    + jdbc.sql("SHOW server_version").query(String.class).single() + ", database.uuid "
                    + (database.uuid().isEmpty() ? "none" : database.uuid()));
            if (database.roleCanWrite()) {
                findings.warn(
                        "database: the role may write. The session is read-only all the same; a role that can only"
                                + " read is safer");
            }
            Catalog catalog = findings.of(() -> reader.read(source));
            if (catalog == null) {
                return 0;
            }
            findings.ok("Odoo " + catalog.odooVersion() + ", "
                    + catalog.references().size() + " references");
            if (!catalog.pendingModules().isEmpty()) {
                findings.warn(
                        "modules are about to be installed, upgraded or removed, and nothing is written meanwhile: "
                                + String.join(", ", catalog.pendingModules()));
            }
            int unreadable = catalog.unreadable().size();
            if (unreadable > 0) {
                findings.warn("database: the role has no right to read " + unreadable
                        + " of the references; a scan leaves" + " them out and says so");
            }
            if (job != null) {
                findings.of(() -> {
                    ModelNames.check(source, job);
                    return true;
                });
            }
            return jdbc.sql("SELECT count(*) FROM res_company")
                    .query(Long.class)
                    .single();
        } catch (DataAccessException e) {
            findings.problem("database: " + e.getMostSpecificCause().getMessage(), UserError.Kind.SERVICE.exitCode());
            return 0;
        }
    }

    private void api(Target target, @Nullable JobDefinition job, long companies, Findings findings) {
        if (target.api() == null) {
            if (job == null) {
                findings.warn("API: none is configured. A scan works without; plan, apply and cleanup do not");
            } else {
                findings.of(() -> OpenRun.apiOf(target));
            }
            return;
        }
        Target.Api api = target.api();
        OdooClient opened = findings.of(() -> clients.open(api));
        if (opened == null) {
            return;
        }
        try (OdooClient odoo = opened) {
            findings.ok("API: Odoo " + odoo.version() + " through " + odoo.protocol() + ", user " + odoo.uid());
            JsonNode user = odoo.read("res.users", List.of(odoo.uid()), List.of("company_ids"), Map.of())
                    .get(0)
                    .get("company_ids");
            int allowed = user == null ? 0 : user.size();
            if (companies > allowed) {
                findings.warn("API: the user is allowed " + allowed + " of " + companies
                        + " companies; records of the others are refused in the plan");
            }
            for (String model : Set.of("ir.model", "ir.model.fields")) {
                if (!odoo.mayAccess(model, "read")) {
                    findings.warn("API: the user may not read " + model);
                }
            }
        } catch (OdooException e) {
            findings.problem("API: " + e.getMessage(), ExitCodes.of(e));
        }
    }

    private static final class Findings {

        private final List<Finding> list = new ArrayList<>();
        private int exitCode;

        private interface Question<T> {
            T ask();
        }

        private <T> @Nullable T of(Question<T> question) {
            try {
                return question.ask();
            } catch (UserError | OdooException e) {
                problem(String.valueOf(e.getMessage()), ExitCodes.of(e));
                return null;
            }
        }

        private void ok(String words) {
            list.add(new Finding(Level.OK, words));
        }

        private void warn(String words) {
            list.add(new Finding(Level.WARNING, words));
        }

        private void problem(String words, int code) {
            list.add(new Finding(Level.PROBLEM, words));
            exitCode = exitCode == 0 ? code : exitCode;
        }

        private Result result() {
            return new Result(List.copyOf(list), exitCode);
        }
    }
}
