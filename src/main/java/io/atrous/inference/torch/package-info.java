/**
 * Networks as TorchScript: emitted, compiled into archives, and run through DJL, of which no type
 * or message leaves this package.
 */
@NullMarked
package io.atrous.inference.torch;

import org.jspecify.annotations.NullMarked;
