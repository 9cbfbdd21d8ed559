package org.orphancleanup.odoo;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One call of a public model method: one transaction in Odoo.
 *
 * @param ids the records it is called on; null for a method of the model itself
 * @param arguments in the method's order: JSON-RPC sends the values by position, JSON-2 by name
 * @param options sent by name in both
 * @param context empty for none
 */
public record OdooCall(
        String model,
        String method,
        @Nullable List<Long> ids,
        Map<String, Object> arguments,
        Map<String, Object> options,
        Map<String, Object> context) {

    public OdooCall {
        ids = ids == null ? null : List.copyOf(ids);
        // LinkedHashMap: the order counts, and values may be null
        arguments = Collections.unmodifiableMap(new LinkedHashMap<>(arguments));
        options = Collections.unmodifiableMap(new LinkedHashMap<>(options));
        context = Collections.unmodifiableMap(new LinkedHashMap<>(context));
    }
}
