package org.orphancleanup.sandbox;

import org.jspecify.annotations.Nullable;

/** One record, whether it exists or not. */
record Rec(Environment env, Model model, long id) {

    @Nullable
    Object get(String field) {
        return env.get(this, field);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Rec rec && rec.id == id && rec.model.name().equals(model.name());
    }

    @Override
    public int hashCode() {
        return Long.hashCode(id);
    }

    @Override
    public String toString() {
        return model.name() + "(" + id + ",)";
    }
}
