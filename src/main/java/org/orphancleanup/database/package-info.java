/** Our own database: embedded PostgreSQL or an external one, migrated by Flyway. */
@NullMarked
package org.orphancleanup.database;

import org.jspecify.annotations.NullMarked;
