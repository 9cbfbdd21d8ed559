package org.orphancleanup.repair;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The contexts of our calls: quiet always, the record's company first. Keys as measured on Odoo 17 to 19; unknown ones are
 * ignored by the server.
 *
 * @param userCompanies companies of the API user, the current one first
 */
record Contexts(List<Long> userCompanies) {

    private static final List<String> QUIET = List.of(
            "tracking_disable",
            "mail_notrack",
            "mail_create_nosubscribe",
            "mail_create_nolog",
            "mail_auto_subscribe_no_notify",
            "no_reset_password");

    private static final Map<String, Object> ACCOUNTING = Map.of(
            "skip_readonly_check", true,
            "check_move_validity", false,
            "skip_invoice_sync", true,
            "skip_account_move_synchronization", true);

    Contexts {
        userCompanies = List.copyOf(userCompanies);
    }

    /** @param company 0 for none: then the API user's current company comes first, as in his own session */
    Map<String, Object> quiet(long company) {
        Map<String, Object> context = new LinkedHashMap<>();
        QUIET.forEach(key -> context.put(key, true));
        List<Long> companies = new ArrayList<>();
        if (company != 0) {
            companies.add(company);
        }
        userCompanies.stream().filter(c -> c != company).forEach(companies::add);
        if (!companies.isEmpty()) {
            context.put("allowed_company_ids", companies);
        }
        return context;
    }

    Map<String, Object> of(Rung rung, long company) {
        Map<String, Object> context = quiet(company);
        if (rung.archivedToo()) {
            context.put("active_test", false);
        }
        if (rung.accounting()) {
            context.putAll(ACCOUNTING);
        }
        return context;
    }
}
