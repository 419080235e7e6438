/** What becomes of single frames, told to OpenTelemetry: off unless it is configured. */
@NullMarked
package io.atrous.tracing;

import org.jspecify.annotations.NullMarked;
