/** Who may sign in to the web pages and the API, and as what. */
@NullMarked
package org.orphancleanup.user;

import org.jspecify.annotations.NullMarked;
