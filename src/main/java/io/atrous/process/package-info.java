/** JVMs beside this one, for what must not share its memory, its time or its end. */
@NullMarked
package io.atrous.process;

import org.jspecify.annotations.NullMarked;
