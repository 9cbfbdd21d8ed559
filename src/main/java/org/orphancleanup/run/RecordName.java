package org.orphancleanup.run;

import org.orphancleanup.UserError;

/** A record as the command line names it. */
public record RecordName(String model, long id) {

    /**
     * @param option {@code model,id}
     * @throws UserError when it is no such name
     */
    public static RecordName of(String option) {
        int comma = option.lastIndexOf(',');
        String model = comma < 0 ? "" : option.substring(0, comma).strip();
        String id = option.substring(comma + 1).strip();
        if (model.isEmpty() || !id.matches("[0-9]{1,18}")) {
            throw UserError.setting("--record \"" + option
                    + "\" is no record: write its model and id, such as --record res.partner,45.");
        }
        return new RecordName(model, Long.parseLong(id));
    }
}
