/**
 * The live page: each camera's last frame with its mask, and figures of the service, while people
 * look.
 */
@NullMarked
package io.atrous.live;

import org.jspecify.annotations.NullMarked;
