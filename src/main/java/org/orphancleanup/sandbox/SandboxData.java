package org.orphancleanup.sandbox;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** The demo company's records: always the same ones, all of them sound. The damage comes after. */
final class SandboxData {

    static final String UUID = "5d6f1c52-0a55-4f0e-9a3a-0d0c4e4f4a11";
    private static final List<String> MODULES = List.of(
            "base",
            "mail",
            "contacts",
            "uom",
            "product",
            "account",
            "sales_team",
            "crm",
            "sale",
            "sale_management",
            "purchase",
            "stock",
            "sale_stock");
    private static final List<String> TOWNS =
            List.of("Ghent", "Porto", "Malmo", "Turin", "Lyon", "Graz", "Delft", "Brno");
    private static final List<String> FIRST = List.of(
            "Ada", "Bruno", "Clara", "Dirk", "Elena", "Farid", "Greta", "Hugo", "Ines", "Jonas", "Karin", "Luca",
            "Mara", "Nils", "Olga", "Paul", "Rosa", "Sven", "Tessa", "Yusuf");
    private static final List<String> LAST = List.of(
            "Adler", "Bakker", "Costa", "Dupont", "Eriksen", "Fischer", "Garcia", "Hansen", "Ivanova", "Jansen",
            "Keller", "Lindt", "Moreau", "Novak", "Peeters", "Rossi", "Silva", "Verne", "Weiss", "Young");
    private static final List<String> TRADES = List.of(
            "Timber",
            "Bikes",
            "Bakery",
            "Optics",
            "Textiles",
            "Tools",
            "Marine",
            "Print",
            "Glass",
            "Garden",
            "Clinic",
            "Motors");

    private final Registry registry;
    private final Inserter in;
    private final Random random = new Random(20_260_101);
    private final Map<String, Long> models = new LinkedHashMap<>();
    private final Map<String, Long> fields = new LinkedHashMap<>();
    private final Map<String, Long> groups = new LinkedHashMap<>();
    private final List<Long> customers = new ArrayList<>();
    private final List<Long> contacts = new ArrayList<>();
    private final List<Long> salespeople = new ArrayList<>();
    private final List<Long> products = new ArrayList<>();
    private final Map<Long, Long> templateOf = new LinkedHashMap<>();
    private final Map<Long, BigDecimal> priceOf = new LinkedHashMap<>();
    private final Map<Long, String> partnerNames = new LinkedHashMap<>();
    private final Map<Long, Long> commercialOf = new LinkedHashMap<>();
    private final List<Long> terms = new ArrayList<>();
    private final List<Long> orders = new ArrayList<>();
    private final List<Long> leads = new ArrayList<>();

    SandboxData(Registry registry) {
        this.registry = registry;
        this.in = new Inserter(registry);
    }

    void write(Connection connection) throws SQLException {
        metadata();
        basics();
        people();
        goods();
        books();
        warehouses();
        crm();
        sales();
        purchases();
        invoices();
        stock();
        chatter();
        technical();
        in.write(connection);
    }

    private <T> T pick(List<T> list) {
        return list.get(random.nextInt(list.size()));
    }

    private boolean chance(int percent) {
        return random.nextInt(100) < percent;
    }

    private String day(int from, int days) {
        return LocalDate.of(2025, 1, 6).plusDays(from + random.nextInt(days)).toString();
    }

    // ---- ir_*

    private void metadata() {
        Map<String, Long> modules = new LinkedHashMap<>();
        for (String module : MODULES) {
            modules.put(
                    module,
                    in.add(
                            "ir.module.module",
                            "name",
                            module,
                            "state",
                            "installed",
                            "shortdesc",
                            module,
                            "author",
                            "Sandbox",
                            "latest_version",
                            registry.version() + ".0.1." + (MODULES.indexOf(module) % 4)));
        }
        for (Model model : registry.models()) {
            long id = in.add(
                    "ir.model", "model", model.name(), "name", model.title(), "order", order(model), "state", "base");
            models.put(model.name(), id);
            in.add(
                    "ir.model.data",
                    "module",
                    "base",
                    "name",
                    "model_" + model.name().replace('.', '_'),
                    "model",
                    "ir.model",
                    "res_id",
                    id,
                    "noupdate",
                    false);
        }
        for (Model model : registry.models()) {
            field(model, ModelField.audit("id", "integer", null, "ID"));
            model.fields().forEach(field -> field(model, field));
        }
        List<String> tables = new ArrayList<>();
        for (Model model : registry.models()) {
            for (ModelField field : model.fields()) {
                if (field.table() != null && !tables.contains(field.table())) {
                    tables.add(field.table());
                    in.add(
                            "ir.model.relation",
                            "name",
                            field.table(),
                            "model",
                            models.get(model.name()),
                            "module",
                            modules.get("base"));
                }
            }
        }
        in.add("ir.config_parameter", "key", "database.uuid", "value", UUID);
        in.add("ir.config_parameter", "key", "database.create_date", "value", "2025-01-06 08:00:00");
    }

    private static String order(Model model) {
        return model.order() == null ? "id" : model.order();
    }

    private void field(Model model, ModelField field) {
        String depends = String.join(",", field.dependencies());
        boolean stored = field.stored();
        long id = in.add(
                "ir.model.fields",
                "name",
                field.name(),
                "model",
                model.name(),
                "model_id",
                models.get(model.name()),
                "complete_name",
                model.name() + "." + field.name(),
                "field_description",
                field.title(),
                "ttype",
                field.type(),
                "state",
                "base",
                "relation",
                field.to(),
                "relation_field",
                field.inverse(),
                "relation_table",
                field.table(),
                "column1",
                field.column1(),
                "column2",
                field.column2(),
                "related",
                field.related(),
                "depends",
                depends.isEmpty() ? null : depends,
                "on_delete",
                field.isMany2one() ? field.ondelete() : null,
                "store",
                stored,
                "required",
                field.required(),
                "readonly",
                field.readonly(),
                "translate",
                field.translate(),
                "company_dependent",
                field.companyDependent(),
                "tracking",
                field.tracking() ? 1 : null);
        fields.put(model.name() + "." + field.name(), id);
    }

