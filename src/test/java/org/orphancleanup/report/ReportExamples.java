package org.orphancleanup.report;

import static org.orphancleanup.catalog.ConstraintState.ENFORCED;
import static org.orphancleanup.catalog.ConstraintState.IMPOSSIBLE;
import static org.orphancleanup.catalog.ConstraintState.MISSING;
import static org.orphancleanup.catalog.ConstraintState.NOT_VALID;
import static org.orphancleanup.catalog.ConstraintState.TRIGGERS_DISABLED;
import static org.orphancleanup.catalog.ReferenceKind.AUDIT;
import static org.orphancleanup.catalog.ReferenceKind.INHERITANCE;
import static org.orphancleanup.catalog.ReferenceKind.MANY2MANY;
import static org.orphancleanup.catalog.ReferenceKind.MANY2ONE;

/** Runs as they come. */
final class ReportExamples {

    private static final String[] MODELS = {
        "account.account",
        "account.move",
        "account.move.line",
        "account.payment",
        "account.tax",
        "crm.lead",
        "crm.stage",
        "crm.team",
        "hr.employee",
        "mail.activity",
        "mail.followers",
        "mail.message",
        "product.category",
        "product.pricelist.item",
        "product.product",
        "product.template",
        "project.project",
        "project.task",
        "purchase.order",
        "purchase.order.line",
        "res.bank",
        "res.company",
        "res.partner",
        "res.partner.bank",
        "sale.order",
        "sale.order.line",
        "stock.location",
        "stock.lot",
        "stock.move",
        "stock.move.line",
        "stock.picking",
        "stock.quant",
        "stock.warehouse",
        "stock.warehouse.orderpoint"
    };

    private ReportExamples() {}

