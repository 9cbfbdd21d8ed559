package org.orphancleanup.catalog;

import javax.sql.DataSource;
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
        JdbcClient jdbc = JdbcClient.create(target);
        DatabaseSchema schema = DatabaseSchema.read(jdbc);
        Metadata metadata = Metadata.read(jdbc, schema);
        TargetFacts facts = new TargetFacts(jdbc, schema, metadata, new ModelTables(schema, metadata));
        CatalogDraft draft = new CatalogDraft();
        ReferenceSource.ALL.forEach(source -> source.collect(facts, draft));
        return draft.finish(schema, metadata);
    }
}
