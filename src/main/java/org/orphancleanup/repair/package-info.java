/** Stage 4: carries a plan out through Odoo's API. */
@NullMarked
package org.orphancleanup.repair;

import org.jspecify.annotations.NullMarked;
