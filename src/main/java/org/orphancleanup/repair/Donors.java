package org.orphancleanup.repair;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.orphancleanup.catalog.Reference;
import org.orphancleanup.catalog.Sql;
import org.orphancleanup.catalog.Storage;
import org.orphancleanup.odoo.OdooException;
import tools.jackson.databind.JsonNode;

/**
 * The records whose rows are copied. A donor is made quietly by the ORM, with an external id, so that a run that dies leaves
 * none without a name; one donor serves every missing record of its model and company, and is deleted when all are back.
 */
final class Donors {

    private static final String SUFFIX = "_donor";

    private final Session session;
    private final StandIns standIns;
    private final Clones clones;
    private final Map<String, Donor> known = new LinkedHashMap<>();
    private final Map<String, Long> heirs = new LinkedHashMap<>();
    private final Map<String, List<Long>> handedOver = new LinkedHashMap<>();

    Donors(Session session, StandIns standIns, Clones clones) {
        this.session = session;
        this.standIns = standIns;
        this.clones = clones;
    }

    /**
     * @param isExisting a record of somebody's, of which only the required columns are taken
     * @param label what stands in its text fields
     */
    record Donor(
            String model,
            String table,
            long id,
            boolean isExisting,
            String label,
            Map<String, JsonNode> row,
            Map<String, Long> holders) {}

    static String label(String model) {
        return "Recovered " + model + " (donor)";
    }

    /** @throws OdooException when Odoo makes none, and there is no row to take */
    Donor get(String model, String table, long company) {
        String key = model + "|" + company;
        Donor donor = known.get(key);
        if (donor == null) {
            donor = make(model, table, company);
            known.put(key, donor);
        }
        return donor;
    }

    private Donor make(String model, String table, long company) {
        if (Peculiarities.NEVER_CREATED.contains(model) || wouldStay(model)) {
            Donor existing = existing(model, table, holders(model, company));
            if (existing != null) {
                return existing;
            }
        }
        String xmlId =
                StandIns.MODULE + "." + StandIns.slug(model) + SUFFIX + (company == 0 ? "" : "_company_" + company);
        Optional<Long> left = StandIns.find(session, xmlId, model, table);
        Map<String, Long> holders = Map.of();
        try {
            holders = holders(model, company);
            long id = left.isPresent()
                    ? left.get()
                    : standIns.make(
                            model, xmlId, label(model), company, new LinkedHashMap<>(holders), Peculiarities.CONTEXT);
            return new Donor(model, table, id, false, label(model), clones.row(table, id), holders);
        } catch (OdooException e) {
            session.goOnOrThrow(e);
            Donor existing = existing(model, table, holders);
            if (existing == null) {
                throw e;
            }
            return existing;
        }
    }

    /**
     * Something of a made donor would be left over, dangling: a link that the model must have, or the other half of its
     * records, and the foreign key that would take it along is missing.
     */
    private boolean wouldStay(String model) {
        record Tie(String table, String column) {}
        return session
                .rows()
                .jdbc()
                .sql("""
                        SELECT relation_table, column1 FROM ir_model_fields
                         WHERE model = :model AND ttype = 'many2many' AND store AND required AND relation_table IS NOT NULL
                        UNION
                        SELECT lines.relation, lines.relation_field
                          FROM ir_model_inherit i
                          JOIN ir_model m ON m.id = i.model_id
                          JOIN ir_model half ON half.id = i.parent_id
                          JOIN ir_model_fields lines ON lines.model = m.model AND lines.ttype = 'one2many'
                               AND lines.relation = half.model AND lines.relation_field IS NOT NULL
                         WHERE m.model = :model""")
                .param("model", model)
                .query((rs, n) -> new Tie(rs.getString(1), rs.getString(2)))
                .list()
                .stream()
                .anyMatch(tie -> {
                    String table = tie.table().indexOf('.') < 0 ? tie.table() : session.table(tie.table());
                    TableShape.Column column = clones.shape(table).columns().get(tie.column());
                    return column != null && column.parentTable() == null;
                });
    }

