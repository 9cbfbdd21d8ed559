package org.orphancleanup.catalog;

import java.sql.SQLException;
import javax.sql.DataSource;
import org.orphancleanup.TestPostgres;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;

/** A small database with Odoo's metadata tables, to which a test adds the models and tables it needs. */
public final class OdooShape {

    private final DataSource source;
    private final JdbcClient jdbc;

    private OdooShape(DataSource source) {
        this.source = source;
        this.jdbc = JdbcClient.create(source);
    }

    /** With users, companies and partners, one of each under id 1. */
    public static OdooShape create() {
        OdooShape shape = new OdooShape(single(TestPostgres.emptyDatabase()));
        shape.sql("""
                CREATE TABLE ir_model (id serial PRIMARY KEY, model varchar NOT NULL, transient boolean);
                CREATE TABLE ir_model_fields (id serial PRIMARY KEY, model varchar NOT NULL, name varchar NOT NULL,
                  ttype varchar NOT NULL, relation varchar, relation_table varchar, column1 varchar, column2 varchar,
                  store boolean DEFAULT true, required boolean DEFAULT false, readonly boolean DEFAULT false, related varchar,
                  on_delete varchar, company_dependent boolean DEFAULT false);
                CREATE TABLE ir_model_relation (id serial PRIMARY KEY, name varchar NOT NULL);
                CREATE TABLE ir_module_module (id serial PRIMARY KEY, name varchar NOT NULL, state varchar, latest_version varchar);
                CREATE TABLE ir_config_parameter (id serial PRIMARY KEY, key varchar, value text);
                INSERT INTO ir_module_module (name, state, latest_version) VALUES ('base', 'installed', '18.0.1.3');
                INSERT INTO ir_config_parameter (key, value) VALUES ('database.uuid', 'u-u-i-d');
                CREATE TABLE res_users (id integer PRIMARY KEY, login varchar);
                CREATE TABLE res_company (id integer PRIMARY KEY, name varchar);
                CREATE TABLE res_partner (id integer PRIMARY KEY, name varchar);
                INSERT INTO res_users VALUES (1, 'admin');
                INSERT INTO res_company VALUES (1, 'Ours');
                INSERT INTO res_partner VALUES (1, 'Somebody');
                """);
        shape.field("res.users", "login", "char", null);
        shape.field("res.company", "name", "char", null);
        shape.field("res.partner", "name", "char", null);
        return shape;
    }

    /** One connection, kept: the driver's own source would open one for each statement. */
    public static DataSource single(DataSource source) {
        try {
            return new SingleConnectionDataSource(source.getConnection(), true);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    public DataSource source() {
        return source;
    }

    public OdooShape sql(String statements) {
        jdbc.sql(statements).update();
        return this;
    }

    public int count(String query) {
        return jdbc.sql(query).query(Integer.class).single();
    }

    /** Runs statements without foreign key triggers, as a replica would. */
    public OdooShape damage(String statements) {
        return sql("SET session_replication_role = replica; " + statements + "; SET session_replication_role = origin");
    }

    public OdooShape model(String model) {
        jdbc.sql(
                        "INSERT INTO ir_model (model) SELECT :model WHERE NOT EXISTS (SELECT FROM ir_model WHERE model = :model)")
                .param("model", model)
                .update();
        return this;
    }

    public OdooShape field(String model, String name, String type, String relation) {
        model(model);
        jdbc.sql("INSERT INTO ir_model_fields (model, name, ttype, relation) VALUES (?, ?, ?, ?)")
                .params(model, name, type, relation)
                .update();
        return this;
    }

    public OdooShape many2one(String model, String name, String relation) {
        return field(model, name, "many2one", relation);
    }

    public OdooShape many2many(
            String model, String name, String relation, String table, String column1, String column2) {
        model(model);
        jdbc.sql("""
                        INSERT INTO ir_model_fields (model, name, ttype, relation, relation_table, column1, column2)
                        VALUES (?, ?, 'many2many', ?, ?, ?, ?)""").params(model, name, relation, table, column1, column2).update();
        return this;
    }

    public Catalog catalog() {
        return new CatalogReader().read(source);
    }
}
