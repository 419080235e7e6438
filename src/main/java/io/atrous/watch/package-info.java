/** What a service writes, watched while it is written: figures of each camera. */
@NullMarked
package io.atrous.watch;

import org.jspecify.annotations.NullMarked;
