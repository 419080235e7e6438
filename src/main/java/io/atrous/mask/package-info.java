/** Class indices to what leaves: mask codecs and regions. */
@NullMarked
package io.atrous.mask;

import org.jspecify.annotations.NullMarked;
