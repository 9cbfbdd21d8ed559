package org.orphancleanup.repair;

import java.util.List;
import java.util.Map;
import java.util.Set;

/** What Odoo's metadata does not tell of models whose records are put back under their old ids; measured on 17 to 19. */
final class Peculiarities {

    private Peculiarities() {}

    /**
     * Their {@code create} makes other records besides (a company's warehouses and journals, a user's groups and settings),
     * rewrites views (a group), switches a feature (the number of currencies), or makes what the API user may not delete
     * again (a message, a private task): their donor is an existing row, of which nothing but the required columns is taken.
     */
    static final Set<String> NEVER_CREATED = Set.of(
            "mail.message",
            "project.task",
            "res.company",
            "res.currency",
            "res.groups",
            "res.users",
            "stock.warehouse",
            "website");

    /** Odoo keeps what it knows of them in caches, which a write through the ORM empties. */
    static final Set<String> CACHED = Set.of("res.company", "res.groups", "res.users", "website");

    /** Nobody could read what belongs to an archived company. */
    static final Set<String> NEVER_ARCHIVED = Set.of("res.company");

    /** Required references to a record that is the other half of this one, without Odoo calling it delegation. */
    static final Map<String, List<String>> HALVES = Map.of(
            "res.company", List.of("partner_id"),
            "hr.employee", List.of("resource_id"));

    /** A product template makes a variant of its own unless it is told not to. */
    static final Map<String, Object> CONTEXT = Map.of("create_product_product", false);

    /** An archived lead without any probability counts as lost, in the statistics that foretell the others' (19: at once). */
    static final Map<String, Map<String, String>> STAND_IN_VALUES = Map.of("crm.lead", Map.of("probability", "1"));
}
