/** Stage 6: HTML, JSON, CSV, and SQL for the DBA. */
@NullMarked
package org.orphancleanup.report;

import org.jspecify.annotations.NullMarked;
