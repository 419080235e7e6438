/** Runs the service with a broker, a schema registry and cameras on one machine. */
@NullMarked
package io.atrous.demo;

import org.jspecify.annotations.NullMarked;
