package org.orphancleanup.repair;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.List;
import javax.sql.DataSource;
import org.orphancleanup.catalog.ConstraintState;
import org.orphancleanup.catalog.Reference;
import org.orphancleanup.catalog.ReferenceKind;
import org.orphancleanup.catalog.Storage;
import org.orphancleanup.job.JobDefinition;
import org.orphancleanup.job.PolicyKind;
import org.orphancleanup.target.TargetDatabase;
import org.springframework.jdbc.datasource.DelegatingDataSource;

/** What the tests of repairs and of undo work with. */
final class RepairFixture {

    private RepairFixture() {}

    static HikariDataSource pool(DataSource source) {
        HikariConfig config = new HikariConfig();
        config.setDataSource(source);
        config.setMaximumPoolSize(4);
        return new HikariDataSource(config);
    }

    /** A job without a guard that would be in the way. */
    static JobDefinition job(JobDefinition.SideEffects sideEffects, int idsPerCall, boolean messages) {
        return new JobDefinition(
                "j",
                null,
                "name: j",
                "t",
                null,
                ZoneOffset.UTC,
                true,
                new JobDefinition.References(List.of("*"), List.of()),
                List.of(),
                PolicyKind.REPORT_ONLY,
                new JobDefinition.Approval(JobDefinition.Approval.Kind.NONE, 0),
                JobDefinition.SecondPerson.NONE,
                new JobDefinition.Allow(List.of(), List.of(), List.of(), List.of(), false, messages),
                Duration.ofDays(1),
                new JobDefinition.Limits(10000, 10000, 1, null, idsPerCall, 1, null),
                sideEffects,
                false,
                new JobDefinition.Backup(false, null, null, List.of()),
                List.of());
    }

    /** A many2one of leads without a constraint. */
    static Reference reference(int no, String field, String parent) {
        return new Reference(
                no,
                ReferenceKind.MANY2ONE,
                "crm.lead",
                "crm_lead",
                field,
                field,
                List.of("crm.lead." + field),
                parent,
                parent.replace('.', '_'),
                false,
                ConstraintState.MISSING,
                null,
                null,
                "set null",
                false,
                new Storage.Column("crm_lead", field),
                null);
    }

    /** Its connections are never those of a transaction of the test's own. */
    record Database(DataSource dataSource) implements TargetDatabase {

        Database {
            dataSource = new DelegatingDataSource(dataSource);
        }

        @Override
        public String uuid() {
            return "uuid";
        }

        @Override
        public String fingerprint() {
            return "f";
        }

        @Override
        public boolean roleCanWrite() {
            return true;
        }

        @Override
        public void close() {}
    }
}