    private void externalId(String model, String name, long id) {
        String[] parts = name.split("\\.", 2);
        in.add("ir.model.data", "module", parts[0], "name", parts[1], "model", model, "res_id", id, "noupdate", true);
    }

    private void property(String model, String field, long id, long company, @Nullable Object value) {
        ModelField declared = registry.get(model).field(field);
        if (declared == null || value == null) {
            return;
        }
        if (declared.stored()) {
            in.row(model, id)
                    .merge(
                            field,
                            "{\"" + company + "\": " + value + "}",
                            (old, more) -> old.toString().replace("}", ", ")
                                    + more.toString().substring(1));
        } else {
            in.add(
                    "ir.property",
                    "name",
                    field,
                    "fields_id",
                    fields.get(model + "." + field),
                    "res_id",
                    model + "," + id,
                    "company_id",
                    company,
                    "type",
                    declared.isMany2one() ? "many2one" : "float",
                    "value_reference",
                    declared.isMany2one() ? declared.to() + "," + value : null);
        }
    }

    // ---- companies, users, partners

    private void basics() {
        in.add("res.currency", "name", "EUR", "symbol", "€", "rounding", 0.01, "decimal_places", 2, "active", true);
        in.add("res.currency", "name", "USD", "symbol", "$", "rounding", 0.01, "decimal_places", 2, "active", true);
        String[][] countries = {
            {"BE", "Belgium"}, {"PT", "Portugal"}, {"SE", "Sweden"}, {"IT", "Italy"}, {"FR", "France"}
        };
        for (String[] country : countries) {
            in.add("res.country", "code", country[0], "name", country[1], "currency_id", 1L);
        }
        in.add("res.country.state", "code", "VOV", "name", "East Flanders", "country_id", 1L);
        String[] names = {"Meridian Trading", "Meridian Iberia", "Meridian Nordic"};
        // the first three partners are those of every Odoo: the company, the robot, the administrator
        for (int i = 0; i < 3; i++) {
            in.add("res.company", "name", names[i], "currency_id", 1L, "sequence", 10 + i);
        }
        company(1, names[0]);
        String[][] all = {
            {"base.group_user", "Internal User"},
            {"base.group_system", "Settings"},
            {"base.group_erp_manager", "Access Rights"},
            {"base.group_multi_company", "Multi Companies"},
            {"sales_team.group_sale_salesman", "User: Own Documents Only"},
            {"sales_team.group_sale_manager", "Administrator"},
            {"account.group_account_manager", "Accountant"},
            {"stock.group_stock_manager", "Inventory Administrator"},
            {"purchase.group_purchase_manager", "Purchase Administrator"}
        };
        for (String[] group : all) {
            long id = in.add("res.groups", "name", group[1]);
            groups.put(group[0], id);
            externalId("res.groups", group[0], id);
        }
    }

    private void company(long id, String name) {
        in.row("res.company", id)
                .put("partner_id", partner(name, 0, true, "country_id", id, "email", "info" + id + "@example.com"));
    }

    private long partner(String name, long parent, boolean company, @Nullable Object... more) {
        long commercial = parent == 0 || company ? 0 : Objects.requireNonNull(commercialOf.get(parent));
        String complete = parent == 0 || company ? name : partnerNames.get(parent) + ", " + name;
        List<@Nullable Object> pairs = new ArrayList<>(List.of(
                "name",
                name,
                "complete_name",
                complete,
                "is_company",
                company,
                "parent_id",
                parent,
                "active",
                true,
                "type",
                "contact"));
        pairs.addAll(java.util.Arrays.asList(more));
        long id = in.add("res.partner", pairs.toArray());
        Map<String, @Nullable Object> row = in.row("res.partner", id);
        row.put("commercial_partner_id", commercial == 0 ? id : commercial);
        if (company || parent != 0) {
            row.put("commercial_company_name", company ? name : partnerNames.get(parent));
        }
        partnerNames.put(id, name);
        commercialOf.put(id, commercial == 0 ? id : commercial);
        return id;
    }

    private long user(
            String login, String name, long company, List<Long> companies, boolean active, String... memberOf) {
        long partner = partner(name, 0, false, "email", login + "@example.com");
        long id = in.add(
                "res.users",
                "login",
                login,
                "partner_id",
                partner,
                "company_id",
                company,
                "active",
                active,
                "share",
                false,
                "notification_type",
                "email");
        companies.forEach(each -> in.link("res.users", "company_ids", id, each));
        for (String group : memberOf) {
            in.link(
                    "res.groups",
                    registry.version() >= 19 ? "user_ids" : "users",
                    Objects.requireNonNull(groups.get(group)),
                    id);
        }
        return id;
    }

