package org.orphancleanup.sandbox;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Access rights and record rules of the calling user, and the refusals that a model declares. */
final class Access {

    private static final String SETTINGS = "base.group_system";
    private static final String RIGHTS = "base.group_erp_manager";
    private static final Map<String, String> GROUP_TITLES = Map.of(
            SETTINGS,
            "Administration/Settings",
            RIGHTS,
            "Administration/Access Rights",
            "sales_team.group_sale_manager",
            "Sales/Administrator",
            "sales_team.group_sale_salesman",
            "Sales/User: Own Documents Only");
    /** What an ordinary user may write without any further group. */
    private static final Set<String> ANYBODY =
            Set.of("ir.filters", "mail.activity", "mail.message", "mail.followers", "ir.attachment");

    private final Environment env;

    Access(Environment env) {
        this.env = env;
    }

    List<Long> allowedCompanies() {
        Object asked = env.context.get("allowed_company_ids");
        if (asked == null) {
            return env.user.companies();
        }
        List<Long> companies = Values.ids(asked);
        if (!env.user.companies().containsAll(companies)) {
            throw OdooError.access("Access to unauthorized or invalid companies.");
        }
        return companies;
    }

    boolean mayAccess(Model model, String operation) {
        List<String> groups = groups(model, operation);
        return groups == null || groups.stream().anyMatch(env.user.groups()::contains);
    }

    /** Null: everybody. */
    private static @Nullable List<String> groups(Model model, String operation) {
        if (model.access() != null) {
            return model.access();
        }
        if (operation.equals("read") || ANYBODY.contains(model.name())) {
            return null;
        }
        return List.of(model.name().startsWith("res.users") || model.name().equals("res.groups") ? RIGHTS : SETTINGS);
    }

    void checkModel(Model model, String operation) {
        if (!mayAccess(model, "read")) {
            throw refused(model, "read");
        }
        if (!mayAccess(model, operation)) {
            throw refused(model, operation);
        }
    }

    private OdooError refused(Model model, String operation) {
        String what = switch (operation) {
            case "read" -> "access";
            case "write" -> "modify";
            case "create" -> "create";
            default -> "delete";
        };
        StringBuilder allowed = new StringBuilder();
        for (String group : Objects.requireNonNullElse(groups(model, operation), List.<String>of())) {
            String title = GROUP_TITLES.getOrDefault(group, group);
            // 19 has no categories of administration groups any more
            allowed.append("\n\t- ")
                    .append(env.registry.version() >= 19 ? title.replaceFirst("^Administration/", "") : title);
        }
        return OdooError.access("You are not allowed to " + what + " '" + model.title() + "' (" + model.name()
                + ") records.\n\nThis operation is allowed for the following groups:" + allowed
                + "\n\nContact your administrator to request access if necessary.");
    }

    /** The condition of the record rules on alias {@code t}; null where none applies. */
    @Nullable
    String rule(Model model, String alias, List<@Nullable Object> parameters) {
        List<String> conditions = new ArrayList<>();
        String company = model.companyRule();
        ModelField field = company == null ? null : model.field(company);
        if (company != null && field != null) {
            if (field.isMany2one() && field.column()) {
                conditions.add("(" + alias + "." + Environment.quote(company) + " IS NULL OR " + alias + "."
                        + Environment.quote(company) + " = ANY(?))");
                parameters.add(allowedCompanies());
            } else if (field.related() != null) {
                Model parent = env.registry.get(
                        Objects.requireNonNull(model.inherits()).model());
                conditions.add(
                        "NOT EXISTS (SELECT 1 FROM " + Environment.quote(parent.table()) + " p WHERE p.id = " + alias
                                + "." + Environment.quote(model.inherits().field())
                                + " AND p.company_id IS NOT NULL AND NOT p.company_id = ANY(?))");
                parameters.add(allowedCompanies());
            }
        }
        Model.OwnRule own = model.ownRule();
        if (own != null
                && env.user.groups().contains(own.group())
                && !env.user.groups().contains(own.unless())) {
            String column = alias + "." + Environment.quote(own.field());
            conditions.add("(" + column + " IS NULL OR " + column + " = ?)");
            parameters.add(env.user.id());
        }
        return conditions.isEmpty() ? null : String.join(" AND ", conditions);
    }

    /** Those of the ids that the record rules let the user have; null where no rule applies. */
    private @Nullable Set<Long> allowedByRule(Model model, Collection<Long> ids) {
        List<@Nullable Object> parameters = new ArrayList<>();
        parameters.add(List.copyOf(ids));
        String rule = rule(model, "t", parameters);
        if (rule == null) {
            return null;
        }
        Set<Long> allowed = new LinkedHashSet<>();
        env.query(
                "SELECT t.id FROM " + Environment.quote(model.table()) + " t WHERE t.id = ANY(?) AND (" + rule + ")",
                parameters,
                result -> allowed.add(result.getLong(1)));
        return allowed;
    }

