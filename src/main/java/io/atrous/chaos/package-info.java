/** The service's promises as objects, and faults that try to break them. */
@NullMarked
package io.atrous.chaos;

import org.jspecify.annotations.NullMarked;