    /** A cleanup that repaired most of what it planned. */
    static ReportFixture cleanup() {
        ReportFixture fixture = new ReportFixture("cleanup");
        coverage(fixture);
        fixture.plan("applied");
        fixture.jdbc.sql("UPDATE plan SET repairs = 322, parts = 400").update();
        fixture.set("backup", "newest file /backups/erp-2026-03-14.dump, 2 h 10 min old");

        int parent = fixture.reference(MANY2ONE, "res.partner", "parent_id", "res.partner", MISSING);
        int commercial = fixture.reference(MANY2ONE, "res.partner", "commercial_partner_id", "res.partner", MISSING);
        int order = fixture.reference(MANY2ONE, "sale.order", "partner_id", "res.partner", NOT_VALID);
        int invoice = fixture.reference(MANY2ONE, "sale.order", "partner_invoice_id", "res.partner", ENFORCED);
        int line = fixture.reference(MANY2ONE, "sale.order.line", "product_id", "product.product", MISSING);
        int posted = fixture.reference(MANY2ONE, "account.move", "partner_id", "res.partner", ENFORCED);
        int postedLine = fixture.reference(MANY2ONE, "account.move.line", "account_id", "account.account", ENFORCED);
        int lead = fixture.reference(MANY2ONE, "crm.lead", "team_id", "crm.team", ENFORCED);
        int quant = fixture.reference(MANY2ONE, "stock.quant", "lot_id", "stock.lot", TRIGGERS_DISABLED);
        int template = fixture.reference(MANY2ONE, "product.template", "categ_id", "product.category", ENFORCED);
        int tags = fixture.reference(
                MANY2MANY,
                "res.partner",
                "res_partner_res_partner_category_rel",
                "category_id",
                "res.partner.category",
                MISSING);
        int task = fixture.reference(MANY2ONE, "project.task", "project_id", "project.project", ENFORCED);
        int pick = fixture.reference(MANY2ONE, "stock.picking", "partner_id", "res.partner", ENFORCED);
        int audit = fixture.reference(AUDIT, "mail.message", "create_uid", "res.users", MISSING);

        for (int i = 0; i < 64; i++) {
            fixture.part(parent, 310 + i, 45, "null-out", "empty", "repaired", null);
            fixture.partOfSameRecord(commercial, 310 + i, 45, "null-out", "empty", "repaired");
        }
        for (int i = 0; i < 57; i++) {
            fixture.part(order, 1200 + i, 45, "archive-parent", "stand-in:0", "repaired", null);
            fixture.partOfSameRecord(invoice, 1200 + i, 45, "archive-parent", "stand-in:0", "repaired");
        }
        fixture.parts(line, 8100, 83, "relink", "placeholder:0:0", "repaired", null);
        fixture.parts(tags, 500, 31, "delete", "empty", "repaired", null);
        fixture.parts(template, 70, 12, "relink", "placeholder:0:0", "repaired", null);
        fixture.parts(task, 900, 5, "archive-parent", "stand-in:1", "repaired", null);
        fixture.parts(pick, 2210, 7, "archive-parent", "stand-in:1", "already-clean", "clean when its turn came");
        fixture.parts(lead, 3300, 6, "quarantine", "quarantine", "quarantined", "archived in Odoo");
        fixture.parts(
                line,
                9400,
                9,
                "relink",
                "placeholder:0:0",
                "held",
                "Odoo refused: the product of a confirmed order line cannot be changed (line %d).");
        fixture.parts(
                task,
                960,
                3,
                "archive-parent",
                "stand-in:1",
                "held",
                "The API user may not write project.task: access rights of Project / User.");
        fixture.parts(
                posted,
                5100,
                14,
                "archive-parent",
                null,
                "refused",
                "Entry %d is posted and part of the inalterability hash; allow.locked-documents does not name it.");
        fixture.parts(
                postedLine,
                5900,
                4,
                "relink",
                null,
                "refused",
                "account.account carries meaning of its own; no placeholder is made unless allow.auto-placeholder names it.");
        fixture.parts(
                quant, 640, 1, "relink", "placeholder:1:0", "changed-meanwhile", "lot_id was written by another user");
        fixture.parts(audit, 70_000, 12, "report-only", null, "reported", null);
        fixture.orphan(1, lead, 3999, 12);
        fixture.orphan(1, posted, 5100, 40_000);

        fixture.changedBesides("sale.order.line", 8104, "price_unit", "120.0", "0.0", false);
        fixture.changedBesides("sale.order.line", 8104, "name", "[D-17] Desk", "Unknown product", false);
        fixture.changedBesides("sale.order", 1211, "write_date", null, "2026-03-14", false);
        for (int i = 0; i < 26; i++) {
            fixture.changedBesides("product.template", 70 + i, "complete_name", "a", "b", true);
        }
        fixture.standIn("res.partner", 45L, null, "__orphan_cleanup__.res_partner_45", 91_001, true);
        fixture.standIn("project.project", 17L, 1L, "__orphan_cleanup__.project_project_17", 311, true);
        fixture.standIn("product.product", null, null, "__orphan_cleanup__.product_product", 640, false);
        for (int i = 0; i < 6; i++) {
            fixture.quarantine("crm.lead", 3300 + i, i < 4);
        }
        fixture.observation(
                "id-in-domain",
                "ir.filters",
                "ir_filters",
                12L,
                "domain",
                "the domain names res.users 77, which is missing");
        fixture.observation("duplicate-relation-row", null, "Products", null, null, "3 rows are there twice");
        return fixture;
    }

    /** The catalog of an Odoo database in good health. */
    static void coverage(ReportFixture fixture) {
        for (String model : MODELS) {
            fixture.reference(MANY2ONE, model, "company_id", "res.company", ENFORCED);
            fixture.reference(MANY2ONE, model, "user_id", "res.users", ENFORCED);
            int audit = fixture.reference(AUDIT, model, "create_uid", "res.users", ENFORCED);
            fixture.setReference(audit, "skipped", "excluded by the job");
            fixture.setReference(audit, "rows_read", null);
            fixture.reference(AUDIT, model, "write_uid", "res.users", ENFORCED);
        }
        int differs = fixture.reference(MANY2ONE, "res.partner", "state_id", "res.country.state", ENFORCED);
        fixture.setReference(differs, "ondelete", "restrict");
        fixture.reference(INHERITANCE, "ir.ui.menu", "action", "ir.actions.actions", IMPOSSIBLE);
        fixture.leftOut("account.root", "parent_id", "account_root", "the model is an SQL view");
        fixture.leftOut("res.config.settings", null, null, "the model is transient");
    }
}
