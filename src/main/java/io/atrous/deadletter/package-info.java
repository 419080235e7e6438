/** Reads the topic of dead letters, and sends their frames again. */
@NullMarked
package io.atrous.deadletter;

import org.jspecify.annotations.NullMarked;