    /** A record of a model without rules is not even looked at, so it need not exist. */
    void checkRecords(Model model, List<Long> ids, String operation) {
        Set<Long> allowed = allowedByRule(model, ids);
        if (allowed == null) {
            if (model.thread() && operation.equals("write")) {
                throwMissing(model, ids);
            }
            return;
        }
        if (!allowed.containsAll(ids)) {
            throwMissing(model, ids);
            throw ruled(model, operation);
        }
    }

    private void throwMissing(Model model, List<Long> ids) {
        Set<Long> existing = env.existing(model, ids);
        for (Long id : ids) {
            if (!existing.contains(id)) {
                throw OdooError.missing(model.name(), id, env.user.id());
            }
        }
    }

    private OdooError ruled(Model model, String operation) {
        return OdooError.access("Uh-oh! Looks like you have stumbled upon some top-secret records.\n\nSorry, "
                + env.user.name()
                + " (id=" + env.user.id() + ") doesn't have '" + (operation.equals("write") ? "read" : operation)
                + "' access to:\n- " + model.title() + " (" + model.name()
                + ")\n\nIf you really, really need access, perhaps you can win over your friendly administrator with a batch of"
                + " freshly baked cookies.");
    }

    /** Missing records raise, refused ones do not. */
    boolean mayAccessRecords(Model model, List<Long> ids, String operation) {
        if (!mayAccess(model, operation)) {
            return false;
        }
        Set<Long> allowed = allowedByRule(model, ids);
        if (allowed == null || allowed.containsAll(ids)) {
            return true;
        }
        throwMissing(model, ids);
        return false;
    }

    /** Readable ids, in their order; refused ones raise. */
    List<Long> readable(Model model, List<Long> ids) {
        checkModel(model, "read");
        Set<Long> existing = env.existing(model, ids);
        Set<Long> allowed = allowedByRule(model, existing);
        if (allowed != null && !allowed.containsAll(existing)) {
            throw ruled(model, "read");
        }
        return ids.stream().filter(existing::contains).toList();
    }

    void guard(List<Rec> records, String at, Set<String> written, boolean afterwards) {
        if (records.isEmpty()) {
            return;
        }
        for (Model.Guard guard : Objects.requireNonNull(records.get(0).model().guards())) {
            boolean concerned = guard.at().equals(at)
                    && guard.afterwards() == afterwards
                    && (guard.fields() == null || guard.fields().stream().anyMatch(written::contains))
                    && !(guard.unlessContext() != null && env.flag(guard.unlessContext()));
            if (!concerned) {
                continue;
            }
            for (Rec record : records) {
                if (guard.document()) {
                    document(guard, record);
                } else if (env.expressions.holds(guard.when(), record)) {
                    throw refusal(guard, record);
                }
            }
        }
    }

    private OdooError refusal(Model.Guard guard, Rec record) {
        String message = String.valueOf(guard.message());
        if (!guard.redirect()) {
            return OdooError.user(message);
        }
        List<String> names = new ArrayList<>();
        if (record.get(Objects.requireNonNull(guard.names())) instanceof List<?> others) {
            others.forEach(other -> names.add(env.displayName((Rec) other)));
            Map<String, Object> action = new LinkedHashMap<>();
            action.put("type", "ir.actions.act_window");
            action.put("res_model", "res.users");
            action.put("context", Map.of("create", false));
            action.put("view_mode", "form");
            action.put("views", List.of(List.of(162, "form")));
            action.put("res_id", ((Rec) others.get(0)).id());
            return OdooError.redirect(message + String.join(", ", names), action, "Go to users");
        }
        return OdooError.user(message);
    }

    /** Access is that of the document; where that is gone, nobody has it. */
    private void document(Model.Guard guard, Rec record) {
        Object model = record.get(Objects.requireNonNull(guard.model()));
        Object id = record.get(Objects.requireNonNull(guard.id()));
        Model of = model instanceof String name ? env.registry.find(name) : null;
        if (of == null || !(id instanceof Long number) || number == 0) {
            return;
        }
        if (env.existing(of, List.of(number)).isEmpty()) {
            throw OdooError.access(
                    "The requested operation cannot be completed due to security restrictions. Please contact"
                            + " your system administrator.\n\n(Document type: " + guard.title() + ", Operation: "
                            + guard.operation()
                            + ")\n\nRecords: [" + record.id() + "], User: " + env.user.id());
        }
    }
}
