package org.orphancleanup.repair;

import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.orphancleanup.plan.Outcome;
import tools.jackson.databind.JsonNode;

/**
 * One thing an undo takes back, as table {@code undo_item} keeps it.
 *
 * @param table for a relation row the relation table; {@code id} is then its owner's
 * @param restore the old values by column; the pair of a relation row
 * @param expect the row as the run left it
 * @param context of the run's last call on the record
 */
record UndoItem(
        long no,
        Kind kind,
        long repairNo,
        long callId,
        String model,
        String table,
        long id,
        Map<String, JsonNode> restore,
        Map<String, JsonNode> expect,
        Map<String, Object> context) {

    UndoItem numbered(long number) {
        return new UndoItem(number, kind, repairNo, callId, model, table, id, restore, expect, context);
    }

    /** In the order in which they are undone. */
    enum Kind {
        /** A deleted record is made anew; first, as others may have pointed to it. */
        RECORD,
        VALUES,
        /** A relation row that the run removed. */
        ROW_REMOVED,
        /** A relation row that the run added. */
        ROW_ADDED,
        STAND_IN;

        String code() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }

        static Kind of(String code) {
            return valueOf(code.toUpperCase(Locale.ROOT).replace('-', '_'));
        }
    }

    static final Set<String> STAMPS = Set.of("write_uid", "write_date");

    /** @param newId of a record made anew */
    record Result(
            long no,
            Outcome outcome,
            @Nullable String reason,
            @Nullable Long newId) {

        static Result undone(UndoItem item, @Nullable String reason) {
            return new Result(item.no(), Outcome.UNDONE, reason, null);
        }

        static Result not(UndoItem item, Outcome outcome, String reason) {
            return new Result(item.no(), outcome, reason, null);
        }
    }
}
