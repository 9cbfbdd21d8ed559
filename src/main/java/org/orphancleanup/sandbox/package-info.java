/** The demo's Odoo: embedded PostgreSQL and a small Odoo-compatible server. */
@NullMarked
package org.orphancleanup.sandbox;

import org.jspecify.annotations.NullMarked;
