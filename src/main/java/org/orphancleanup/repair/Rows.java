package org.orphancleanup.repair;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import org.orphancleanup.catalog.Secrets;
import org.orphancleanup.catalog.Sql;
import org.orphancleanup.target.TargetDatabase;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.TransactionException;
import org.springframework.transaction.TransactionStatus;
import org.springframework.transaction.support.DefaultTransactionDefinition;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Reads whole rows of the target through the read-only connection; only columns that the API user may read, and no secrets. */
final class Rows {

    private static final Set<String> STAMPS = Set.of("id", "create_uid", "create_date", "write_uid", "write_date");

    private static final Logger LOG = LoggerFactory.getLogger(Rows.class);

    private final JdbcClient jdbc;
    private final JsonMapper mapper;
    private final DataSourceTransactionManager snapshots;
    private final Semaphore held;
    private final Map<String, Set<String>> columns = new ConcurrentHashMap<>();

    Rows(TargetDatabase database, JsonMapper mapper) {
        DataSource target = database.dataSource();
        this.jdbc = JdbcClient.create(target);
        this.mapper = mapper;
        this.snapshots = new DataSourceTransactionManager(target);
        this.snapshots.setTransactionSynchronization(DataSourceTransactionManager.SYNCHRONIZATION_NEVER);
        // one connection at least is left for all the other reads, where there is more than one
        this.held = new Semaphore(Math.max(1, database.connections() - 1));
    }

    /**
     * Everything that this thread reads here meanwhile through {@link #jdbc} is read in one snapshot of the database.
     *
     * @param work reads by no other connection of the target
     */
    <T> T inOneSnapshot(Supplier<T> work) {
        DefaultTransactionDefinition definition = new DefaultTransactionDefinition();
        definition.setIsolationLevel(TransactionDefinition.ISOLATION_REPEATABLE_READ);
        definition.setReadOnly(true);
        held.acquireUninterruptibly();
        try {
            TransactionStatus transaction = snapshots.getTransaction(definition);
            try {
                return work.get();
            } finally {
                try {
                    snapshots.rollback(transaction);
                } catch (TransactionException e) {
                    LOG.info("A snapshot of Odoo's database ended before its time: {}", String.valueOf(e.getMessage()));
                }
            }
        } finally {
            held.release();
        }
    }

    /** Row by id; a record that is gone has none. File contents (bytea) are left out. */
    Map<Long, Map<String, JsonNode>> read(String table, Set<String> readable, Collection<Long> ids) {
        List<String> chosen = new ArrayList<>();
        for (String column : columns(table)) {
            if (STAMPS.contains(column) || readable.contains(column)) {
                chosen.add(column);
            }
        }
        Map<Long, Map<String, JsonNode>> rows = new LinkedHashMap<>();
        if (ids.isEmpty() || !chosen.contains("id")) {
            return rows;
        }
        String list = chosen.stream().map(Sql::quote).collect(Collectors.joining(", "));
        jdbc.sql("SELECT x.id, row_to_json(x)::text FROM (SELECT " + list + " FROM ONLY " + Sql.quote(table)
                        + " WHERE id = ANY(:ids)) x")
                .param("ids", ids.toArray(Long[]::new))
                .query((rs, n) -> {
                    Map<String, JsonNode> row = new LinkedHashMap<>();
                    mapper.readTree(rs.getString(2)).properties().forEach(e -> row.put(e.getKey(), e.getValue()));
                    return Map.entry(rs.getLong(1), row);
                })
                .list()
                .forEach(entry -> rows.put(entry.getKey(), entry.getValue()));
        return rows;
    }

    /** Columns the database role may read, but for bytea and secrets. */
    Set<String> columns(String table) {
        return columns.computeIfAbsent(table, t -> {
            Set<String> names = new LinkedHashSet<>();
            jdbc.sql("""
                        SELECT a.attname, a.atttypid IN ('text'::regtype, 'varchar'::regtype, 'jsonb'::regtype)
                          FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
                         WHERE c.relname = :table AND c.relnamespace = current_schema()::regnamespace
                           AND a.attnum > 0 AND NOT a.attisdropped AND a.atttypid <> 'bytea'::regtype
                           AND has_column_privilege(c.oid, a.attnum, 'SELECT')
                         ORDER BY a.attnum""").param("table", t).query(rs -> {
                if (!Secrets.isSecret(t, rs.getString(1), rs.getBoolean(2))) {
                    names.add(rs.getString(1));
                }
            });
            return names;
        });
    }

    /** The oldest record of a table; false where it has none, as a write takes it. */
    Object anyId(String table) {
        long id = jdbc.sql("SELECT min(id) FROM " + Sql.quote(table))
                .query((rs, n) -> rs.getLong(1))
                .single();
        return id == 0 ? false : (Object) id;
    }

    JdbcClient jdbc() {
        return jdbc;
    }
}
