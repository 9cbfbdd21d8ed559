package org.orphancleanup.guide;

import java.io.Reader;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.orphancleanup.UserError;
import org.orphancleanup.catalog.ModelShapes;
import org.orphancleanup.catalog.ModelShapes.FieldShape;
import org.orphancleanup.guide.ImportResult.Level;
import org.orphancleanup.guide.ImportResult.Problem;
import org.orphancleanup.guide.ImportResult.Source;
import org.orphancleanup.odoo.OdooCall;
import org.orphancleanup.odoo.OdooClient;
import org.orphancleanup.odoo.OdooClients;
import org.orphancleanup.odoo.OdooException;
import org.orphancleanup.target.Target;
import org.orphancleanup.target.TargetDatabase;
import org.orphancleanup.target.Targets;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.datasource.DataSourceUtils;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;

/**
 * Says before anything is loaded what of import files, or of values that are about to be sent, would fail. Reads the target's
 * database, and asks its API, where there is one, for defaults of required fields. Writes nothing to either.
 */
@Component
public class ImportCheck {

    /** The module of external ids without one, as Odoo's load has it. */
    private static final String MODULE = "__import__.";

    /** What Odoo fills by itself. */
    private static final Set<String> BY_ODOO =
            Set.of("id", "create_uid", "create_date", "write_uid", "write_date", "display_name", "__last_update");

    private static final Set<String> NO_ID = Set.of("0", "false", "no", "off");

    private final Targets targets;
    private final OdooClients clients;
    private final DataSource ours;

    ImportCheck(Targets targets, OdooClients clients, DataSource ours) {
        this.targets = targets;
        this.clients = clients;
        this.ours = ours;
    }

    /** A file of rows of one model. */
    public record ModelFile(String model, Path file) {

        /** @param text {@code MODEL=FILE}, or a file that is named after its model, such as {@code res.partner.csv} */
        public static ModelFile of(String text) {
            int equals = text.indexOf('=');
            if (equals > 0 && text.substring(0, equals).matches("[a-z0-9_.]+")) {
                return new ModelFile(text.substring(0, equals), Path.of(text.substring(equals + 1)));
            }
            Path file = Path.of(text);
            // 01-res.partner.csv, res.partner (2).xlsx
            String name = String.valueOf(file.getFileName())
                    .replaceFirst("(?i)\\.(csv|tsv|txt|xlsx)$", "")
                    .replaceFirst("^[0-9]+[-_. ]+", "")
                    .replaceFirst("\\s*\\([0-9]+\\)$", "");
            return new ModelFile(name, file);
        }
    }

    /** @throws UserError where a file, the target or its database cannot be read */
    public ImportResult files(String targetName, List<ModelFile> files) {
        return check(targetName, check -> {
            for (ModelFile file : files) {
                check.file(file);
            }
        });
    }

    /**
     * @param json one {@code {"model": …, "values": {…}}}, an array of them, or one a line
     * @throws UserError where it is no such JSON, or the target's database cannot be read
     */
    public ImportResult values(String targetName, String name, Reader json) {
        return check(targetName, check -> new ImportValues(check.shapes, check).read(name, json));
    }

    private interface Reading {
        void read(Check check);
    }

    private ImportResult check(String targetName, Reading reading) {
        Target target = targets.get(targetName);
        try (TargetDatabase database = targets.open(target)) {
            ModelShapes shapes = ModelShapes.of(database.dataSource());
            Connection connection = DataSourceUtils.getConnection(ours);
            try {
                ImportSpool spool = new ImportSpool(connection);
                try {
                    Check check = new Check(target, shapes, spool);
                    reading.read(check);
                    return check.result(database.dataSource());
                } finally {
                    spool.drop();
                }
            } finally {
                DataSourceUtils.releaseConnection(connection, ours);
            }
        } catch (DataAccessException e) {
            throw UserError.service(
                    "A database could not be read: " + e.getMostSpecificCause().getMessage(), e);
        }
    }

    /** One check of some files. */
    final class Check {

        private final Target target;
        private final ModelShapes shapes;
        private final ImportSpool spool;
        private final List<Source> sources = new ArrayList<>();
        private final List<List<ImportColumn>> columns = new ArrayList<>();
        private final List<Problem> problems = new ArrayList<>();
        private final List<String> notes = new ArrayList<>();
        private final Map<String, Map<String, Level>> required = new TreeMap<>();

        private Check(Target target, ModelShapes shapes, ImportSpool spool) {
            this.target = target;
            this.shapes = shapes;
            this.spool = spool;
        }

