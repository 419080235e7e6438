/** What the meters of all packages share. */
@NullMarked
package io.atrous.metrics;

import org.jspecify.annotations.NullMarked;
