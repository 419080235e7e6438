/** What the network is, written once, and its backends: cost, trainable blocks, TorchScript. */
@NullMarked
package io.atrous.network;

import org.jspecify.annotations.NullMarked;
