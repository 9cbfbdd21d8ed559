package org.orphancleanup.run;

import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import javax.sql.DataSource;
import org.orphancleanup.UserError;
import org.orphancleanup.odoo.OdooClient;
import org.orphancleanup.odoo.OdooException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * Proves that the API and the JDBC connection lead to the same database. A staging copy has the same ids and the same
 * {@code database.uuid}, so something the API does now must be visible over JDBC. What it does is to make a search filter of
 * the API user's own with a random name, inactive so that nobody sees it, and to remove it again: every user of Odoo 17 to 19
 * may do that, nothing is notified, and nothing stays.
 */
@Component
class SameDatabaseProof {

    private static final Logger LOG = LoggerFactory.getLogger(SameDatabaseProof.class);
    private static final String MODEL = "ir.filters";
    private static final String NAME = "odoo-orphan-cleanup door ";
    private static final DateTimeFormatter ODOO_TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss").withZone(ZoneOffset.UTC);

    private final Clock clock;

    SameDatabaseProof(Clock clock) {
        this.clock = clock;
    }

    /** @throws UserError when they do not, or it cannot be told */
    void prove(OdooClient odoo, DataSource target, String targetName) {
        // what a killed process left behind
        List<Long> old = odoo.search(
                MODEL,
                List.of(
                        List.of("name", "=like", NAME + "%"),
                        List.of(
                                "create_date",
                                "<",
                                ODOO_TIME.format(clock.instant().minus(Duration.ofHours(1))))),
                null,
                Map.of());
        String nonce = NAME + UUID.randomUUID();
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("name", nonce);
        values.put("model_id", "res.users");
        values.put("active", false);
        // one user to 18, several from 19 on
        if (odoo.fields(MODEL).containsKey("user_ids")) {
            values.put("user_ids", List.of(List.of(6, 0, List.of(odoo.uid()))));
        } else {
            values.put("user_id", odoo.uid());
        }
        long id;
        try {
            id = odoo.create(MODEL, values, Map.of());
        } catch (OdooException e) {
            if (e.kind() == OdooException.Kind.ACCESS) {
                throw new UserError(
                        UserError.Kind.SETTING,
                        "It cannot be proved that API and database of target \"" + targetName
                                + "\" are the same Odoo: the API user may not make a search filter of its own (ir.filters)."
                                + " Give it the rights of an internal user. Odoo says: " + e.getMessage(),
                        e);
            }
            throw e;
        }
        boolean seen;
        try {
            seen = JdbcClient.create(target)
                            .sql("SELECT count(*) FROM ir_filters WHERE id = ? AND name = ?")
                            .param(id)
                            .param(nonce)
                            .query(Long.class)
                            .single()
                    == 1;
        } catch (DataAccessException e) {
            throw new UserError(
                    UserError.Kind.SETTING,
                    "It cannot be proved that API and database of target \"" + targetName
                            + "\" are the same Odoo: table ir_filters cannot be read. Grant the database role SELECT on it."
                            + " PostgreSQL says: " + e.getMostSpecificCause().getMessage(),
                    e);
        } finally {
            odoo.unlink(MODEL, List.of(id), Map.of());
        }
        if (!seen) {
            throw UserError.setting("API and database of target \"" + targetName
                    + "\" are not the same Odoo: what the API just wrote is not in the database that the JDBC URL leads to"
                    + " (a copy, a replica that lags behind, or another database). Nothing was written. Mend url, database or"
                    + " jdbc-url of orphan.targets." + targetName + ".");
        }
        if (!old.isEmpty()) {
            LOG.info("Removing {} search filters that a killed run left behind", old.size());
            odoo.unlink(MODEL, old, Map.of());
        }
    }
}
