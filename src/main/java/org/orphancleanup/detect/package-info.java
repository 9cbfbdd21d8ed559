/** Stage 2: finds orphans, reference by reference, in primary-key windows. */
@NullMarked
package org.orphancleanup.detect;

import org.jspecify.annotations.NullMarked;