    private void people() {
        user("__system__", "OdooBot", 1, List.of(1L), false, "base.group_user");
        user(
                "admin",
                "Mitchell Admin",
                1,
                List.of(1L, 2L),
                true,
                groups.keySet().toArray(String[]::new));
        company(2, "Meridian Iberia");
        company(3, "Meridian Nordic");
        for (int i = 0; i < 8; i++) {
            String name = FIRST.get(i) + " " + LAST.get(i + 5);
            salespeople.add(user(
                    FIRST.get(i).toLowerCase(java.util.Locale.ROOT),
                    name,
                    i < 6 ? 1 : 2,
                    List.of(1L, 2L),
                    true,
                    "base.group_user",
                    "sales_team.group_sale_salesman"));
        }
        user("limited", "Rec Lim", 1, List.of(1L), true, "base.group_user");
        user("salesman", "Rec Sal", 1, List.of(1L), true, "base.group_user", "sales_team.group_sale_salesman");
        user("inactive", "Rec Ina", 1, List.of(1L), false, "base.group_user");
        in.add(
                "res.users.apikeys",
                "name",
                "Orphan cleanup",
                "user_id",
                2L,
                "scope",
                "rpc",
                "expiration_date",
                "2036-01-06 08:00:00");
        externalId("res.users", "base.user_root", 1);
        externalId("res.users", "base.user_admin", 2);

        List<Long> tags = new ArrayList<>();
        String[] names = {
            "VIP",
            "Wholesale",
            "Retail",
            "Partner",
            "Press",
            "Public sector",
            "Prospect",
            "Export",
            "Fair 2024",
            "Newsletter"
        };
        for (String name : names) {
            long id = in.add("res.partner.category", "name", name, "color", tags.size(), "active", true);
            in.row("res.partner.category", id).put("parent_path", id + "/");
            tags.add(id);
        }
        // customers come before terms in the file, terms are named by their future ids
        for (int i = 0; i < 220; i++) {
            String name = LAST.get(i % 20) + " " + pick(TRADES) + (i >= 20 ? " " + (i / 20 + 1) : "");
            long id = partner(
                    name,
                    0,
                    true,
                    "city",
                    pick(TOWNS),
                    "country_id",
                    (long) (1 + random.nextInt(5)),
                    "user_id",
                    pick(salespeople),
                    "email",
                    "office" + i + "@example.com",
                    "phone",
                    "+32 555 " + (1000 + i),
                    "ref",
                    "C" + (1000 + i),
                    "customer_rank",
                    1,
                    "supplier_rank",
                    i % 5 == 0 ? 1 : 0,
                    "create_uid",
                    pick(salespeople),
                    "company_id",
                    i % 40 == 7 ? 2L : i % 40 == 8 ? 3L : 0L);
            customers.add(id);
            property("res.partner", "property_payment_term_id", id, 1, i % 3 == 0 ? 1 + random.nextInt(4) : null);
            for (int n = random.nextInt(3); n > 0; n--) {
                in.link("res.partner", "category_id", id, pick(tags));
            }
            for (int n = random.nextInt(4); n > 0; n--) {
                contacts.add(partner(
                        pick(FIRST) + " " + pick(LAST),
                        id,
                        false,
                        "function",
                        "Purchasing",
                        "email",
                        "person" + contacts.size() + "@example.com",
                        "user_id",
                        chance(30) ? pick(salespeople) : 0L));
            }
            if (i % 4 == 0) {
                in.add(
                        "res.partner.bank",
                        "acc_number",
                        "BE" + (71_000_000 + i),
                        "sanitized_acc_number",
                        "BE" + (71_000_000 + i),
                        "partner_id",
                        id,
                        "active",
                        true);
            }
        }
    }

    // ---- products

    private void goods() {
        in.add("uom.category", "name", "Unit");
        in.add(
                "uom.uom",
                "name",
                "Units",
                "category_id",
                1L,
                "factor",
                1,
                "rounding",
                0.01,
                "uom_type",
                "reference",
                "relative_factor",
                1,
                "active",
                true);
        in.add(
                "uom.uom",
                "name",
                "Dozens",
                "category_id",
                1L,
                "factor",
                0.083,
                "rounding",
                0.01,
                "uom_type",
                "bigger",
                "relative_factor",
                12,
                "active",
                true);
        String[] names = {"Goods", "Furniture", "Desks", "Chairs", "Services", "Lighting", "Lamps", "Consumables"};
        long[] parents = {0, 1, 2, 2, 0, 1, 6, 0};
        for (int i = 0; i < names.length; i++) {
            String above = parents[i] == 0
                    ? ""
                    : in.row("product.category", parents[i]).get("complete_name") + " / ";
            String path = parents[i] == 0
                    ? ""
                    : String.valueOf(in.row("product.category", parents[i]).get("parent_path"));
            long id = in.add(
                    "product.category", "name", names[i], "parent_id", parents[i], "complete_name", above + names[i]);
            in.row("product.category", id).put("parent_path", path + id + "/");
        }
        String[] kinds = {"Desk", "Chair", "Lamp", "Shelf", "Cabinet", "Table", "Stool", "Bench", "Rack", "Screen"};
        for (int i = 0; i < 140; i++) {
            BigDecimal price = BigDecimal.valueOf(10 + random.nextInt(900)).setScale(2, RoundingMode.HALF_UP);
            String name = kinds[i % 10] + " model " + (i / 10 + 1);
            long template = in.add(
                    "product.template",
                    "name",
                    name,
                    "categ_id",
                    (long) (1 + random.nextInt(8)),
                    "uom_id",
                    1L,
                    "uom_po_id",
                    1L,
                    "type",
                    registry.version() < 18 ? "product" : "consu",
                    "detailed_type",
                    "product",
                    "is_storable",
                    true,
                    "list_price",
                    price,
                    "default_code",
                    "P" + (100 + i),
                    "sale_ok",
                    true,
                    "purchase_ok",
                    true,
                    "active",
                    true,
                    "tracking",
                    "none",
                    "sequence",
                    1,
                    "responsible_id",
                    null);
            long product = in.add(
                    "product.product",
                    "product_tmpl_id",
                    template,
                    "default_code",
                    "P" + (100 + i),
                    "active",
                    true,
                    "combination_indices",
                    "");
            templateOf.put(product, template);
            priceOf.put(product, price);
            products.add(product);
        }
        for (String name : List.of("Public prices", "Wholesale prices", "Export prices")) {
            in.add("product.pricelist", "name", name, "currency_id", 1L, "active", true, "sequence", 10);
        }
        for (int i = 0; i < 40; i++) {
            in.add(
                    "product.pricelist.item",
                    "pricelist_id",
                    (long) (1 + i % 3),
                    "applied_on",
                    "1_product",
                    "base",
                    "list_price",
                    "compute_price",
                    "fixed",
                    "fixed_price",
                    5 + i,
                    "product_tmpl_id",
                    templateOf.get(pick(products)),
                    "active",
                    true,
                    "min_quantity",
                    0);
        }
    }

