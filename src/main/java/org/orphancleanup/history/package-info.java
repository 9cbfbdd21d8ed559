/** What runs left in our database, in pages: for the web pages and the API. */
@NullMarked
package org.orphancleanup.history;

import org.jspecify.annotations.NullMarked;
