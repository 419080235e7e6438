/** Turns maps of class indices into encoded masks and regions. */
@NullMarked
package io.atrous.mask;

import org.jspecify.annotations.NullMarked;