    private String productName(long product) {
        return "[P" + (99 + product) + "] "
                + String.valueOf(in.row("product.template", Objects.requireNonNull(templateOf.get(product)))
                                .get("name"))
                        .replaceAll(".*: ?\"(.*)\".*", "$1");
    }

    // ---- accounting

    private long account(long company, String type) {
        return (company - 1) * 6
                + switch (type) {
                    case "receivable" -> 1;
                    case "payable" -> 2;
                    case "income" -> 3;
                    case "expense" -> 4;
                    case "tax" -> 5;
                    default -> 6;
                };
    }

    private void books() {
        String[][] accounts = {
            {"400000", "Trade receivables", "asset_receivable"},
            {"440000", "Trade payables", "liability_payable"},
            {"700000", "Sales", "income"},
            {"600000", "Purchases", "expense"},
            {"451000", "VAT due", "liability_current"},
            {"550000", "Bank", "asset_cash"}
        };
        for (long company = 1; company <= 3; company++) {
            for (String[] account : accounts) {
                long id = in.add(
                        "account.account",
                        "code",
                        account[0],
                        "name",
                        account[1],
                        "account_type",
                        account[2],
                        "company_id",
                        company,
                        "code_store",
                        "{\"" + company + "\": \"" + account[0] + "\"}",
                        "reconcile",
                        false,
                        "active",
                        true);
                in.link("account.account", "company_ids", id, company);
            }
            String[][] journals = {
                {"INV", "Customer Invoices", "sale"},
                {"BILL", "Vendor Bills", "purchase"},
                {"BNK", "Bank", "bank"},
                {"MISC", "Miscellaneous", "general"}
            };
            for (String[] journal : journals) {
                in.add(
                        "account.journal",
                        "code",
                        journal[0],
                        "name",
                        journal[1],
                        "type",
                        journal[2],
                        "company_id",
                        company,
                        "active",
                        true,
                        "sequence",
                        5,
                        "restrict_mode_hash_table",
                        false);
            }
            in.add("account.tax.group", "name", "VAT 21%", "company_id", company, "sequence", 10, "country_id", 1L);
            for (String use : List.of("sale", "purchase")) {
                in.add(
                        "account.tax",
                        "name",
                        "21% " + use,
                        "amount",
                        21,
                        "amount_type",
                        "percent",
                        "type_tax_use",
                        use,
                        "company_id",
                        company,
                        "country_id",
                        1L,
                        "tax_group_id",
                        company,
                        "sequence",
                        1,
                        "active",
                        true);
            }
        }
        for (String term : List.of("Immediate", "15 days", "30 days", "End of month", "60 days")) {
            terms.add(in.add("account.payment.term", "name", term, "sequence", 10, "active", true));
        }
        in.add("account.fiscal.position", "name", "Export", "company_id", 1L, "active", true, "sequence", 1);
    }

    // ---- stock

    private long location(long company, String kind) {
        return 2
                + (company - 1) * 4
                + List.of("view", "stock", "input", "scrap").indexOf(kind)
                + 1;
    }

    private void warehouses() {
        place("Customers", 0, "customer", 0);
        place("Vendors", 0, "supplier", 0);
        for (long company = 1; company <= 3; company++) {
            long view = place("WH" + company, 0, "view", company);
            place("Stock", view, "internal", company);
            place("Input", view, "internal", company);
            place("Scrap", view, "inventory", company);
            in.add(
                    "stock.warehouse",
                    "name",
                    "Warehouse " + company,
                    "code",
                    "WH" + company,
                    "company_id",
                    company,
                    "partner_id",
                    in.row("res.company", company).get("partner_id"),
                    "view_location_id",
                    view,
                    "lot_stock_id",
                    location(company, "stock"),
                    "reception_steps",
                    "one_step",
                    "delivery_steps",
                    "ship_only",
                    "active",
                    true,
                    "sequence",
                    10,
                    "in_type_id",
                    company * 2 - 1,
                    "out_type_id",
                    company * 2);
            for (String code : List.of("incoming", "outgoing")) {
                boolean incoming = code.equals("incoming");
                in.add(
                        "stock.picking.type",
                        "name",
                        incoming ? "Receipts" : "Delivery Orders",
                        "code",
                        code,
                        "company_id",
                        company,
                        "warehouse_id",
                        company,
                        "default_location_src_id",
                        incoming ? 2L : location(company, "stock"),
                        "default_location_dest_id",
                        incoming ? location(company, "stock") : 1L,
                        "active",
                        true,
                        "sequence",
                        1,
                        "move_type",
                        "direct",
                        "create_backorder",
                        "ask",
                        "reservation_method",
                        "at_confirm");
            }
        }
    }

