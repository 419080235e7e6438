/** Composes the service from its configuration and owns its life cycle. */
@NullMarked
package io.atrous;

import org.jspecify.annotations.NullMarked;
