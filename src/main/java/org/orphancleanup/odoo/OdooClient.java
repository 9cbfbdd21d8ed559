package org.orphancleanup.odoo;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * A logged-in session with one Odoo. Safe for use by several threads. Every method is one HTTP request and one transaction
 * in Odoo, and throws {@link OdooException} or one of its kinds.
 */
public interface OdooClient extends AutoCloseable {

    /** The server's major version, such as 18. */
    int version();

    /** The id of the API user. */
    long uid();

    /** The protocol in use, in words: {@code JSON-RPC} or {@code JSON-2}. */
    String protocol();

    /** The result as Odoo sent it; a {@code NullNode} where the method returned None. */
    JsonNode call(OdooCall call);

    /** {@code fields_get} of a model: attributes {@code type, string, relation, required, readonly, store, related, depends, model_field, company_dependent, selection, groups}. */
    Map<String, JsonNode> fields(String model);

    /** Whether the API user may {@code read}, {@code write}, {@code create} or {@code unlink} records of a model at all. */
    boolean mayAccess(String model, String operation);

    /**
     * Those of the ids whose records the API user may {@code read}, {@code write} or {@code unlink}, by the record rules too.
     * The records must exist. More than one request where some are refused (the ids are halved).
     */
    List<Long> allowedIds(String model, String operation, Collection<Long> ids, Map<String, Object> context);

    /** Ids found, in their order; archived records included. {@code context} as for {@link #call}. */
    List<Long> search(String model, List<?> domain, @Nullable Integer limit, Map<String, Object> context);

    /** Rows with raw ids for many2one values ({@code load=""}), archived records included. */
    List<Map<String, JsonNode>> read(
            String model, Collection<Long> ids, List<String> fields, Map<String, Object> context);

    boolean write(String model, Collection<Long> ids, Map<String, Object> values, Map<String, Object> context);

    /**
     * {@code web_save}: a {@code write} that reads fields back in the same transaction, so that what Odoo computes from the
     * written values is computed under this call's context, not at the end of the transaction without one.
     *
     * @param readBack fields by name, as {@code web_read} takes them
     * @throws OdooException of kind {@code UNKNOWN} where the server has no such method
     */
    void save(
            String model,
            Collection<Long> ids,
            Map<String, Object> values,
            Map<String, Object> readBack,
            Map<String, Object> context);

    boolean unlink(String model, Collection<Long> ids, Map<String, Object> context);

    long create(String model, Map<String, Object> values, Map<String, Object> context);

    /**
     * {@code load}, as an import does it: creates or updates by external id in one transaction.
     *
     * @param fields column names in Odoo's import notation ({@code id}, {@code name}, {@code partner_id/.id})
     * @return the ids, one a row
     * @throws OdooException with Odoo's own messages where a row was refused
     */
    List<Long> load(String model, List<String> fields, List<List<String>> rows, Map<String, Object> context);

    @Override
    void close();
}