    /**
     * A line belongs to a document, and a stand-in must not get into anybody's: it gets one of its own, which all lines that
     * come back share.
     */
    private Map<String, Long> holders(String model, long company) {
        Map<String, Long> holders = new LinkedHashMap<>();
        documents(model).forEach((field, document) -> {
            String name = "Recovered " + model;
            String xmlId = StandIns.MODULE + "." + StandIns.slug(document) + "_of_" + StandIns.slug(model)
                    + (company == 0 ? "" : "_company_" + company);
            long id = StandIns.find(session, xmlId, document, session.table(document))
                    .orElseGet(() -> {
                        long made = standIns.make(document, xmlId, name, company, Map.of(), Peculiarities.CONTEXT);
                        session.journal().standIn(document, null, company, xmlId, made, name, true);
                        return made;
                    });
            holders.put(field, id);
        });
        return holders;
    }

    /** Models of the documents that records of this model are lines of, by field. */
    Map<String, String> documents(String model) {
        Map<String, String> documents = new LinkedHashMap<>();
        ModelInfo info = session.model(model);
        session.rows().jdbc().sql("""
                        SELECT f.name, f.relation FROM ir_model_fields f
                         WHERE f.model = :model AND f.ttype = 'many2one' AND f.store AND f.on_delete = 'cascade'
                           AND f.relation <> f.model AND f.related IS NULL
                           AND EXISTS (SELECT FROM ir_model_fields lines
                                        WHERE lines.model = f.relation AND lines.ttype = 'one2many'
                                          AND lines.relation = f.model AND lines.relation_field = f.name)
                           AND NOT EXISTS (SELECT FROM ir_model_inherit i JOIN ir_model m ON m.id = i.model_id
                                            WHERE m.model = f.model AND i.parent_field_id = f.id)
                         ORDER BY 1""").param("model", model).query(rs -> {
            if (info.isRequired(rs.getString(1))) {
                documents.put(rs.getString(1), rs.getString(2));
            }
        });
        return documents;
    }

    /** The oldest record, which is Odoo's own where Odoo brings any. */
    private @Nullable Donor existing(String model, String table, Map<String, Long> holders) {
        long id = session.rows()
                .jdbc()
                .sql("SELECT coalesce(min(id), 0) FROM ONLY " + Sql.quote(table))
                .query(Long.class)
                .single();
        return id == 0 ? null : new Donor(model, table, id, true, "", clones.row(table, id), holders);
    }

    /** Deletes the donors of this run and of any that died, with all that was made along with them. */
    void remove(List<MissingParent> back) {
        known.clear();
        back.forEach(parent -> heirs.put(parent.model(), parent.id()));
        session.rows()
                .jdbc()
                .sql("SELECT model, res_id FROM ir_model_data WHERE module = :module"
                        + " AND name ~ '_donor(_company_[0-9]+)?$' AND res_id > 0 ORDER BY id DESC")
                .param("module", StandIns.MODULE)
                .query((rs, n) -> new Made(rs.getString(1), rs.getLong(2)))
                .list()
                .forEach(this::remove);
    }

    private record Made(String model, long id) {}

    private void remove(Made donor) {
        List<Made> along = madeAlong(donor);
        along.forEach(made -> dependents(made, donor));
        dependents(donor, donor);
        if (!unlink(donor)) {
            session.journal().standIn(donor.model(), null, 0, null, donor.id(), label(donor.model()), true);
            return;
        }
        handedOver.forEach((model, ids) -> session.tell(model, "unlink", ids, Map.of(), Peculiarities.CONTEXT));
        handedOver.clear();
        along.stream()
                .filter(made ->
                        !clones.row(session.table(made.model()), made.id()).isEmpty())
                .forEach(this::unlink);
    }

    /** Records that the donor refers to and that its own creation made: Odoo deletes some of them with it, not all. */
    private List<Made> madeAlong(Made donor) {
        Map<String, JsonNode> row = clones.row(session.table(donor.model()), donor.id());
        ModelInfo info = session.model(donor.model());
        List<Made> along = new ArrayList<>();
        row.forEach((column, value) -> {
            String relation = info.relation(column);
            if ("many2one".equals(info.type(column)) && relation != null && value.isIntegralNumber()) {
                JsonNode stamp = row.get("create_date");
                JsonNode other =
                        clones.row(session.table(relation), value.asLong()).get("create_date");
                if (stamp != null && stamp.equals(other) && !relation.equals(donor.model())) {
                    along.add(new Made(relation, value.asLong()));
                }
            }
        });
        return along;
    }

