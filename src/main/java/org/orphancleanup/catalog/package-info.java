/** Stage 1: every reference of a target with its constraint's state. */
@NullMarked
package org.orphancleanup.catalog;

import org.jspecify.annotations.NullMarked;
