/** Figures of each camera, from the events that a service writes. */
@NullMarked
package io.atrous.watch;

import org.jspecify.annotations.NullMarked;
