@NullMarked
package org.orphancleanup;

import org.jspecify.annotations.NullMarked;
