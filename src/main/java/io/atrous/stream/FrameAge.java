package io.atrous.stream;

import io.atrous.batching.Arrival;
import java.time.Clock;
import java.util.concurrent.TimeUnit;

/**
 * How long frames are still worth answering. A frame's age is the wall clock's time less its
 * record's timestamp, and never negative. With Kafka's {@code CreateTime} that is the time since
 * the producer made the record, by the producer's clock; with {@code LogAppendTime} the time since
 * the broker took it, by the broker's.
 *
 * <p>A frame from the future has the age 0. If it is further ahead than clocks may differ, that is
 * counted. A record without a timestamp has no age.
 *
 * <p><b>Threading:</b> thread-safe.
 */
final class FrameAge {

  private final long maxAgeMillis;
  private final long maxSkewMillis;
  private final Clock clock;
  private final ShedFrames counts;

  FrameAge(SheddingPolicy policy, Clock clock, ShedFrames counts) {
    this.maxAgeMillis = policy.maxAge().toMillis();
    this.maxSkewMillis = policy.maxSkew().toMillis();
    this.clock = clock;
    this.counts = counts;
  }

  /**
   * How long from now on a frame that has just come may wait for the device; negative if it is too
   * old already, {@link Arrival#FOREVER} if age doesn't matter.
   */
  long lifetimeNanos(SourceRecord record, CameraId camera) {
    long ageMillis = clock.millis() - record.timestampMillis();
    if (-ageMillis > maxSkewMillis) {
      counts.countSkewed(camera);
    }
    // FrameTimestampExtractor gives 0 to the first record of a partition that has no timestamp.
    if (maxAgeMillis == 0 || record.timestampMillis() == 0) {
      return Arrival.FOREVER;
    }
    return TimeUnit.MILLISECONDS.toNanos(maxAgeMillis - Math.max(0, ageMillis));
  }
}
