/** Edge: pages. */
@NullMarked
package org.orphancleanup.web;

import org.jspecify.annotations.NullMarked;
