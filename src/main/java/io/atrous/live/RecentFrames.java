package io.atrous.live;

import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The last frames with a mask, of one camera or of all, and what they say of the present.
 *
 * <p><b>Threading:</b> thread-safe.
 */
final class RecentFrames {

  /** Frames that are older say nothing of the present. */
  private static final long WINDOW_NANOS = TimeUnit.SECONDS.toNanos(5);

  private static final int KEPT = 256;

  private final long[] answeredNanos = new long[KEPT];
  private final long[] latencyNanos = new long[KEPT];
  private final double[] shareOfBatch = new double[KEPT];
  private long count;

  /**
   * Figures of the present; those of frames are null if there were none.
   *
   * @param latencyMillis the mean from arrival to outcome
   * @param batchFrames the mean size of batches
   */
  record Figures(
      double framesPerSecond, @Nullable Double latencyMillis, @Nullable Double batchFrames) {}

  /** Adds a frame that has its mask now. */
  synchronized void add(long nowNanos, long arrivedNanos, int batchSize) {
    int at = (int) (count++ % KEPT);
    answeredNanos[at] = nowNanos;
    latencyNanos[at] = nowNanos - arrivedNanos;
    shareOfBatch[at] = 1.0 / batchSize;
  }

  /** Returns the figures of the last seconds. */
  synchronized Figures at(long nowNanos) {
    int kept = (int) Math.min(count, KEPT);
    int frames = 0;
    long latency = 0;
    double batches = 0;
    long oldestNanos = nowNanos;
    for (int i = 0; i < kept; i++) {
      if (nowNanos - answeredNanos[i] < WINDOW_NANOS) {
        frames++;
        latency += latencyNanos[i];
        batches += shareOfBatch[i];
        oldestNanos = Math.min(oldestNanos, answeredNanos[i]);
      }
    }
    if (frames == 0) {
      return new Figures(0, null, null);
    }
    // If the window holds more frames than are kept, those span less than the window; and so do
    // the first ones.
    boolean partial = frames == KEPT || frames == count;
    double seconds = (partial ? Math.max(1, nowNanos - oldestNanos) : WINDOW_NANOS) / 1e9;
    double spans = partial ? Math.max(1, frames - 1) : frames;
    return new Figures(spans / seconds, latency / 1e6 / frames, frames / batches);
  }
}
