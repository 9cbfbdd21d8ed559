package org.orphancleanup;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;

class SchemaTest {

    @Test
    void our_schema_holds_the_tables_of_spring_batch_of_quartz_and_of_ours() {
        JdbcClient jdbc = JdbcClient.create(TestPostgres.ourDatabase());

        assertThat(jdbc.sql(
                                "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace")
                        .query(String.class)
                        .list())
                .contains("batch_job_execution", "qrtz_triggers", "run", "reference", "orphan", "repair_part");
    }
}
