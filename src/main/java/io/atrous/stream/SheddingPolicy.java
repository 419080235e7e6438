package io.atrous.stream;

import java.time.Duration;

/**
 * Which frames are not worth answering, and how that is accounted for.
 *
 * @param maxAge how old a frame may be when the device takes it, by its record's timestamp; zero:
 *     as old as it likes
 * @param maxSkew how far a record's timestamp may lie in the future before that is counted
 * @param latestOnly whether a camera's newest frame supersedes its older ones that still wait to be
 *     decoded
 * @param deadLetters whether a shed frame leaves a dead letter; otherwise it is counted only
 */
public record SheddingPolicy(
    Duration maxAge, Duration maxSkew, boolean latestOnly, boolean deadLetters) {

  public static final Duration DEFAULT_MAX_SKEW = Duration.ofSeconds(5);

  public SheddingPolicy {
    if (maxAge.isNegative() || maxSkew.isNegative()) {
      throw new IllegalArgumentException("a time span can't be negative");
    }
  }

  /** Answers every frame, however old. */
  public static SheddingPolicy none() {
    return new SheddingPolicy(Duration.ZERO, DEFAULT_MAX_SKEW, false, true);
  }
}