    private long place(String name, long parent, String usage, long company) {
        String above = parent == 0 ? "" : in.row("stock.location", parent).get("complete_name") + "/";
        String path = parent == 0
                ? ""
                : String.valueOf(in.row("stock.location", parent).get("parent_path"));
        long id = in.add(
                "stock.location",
                "name",
                name,
                "location_id",
                parent,
                "usage",
                usage,
                "company_id",
                company,
                "complete_name",
                above + name,
                "active",
                true,
                "warehouse_id",
                0L);
        in.row("stock.location", id).put("parent_path", path + id + "/");
        return id;
    }

    private void stock() {
        for (int i = 0; i < 180; i++) {
            long order = pick(orders);
            Map<String, @Nullable Object> of = in.row("sale.order", order);
            long company = (Long) Objects.requireNonNull(of.get("company_id"));
            boolean done = "sale".equals(of.get("state")) && chance(60);
            Object when = of.get("date_order");
            long picking = in.add(
                    "stock.picking",
                    "name",
                    "WH" + company + "/OUT/" + (1000 + i),
                    "partner_id",
                    of.get("partner_id"),
                    "company_id",
                    company,
                    "picking_type_id",
                    company * 2,
                    "location_id",
                    location(company, "stock"),
                    "location_dest_id",
                    1L,
                    "move_type",
                    "direct",
                    "state",
                    done ? "done" : "confirmed",
                    "scheduled_date",
                    when,
                    "origin",
                    of.get("name"),
                    "sale_id",
                    order,
                    "user_id",
                    of.get("user_id"),
                    "priority",
                    "0");
            for (int n = 1 + random.nextInt(3); n > 0; n--) {
                long product = pick(products);
                in.add(
                        "stock.move",
                        "name",
                        productName(product),
                        "product_id",
                        product,
                        "product_uom",
                        1L,
                        "product_uom_qty",
                        n,
                        "product_qty",
                        n,
                        "quantity",
                        done ? n : 0,
                        "company_id",
                        company,
                        "picking_id",
                        picking,
                        "location_id",
                        location(company, "stock"),
                        "location_dest_id",
                        1L,
                        "date",
                        when,
                        "state",
                        done ? "done" : "confirmed",
                        "picking_type_id",
                        company * 2,
                        "sequence",
                        10,
                        "partner_id",
                        of.get("partner_id"),
                        "procure_method",
                        "make_to_stock",
                        "reference",
                        "WH" + company + "/OUT/" + (1000 + i));
            }
        }
        for (int i = 0; i < 160; i++) {
            long company = 1 + i % 3 / 2;
            in.add(
                    "stock.quant",
                    "product_id",
                    products.get(i % products.size()),
                    "location_id",
                    location(company, "stock"),
                    "company_id",
                    company,
                    "quantity",
                    5 + random.nextInt(80),
                    "reserved_quantity",
                    0,
                    "in_date",
                    "2025-02-01 09:00:00",
                    "user_id",
                    0L);
        }
    }

    // ---- crm

    private void crm() {
        String[] teams = {"Europe", "Export", "Key accounts", "Web"};
        for (String team : teams) {
            in.add(
                    "crm.team",
                    "name",
                    team,
                    "active",
                    true,
                    "sequence",
                    10,
                    "user_id",
                    pick(salespeople),
                    "company_id",
                    0L,
                    "color",
                    1);
        }
        String[] stages = {"New", "Qualified", "Proposition", "Won"};
        for (int i = 0; i < stages.length; i++) {
            in.add("crm.stage", "name", stages[i], "sequence", i, "is_won", i == 3, "fold", false);
        }
        for (String source : List.of("Fair", "Website", "Referral")) {
            in.add("utm.source", "name", source);
        }
        for (String tag : List.of("Product", "Software", "Services", "Design", "Training", "Urgent")) {
            in.add("crm.tag", "name", tag, "color", 2);
        }
        for (int i = 0; i < 260; i++) {
            long partner = chance(70) ? pick(chance(50) ? customers : contacts) : 0;
            long id = in.add(
                    "crm.lead",
                    "name",
                    pick(TRADES) + " project " + (i + 1),
                    "type",
                    chance(70) ? "opportunity" : "lead",
                    "partner_id",
                    partner,
                    "user_id",
                    chance(90) ? pick(salespeople) : 0L,
                    "team_id",
                    (long) (1 + random.nextInt(4)),
                    "stage_id",
                    (long) (1 + random.nextInt(4)),
                    "company_id",
                    i % 25 == 3 ? 3L : i % 10 == 4 ? 2L : 1L,
                    "active",
                    true,
                    "source_id",
                    chance(40) ? (long) (1 + random.nextInt(3)) : 0L,
                    "contact_name",
                    partner == 0 ? pick(FIRST) + " " + pick(LAST) : partnerNames.get(partner),
                    "email_from",
                    "lead" + i + "@example.com",
                    "expected_revenue",
                    100 * random.nextInt(300),
                    "probability",
                    random.nextInt(100),
                    "priority",
                    "0",
                    "date_open",
                    day(30, 200) + " 10:00:00");
            if (partner != 0) {
                in.row("crm.lead", id)
                        .put("email_from", in.row("res.partner", partner).get("email"));
                in.row("crm.lead", id)
                        .put("partner_name", in.row("res.partner", partner).get("commercial_company_name"));
            }
            leads.add(id);
            for (int n = random.nextInt(3); n > 0; n--) {
                in.link("crm.lead", "tag_ids", id, 1 + random.nextInt(6));
            }
        }
    }

    // ---- orders and invoices

