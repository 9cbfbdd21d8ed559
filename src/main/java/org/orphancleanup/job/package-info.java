/** Job definitions ({@code jobs/*.yaml}): parsed, validated, with file, line and remedy for each mistake. */
@NullMarked
package org.orphancleanup.job;

import org.jspecify.annotations.NullMarked;
