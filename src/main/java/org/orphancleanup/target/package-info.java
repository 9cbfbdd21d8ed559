/** Targets: one Odoo instance each, its read-only database connection and its API's address. */
@NullMarked
package org.orphancleanup.target;

import org.jspecify.annotations.NullMarked;
