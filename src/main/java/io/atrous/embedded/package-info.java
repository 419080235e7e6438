/**
 * A Kafka broker and a schema registry on this machine, and a sender of cameras' frames, for
 * demonstrations, benchmarks and tests.
 */
@NullMarked
package io.atrous.embedded;

import org.jspecify.annotations.NullMarked;
