package org.orphancleanup.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.orphancleanup.OrphanCleanup;
import org.orphancleanup.TestPostgres;
import org.orphancleanup.UserError;
import org.orphancleanup.odoo.OdooClient;
import org.orphancleanup.odoo.OdooClients;
import org.orphancleanup.target.Secret;
import org.orphancleanup.target.Target;
import org.postgresql.ds.PGSimpleDataSource;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Against a real Odoo, named by ODOO_URL, ODOO_DB, ODOO_LOGIN, ODOO_API_KEY and ODOO_JDBC_URL (with user and password). */
class RealSameDatabaseProofTest {

    private static final List<String> SETTINGS =
            List.of("ODOO_URL", "ODOO_DB", "ODOO_LOGIN", "ODOO_API_KEY", "ODOO_JDBC_URL");

    @TempDir
    Path data;

    @BeforeEach
    void needs_a_server() {
        assumeTrue(
                SETTINGS.stream().allMatch(name -> System.getenv(name) != null),
                "no real Odoo: set " + String.join(", ", SETTINGS));
    }

    @Test
    void one_odoo_is_proved_another_database_is_refused_and_nothing_stays() {
        PGSimpleDataSource database = new PGSimpleDataSource();
        database.setUrl(System.getenv("ODOO_JDBC_URL"));
        PGSimpleDataSource copy = TestPostgres.emptyDatabase();
        JdbcClient.create(copy)
                .sql("CREATE TABLE ir_filters (id bigint, name text)")
                .update();
        try (ConfigurableApplicationContext context = new SpringApplicationBuilder(OrphanCleanup.class)
                        .web(WebApplicationType.NONE)
                        .lazyInitialization(true)
                        .properties(Map.of("orphan.data-dir", data.toString()))
                        .run();
                OdooClient odoo = context.getBean(OdooClients.class)
                        .open(new Target.Api(
                                System.getenv("ODOO_URL"),
                                System.getenv("ODOO_DB"),
                                System.getenv("ODOO_LOGIN"),
                                new Secret(System.getenv("ODOO_API_KEY")),
                                Target.Protocol.valueOf(System.getenv().getOrDefault("ODOO_PROTOCOL", "AUTO"))))) {
            SameDatabaseProof proof = context.getBean(SameDatabaseProof.class);
            long before = filters(database);

            proof.prove(odoo, database, "real");
            assertThatThrownBy(() -> proof.prove(odoo, copy, "real"))
                    .isInstanceOf(UserError.class)
                    .hasMessageContaining("not the same Odoo");

            assertThat(filters(database)).isEqualTo(before);
        }
    }

    private static long filters(PGSimpleDataSource database) {
        return JdbcClient.create(database)
                .sql("SELECT count(*) FROM ir_filters")
                .query(Long.class)
                .single();
    }
}
