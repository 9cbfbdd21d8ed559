package org.orphancleanup.catalog;

import org.jspecify.annotations.Nullable;

/** A stored field of a model, as ir_model_fields has it. */
record Field(
        String model,
        String name,
        String type,
        @Nullable String relation,
        @Nullable String relationTable,
        @Nullable String column1,
        @Nullable String column2,
        boolean required,
        boolean readonly,
        boolean related,
        @Nullable String ondelete,
        boolean companyDependent) {

    /** {@code model.field}, as rules and includes name it. */
    String rule() {
        return model + "." + name;
    }

    boolean isMany2one() {
        return type.equals("many2one");
    }

    /** Stored in a column of the model's table, as far as metadata tell: a binary field may be an attachment instead. */
    boolean hasColumn() {
        return switch (type) {
            case "one2many", "many2many", "binary" -> false;
            default -> true;
        };
    }
}
