package io.atrous.tracing;

import org.jspecify.annotations.Nullable;

/**
 * A batch that a device has run.
 *
 * @param id number of the batch, as mask events carry it
 * @param device name of the device
 * @param startNanos time at which it began, by the tracer's clock
 * @param endNanos time at which it ended
 * @param failure exception of the engine; null if every frame has a mask
 */
public record BatchRun(
    long id, String device, long startNanos, long endNanos, @Nullable Throwable failure) {}