    private static BigDecimal money(BigDecimal value) {
        return value.setScale(2, RoundingMode.HALF_UP);
    }

    private void sales() {
        for (int i = 0; i < 520; i++) {
            long partner = pick(chance(75) ? customers : contacts);
            long company = i % 20 == 5 ? 3 : i % 7 == 3 ? 2 : 1;
            String state = i % 3 == 0 ? "sale" : i % 11 == 1 ? "cancel" : "draft";
            String date = day(20, 500) + " 09:30:00";
            long salesperson = pick(salespeople);
            Object term = terms.get(random.nextInt(4));
            long id = in.add(
                    "sale.order",
                    "name",
                    "S" + String.format("%05d", i + 1),
                    "partner_id",
                    partner,
                    "partner_invoice_id",
                    partner,
                    "partner_shipping_id",
                    partner,
                    "company_id",
                    company,
                    "state",
                    state,
                    "date_order",
                    date,
                    "user_id",
                    salesperson,
                    "team_id",
                    (long) (1 + random.nextInt(4)),
                    "currency_id",
                    1L,
                    "warehouse_id",
                    company,
                    "pricelist_id",
                    chance(50) ? (long) (1 + random.nextInt(3)) : 0L,
                    "payment_term_id",
                    term,
                    "invoice_status",
                    "no",
                    "client_order_ref",
                    "PO" + (7000 + i),
                    "picking_policy",
                    "direct",
                    "create_uid",
                    salesperson,
                    "locked",
                    false);
            orders.add(id);
            BigDecimal untaxed = BigDecimal.ZERO;
            BigDecimal taxes = BigDecimal.ZERO;
            for (int n = 1 + random.nextInt(4); n > 0; n--) {
                long product = pick(products);
                int quantity = 1 + random.nextInt(9);
                // agreed prices differ from the list: a repair that computes them anew is seen
                BigDecimal price =
                        money(Objects.requireNonNull(priceOf.get(product)).multiply(BigDecimal.valueOf(0.9)));
                BigDecimal subtotal = money(price.multiply(BigDecimal.valueOf(quantity)));
                BigDecimal tax = money(subtotal.multiply(BigDecimal.valueOf(0.21)));
                untaxed = untaxed.add(subtotal);
                taxes = taxes.add(tax);
                in.add(
                        "sale.order.line",
                        "order_id",
                        id,
                        "product_id",
                        product,
                        "name",
                        productName(product),
                        "product_uom_qty",
                        quantity,
                        "price_unit",
                        price,
                        "discount",
                        0,
                        "price_subtotal",
                        subtotal,
                        "price_tax",
                        tax,
                        "price_total",
                        subtotal.add(tax),
                        "product_uom",
                        1L,
                        "product_uom_id",
                        1L,
                        "company_id",
                        company,
                        "currency_id",
                        1L,
                        "order_partner_id",
                        partner,
                        "salesman_id",
                        salesperson,
                        "state",
                        state,
                        "sequence",
                        10,
                        "qty_delivered",
                        state.equals("sale") && chance(40) ? quantity : 0,
                        "qty_invoiced",
                        0,
                        "customer_lead",
                        0,
                        "invoice_status",
                        "no",
                        "is_downpayment",
                        false);
            }
            Map<String, @Nullable Object> row = in.row("sale.order", id);
            row.put("amount_untaxed", untaxed);
            row.put("amount_tax", taxes);
            row.put("amount_total", untaxed.add(taxes));
        }
        long lines = 0;
        while (lines < 300) {
            lines++;
            in.link("sale.order.line", registry.version() >= 19 ? "tax_ids" : "tax_id", lines, 1);
        }
    }

    private void purchases() {
        for (int i = 0; i < 140; i++) {
            long partner = customers.get(i % 44 * 5);
            long company = i % 9 == 4 ? 2 : 1;
            String state = i % 2 == 0 ? "purchase" : "draft";
            String date = day(10, 500) + " 11:00:00";
            long id = in.add(
                    "purchase.order",
                    "name",
                    "P" + String.format("%05d", i + 1),
                    "partner_id",
                    partner,
                    "company_id",
                    company,
                    "currency_id",
                    1L,
                    "date_order",
                    date,
                    "date_planned",
                    date,
                    "state",
                    state,
                    "picking_type_id",
                    company * 2 - 1,
                    "user_id",
                    pick(salespeople),
                    "payment_term_id",
                    terms.get(random.nextInt(4)),
                    "priority",
                    "0",
                    "invoice_status",
                    "no",
                    "origin",
                    "Reorder");
            BigDecimal untaxed = BigDecimal.ZERO;
            BigDecimal taxes = BigDecimal.ZERO;
            for (int n = 1 + random.nextInt(3); n > 0; n--) {
                long product = pick(products);
                int quantity = 1 + random.nextInt(20);
                BigDecimal price =
                        money(Objects.requireNonNull(priceOf.get(product)).multiply(BigDecimal.valueOf(0.6)));
                BigDecimal subtotal = money(price.multiply(BigDecimal.valueOf(quantity)));
                BigDecimal tax = money(subtotal.multiply(BigDecimal.valueOf(0.21)));
                untaxed = untaxed.add(subtotal);
                taxes = taxes.add(tax);
                in.add(
                        "purchase.order.line",
                        "order_id",
                        id,
                        "product_id",
                        product,
                        "name",
                        productName(product),
                        "product_qty",
                        quantity,
                        "product_uom_qty",
                        quantity,
                        "price_unit",
                        price,
                        "price_subtotal",
                        subtotal,
                        "price_tax",
                        tax,
                        "price_total",
                        subtotal.add(tax),
                        "product_uom",
                        1L,
                        "product_uom_id",
                        1L,
                        "company_id",
                        company,
                        "currency_id",
                        1L,
                        "partner_id",
                        partner,
                        "state",
                        state,
                        "sequence",
                        10,
                        "date_planned",
                        date,
                        "qty_received",
                        0,
                        "qty_invoiced",
                        0,
                        "discount",
                        0);
            }
            Map<String, @Nullable Object> row = in.row("purchase.order", id);
            row.put("amount_untaxed", untaxed);
            row.put("amount_tax", taxes);
            row.put("amount_total", untaxed.add(taxes));
        }
    }

