package io.atrous.chaos;

import io.atrous.settings.ShedAccounting;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What an instance of the service is flooded with, and what it has to bear it. Its engine is slowed
 * down to a capacity that does not depend on the machine, so that too much is too much anywhere.
 *
 * @param minutes how long cameras send
 * @param cameras how many send
 * @param partitions of the frames' topic
 * @param film what they send
 * @param framesPerSecond of all of them together
 * @param millisPerImage what each image takes the engine at least
 * @param heapMegabytes of the instance
 * @param maxAgeMillis how old a frame may be before it is shed, or null if none is
 * @param accounting what a shed frame leaves behind
 * @param log for the instance's standard error, or null
 */
public record FloodOptions(
    double minutes,
    int cameras,
    int partitions,
    Film film,
    double framesPerSecond,
    int millisPerImage,
    int heapMegabytes,
    @Nullable Integer maxAgeMillis,
    ShedAccounting accounting,
    @Nullable Path log) {

  /** What cameras send. */
  public enum Film {
    /** JPEG files of some kilobytes. */
    SMALL,
    /** Raw frames of a megabyte. */
    LARGE
  }

  private static final int MAX_MINUTES = 24 * 60;

  public FloodOptions {
    if (!(minutes > 0 && minutes <= MAX_MINUTES)) {
      throw new IllegalArgumentException("--minutes must be more than 0 and at most a day");
    }
  }

  /** Half as many frames again as the engine can answer; those older than two seconds are shed. */
  public static FloodOptions overload(
      double minutes, ShedAccounting accounting, @Nullable Path log) {
    return new FloodOptions(minutes, 8, 6, Film.SMALL, 30, 50, 384, 2_000, accounting, log);
  }

  /**
   * A thousand cameras that send raw frames, twice as many as the engine can answer; none is shed.
   */
  public static FloodOptions large(double minutes, @Nullable Path log) {
    return new FloodOptions(
        minutes, 1_000, 16, Film.LARGE, 30, 67, 1_024, null, ShedAccounting.DEAD_LETTER, log);
  }

  /** What the engine can answer in a second. */
  double capacity() {
    return 1_000.0 / millisPerImage;
  }
}
