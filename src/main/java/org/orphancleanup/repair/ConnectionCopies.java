package org.orphancleanup.repair;

import java.util.List;
import java.util.Map;
import org.orphancleanup.target.TargetWriter;
import tools.jackson.databind.json.JsonMapper;

/** Through the separate write connection. */
final class ConnectionCopies implements RowCopies {

    private final TargetWriter writer;
    private final JsonMapper mapper;

    ConnectionCopies(TargetWriter writer, JsonMapper mapper) {
        this.writer = writer;
        this.mapper = mapper;
    }

    @Override
    public String words() {
        return "write connection";
    }

    @Override
    public boolean copy(String model, String table, long source, Map<String, Object> values) {
        return writer.copyRow(table, source, mapper.writeValueAsString(values));
    }

    @Override
    public boolean remove(String model, String table, long id, List<TargetWriter.Key> unlessReferred) {
        return writer.removeRow(table, id, unlessReferred);
    }

    @Override
    public void sweep() {
        // a connection leaves nothing behind
    }

    @Override
    public void end() {
        // it is closed with the run
    }
}
