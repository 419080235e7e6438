/**
 * Payload to pixels: decoding within limits, and the geometry between a frame and the network's
 * input.
 */
@NullMarked
package io.atrous.frame;

import org.jspecify.annotations.NullMarked;
