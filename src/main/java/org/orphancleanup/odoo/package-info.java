/** Odoo's external API: JSON-RPC (to 21) and JSON-2 (from 19). Nothing else talks to Odoo. */
@NullMarked
package org.orphancleanup.odoo;

import org.jspecify.annotations.NullMarked;
