package org.orphancleanup.catalog;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Values of ir_config_parameter that name a record, where it can be told: {@code model,id}; a number under a key that ends
 * like a many2one field of the settings; a number under one of Odoo's own keys. A value is never repeated but for such an id:
 * the table holds keys and passwords, too.
 */
final class Parameters implements ObservationSource {

    private static final String TABLE = "ir_config_parameter";
    private static final String SETTINGS = "res.config.settings";

    /** Odoo's own keys whose model no name tells; the last one can be followed by a company. */
    private static final Map<String, String> KNOWN = Map.of(
            "base.template_portal_user_id", "res.users",
            "analytic.project_plan", "account.analytic.plan",
            "digest.default_digest_id", "digest.digest",
            "sale.default_confirmation_template", "mail.template",
            "sale.default_invoice_email_template", "mail.template",
            "sale.default_deposit_product_id", "product.product",
            "res.partner.property_product_pricelist", "product.pricelist");

    private static final Pattern REFERENCE = Pattern.compile("([a-z][\\w.]*),(\\d{1,18})");

    @Override
    public void collect(TargetFacts facts, ObservationDraft draft) {
        Table table = facts.schema().table(TABLE);
        if (table == null || !table.isTable() || !table.columns().keySet().containsAll(List.of("id", "key", "value"))) {
            return;
        }
        ObservationDraft.Place place =
                new ObservationDraft.Place(ObservationKind.PARAMETER, "ir.config_parameter", table, "value");
        if (!draft.canRead(place, List.of("id", "key", "value"))) {
            return;
        }
        List<ObservationDraft.Mention> mentions = new ArrayList<>();
        facts.jdbc().sql("""
                SELECT id, key, value FROM ONLY ir_config_parameter
                WHERE value ~ '^([a-z][a-z0-9_.]*,)?[0-9]{1,18}$' AND key IS NOT NULL ORDER BY id""").query(row -> {
            String key = row.getString(2);
            String value = row.getString(3);
            Matcher reference = REFERENCE.matcher(value);
            if (!reference.matches()) {
                String model = namedModel(facts.metadata(), key);
                if (model != null) {
                    mentions.add(mention(row.getLong(1), key, model, value));
                }
            } else if (facts.metadata().knows(reference.group(1))) {
                mentions.add(mention(row.getLong(1), key, reference.group(1), reference.group(2)));
            }
        });
        draft.mentions(place, mentions);
    }

    private static ObservationDraft.Mention mention(long id, String key, String model, String named) {
        return new ObservationDraft.Mention(id, model, Long.parseLong(named), "the parameter " + key);
    }

    private static @Nullable String namedModel(Metadata metadata, String key) {
        String known = KNOWN.get(key.replaceFirst("(property_product_pricelist)_\\d+$", "$1"));
        if (known != null) {
            return metadata.knows(known) ? known : null;
        }
        String last = key.substring(key.lastIndexOf('.') + 1);
        return metadata.fields(SETTINGS).stream()
                .filter(field -> field.isMany2one() && field.name().equals(last))
                .map(Field::relation)
                .findFirst()
                .orElse(null);
    }
}
