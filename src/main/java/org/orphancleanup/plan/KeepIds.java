package org.orphancleanup.plan;

import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.orphancleanup.catalog.Reference;
import org.orphancleanup.catalog.Sql;
import org.orphancleanup.target.Target.KeepIdThrough;
import org.springframework.jdbc.core.simple.JdbcClient;

/** Which missing parents may come back under their old ids, and how many a plan puts back. */
final class KeepIds {

    /** Odoo makes their rows from its modules, and tables and columns from their rows; {@code ir.model.*} besides. */
    private static final Set<String> NEVER = Set.of("ir.model", "ir.module.module");
    /** Rows of {@code ir.model.*} that make neither table nor column. */
    private static final Set<String> HARMLESS = Set.of("ir.model.access", "ir.model.data");

    private final JdbcClient jdbc;
    private final TargetSchema schema;
    private final OdooFacts odoo;
    private final Guards guards;
    private final @Nullable KeepIdThrough through;

    private final Map<String, OptionalLong> sequences = new HashMap<>();
    private final Map<String, Set<Long>> parents = new TreeMap<>();

    KeepIds(JdbcClient jdbc, TargetSchema schema, OdooFacts odoo, Guards guards, @Nullable KeepIdThrough through) {
        this.jdbc = jdbc;
        this.schema = schema;
        this.odoo = odoo;
        this.guards = guards;
        this.through = through;
    }

    /** Why the target cannot have it at all. */
    @Nullable
    String notConfigured() {
        if (through == null) {
            return "keep-id needs a way to insert a row, and the target has none: set write-jdbc-url and its neighbours, or"
                    + " keep-id-through: server-action";
        }
        if (through == KeepIdThrough.SERVER_ACTION
                && !(odoo.may("ir.actions.server", "create") && odoo.may("ir.actions.server", "unlink"))) {
            return "keep-id-through is server-action, and the API user may not make server actions: give him the Settings"
                    + " right, or set write-jdbc-url and its neighbours";
        }
        return null;
    }

    /** Why this missing parent cannot come back. */
    @Nullable
    String refusal(Reference reference, long missingId) {
        String model = reference.parentModel();
        String table = reference.parentTable();
        if (model == null) {
            return "no model of Odoo owns the parent table";
        }
        if (table == null) {
            return "the model " + model + " does not exist any more: there is no table to put a record back into";
        }
        if (NEVER.contains(model) || (model.startsWith("ir.model.") && !HARMLESS.contains(model))) {
            return "Odoo makes the rows of " + model
                    + " from its modules, and a made-up one would alter the schema: update or reinstall the module";
        }
        String problem = odoo.model(model).problem();
        if (problem != null) {
            return problem;
        }
        String meaning = guards.meaningful(model);
        if (meaning != null) {
            return meaning;
        }
        if (missingId <= 0 || missingId > Integer.MAX_VALUE) {
            return missingId + " is no id that Odoo gives";
        }
        OptionalLong last = sequences.computeIfAbsent(table, this::lastId);
        if (last.isEmpty()) {
            return "nobody knows whether " + table + " ever had the id " + missingId
                    + ": grant the database role SELECT on the table's sequence";
        }
        if (missingId > last.getAsLong()) {
            return "the table " + table + " has given ids up to " + last.getAsLong()
                    + " so far, so that a new record would" + " get the id " + missingId + " one day";
        }
        return null;
    }

    /** The last id the table's sequence gave; where that may not be read, the largest id there is. */
    private OptionalLong lastId(String table) {
        String sequence = jdbc.sql("""
                        SELECT quote_ident(n.nspname) || '.' || quote_ident(s.relname)
                          FROM pg_attrdef d
                          JOIN pg_class c ON c.oid = d.adrelid
                          JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = d.adnum AND a.attname = 'id'
                          JOIN pg_depend p ON p.classid = 'pg_attrdef'::regclass AND p.objid = d.oid
                               AND p.refclassid = 'pg_class'::regclass
                          JOIN pg_class s ON s.oid = p.refobjid AND s.relkind = 'S'
                          JOIN pg_namespace n ON n.oid = s.relnamespace
                         WHERE c.relname = :table AND c.relnamespace = current_schema()::regnamespace
                           AND CASE WHEN s.relkind = 'S' THEN has_sequence_privilege(s.oid, 'SELECT') END""")
                .param("table", table)
                .query(String.class)
                .optional()
                .orElse(null);
        Long last = null;
        if (sequence != null) {
            last = jdbc.sql("SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM " + sequence)
                    .query(Long.class)
                    .single();
        }
        if (schema.has(table, "id")) {
            Long largest = jdbc.sql("SELECT coalesce(max(id), 0) FROM " + Sql.quote(table))
                    .query(Long.class)
                    .single();
            last = last == null ? largest : Math.max(last, largest);
        }
        return last == null ? OptionalLong.empty() : OptionalLong.of(last);
    }

    void count(Part part) {
        if (part.isPlanned() && part.keepId) {
            String model = Objects.requireNonNull(part.reference.parentModel());
            parents.computeIfAbsent(model, k -> new TreeSet<>()).add(part.missingId);
        }
    }

    long parents() {
        return parents.values().stream().mapToLong(Set::size).sum();
    }

    /** In so many words, for the plan; null where nothing comes back. */
    @Nullable
    String words() {
        if (parents.isEmpty()) {
            return null;
        }
        return "keep-id: " + Words.count(parents(), "missing parent") + " would be put back under "
                + (parents() == 1 ? "its old id" : "their old ids") + ", one SQL INSERT each, "
                + (through == KeepIdThrough.SERVER_ACTION
                        ? "run by a temporary server action within Odoo, which is removed again"
                        : "through the separate write connection")
                + ": "
                + parents.entrySet().stream()
                        .map(entry -> entry.getValue().size() + " of " + entry.getKey())
                        .collect(Collectors.joining(", "))
                + ". Everything else goes through Odoo's API.";
    }
}
