package io.atrous.ingest;

/**
 * Lets at most so many pictures pass in a second, spread evenly: each costs one from a bucket that
 * fills with time and holds two, so that a source of exactly this rate loses none to jitter.
 *
 * <p><b>Threading:</b> confined to one thread.
 */
final class FrameRateLimit {

  /** The rate that lets everything pass. */
  static final double NONE = Double.POSITIVE_INFINITY;

  /** The most that the bucket holds. */
  static final int BURST = 2;

  private final double perNano;
  private double level = 1;
  private long lastNanos;
  private boolean begun;

  FrameRateLimit(double framesPerSecond) {
    this.perNano = framesPerSecond / 1e9;
  }

  /** Returns whether a picture that comes now may pass. */
  boolean admits(long nowNanos) {
    if (begun) {
      // At least a nanosecond, so that no limit is none whatever the clock.
      level = Math.min(BURST, level + Math.max(1, nowNanos - lastNanos) * perNano);
    }
    begun = true;
    lastNanos = nowNanos;
    if (level < 1) {
      return false;
    }
    level--;
    return true;
  }
}
