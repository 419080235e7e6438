/** Traces of single frames by OpenTelemetry; off unless configured. */
@NullMarked
package io.atrous.tracing;

import org.jspecify.annotations.NullMarked;
