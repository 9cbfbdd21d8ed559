package org.orphancleanup.catalog;

import org.jspecify.annotations.Nullable;

/**
 * A foreign key of one column.
 *
 * @param parentTable null where the parent lies in another schema
 * @param state never missing nor impossible
 * @param ondelete its action in words
 */
record ForeignKey(
        String name,
        String table,
        String column,
        @Nullable String parentTable,
        String parentColumn,
        ConstraintState state,
        String ondelete) {}
