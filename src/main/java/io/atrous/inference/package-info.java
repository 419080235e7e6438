/** Images to masks on a device, batched. */
@NullMarked
package io.atrous.inference;

import org.jspecify.annotations.NullMarked;
