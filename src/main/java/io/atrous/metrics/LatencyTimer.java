package io.atrous.metrics;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.stream.LongStream;

/** Makes timers whose histograms have the same buckets, so that stages can be compared. */
public final class LatencyTimer {

  /** From a decode of a small frame to the longest that a drain waits, 2 or 2.5 times apart. */
  private static final Duration[] BUCKETS =
      LongStream.of(
              1, 2, 5, 10, 20, 35, 50, 75, 100, 150, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000,
              60_000)
          .mapToObj(Duration::ofMillis)
          .toArray(Duration[]::new);

  private LatencyTimer() {}

  /**
   * Registers a timer, or returns the one of that name and tags.
   *
   * @param name the name without its unit, such as {@code atrous.decode}
   * @param tags keys and values in turn
   */
  public static Timer of(MeterRegistry registry, String name, String description, String... tags) {
    return Timer.builder(name)
        .description(description)
        .tags(tags)
        .serviceLevelObjectives(BUCKETS)
        .register(registry);
  }
}
