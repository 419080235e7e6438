package io.atrous.chaos;

import io.atrous.settings.ShedAccounting;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What an instance of the service is flooded with, and what it has to bear it. Its engine is slowed
 * down to a capacity that does not depend on the machine, so that too much is too much anywhere.
 *
 * @param minutes the time that cameras send
 * @param cameras the number of cameras that send
 * @param partitions the partitions of the frames' topic
 * @param film the pictures that they send
 * @param framesPerSecond the frames per second of all of them together
 * @param millisPerImage the least time that each image takes the engine
 * @param heapMegabytes the size in megabytes of the instance's heap
 * @param maxAgeMillis the age beyond which a frame is shed, or null if none is
 * @param accounting the trace that a shed frame leaves
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

  /** The pictures that cameras send. */
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

  /** Returns the frames that the engine can answer in a second. */
  double capacity() {
    return 1_000.0 / millisPerImage;
  }
}
