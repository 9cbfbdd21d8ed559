/** Quartz: runs jobs when their definition says so. */
@NullMarked
package org.orphancleanup.schedule;

import org.jspecify.annotations.NullMarked;