    /** Where a foreign key is missing the database deletes no rows of the donor along with it, so that the ORM has to. */
    private void dependents(Made donor, Made whole) {
        record Field(String name, String type, String model, String table, String column) {}
        List<Field> fields = session.rows()
                .jdbc()
                .sql("""
                        SELECT name, ttype, relation, coalesce(relation_table, ''), coalesce(column1, relation_field, '')
                          FROM ir_model_fields f
                         WHERE model = :model AND related IS NULL
                           AND ((ttype = 'many2many' AND store AND column1 IS NOT NULL)
                             OR (ttype = 'one2many' AND EXISTS (SELECT FROM ir_model_fields i
                               WHERE i.model = f.relation AND i.name = f.relation_field AND i.ttype = 'many2one'
                                 AND i.relation = f.model AND i.store)))
                         ORDER BY name""")
                .param("model", donor.model())
                .query((rs, n) ->
                        new Field(rs.getString(1), rs.getString(2), rs.getString(3), rs.getString(4), rs.getString(5)))
                .list();
        Map<String, Object> cleared = new LinkedHashMap<>();
        Map<String, List<Long>> lines = new LinkedHashMap<>();
        for (Field field : fields) {
            boolean isLines = field.type().equals("one2many");
            String table = isLines ? session.table(field.model()) : field.table();
            TableShape.Column column = clones.shape(table).columns().get(field.column());
            if (column == null || column.parentTable() != null) {
                continue;
            }
            List<Long> ids = session.rows()
                    .jdbc()
                    .sql("SELECT " + (isLines ? "id" : "1") + " FROM ONLY " + Sql.quote(table) + " WHERE "
                            + Sql.quote(field.column()) + "::text = :id LIMIT 500")
                    .param("id", Long.toString(donor.id()))
                    .query(Long.class)
                    .list();
            if (isLines) {
                ids = ids.stream()
                        .filter(id -> !whole.equals(new Made(field.model(), id)))
                        .toList();
            }
            if (!ids.isEmpty() && isLines) {
                lines.computeIfAbsent(field.model(), k -> new ArrayList<>()).addAll(ids);
            } else if (!ids.isEmpty()) {
                cleared.put(field.name(), List.of(List.of(5, 0, 0)));
            }
        }
        for (Reference reference : session.request().catalog()) {
            String child = reference.childModel();
            if (child != null
                    && donor.model().equals(reference.parentModel())
                    && reference.storage() instanceof Storage.Column column
                    && isWithoutKey(column)) {
                session.look().naming(session.request().database().dataSource(), reference, donor.id()).stream()
                        .filter(id -> !whole.equals(new Made(child, id)))
                        .filter(id -> !lines.getOrDefault(child, List.of()).contains(id))
                        .forEach(id -> lines.computeIfAbsent(child, k -> new ArrayList<>())
                                .add(id));
            }
        }
        // each alone: one that cannot be emptied does not keep the others
        cleared.forEach((field, none) -> session.tell(
                donor.model(),
                "write",
                List.of(donor.id()),
                Map.of("vals", Map.of(field, none)),
                Peculiarities.CONTEXT));
        lines.forEach((model, ids) -> {
            if (!session.tell(model, "unlink", ids, Map.of(), Peculiarities.CONTEXT)) {
                handOver(donor, model, ids);
            }
        });
    }

    /** Lines that nobody may be without go to a record that came back, which has its own, and are deleted from there. */
    private void handOver(Made donor, String model, List<Long> ids) {
        Long heir = heirs.get(donor.model());
        if (heir == null) {
            return;
        }
        for (Reference reference : session.request().catalog()) {
            if (model.equals(reference.childModel())
                    && donor.model().equals(reference.parentModel())
                    && reference.required()
                    && reference.fieldName() != null
                    && reference.storage() instanceof Storage.Column) {
                session.tell(
                        model,
                        "write",
                        ids,
                        Map.of("vals", Map.of(reference.fieldName(), heir)),
                        Peculiarities.CONTEXT);
                handedOver.computeIfAbsent(model, k -> new ArrayList<>()).addAll(ids);
                return;
            }
        }
    }

    private boolean isWithoutKey(Storage.Column storage) {
        TableShape.Column column = clones.shape(storage.table()).columns().get(storage.column());
        return column != null && column.parentTable() == null;
    }

    private boolean unlink(Made made) {
        return session.unlink(made.model(), made.id(), Peculiarities.CONTEXT);
    }
}
