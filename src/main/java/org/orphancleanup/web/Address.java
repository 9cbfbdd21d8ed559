package org.orphancleanup.web;

import jakarta.servlet.http.HttpServletRequest;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.web.util.UriComponentsBuilder;

/** A page's address with what was chosen on it, so that a link changes one thing and keeps the rest. Public for templates. */
public final class Address {

    private final String path;
    private final Map<String, String> chosen;

    private Address(String path, Map<String, String> chosen) {
        this.path = path;
        this.chosen = chosen;
    }

    /** What was left empty is no choice. */
    static Address of(HttpServletRequest request) {
        Map<String, String> chosen = new LinkedHashMap<>();
        request.getParameterMap().forEach((name, values) -> {
            if (values.length > 0 && !values[0].isBlank()) {
                chosen.put(name, values[0]);
            }
        });
        return new Address(request.getRequestURI(), chosen);
    }

    public @Nullable String get(String name) {
        return chosen.get(name);
    }

    /** Another page of the same list. */
    public String after(String key) {
        return with("after", key, "before");
    }

    public String before(String key) {
        return with("before", key, "after");
    }

    /** The list from its beginning. */
    public String first() {
        return with(null, null, "after", "before");
    }

    private String with(@Nullable String name, @Nullable String value, String... without) {
        Map<String, String> wanted = new LinkedHashMap<>(chosen);
        for (String each : without) {
            wanted.remove(each);
        }
        if (name != null && value != null) {
            wanted.put(name, value);
        }
        UriComponentsBuilder address = UriComponentsBuilder.fromPath(path);
        wanted.forEach((key, each) -> address.queryParam("{" + key + "}", "{" + key + "_}"));
        Map<String, Object> values = new LinkedHashMap<>();
        wanted.forEach((key, each) -> {
            values.put(key, key);
            values.put(key + "_", each);
        });
        return address.encode().buildAndExpand(values).toUriString();
    }
}
