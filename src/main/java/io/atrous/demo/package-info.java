/** A whole world on one machine: a broker, a schema registry, cameras. */
@NullMarked
package io.atrous.demo;

import org.jspecify.annotations.NullMarked;
