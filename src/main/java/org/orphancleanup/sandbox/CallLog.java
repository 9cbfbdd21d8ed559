package org.orphancleanup.sandbox;

import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/** Counts the calls a sandbox has answered, in all and by record. */
public final class CallLog {

    private final ConcurrentMap<String, Integer> methods = new ConcurrentHashMap<>();
    private final ConcurrentMap<String, Integer> records = new ConcurrentHashMap<>();

    void add(String model, String method, Collection<Long> ids) {
        String name = model + "." + method;
        methods.merge(name, 1, Integer::sum);
        ids.forEach(id -> records.merge(name + " " + id, 1, Integer::sum));
    }

    /** Calls by {@code model.method}. */
    public Map<String, Integer> counts() {
        return new TreeMap<>(methods);
    }

    public int count(String model, String method) {
        return methods.getOrDefault(model + "." + method, 0);
    }

    /** How many calls of this method named this record among their ids. */
    public int count(String model, String method, long id) {
        return records.getOrDefault(model + "." + method + " " + id, 0);
    }

    public void clear() {
        methods.clear();
        records.clear();
    }
}
