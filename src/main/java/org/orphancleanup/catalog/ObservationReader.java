package org.orphancleanup.catalog;

import java.util.List;
import javax.sql.DataSource;
import org.orphancleanup.target.TargetReads;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Finds where a target is to be looked at for observations. */
@Component
public class ObservationReader {

    /**
     * @param references the target's, as the catalog has them
     * @param pause called between two pieces of a table that is read for what it names
     */
    public List<ObservationPlace> read(DataSource target, List<Reference> references, Runnable pause) {
        JdbcClient jdbc = TargetReads.client(target);
        DatabaseSchema schema = DatabaseSchema.read(jdbc);
        Metadata metadata = Metadata.read(jdbc, schema);
        TargetFacts facts = new TargetFacts(jdbc, schema, metadata, new ModelTables(schema, metadata), pause);
        ObservationDraft draft = new ObservationDraft(facts, references);
        ObservationSource.ALL.forEach(source -> source.collect(facts, draft));
        return draft.places();
    }
}
