/**
 * A Kafka broker and a schema registry on this machine, for demonstrations, benchmarks and tests.
 */
@NullMarked
package io.atrous.embedded;

import org.jspecify.annotations.NullMarked;
