package org.orphancleanup.repair;

import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;
import org.orphancleanup.detect.OrphanLook;
import org.orphancleanup.odoo.OdooCall;
import org.orphancleanup.odoo.OdooClient;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Opens the repair stage of a run, or the stage that undoes one. */
@Component
public class RepairStages {

    private final JdbcTemplate ours;
    private final PlatformTransactionManager transactions;
    private final OrphanLook look;
    private final JsonMapper mapper;
    private final Clock clock;

    RepairStages(
            DataSource ours, PlatformTransactionManager transactions, OrphanLook look, JsonMapper mapper, Clock clock) {
        this.ours = new JdbcTemplate(ours);
        this.transactions = transactions;
        this.look = look;
        this.mapper = mapper;
        this.clock = clock;
    }

    public RepairStage open(RepairRequest request) {
        return new RepairStage(session(request), new RepairStore(request, ours), ours, transactions);
    }

    public UndoStage undo(UndoRequest request) {
        RepairRequest undone = request.engine().of(request.undone());
        return new UndoStage(
                session(request.engine()),
                request,
                new UndoStore(request.engine().runId(), request.undone(), ours, mapper),
                new RepairStore(undone, ours),
                JdbcClient.create(ours));
    }

    private Session session(RepairRequest request) {
        return new Session(
                request,
                new Contexts(companies(request.odoo())),
                new Rows(request.database(), mapper),
                new Journal(request.runId(), ours, transactions, mapper, clock),
                new Brake(request.job(), clock),
                look,
                mapper,
                clock);
    }

    /** The API user's companies, his current one first. */
    private static List<Long> companies(OdooClient odoo) {
        JsonNode user = odoo.call(new OdooCall(
                "res.users",
                "read",
                List.of(odoo.uid()),
                Map.of("fields", List.of("company_id", "company_ids")),
                Map.of("load", ""),
                Map.of()));
        List<Long> companies = new ArrayList<>();
        JsonNode current = user.path(0).path("company_id");
        companies.add(current.isArray() ? current.get(0).asLong() : current.asLong());
        user.path(0).path("company_ids").forEach(id -> {
            if (!companies.contains(id.asLong())) {
                companies.add(id.asLong());
            }
        });
        return companies;
    }
}
