package io.atrous.stream;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;

import io.atrous.batching.Arrival;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Frames may be two seconds old, and come from half a second in the future. */
final class FrameAgeTest {

  private static final long NOW_MILLIS = 1_700_000_000_000L;
  private static final Clock CLOCK = Clock.fixed(Instant.ofEpochMilli(NOW_MILLIS), ZoneOffset.UTC);

  private final ShedFrames counts = new ShedFrames();
  private final FrameAge age = age(Duration.ofSeconds(2));

  @Test
  void aFrameMayWaitForWhatItsAgeLeavesOfTheLimit() {
    assertThat(lifetimeNanos(age, madeAgo(0))).isEqualTo(2_000_000_000L);
    assertThat(lifetimeNanos(age, madeAgo(1_500))).isEqualTo(500_000_000L);
    assertThat(lifetimeNanos(age, madeAgo(2_000))).isZero();
    assertThat(lifetimeNanos(age, madeAgo(2_001))).isNegative();
  }

  @Test
  void aFrameFromTheFutureIsAsYoungAsOneOfNow() {
    assertThat(lifetimeNanos(age, madeAgo(-400))).isEqualTo(2_000_000_000L);
    assertThat(counts.counts().isEmpty()).isTrue();
  }

  @Test
  void aFrameFromFarInTheFutureIsCountedUnderItsCameraAndAnswered() {
    assertThat(lifetimeNanos(age, madeAgo(-501))).isEqualTo(2_000_000_000L);
    assertThat(lifetimeNanos(age(Duration.ZERO), madeAgo(-3_600_000))).isEqualTo(Arrival.FOREVER);

    assertThat(counts.counts().skewedByCamera()).containsOnly(entry(CameraId.named("cam"), 2L));
    assertThat(counts.counts().shed()).isZero();
    assertThat(counts.counts()).hasToString("2 frames from the future: cam 2");
  }

  @Test
  void withoutALimitOrWithoutATimestampAgeDoesNotMatter() {
    assertThat(lifetimeNanos(age(Duration.ZERO), madeAgo(NOW_MILLIS / 2)))
        .isEqualTo(Arrival.FOREVER);
    assertThat(lifetimeNanos(age, record(0, null))).isEqualTo(Arrival.FOREVER);
  }

  @Test
  void aCameraIsItsRecordsKeyMadeSafeForLogsOrElseThePartition() {
    assertThat(record(0, "cam\n1\u001b[0m".getBytes(UTF_8)).camera())
        .hasToString("cam\\u000a1\\u001b[0m");
    assertThat(record(0, "x".repeat(1 << 20).getBytes(UTF_8)).camera().toString()).hasSize(128);
    assertThat(record(0, null).camera()).hasToString("frames/3");
  }

  private static long lifetimeNanos(FrameAge age, SourceRecord record) {
    return age.lifetimeNanos(record, record.camera());
  }

  private FrameAge age(Duration maxAge) {
    return new FrameAge(
        new SheddingPolicy(maxAge, Duration.ofMillis(500), false, true), CLOCK, counts);
  }

  private static SourceRecord madeAgo(long ageMillis) {
    return record(NOW_MILLIS - ageMillis, "cam".getBytes(UTF_8));
  }

  private static SourceRecord record(long timestampMillis, byte @Nullable [] key) {
    return new SourceRecord(
        "frames", 3, 7, timestampMillis, key, new byte[1], new RecordHeaders(), "attempt");
  }
}
