/** Measures what is fast and what is not, side by side on the machine at hand. */
@NullMarked
package io.atrous.bench;

import org.jspecify.annotations.NullMarked;
