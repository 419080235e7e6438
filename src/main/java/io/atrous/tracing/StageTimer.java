package io.atrous.tracing;

import io.atrous.metrics.LatencyTimer;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.concurrent.TimeUnit;

/**
 * Tells how long a stage took: the histogram of all frames, and the trace of the one.
 *
 * <p><b>Threading:</b> thread-safe.
 */
public final class StageTimer {

  private final Stage stage;
  private final Timer timer;

  /**
   * Registers the histogram.
   *
   * @param registry stays the caller's
   */
  public StageTimer(MeterRegistry registry, Stage stage, String description) {
    this.stage = stage;
    this.timer = LatencyTimer.of(registry, "atrous." + stage.label(), description);
  }

  /** Records that a frame was in the stage from one time to another. */
  public void record(FrameTrace trace, long startNanos, long endNanos) {
    timer.record(endNanos - startNanos, TimeUnit.NANOSECONDS);
    trace.ran(stage, startNanos, endNanos);
  }
}
