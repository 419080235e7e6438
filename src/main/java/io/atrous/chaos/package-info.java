/** Checks the service's guarantees while faults are injected. */
@NullMarked
package io.atrous.chaos;

import org.jspecify.annotations.NullMarked;
