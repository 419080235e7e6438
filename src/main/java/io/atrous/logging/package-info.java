/** How log lines are written. */
@NullMarked
package io.atrous.logging;

import org.jspecify.annotations.NullMarked;
