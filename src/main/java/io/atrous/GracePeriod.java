package io.atrous;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * The time that a stop may take, and how its steps share it. Draining the frames in flight gets
 * three quarters; of what is left then, each further step gets an equal part. What a step does not
 * need is left to those after it.
 *
 * <p><b>Threading:</b> confined to the thread that stops.
 */
final class GracePeriod {

  /** Closing what hangs must at least be tried. */
  private static final Duration MIN_STEP = Duration.ofMillis(200);

  private final Duration total;
  private final LongSupplier nanoTime;
  private final long startNanos;

  /** Begins now. */
  GracePeriod(Duration total, LongSupplier nanoTime) {
    this.total = total;
    this.nanoTime = nanoTime;
    this.startNanos = nanoTime.getAsLong();
  }

  Duration forDrain() {
    return total.multipliedBy(3).dividedBy(4);
  }

  /**
   * What the next step may take.
   *
   * @param steps how many are still to come, this one included
   */
  Duration forNextOf(int steps) {
    Duration left = total.minusNanos(nanoTime.getAsLong() - startNanos);
    Duration share = left.dividedBy(steps);
    return share.compareTo(MIN_STEP) < 0 ? MIN_STEP : share;
  }
}
