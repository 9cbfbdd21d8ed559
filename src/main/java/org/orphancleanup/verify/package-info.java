/** Stage 5: asks the database, not the API, what became of each reference. */
@NullMarked
package org.orphancleanup.verify;

import org.jspecify.annotations.NullMarked;