        ImportSpool spool() {
            return spool;
        }

        int begin(String name, List<ImportColumn> own) {
            sources.add(new Source(name, "", 0));
            columns.add(own);
            return sources.size() - 1;
        }

        void end(int no, String model, long rows) {
            sources.set(no, new Source(sources.get(no).file(), model, rows));
        }

        void problem(Problem problem) {
            problems.add(problem);
        }

        private void file(ModelFile file) {
            String name = file.file().toString();
            if (!shapes.knows(file.model())) {
                throw UserError.setting("There is no model " + file.model() + " in target \"" + target.name()
                        + "\". Name the model of " + name + " with MODEL=" + name + ".");
            }
            List<ImportColumn> own = new ArrayList<>();
            int no = begin(name, own);
            FileRows rows = new FileRows(no, file.model(), own);
            ImportRows.read(file.file(), rows);
            end(no, file.model(), rows.count);
            own.stream()
                    .filter(column -> column.problem() != null)
                    .forEach(column -> problems.add(new Problem(
                            Level.PROBLEM,
                            "no-field",
                            name,
                            column.header(),
                            0,
                            null,
                            List.of(),
                            column.problem() + ": Odoo refuses the file")));
            rows.missing.forEach((field, level) -> {
                if (rows.created > 0) {
                    problems.add(new Problem(
                            level,
                            "required-missing",
                            name,
                            field,
                            rows.created,
                            null,
                            List.of(),
                            file.model() + "." + field + " is required and no column of the file"
                                    + (level == Level.PROBLEM
                                            ? ", and Odoo has no default for it"
                                            : "; whether Odoo has a default for it is not known")
                                    + ". It concerns rows of records that are not there yet"));
                }
            });
        }

        /** Required fields that a record must be given a value for, and how sure that is. */
        Map<String, Level> required(String model) {
            return required.computeIfAbsent(model, this::ask);
        }

        private Map<String, Level> ask(String model) {
            Map<String, FieldShape> fields = shapes.fields(model);
            Map<String, Level> asked = new TreeMap<>();
            for (FieldShape field : fields.values()) {
                boolean own = field.stored() && field.related() == null;
                // what a delegate requires and this one shows: the name of a user, of a product
                boolean delegated = !field.stored() && delegate(fields, field) != null;
                if (field.required()
                        && (own || delegated)
                        && !BY_ODOO.contains(field.name())
                        && !field.type().equals("one2many")
                        && !field.type().equals("many2many")) {
                    asked.put(field.name(), Level.WARNING);
                }
            }
            // the delegate itself is made on the way
            fields.values().forEach(field -> {
                FieldShape delegate = delegate(fields, field);
                if (delegate != null) {
                    asked.remove(delegate.name());
                }
            });
            Target.Api api = target.api();
            if (api == null || asked.isEmpty()) {
                return asked;
            }
            try (OdooClient odoo = clients.open(api)) {
                Map<String, JsonNode> described = odoo.fields(model);
                JsonNode defaults = odoo.call(new OdooCall(
                        model,
                        "default_get",
                        null,
                        Map.of("fields_list", List.copyOf(asked.keySet())),
                        Map.of(),
                        Map.of()));
                asked.keySet()
                        .removeIf(name -> isComputed(fields.get(name), described.get(name))
                                || hasDefault(fields.get(name), defaults.path(name)));
                asked.replaceAll((field, level) -> Level.PROBLEM);
            } catch (OdooException e) {
                notes.add("the API was not asked for defaults of " + model + ": " + e.getMessage());
            }
            return asked;
        }

        private static boolean isComputed(@Nullable FieldShape field, @Nullable JsonNode described) {
            return field != null
                    && field.related() == null
                    && described != null
                    && !described.path("depends").isEmpty();
        }

        /** Odoo says false where it has none, but for a field that is true or false. */
        private static boolean hasDefault(@Nullable FieldShape field, JsonNode value) {
            boolean isBoolean = field != null && field.type().equals("boolean");
            return !value.isMissingNode()
                    && !value.isNull()
                    && (isBoolean || !value.isBoolean() || value.booleanValue());
        }

        /** The required many2one through which a model shows a field of another one as its own. */
        private static @Nullable FieldShape delegate(Map<String, FieldShape> fields, FieldShape field) {
            String related = field.related();
            if (related == null || !related.endsWith("." + field.name()) || !field.required()) {
                return null;
            }
            FieldShape through = fields.get(
                    related.substring(0, related.length() - field.name().length() - 1));
            return through != null && through.required() && through.type().equals("many2one") ? through : null;
        }

