/** Explains the errors in which Odoo's users meet dangling references: from the text alone, and with a target. */
@NullMarked
package org.orphancleanup.guide;

import org.jspecify.annotations.NullMarked;
