/** Stage 3: repairs of a run, decided, counted and hashed before anything is written. */
@NullMarked
package org.orphancleanup.plan;

import org.jspecify.annotations.NullMarked;
