/**
 * What the network is, written once, and what follows from that alone: cost, weights, trainable
 * blocks. How it is compiled and run is {@code inference.torch}'s.
 */
@NullMarked
package io.atrous.network;

import org.jspecify.annotations.NullMarked;