        private ImportResult result(DataSource source) {
            spool.index();
            ImportLookup lookup = new ImportLookup(source, shapes, spool);
            lookup.run();
            notes.addAll(lookup.notes());
            ImportFindings findings = new ImportFindings(spool.jdbc(), sources, columns);
            problems.addAll(findings.problems());
            List<ImportResult.Step> order = new ImportOrder(sources, columns, findings.edges(), problems).steps();
            return new ImportResult(
                    target.name(), List.copyOf(sources), List.copyOf(problems), order, List.copyOf(notes));
        }

        /** Takes the rows of one file apart. */
        private final class FileRows implements ImportRows.Sink {

            private final int no;
            private final String model;
            private final List<ImportColumn> own;
            private final Map<String, Level> missing = new LinkedHashMap<>();
            private final Map<Integer, Level> mustHave = new TreeMap<>();
            private int ownId = -1;
            private int names = -1;
            private long count;
            private long created;

            private FileRows(int no, String model, List<ImportColumn> own) {
                this.no = no;
                this.model = model;
                this.own = own;
            }

            @Override
            public void header(List<String> headers) {
                headers.forEach(header -> own.add(ImportColumn.of(shapes, model, header)));
                missing.putAll(required(model));
                for (int i = 0; i < own.size(); i++) {
                    ImportColumn column = own.get(i);
                    if (!column.path().isEmpty()) {
                        continue;
                    }
                    Level level = missing.remove(column.field());
                    if (level != null) {
                        mustHave.put(i, level);
                    }
                    FieldShape field = shapes.fields(model).get(column.field());
                    if (column.kind() == ImportColumn.Kind.OWN_ID) {
                        ownId = i;
                    } else if (column.field().equals("name")
                            && column.kind() == ImportColumn.Kind.VALUE
                            && field != null) {
                        names = i;
                    }
                    // a delegate that is named brings its own values
                    if (column.isReference()) {
                        missing.keySet().removeIf(other -> {
                            FieldShape shape = shapes.fields(model).get(other);
                            return shape != null
                                    && shape.related() != null
                                    && shape.related().startsWith(column.field() + ".");
                        });
                    }
                }
            }

            @Override
            public void row(long number, List<String> values) {
                boolean record = false;
                for (int i = 0; i < own.size() && i < values.size(); i++) {
                    record |= own.get(i).path().isEmpty() && !values.get(i).isBlank();
                }
                boolean anything = values.stream().anyMatch(value -> !value.isBlank());
                if (!anything) {
                    return;
                }
                count++;
                for (int i = 0; i < own.size(); i++) {
                    cell(i, number, i < values.size() ? values.get(i).strip() : "", record);
                }
                boolean updates = ownId >= 0
                        && ownId < values.size()
                        && !values.get(ownId).isBlank();
                if (record && !updates) {
                    created++;
                    for (int i : mustHave.keySet()) {
                        if (i >= values.size() || values.get(i).isBlank()) {
                            spool.empty(no, i, number);
                        }
                    }
                }
                if (names >= 0 && names < values.size() && !values.get(names).isBlank()) {
                    spool.name(no, number, model, values.get(names).strip());
                }
            }

            private void cell(int i, long number, String text, boolean record) {
                ImportColumn column = own.get(i);
                if (text.isEmpty() || column.path().isEmpty() && !record) {
                    return;
                }
                switch (column.kind()) {
                    case OWN_EXTERNAL_ID -> spool.record(no, number, column.model(), 'x', externalId(text));
                    case OWN_ID -> spool.record(no, number, column.model(), 'i', text);
                    case EXTERNAL_ID, ID, NAME -> {
                        String parent = column.parent() == null ? "" : column.parent();
                        char kind = kind(column.kind());
                        for (String part : column.many() ? text.split(",") : new String[] {text}) {
                            String value = part.strip();
                            boolean none = value.isEmpty()
                                    || kind != 'n' && NO_ID.contains(value.toLowerCase(java.util.Locale.ROOT));
                            if (!none) {
                                spool.reference(no, i, number, parent, kind, kind == 'x' ? externalId(value) : value);
                            }
                        }
                    }
                    case VALUE, NONE -> {}
                }
            }
        }
    }

    private static char kind(ImportColumn.Kind kind) {
        return switch (kind) {
            case EXTERNAL_ID -> 'x';
            case ID -> 'i';
            default -> 'n';
        };
    }

    static String externalId(String text) {
        return text.indexOf('.') > 0 ? text : MODULE + text;
    }
}
