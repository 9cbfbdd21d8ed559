package org.orphancleanup.target;

import java.util.Set;

/** The configured targets. */
public interface Targets {

    Set<String> names();

    /** @throws org.orphancleanup.UserError naming the target, the ones there are, and the setting, when there is none of this name */
    Target get(String name);

    /**
     * Opens a target's database.
     *
     * @throws org.orphancleanup.UserError when it is unreachable, unknown, refuses the role, or is no Odoo database
     */
    TargetDatabase open(Target target);

    /**
     * The target's write connection, opened when it is first used. {@link Target#write()} must be set.
     *
     * @param database the same target's, opened for reading: the write connection must lead to the same database
     */
    TargetWriter writer(Target target, TargetDatabase database);
}