    private void invoices() {
        for (int i = 0; i < 240; i++) {
            long partner = pick(customers);
            long company = i % 12 == 5 ? 2 : 1;
            boolean posted = i % 3 != 0;
            boolean hashed = posted && i % 20 == 1;
            String date = day(30, 480);
            long id = in.add(
                    "account.move",
                    "name",
                    posted ? "INV/2025/" + String.format("%05d", i + 1) : "/",
                    "move_type",
                    "out_invoice",
                    "state",
                    posted ? "posted" : "draft",
                    "date",
                    date,
                    "invoice_date",
                    date,
                    "invoice_date_due",
                    date,
                    "journal_id",
                    (company - 1) * 4 + 1,
                    "company_id",
                    company,
                    "currency_id",
                    1L,
                    "partner_id",
                    partner,
                    "commercial_partner_id",
                    partner,
                    "partner_shipping_id",
                    partner,
                    "invoice_partner_display_name",
                    partnerNames.get(partner),
                    "invoice_user_id",
                    pick(salespeople),
                    "invoice_payment_term_id",
                    terms.get(random.nextInt(4)),
                    "payment_state",
                    "not_paid",
                    "auto_post",
                    "no",
                    "inalterable_hash",
                    hashed ? "$4$" + Integer.toHexString(0x5eed_0000 + i) : null,
                    "team_id",
                    (long) (1 + random.nextInt(4)));
            BigDecimal untaxed = BigDecimal.ZERO;
            for (int n = 1 + random.nextInt(2); n > 0; n--) {
                long product = pick(products);
                int quantity = 1 + random.nextInt(5);
                BigDecimal price = Objects.requireNonNull(priceOf.get(product));
                BigDecimal subtotal = money(price.multiply(BigDecimal.valueOf(quantity)));
                untaxed = untaxed.add(subtotal);
                line(
                        id,
                        i,
                        company,
                        partner,
                        posted,
                        date,
                        "product",
                        account(company, "income"),
                        subtotal.negate(),
                        "product_id",
                        product,
                        "product_uom_id",
                        1L,
                        "quantity",
                        quantity,
                        "price_unit",
                        price,
                        "price_subtotal",
                        subtotal,
                        "price_total",
                        money(subtotal.multiply(BigDecimal.valueOf(1.21))),
                        "name",
                        productName(product));
            }
            BigDecimal tax = money(untaxed.multiply(BigDecimal.valueOf(0.21)));
            line(
                    id,
                    i,
                    company,
                    partner,
                    posted,
                    date,
                    "tax",
                    account(company, "tax"),
                    tax.negate(),
                    "name",
                    "21% sale",
                    "tax_line_id",
                    company * 2 - 1,
                    "quantity",
                    0,
                    "price_unit",
                    0,
                    "price_subtotal",
                    0,
                    "price_total",
                    0);
            line(
                    id,
                    i,
                    company,
                    partner,
                    posted,
                    date,
                    "payment_term",
                    account(company, "receivable"),
                    untaxed.add(tax),
                    "name",
                    "",
                    "quantity",
                    0,
                    "price_unit",
                    0,
                    "price_subtotal",
                    0,
                    "price_total",
                    0);
            Map<String, @Nullable Object> row = in.row("account.move", id);
            row.put("amount_untaxed", untaxed);
            row.put("amount_tax", tax);
            row.put("amount_total", untaxed.add(tax));
            row.put("amount_residual", untaxed.add(tax));
        }
    }

    private void line(
            long move,
            int i,
            long company,
            long partner,
            boolean posted,
            String date,
            String type,
            long account,
            BigDecimal balance,
            @Nullable Object... more) {
        List<@Nullable Object> pairs = new ArrayList<>(List.of(
                "move_id",
                move,
                "move_name",
                "INV/2025/" + String.format("%05d", i + 1),
                "company_id",
                company,
                "journal_id",
                (company - 1) * 4 + 1,
                "partner_id",
                partner,
                "parent_state",
                posted ? "posted" : "draft",
                "date",
                date,
                "display_type",
                type,
                "account_id",
                account,
                "currency_id",
                1L,
                "balance",
                balance,
                "amount_currency",
                balance,
                "debit",
                balance.max(BigDecimal.ZERO),
                "credit"));
        pairs.add(balance.negate().max(BigDecimal.ZERO));
        pairs.addAll(java.util.Arrays.asList(more));
        in.add("account.move.line", pairs.toArray());
    }

    // ---- messages, attachments, technical records

