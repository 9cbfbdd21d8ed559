package org.orphancleanup.catalog;

import java.util.List;
import javax.sql.DataSource;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/** Finds where a target is to be looked at for observations. */
@Component
public class ObservationReader {

    /** @param references the target's, as the catalog has them */
    public List<ObservationPlace> read(DataSource target, List<Reference> references) {
        JdbcClient jdbc = JdbcClient.create(target);
        DatabaseSchema schema = DatabaseSchema.read(jdbc);
        Metadata metadata = Metadata.read(jdbc, schema);
        TargetFacts facts = new TargetFacts(jdbc, schema, metadata, new ModelTables(schema, metadata));
        ObservationDraft draft = new ObservationDraft(facts, references);
        ObservationSource.ALL.forEach(source -> source.collect(facts, draft));
        return draft.places();
    }
}
