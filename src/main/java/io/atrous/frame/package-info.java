/** Decodes payloads into pixels within limits, and maps frames to the network's input. */
@NullMarked
package io.atrous.frame;

import org.jspecify.annotations.NullMarked;