    private void chatter() {
        for (String name : List.of("Discussions", "Activities", "Note")) {
            in.add("mail.message.subtype", "name", name, "default", true, "sequence", 1);
        }
        for (String name : List.of("To-Do", "Call", "Email")) {
            in.add("mail.activity.type", "name", name, "active", true, "sequence", 10, "category", "default");
        }
        Map<String, List<Long>> documents = new LinkedHashMap<>();
        documents.put("res.partner", customers);
        documents.put("sale.order", orders);
        documents.put("crm.lead", leads);
        documents.forEach((model, ids) -> {
            for (int i = 0; i < 200; i++) {
                long id = ids.get((i * 7 + 3) % ids.size());
                long author = (Long) Objects.requireNonNull(
                        in.row("res.users", pick(salespeople)).get("partner_id"));
                in.add(
                        "mail.message",
                        "model",
                        model,
                        "res_id",
                        id,
                        "body",
                        "<p>Note " + i + "</p>",
                        "message_type",
                        "comment",
                        "author_id",
                        author,
                        "date",
                        day(60, 300) + " 12:00:00",
                        "subtype_id",
                        (long) (1 + i % 3),
                        "subject",
                        i % 5 == 0 ? "Follow-up" : null);
                if (i % 2 == 0) {
                    in.add("mail.followers", "res_model", model, "res_id", id, "partner_id", author);
                }
                if (i % 5 == 1) {
                    in.add(
                            "ir.attachment",
                            "name",
                            "scan-" + i + ".txt",
                            "type",
                            "binary",
                            "res_model",
                            model,
                            "res_id",
                            id,
                            "mimetype",
                            "text/plain",
                            "file_size",
                            12,
                            "company_id",
                            1L,
                            "public",
                            false);
                }
                if (i % 6 == 2) {
                    in.add(
                            "mail.activity",
                            "res_model",
                            model,
                            "res_model_id",
                            models.get(model),
                            "res_id",
                            id,
                            "user_id",
                            pick(salespeople),
                            "activity_type_id",
                            (long) (1 + i % 3),
                            "summary",
                            "Call back",
                            "date_deadline",
                            day(100, 300),
                            "active",
                            true,
                            "automated",
                            false);
                }
            }
        });
    }

    private void technical() {
        for (int i = 0; i < 12; i++) {
            String user = registry.version() >= 19 ? "user_ids" : "user_id";
            long id = in.add(
                    "ir.filters",
                    "name",
                    "My filter " + (i + 1),
                    "model_id",
                    i % 2 == 0 ? "crm.lead" : "sale.order",
                    user,
                    salespeople.get(i % 8),
                    "domain",
                    "[]",
                    "context",
                    "{}",
                    "sort",
                    "[]",
                    "active",
                    true,
                    "is_default",
                    false);
            in.link("ir.filters", "user_ids", id, salespeople.get(i % 8));
        }
        String[][] actions = {
            {"Customers", "res.partner"},
            {"Quotations", "sale.order"},
            {"Pipeline", "crm.lead"},
            {"Invoices", "account.move"},
            {"Transfers", "stock.picking"}
        };
        for (String[] action : actions) {
            long id = in.add(
                    "ir.actions.act_window",
                    "name",
                    action[0],
                    "type",
                    "ir.actions.act_window",
                    "res_model",
                    action[1],
                    "view_mode",
                    "list,form",
                    "context",
                    "{}",
                    "binding_type",
                    "action",
                    "binding_view_types",
                    "list,form",
                    "target",
                    "current",
                    "binding_model_id",
                    models.get(action[1]),
                    "domain",
                    "[]",
                    "limit",
                    80);
            externalId("ir.actions.act_window", "base.action_" + action[1].replace('.', '_'), id);
        }
        in.add(
                "ir.actions.server",
                "name",
                "Send reminder",
                "type",
                "ir.actions.server",
                "state",
                "code",
                "code",
                "pass",
                "model_id",
                models.get("sale.order"),
                "model_name",
                "sale.order",
                "usage",
                "ir_actions_server",
                "binding_type",
                "action",
                "binding_view_types",
                "list,form",
                "sequence",
                5,
                "active",
                true);
        for (Model model : registry.models()) {
            in.add(
                    "ir.model.access",
                    "name",
                    model.name() + " user",
                    "model_id",
                    models.get(model.name()),
                    "group_id",
                    groups.get("base.group_user"),
                    "perm_read",
                    true,
                    "active",
                    true);
            if (model.companyRule() != null) {
                in.add(
                        "ir.rule",
                        "name",
                        model.title() + " multi-company",
                        "model_id",
                        models.get(model.name()),
                        "active",
                        true,
                        "global",
                        true,
                        "perm_read",
                        true,
                        "perm_write",
                        true,
                        "perm_create",
                        true,
                        "perm_unlink",
                        true,
                        "domain_force",
                        "['|', ('" + model.companyRule() + "', '=', False), ('" + model.companyRule()
                                + "', 'in', company_ids)]");
            }
        }
        long own = in.add(
                "ir.rule",
                "name",
                "Own leads",
                "model_id",
                models.get("crm.lead"),
                "active",
                true,
                "global",
                false,
                "perm_read",
                true,
                "perm_write",
                true,
                "perm_create",
                true,
                "perm_unlink",
                true,
                "domain_force",
                "[('user_id', 'in', (user.id, False))]");
        in.link("ir.rule", "groups", own, Objects.requireNonNull(groups.get("sales_team.group_sale_salesman")));
        in.add(
                "ir.default",
                "field_id",
                fields.get("sale.order.payment_term_id"),
                "json_value",
                "2",
                "company_id",
                1L,
                "user_id",
                salespeople.get(2));
        in.add(
                "ir.sequence",
                "name",
                "Sales Order",
                "code",
                "sale.order",
                "implementation",
                "no_gap",
                "prefix",
                "S",
                "padding",
                5,
                "number_next",
                521,
                "number_increment",
                1,
                "active",
                true,
                "company_id",
                1L);
        externalId("res.partner", "base.main_partner", 1);
        externalId("res.company", "base.main_company", 1);
        for (int i = 0; i < 30; i++) {
            externalId("res.partner", "__import__.customer_" + i, customers.get(i));
        }
    }
}
