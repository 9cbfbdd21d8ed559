package org.orphancleanup.sandbox;

import static org.orphancleanup.sandbox.Inserter.row;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
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
                    in.add(row("ir.module.module")
                            .with("name", module)
                            .with("state", "installed")
                            .with("shortdesc", module)
                            .with("author", "Sandbox")
                            .with("latest_version", registry.version() + ".0.1." + (MODULES.indexOf(module) % 4))));
        }
        for (Model model : registry.models()) {
            long id = in.add(row("ir.model")
                    .with("model", model.name())
                    .with("name", model.title())
                    .with("order", order(model))
                    .with("state", "base"));
            models.put(model.name(), id);
            in.add(row("ir.model.data")
                    .with("module", "base")
                    .with("name", "model_" + model.name().replace('.', '_'))
                    .with("model", "ir.model")
                    .with("res_id", id)
                    .with("noupdate", false));
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
                    in.add(row("ir.model.relation")
                            .with("name", field.table())
                            .with("model", models.get(model.name()))
                            .with("module", modules.get("base")));
                }
            }
        }
        in.add(row("ir.config_parameter").with("key", "database.uuid").with("value", UUID));
        in.add(row("ir.config_parameter").with("key", "database.create_date").with("value", "2025-01-06 08:00:00"));
    }

    private static String order(Model model) {
        return model.order() == null ? "id" : model.order();
    }

    private void field(Model model, ModelField field) {
        String depends = String.join(",", field.dependencies());
        boolean stored = field.stored();
        long id = in.add(row("ir.model.fields")
                .with("name", field.name())
                .with("model", model.name())
                .with("model_id", models.get(model.name()))
                .with("complete_name", model.name() + "." + field.name())
                .with("field_description", field.title())
                .with("ttype", field.type())
                .with("state", "base")
                .with("relation", field.to())
                .with("relation_field", field.inverse())
                .with("relation_table", field.table())
                .with("column1", field.column1())
                .with("column2", field.column2())
                .with("related", field.related())
                .with("depends", depends.isEmpty() ? null : depends)
                .with("on_delete", field.isMany2one() ? field.ondelete() : null)
                .with("store", stored)
                .with("required", field.required())
                .with("readonly", field.readonly())
                .with("translate", field.translate())
                .with("company_dependent", field.companyDependent())
                .with("tracking", field.tracking() ? 1 : null));
        fields.put(model.name() + "." + field.name(), id);
    }

    private void externalId(String model, String name, long id) {
        String[] parts = name.split("\\.", 2);
        in.add(row("ir.model.data")
                .with("module", parts[0])
                .with("name", parts[1])
                .with("model", model)
                .with("res_id", id)
                .with("noupdate", true));
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
            in.add(row("ir.property")
                    .with("name", field)
                    .with("fields_id", fields.get(model + "." + field))
                    .with("res_id", model + "," + id)
                    .with("company_id", company)
                    .with("type", declared.isMany2one() ? "many2one" : "float")
                    .with("value_reference", declared.isMany2one() ? declared.to() + "," + value : null));
        }
    }

    // ---- companies, users, partners

    private void basics() {
        in.add(row("res.currency")
                .with("name", "EUR")
                .with("symbol", "€")
                .with("rounding", 0.01)
                .with("decimal_places", 2)
                .with("active", true));
        in.add(row("res.currency")
                .with("name", "USD")
                .with("symbol", "$")
                .with("rounding", 0.01)
                .with("decimal_places", 2)
                .with("active", true));
        String[][] countries = {
            {"BE", "Belgium"}, {"PT", "Portugal"}, {"SE", "Sweden"}, {"IT", "Italy"}, {"FR", "France"}
        };
        for (String[] country : countries) {
            in.add(row("res.country")
                    .with("code", country[0])
                    .with("name", country[1])
                    .with("currency_id", 1L));
        }
        in.add(row("res.country.state")
                .with("code", "VOV")
                .with("name", "East Flanders")
                .with("country_id", 1L));
        String[] names = {"Meridian Trading", "Meridian Iberia", "Meridian Nordic"};
        // the first three partners are those of every Odoo: the company, the robot, the administrator
        for (int i = 0; i < 3; i++) {
            in.add(row("res.company")
                    .with("name", names[i])
                    .with("currency_id", 1L)
                    .with("sequence", 10 + i));
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
            long id = in.add(row("res.groups").with("name", group[1]));
            groups.put(group[0], id);
            externalId("res.groups", group[0], id);
        }
    }

    private void company(long id, String name) {
        in.row("res.company", id)
                .put(
                        "partner_id",
                        partner(
                                name,
                                0,
                                true,
                                row("res.partner").with("country_id", id).with("email", "info" + id + "@example.com")));
    }

    private long partner(String name, long parent, boolean company, Inserter.Row more) {
        long commercial = parent == 0 || company ? 0 : Objects.requireNonNull(commercialOf.get(parent));
        String complete = parent == 0 || company ? name : partnerNames.get(parent) + ", " + name;
        long id = in.add(row("res.partner")
                .with("name", name)
                .with("complete_name", complete)
                .with("is_company", company)
                .with("parent_id", parent)
                .with("type", "contact")
                .with(more));
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
        long partner = partner(name, 0, false, row("res.partner").with("email", login + "@example.com"));
        long id = in.add(row("res.users")
                .with("login", login)
                .with("partner_id", partner)
                .with("company_id", company)
                .with("active", active)
                .with("share", false)
                .with("notification_type", "email"));
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
                    FIRST.get(i).toLowerCase(Locale.ROOT),
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
        in.add(row("res.users.apikeys")
                .with("name", "Orphan cleanup")
                .with("user_id", 2L)
                .with("scope", "rpc")
                .with("expiration_date", "2036-01-06 08:00:00"));
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
            long id = in.add(row("res.partner.category")
                    .with("name", name)
                    .with("color", tags.size())
                    .with("active", true));
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
                    row("res.partner")
                            .with("city", pick(TOWNS))
                            .with("country_id", (long) (1 + random.nextInt(5)))
                            .with("user_id", pick(salespeople))
                            .with("email", "office" + i + "@example.com")
                            .with("phone", "+32 555 " + (1000 + i))
                            .with("ref", "C" + (1000 + i))
                            .with("customer_rank", 1)
                            .with("supplier_rank", i % 5 == 0 ? 1 : 0)
                            .with("create_uid", pick(salespeople))
                            .with("company_id", i % 40 == 7 ? 2L : i % 40 == 8 ? 3L : 0L));
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
                        row("res.partner")
                                .with("function", "Purchasing")
                                .with("email", "person" + contacts.size() + "@example.com")
                                .with("user_id", chance(30) ? pick(salespeople) : 0L)));
            }
            if (i % 4 == 0) {
                in.add(row("res.partner.bank")
                        .with("acc_number", "BE" + (71_000_000 + i))
                        .with("sanitized_acc_number", "BE" + (71_000_000 + i))
                        .with("partner_id", id)
                        .with("active", true));
            }
        }
    }

    // ---- products

    private void goods() {
        in.add(row("uom.category").with("name", "Unit"));
        in.add(row("uom.uom")
                .with("name", "Units")
                .with("category_id", 1L)
                .with("factor", 1)
                .with("rounding", 0.01)
                .with("uom_type", "reference")
                .with("relative_factor", 1)
                .with("active", true));
        in.add(row("uom.uom")
                .with("name", "Dozens")
                .with("category_id", 1L)
                .with("factor", 0.083)
                .with("rounding", 0.01)
                .with("uom_type", "bigger")
                .with("relative_factor", 12)
                .with("active", true));
        String[] names = {"Goods", "Furniture", "Desks", "Chairs", "Services", "Lighting", "Lamps", "Consumables"};
        long[] parents = {0, 1, 2, 2, 0, 1, 6, 0};
        for (int i = 0; i < names.length; i++) {
            String above = parents[i] == 0
                    ? ""
                    : in.row("product.category", parents[i]).get("complete_name") + " / ";
            String path = parents[i] == 0
                    ? ""
                    : String.valueOf(in.row("product.category", parents[i]).get("parent_path"));
            long id = in.add(row("product.category")
                    .with("name", names[i])
                    .with("parent_id", parents[i])
                    .with("complete_name", above + names[i]));
            in.row("product.category", id).put("parent_path", path + id + "/");
        }
        String[] kinds = {"Desk", "Chair", "Lamp", "Shelf", "Cabinet", "Table", "Stool", "Bench", "Rack", "Screen"};
        for (int i = 0; i < 140; i++) {
            BigDecimal price = BigDecimal.valueOf(10 + random.nextInt(900)).setScale(2, RoundingMode.HALF_UP);
            String name = kinds[i % 10] + " model " + (i / 10 + 1);
            long template = in.add(row("product.template")
                    .with("name", name)
                    .with("categ_id", (long) (1 + random.nextInt(8)))
                    .with("uom_id", 1L)
                    .with("uom_po_id", 1L)
                    .with("type", registry.version() < 18 ? "product" : "consu")
                    .with("detailed_type", "product")
                    .with("is_storable", true)
                    .with("list_price", price)
                    .with("default_code", "P" + (100 + i))
                    .with("sale_ok", true)
                    .with("purchase_ok", true)
                    .with("active", true)
                    .with("tracking", "none")
                    .with("sequence", 1)
                    .with("responsible_id", null));
            long product = in.add(row("product.product")
                    .with("product_tmpl_id", template)
                    .with("default_code", "P" + (100 + i))
                    .with("active", true)
                    .with("combination_indices", ""));
            templateOf.put(product, template);
            priceOf.put(product, price);
            products.add(product);
        }
        for (String name : List.of("Public prices", "Wholesale prices", "Export prices")) {
            in.add(row("product.pricelist")
                    .with("name", name)
                    .with("currency_id", 1L)
                    .with("active", true)
                    .with("sequence", 10));
        }
        for (int i = 0; i < 40; i++) {
            in.add(row("product.pricelist.item")
                    .with("pricelist_id", (long) (1 + i % 3))
                    .with("applied_on", "1_product")
                    .with("base", "list_price")
                    .with("compute_price", "fixed")
                    .with("fixed_price", 5 + i)
                    .with("product_tmpl_id", templateOf.get(pick(products)))
                    .with("active", true)
                    .with("min_quantity", 0));
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
                long id = in.add(row("account.account")
                        .with("code", account[0])
                        .with("name", account[1])
                        .with("account_type", account[2])
                        .with("company_id", company)
                        .with("code_store", "{\"" + company + "\": \"" + account[0] + "\"}")
                        .with("reconcile", false)
                        .with("active", true));
                in.link("account.account", "company_ids", id, company);
            }
            String[][] journals = {
                {"INV", "Customer Invoices", "sale"},
                {"BILL", "Vendor Bills", "purchase"},
                {"BNK", "Bank", "bank"},
                {"MISC", "Miscellaneous", "general"}
            };
            for (String[] journal : journals) {
                in.add(row("account.journal")
                        .with("code", journal[0])
                        .with("name", journal[1])
                        .with("type", journal[2])
                        .with("company_id", company)
                        .with("active", true)
                        .with("sequence", 5)
                        .with("restrict_mode_hash_table", false));
            }
            in.add(row("account.tax.group")
                    .with("name", "VAT 21%")
                    .with("company_id", company)
                    .with("sequence", 10)
                    .with("country_id", 1L));
            for (String use : List.of("sale", "purchase")) {
                in.add(row("account.tax")
                        .with("name", "21% " + use)
                        .with("amount", 21)
                        .with("amount_type", "percent")
                        .with("type_tax_use", use)
                        .with("company_id", company)
                        .with("country_id", 1L)
                        .with("tax_group_id", company)
                        .with("sequence", 1)
                        .with("active", true));
            }
        }
        for (String term : List.of("Immediate", "15 days", "30 days", "End of month", "60 days")) {
            terms.add(in.add(row("account.payment.term")
                    .with("name", term)
                    .with("sequence", 10)
                    .with("active", true)));
        }
        in.add(row("account.fiscal.position")
                .with("name", "Export")
                .with("company_id", 1L)
                .with("active", true)
                .with("sequence", 1));
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
            in.add(row("stock.warehouse")
                    .with("name", "Warehouse " + company)
                    .with("code", "WH" + company)
                    .with("company_id", company)
                    .with("partner_id", in.row("res.company", company).get("partner_id"))
                    .with("view_location_id", view)
                    .with("lot_stock_id", location(company, "stock"))
                    .with("reception_steps", "one_step")
                    .with("delivery_steps", "ship_only")
                    .with("active", true)
                    .with("sequence", 10)
                    .with("in_type_id", company * 2 - 1)
                    .with("out_type_id", company * 2));
            for (String code : List.of("incoming", "outgoing")) {
                boolean incoming = code.equals("incoming");
                in.add(row("stock.picking.type")
                        .with("name", incoming ? "Receipts" : "Delivery Orders")
                        .with("code", code)
                        .with("company_id", company)
                        .with("warehouse_id", company)
                        .with("default_location_src_id", incoming ? 2L : location(company, "stock"))
                        .with("default_location_dest_id", incoming ? location(company, "stock") : 1L)
                        .with("active", true)
                        .with("sequence", 1)
                        .with("move_type", "direct")
                        .with("create_backorder", "ask")
                        .with("reservation_method", "at_confirm"));
            }
        }
    }

    private long place(String name, long parent, String usage, long company) {
        String above = parent == 0 ? "" : in.row("stock.location", parent).get("complete_name") + "/";
        String path = parent == 0
                ? ""
                : String.valueOf(in.row("stock.location", parent).get("parent_path"));
        long id = in.add(row("stock.location")
                .with("name", name)
                .with("location_id", parent)
                .with("usage", usage)
                .with("company_id", company)
                .with("complete_name", above + name)
                .with("active", true)
                .with("warehouse_id", 0L));
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
            long picking = in.add(row("stock.picking")
                    .with("name", "WH" + company + "/OUT/" + (1000 + i))
                    .with("partner_id", of.get("partner_id"))
                    .with("company_id", company)
                    .with("picking_type_id", company * 2)
                    .with("location_id", location(company, "stock"))
                    .with("location_dest_id", 1L)
                    .with("move_type", "direct")
                    .with("state", done ? "done" : "confirmed")
                    .with("scheduled_date", when)
                    .with("origin", of.get("name"))
                    .with("sale_id", order)
                    .with("user_id", of.get("user_id"))
                    .with("priority", "0"));
            for (int n = 1 + random.nextInt(3); n > 0; n--) {
                long product = pick(products);
                in.add(row("stock.move")
                        .with("name", productName(product))
                        .with("product_id", product)
                        .with("product_uom", 1L)
                        .with("product_uom_qty", n)
                        .with("product_qty", n)
                        .with("quantity", done ? n : 0)
                        .with("company_id", company)
                        .with("picking_id", picking)
                        .with("location_id", location(company, "stock"))
                        .with("location_dest_id", 1L)
                        .with("date", when)
                        .with("state", done ? "done" : "confirmed")
                        .with("picking_type_id", company * 2)
                        .with("sequence", 10)
                        .with("partner_id", of.get("partner_id"))
                        .with("procure_method", "make_to_stock")
                        .with("reference", "WH" + company + "/OUT/" + (1000 + i)));
            }
        }
        for (int i = 0; i < 160; i++) {
            long company = 1 + i % 3 / 2;
            in.add(row("stock.quant")
                    .with("product_id", products.get(i % products.size()))
                    .with("location_id", location(company, "stock"))
                    .with("company_id", company)
                    .with("quantity", 5 + random.nextInt(80))
                    .with("reserved_quantity", 0)
                    .with("in_date", "2025-02-01 09:00:00")
                    .with("user_id", 0L));
        }
    }

    // ---- crm

    private void crm() {
        String[] teams = {"Europe", "Export", "Key accounts", "Web"};
        for (String team : teams) {
            in.add(row("crm.team")
                    .with("name", team)
                    .with("active", true)
                    .with("sequence", 10)
                    .with("user_id", pick(salespeople))
                    .with("company_id", 0L)
                    .with("color", 1));
        }
        String[] stages = {"New", "Qualified", "Proposition", "Won"};
        for (int i = 0; i < stages.length; i++) {
            in.add(row("crm.stage")
                    .with("name", stages[i])
                    .with("sequence", i)
                    .with("is_won", i == 3)
                    .with("fold", false));
        }
        for (String source : List.of("Fair", "Website", "Referral")) {
            in.add(row("utm.source").with("name", source));
        }
        for (String tag : List.of("Product", "Software", "Services", "Design", "Training", "Urgent")) {
            in.add(row("crm.tag").with("name", tag).with("color", 2));
        }
        for (int i = 0; i < 260; i++) {
            long partner = chance(70) ? pick(chance(50) ? customers : contacts) : 0;
            long id = in.add(row("crm.lead")
                    .with("name", pick(TRADES) + " project " + (i + 1))
                    .with("type", chance(70) ? "opportunity" : "lead")
                    .with("partner_id", partner)
                    .with("user_id", chance(90) ? pick(salespeople) : 0L)
                    .with("team_id", (long) (1 + random.nextInt(4)))
                    .with("stage_id", (long) (1 + random.nextInt(4)))
                    .with("company_id", i % 25 == 3 ? 3L : i % 10 == 4 ? 2L : 1L)
                    .with("active", true)
                    .with("source_id", chance(40) ? (long) (1 + random.nextInt(3)) : 0L)
                    .with("contact_name", partner == 0 ? pick(FIRST) + " " + pick(LAST) : partnerNames.get(partner))
                    .with("email_from", "lead" + i + "@example.com")
                    .with("expected_revenue", 100 * random.nextInt(300))
                    .with("probability", random.nextInt(100))
                    .with("priority", "0")
                    .with("date_open", day(30, 200) + " 10:00:00"));
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
            long id = in.add(row("sale.order")
                    .with("name", "S" + String.format("%05d", i + 1))
                    .with("partner_id", partner)
                    .with("partner_invoice_id", partner)
                    .with("partner_shipping_id", partner)
                    .with("company_id", company)
                    .with("state", state)
                    .with("date_order", date)
                    .with("user_id", salesperson)
                    .with("team_id", (long) (1 + random.nextInt(4)))
                    .with("currency_id", 1L)
                    .with("warehouse_id", company)
                    .with("pricelist_id", chance(50) ? (long) (1 + random.nextInt(3)) : 0L)
                    .with("payment_term_id", term)
                    .with("invoice_status", "no")
                    .with("client_order_ref", "PO" + (7000 + i))
                    .with("picking_policy", "direct")
                    .with("create_uid", salesperson)
                    .with("locked", false));
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
                in.add(row("sale.order.line")
                        .with("order_id", id)
                        .with("product_id", product)
                        .with("name", productName(product))
                        .with("product_uom_qty", quantity)
                        .with("price_unit", price)
                        .with("discount", 0)
                        .with("price_subtotal", subtotal)
                        .with("price_tax", tax)
                        .with("price_total", subtotal.add(tax))
                        .with("product_uom", 1L)
                        .with("product_uom_id", 1L)
                        .with("company_id", company)
                        .with("currency_id", 1L)
                        .with("order_partner_id", partner)
                        .with("salesman_id", salesperson)
                        .with("state", state)
                        .with("sequence", 10)
                        .with("qty_delivered", state.equals("sale") && chance(40) ? quantity : 0)
                        .with("qty_invoiced", 0)
                        .with("customer_lead", 0)
                        .with("invoice_status", "no")
                        .with("is_downpayment", false));
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
            long id = in.add(row("purchase.order")
                    .with("name", "P" + String.format("%05d", i + 1))
                    .with("partner_id", partner)
                    .with("company_id", company)
                    .with("currency_id", 1L)
                    .with("date_order", date)
                    .with("date_planned", date)
                    .with("state", state)
                    .with("picking_type_id", company * 2 - 1)
                    .with("user_id", pick(salespeople))
                    .with("payment_term_id", terms.get(random.nextInt(4)))
                    .with("priority", "0")
                    .with("invoice_status", "no")
                    .with("origin", "Reorder"));
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
                in.add(row("purchase.order.line")
                        .with("order_id", id)
                        .with("product_id", product)
                        .with("name", productName(product))
                        .with("product_qty", quantity)
                        .with("product_uom_qty", quantity)
                        .with("price_unit", price)
                        .with("price_subtotal", subtotal)
                        .with("price_tax", tax)
                        .with("price_total", subtotal.add(tax))
                        .with("product_uom", 1L)
                        .with("product_uom_id", 1L)
                        .with("company_id", company)
                        .with("currency_id", 1L)
                        .with("partner_id", partner)
                        .with("state", state)
                        .with("sequence", 10)
                        .with("date_planned", date)
                        .with("qty_received", 0)
                        .with("qty_invoiced", 0)
                        .with("discount", 0));
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
            long id = in.add(row("account.move")
                    .with("name", posted ? "INV/2025/" + String.format("%05d", i + 1) : "/")
                    .with("move_type", "out_invoice")
                    .with("state", posted ? "posted" : "draft")
                    .with("date", date)
                    .with("invoice_date", date)
                    .with("invoice_date_due", date)
                    .with("journal_id", (company - 1) * 4 + 1)
                    .with("company_id", company)
                    .with("currency_id", 1L)
                    .with("partner_id", partner)
                    .with("commercial_partner_id", partner)
                    .with("partner_shipping_id", partner)
                    .with("invoice_partner_display_name", partnerNames.get(partner))
                    .with("invoice_user_id", pick(salespeople))
                    .with("invoice_payment_term_id", terms.get(random.nextInt(4)))
                    .with("payment_state", "not_paid")
                    .with("auto_post", "no")
                    .with("inalterable_hash", hashed ? "$4$" + Integer.toHexString(0x5eed_0000 + i) : null)
                    .with("team_id", (long) (1 + random.nextInt(4))));
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
                        row("account.move.line")
                                .with("product_id", product)
                                .with("product_uom_id", 1L)
                                .with("quantity", quantity)
                                .with("price_unit", price)
                                .with("price_subtotal", subtotal)
                                .with("price_total", money(subtotal.multiply(BigDecimal.valueOf(1.21))))
                                .with("name", productName(product)));
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
                    row("account.move.line")
                            .with("name", "21% sale")
                            .with("tax_line_id", company * 2 - 1)
                            .with("quantity", 0)
                            .with("price_unit", 0)
                            .with("price_subtotal", 0)
                            .with("price_total", 0));
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
                    row("account.move.line")
                            .with("name", "")
                            .with("quantity", 0)
                            .with("price_unit", 0)
                            .with("price_subtotal", 0)
                            .with("price_total", 0));
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
            Inserter.Row more) {
        in.add(row("account.move.line")
                .with("move_id", move)
                .with("move_name", "INV/2025/" + String.format("%05d", i + 1))
                .with("company_id", company)
                .with("journal_id", (company - 1) * 4 + 1)
                .with("partner_id", partner)
                .with("parent_state", posted ? "posted" : "draft")
                .with("date", date)
                .with("display_type", type)
                .with("account_id", account)
                .with("currency_id", 1L)
                .with("balance", balance)
                .with("amount_currency", balance)
                .with("debit", balance.max(BigDecimal.ZERO))
                .with("credit", balance.negate().max(BigDecimal.ZERO))
                .with(more));
    }

    // ---- messages, attachments, technical records

    private void chatter() {
        for (String name : List.of("Discussions", "Activities", "Note")) {
            in.add(row("mail.message.subtype")
                    .with("name", name)
                    .with("default", true)
                    .with("sequence", 1));
        }
        for (String name : List.of("To-Do", "Call", "Email")) {
            in.add(row("mail.activity.type")
                    .with("name", name)
                    .with("active", true)
                    .with("sequence", 10)
                    .with("category", "default"));
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
                in.add(row("mail.message")
                        .with("model", model)
                        .with("res_id", id)
                        .with("body", "<p>Note " + i + "</p>")
                        .with("message_type", "comment")
                        .with("author_id", author)
                        .with("date", day(60, 300) + " 12:00:00")
                        .with("subtype_id", (long) (1 + i % 3))
                        .with("subject", i % 5 == 0 ? "Follow-up" : null));
                if (i % 2 == 0) {
                    in.add(row("mail.followers")
                            .with("res_model", model)
                            .with("res_id", id)
                            .with("partner_id", author));
                }
                if (i % 5 == 1) {
                    in.add(row("ir.attachment")
                            .with("name", "scan-" + i + ".txt")
                            .with("type", "binary")
                            .with("res_model", model)
                            .with("res_id", id)
                            .with("mimetype", "text/plain")
                            .with("file_size", 12)
                            .with("company_id", 1L)
                            .with("public", false));
                }
                if (i % 6 == 2) {
                    in.add(row("mail.activity")
                            .with("res_model", model)
                            .with("res_model_id", models.get(model))
                            .with("res_id", id)
                            .with("user_id", pick(salespeople))
                            .with("activity_type_id", (long) (1 + i % 3))
                            .with("summary", "Call back")
                            .with("date_deadline", day(100, 300))
                            .with("active", true)
                            .with("automated", false));
                }
            }
        });
    }

    private void technical() {
        for (int i = 0; i < 12; i++) {
            String user = registry.version() >= 19 ? "user_ids" : "user_id";
            long id = in.add(row("ir.filters")
                    .with("name", "My filter " + (i + 1))
                    .with("model_id", i % 2 == 0 ? "crm.lead" : "sale.order")
                    .with(user, salespeople.get(i % 8))
                    .with("domain", "[]")
                    .with("context", "{}")
                    .with("sort", "[]")
                    .with("active", true)
                    .with("is_default", false));
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
            long id = in.add(row("ir.actions.act_window")
                    .with("name", action[0])
                    .with("type", "ir.actions.act_window")
                    .with("res_model", action[1])
                    .with("view_mode", "list,form")
                    .with("context", "{}")
                    .with("binding_type", "action")
                    .with("binding_view_types", "list,form")
                    .with("target", "current")
                    .with("binding_model_id", models.get(action[1]))
                    .with("domain", "[]")
                    .with("limit", 80));
            externalId("ir.actions.act_window", "base.action_" + action[1].replace('.', '_'), id);
        }
        in.add(row("ir.actions.server")
                .with("name", "Send reminder")
                .with("type", "ir.actions.server")
                .with("state", "code")
                .with("code", "pass")
                .with("model_id", models.get("sale.order"))
                .with("model_name", "sale.order")
                .with("usage", "ir_actions_server")
                .with("binding_type", "action")
                .with("binding_view_types", "list,form")
                .with("sequence", 5)
                .with("active", true));
        for (Model model : registry.models()) {
            in.add(row("ir.model.access")
                    .with("name", model.name() + " user")
                    .with("model_id", models.get(model.name()))
                    .with("group_id", groups.get("base.group_user"))
                    .with("perm_read", true)
                    .with("active", true));
            if (model.companyRule() != null) {
                in.add(row("ir.rule")
                        .with("name", model.title() + " multi-company")
                        .with("model_id", models.get(model.name()))
                        .with("active", true)
                        .with("global", true)
                        .with("perm_read", true)
                        .with("perm_write", true)
                        .with("perm_create", true)
                        .with("perm_unlink", true)
                        .with(
                                "domain_force",
                                "['|', ('" + model.companyRule() + "', '=', False), ('" + model.companyRule()
                                        + "', 'in', company_ids)]"));
            }
        }
        long own = in.add(row("ir.rule")
                .with("name", "Own leads")
                .with("model_id", models.get("crm.lead"))
                .with("active", true)
                .with("global", false)
                .with("perm_read", true)
                .with("perm_write", true)
                .with("perm_create", true)
                .with("perm_unlink", true)
                .with("domain_force", "[('user_id', 'in', (user.id, False))]"));
        in.link("ir.rule", "groups", own, Objects.requireNonNull(groups.get("sales_team.group_sale_salesman")));
        in.add(row("ir.default")
                .with("field_id", fields.get("sale.order.payment_term_id"))
                .with("json_value", "2")
                .with("company_id", 1L)
                .with("user_id", salespeople.get(2)));
        in.add(row("ir.sequence")
                .with("name", "Sales Order")
                .with("code", "sale.order")
                .with("implementation", "no_gap")
                .with("prefix", "S")
                .with("padding", 5)
                .with("number_next", 521)
                .with("number_increment", 1)
                .with("active", true)
                .with("company_id", 1L));
        externalId("res.partner", "base.main_partner", 1);
        externalId("res.company", "base.main_company", 1);
        for (int i = 0; i < 30; i++) {
            externalId("res.partner", "__import__.customer_" + i, customers.get(i));
        }
    }
}
