/** Groups concurrent requests into batches; independent of images and devices. */
@NullMarked
package io.atrous.batching;

import org.jspecify.annotations.NullMarked;
