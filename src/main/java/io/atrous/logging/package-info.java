/** The formats of log lines. */
@NullMarked
package io.atrous.logging;

import org.jspecify.annotations.NullMarked;
