/** Who did what. */
@NullMarked
package org.orphancleanup.audit;

import org.jspecify.annotations.NullMarked;
