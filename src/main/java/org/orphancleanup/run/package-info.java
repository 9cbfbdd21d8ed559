/** Spring Batch jobs that compose the stages; the stages do not know Spring Batch. */
@NullMarked
package org.orphancleanup.run;

import org.jspecify.annotations.NullMarked;
