/** The engine that runs TorchScript through DJL: no type or message of DJL's leaves it. */
@NullMarked
package io.atrous.inference.torch;

import org.jspecify.annotations.NullMarked;
