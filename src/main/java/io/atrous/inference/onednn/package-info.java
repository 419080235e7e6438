/**
 * Networks as oneDNN primitives, run on a CPU without PyTorch: planned from the one description of
 * the network, with every size and every place in memory known before the first image.
 */
@NullMarked
package io.atrous.inference.onednn;

import org.jspecify.annotations.NullMarked;
