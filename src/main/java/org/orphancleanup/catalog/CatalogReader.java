package org.orphancleanup.catalog;

import java.util.List;
import javax.sql.DataSource;
import org.orphancleanup.target.TargetReads;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Reads the catalog of a target from its database alone. */
@Component
public class CatalogReader {

    /**
     * Reads every reference and what is left out. What the role may not read is listed all the same, see {@link
     * Catalog#unreadable()}.
     *
     * @throws org.orphancleanup.UserError where the database is no Odoo database or Odoo's metadata may not be read
     */
    public Catalog read(DataSource target) {
        return read(target, () -> {});
    }

    /** @param pause called between two pieces of a table that is read for what it names */
    public Catalog read(DataSource target, Runnable pause) {
        JdbcClient jdbc = TargetReads.client(target);
        DatabaseSchema schema = DatabaseSchema.read(jdbc);
        Metadata metadata = Metadata.read(jdbc, schema);
        TargetFacts facts = new TargetFacts(jdbc, schema, metadata, new ModelTables(schema, metadata), pause);
        CatalogDraft draft = new CatalogDraft();
        ReferenceSource.ALL.forEach(source -> source.collect(facts, draft));
        return draft.finish(schema, metadata);
    }

    /** Modules about to be installed, upgraded or removed. */
    public List<String> pendingModules(DataSource target) {
        JdbcClient jdbc = TargetReads.client(target);
        return Metadata.read(jdbc, DatabaseSchema.read(jdbc)).pendingModules();
    }

    /** @throws org.orphancleanup.UserError as {@link #read(DataSource)} */
    public UpgradeFacts upgradeFacts(DataSource target) {
        JdbcClient jdbc = TargetReads.client(target);
        DatabaseSchema schema = DatabaseSchema.read(jdbc);
        return UpgradeFacts.of(schema, Metadata.read(jdbc, schema));
    }
}
