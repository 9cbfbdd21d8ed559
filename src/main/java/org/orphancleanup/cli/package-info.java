/** Edge: command line. */
@NullMarked
package org.orphancleanup.cli;

import org.jspecify.annotations.NullMarked;
